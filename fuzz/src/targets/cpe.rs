//! CPE names: any text is read or refused, and what is read prints as a name that reads the same.

use seaworthy_model::CpeName;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(cpe) = CpeName::parse(text) {
        // The older binding may carry bytes that the newer one escapes or refuses, but never a panic.
        let printed = cpe.to_string();
        let again = CpeName::parse(&printed);
        if text.starts_with("cpe:2.3:") {
            let again = again.unwrap_or_else(|e| panic!("{printed:?} was printed and is refused: {e}"));
            assert_eq!(again.to_string(), printed);
        }
    }
}
