//! OpenPGP keys and signatures: any bytes are read or refused; keys that are read are written so that they read the same; nothing
//! signs what it did not sign.

use jiff::Timestamp;
use seaworthy_keys::{PublicKeys, merge_signatures, verify_detached};

pub fn run(bytes: &[u8]) {
    // A key, a zero byte, a file of signatures: binary keys hold zero bytes too, so the last one parts them.
    let (key, signature) = match bytes.iter().rposition(|&b| b == 0) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, bytes),
    };
    for key in [key, bytes] {
        if let Ok(keys) = PublicKeys::parse("the fuzzer", key) {
            let written = keys.armored().expect("what was read can be written");
            let again = PublicKeys::parse("the fuzzer", &written).expect("what was written can be read");
            assert_eq!(again.armored().expect("it can be written again"), written);
            let _ = verify_detached(b"data", signature, &keys, Timestamp::UNIX_EPOCH);
        }
    }
    if let Ok(merged) = merge_signatures(&[signature]) {
        assert_eq!(merge_signatures(&[&merged, &merged]).expect("what was written can be read"), merged);
    }
}
