//! CPE names: any text is read or refused, and what is read prints as a name that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seaworthy_model::CpeName;

fuzz_target!(|text: &str| {
    if let Ok(cpe) = CpeName::parse(text) {
        // The older binding may carry bytes that the newer one escapes or refuses, but never a panic.
        let printed = cpe.to_string();
        let again = CpeName::parse(&printed);
        if text.starts_with("cpe:2.3:") {
            let again = again.unwrap_or_else(|e| panic!("{printed:?} was printed and is refused: {e}"));
            assert_eq!(again.to_string(), printed);
        }
    }
});
