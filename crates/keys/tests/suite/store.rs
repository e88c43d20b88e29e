//! The key store, its keys, and the reasons for which a key does not sign.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use proptest::prelude::*;
use seaworthy_keys::{Entropy, KeyState, KeyStore, NewKey, Passphrase, PublicKeys, Source, verify_detached};

use crate::tools::{Gnupg, create, day, said, store};

const DATA: &[u8] = b"<repomd/>\n";

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_created_key_is_listed_and_is_the_same_from_the_same_bytes() {
    let (_dir, mut keys) = store();
    let key = create(&mut keys, 1);
    assert_eq!((key.user_id.as_str(), key.created, key.expires), ("Key 1 <key1@example.org>", day(1), Some(day(730))));
    assert_eq!((key.source.clone(), key.state.clone()), (Source::File, KeyState::Active));
    assert_eq!(mode(keys.dir()), 0o700);
    assert_eq!(mode(&keys.dir().join(format!("{}.sec.asc", key.fingerprint))), 0o600);
    assert_eq!(KeyStore::open(keys.dir()).unwrap().keys(), std::slice::from_ref(&key));
    let (_dir, mut again) = store();
    assert_eq!(create(&mut again, 1), key);
    assert!(create(&mut again, 2).fingerprint != key.fingerprint);
    assert_eq!(again.public_key(&key.fingerprint).unwrap().armored().unwrap(), keys.public_keys(day(2)).unwrap().armored().unwrap());
}

#[test]
fn gpg_reads_the_key_with_its_dates_and_accepts_what_it_signs() {
    let (_dir, mut keys) = store();
    let key = create(&mut keys, 1);
    let signature = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
    let gnupg = Gnupg::knowing(&keys.public_keys(day(5)).unwrap().armored().unwrap());
    let listed = said(&gnupg.gpg(&["--with-colons", "--list-keys"]));
    let public = listed.lines().find(|l| l.starts_with("pub:")).unwrap();
    // The fields: 22 is EdDSA, then the key's dates; `sc` signs and certifies.
    assert!(public.contains(&format!(":22:{}:{}:{}:", &key.fingerprint[24..], day(1).as_second(), day(730).as_second())), "{public}");
    assert!(public.contains(":scSC:"), "{public}");
    let status = gnupg.verify(DATA, &signature, day(6));
    assert!(status.contains(&format!("VALIDSIG {} 2026-01-06 {}", key.fingerprint, day(5).as_second())), "{status}");
    assert!(gnupg.verify(b"<repomd>\n", &signature, day(6)).contains("BADSIG"));
}

#[test]
fn the_same_data_and_time_give_the_same_bytes() {
    let (_dir, mut keys) = store();
    create(&mut keys, 1);
    let first = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
    let second = KeyStore::open(keys.dir()).unwrap().signers(day(9)).unwrap();
    assert_eq!(second.detached(DATA, day(5)).unwrap(), first);
    assert_ne!(second.detached(DATA, day(6)).unwrap(), first);
    assert!(second.already_signed(DATA, &first, day(9)));
    assert!(!second.already_signed(b"other", &first, day(9)));
    assert!(!second.already_signed(DATA, b"", day(9)));
}

#[test]
fn a_signature_is_judged_by_its_time_and_its_data() {
    let (_dir, mut keys) = store();
    let key = create(&mut keys, 1);
    let public = keys.public_keys(day(5)).unwrap();
    let signature = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
    let by = verify_detached(DATA, &signature, &public, day(5)).unwrap();
    assert_eq!((by.fingerprint, by.user_id, by.created), (key.fingerprint, key.user_id, day(5)));
    for (data, at, why) in [
        (&b"<repomd>\n"[..], day(5), "does not fit the data"),
        (DATA, day(4), "is dated 2026-01-06T00:00:00Z, after 2026-01-05"),
        (DATA, day(730), "expired on 2028-01-01"),
    ] {
        let error = verify_detached(data, &signature, &public, at).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let (_dir, mut others) = store();
    create(&mut others, 2);
    let error = verify_detached(DATA, &signature, &others.public_keys(day(5)).unwrap(), day(5)).unwrap_err().to_string();
    assert!(error.contains("is not known"), "{error}");
}

#[test]
fn nothing_signs_where_no_key_can() {
    let (_dir, mut keys) = store();
    let error = keys.signers(day(5)).unwrap_err().to_string();
    assert!(error.contains("no active key") && error.contains("create or import a key"), "{error}");
    let key = create(&mut keys, 1);
    let secret = keys.dir().join(format!("{}.sec.asc", key.fingerprint));
    let fails = |keys: &KeyStore, at, why: &str| {
        let error = keys.signers(at).unwrap_err().to_string();
        assert!(error.contains(&key.fingerprint) && error.contains(why), "{error}");
    };
    fails(&keys, day(0), "valid only from 2026-01-02");
    fails(&keys, day(730), "expired on 2028-01-01");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o640)).unwrap();
    fails(&keys, day(5), "chmod go=");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let good = std::fs::read(&secret).unwrap();
    std::fs::write(&secret, &good[..good.len() / 2]).unwrap();
    fails(&keys, day(5), "cut short");
    std::fs::remove_file(&secret).unwrap();
    fails(&keys, day(5), "No such file");
    // Another key's secret in its place is noticed before anything is signed with it.
    let other = create(&mut keys, 2);
    std::fs::rename(keys.dir().join(format!("{}.sec.asc", other.fingerprint)), &secret).unwrap();
    fails(&keys, day(5), "lacks the secret part");
}

#[test]
fn a_locked_key_needs_its_passphrase() {
    let (_dir, keys) = store();
    let mut keys = keys.with_passphrase(Some(Passphrase::new("open sesame")));
    let key = create(&mut keys, 1);
    let signature = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
    let error = KeyStore::open(keys.dir()).unwrap().signers(day(5)).unwrap_err().to_string();
    assert!(error.contains("SEAWORTHY_KEY_PASSPHRASE"), "{error}");
    let wrong = KeyStore::open(keys.dir()).unwrap().with_passphrase(Some(Passphrase::new("open barley")));
    let error = wrong.signers(day(5)).unwrap_err().to_string();
    assert!(error.contains("does not open it"), "{error}");
    // gpg opens the file with the same passphrase, and signs with it.
    let gnupg = Gnupg::new();
    let secret = keys.dir().join(format!("{}.sec.asc", key.fingerprint));
    let unlock = ["--pinentry-mode", "loopback", "--passphrase", "open sesame"];
    let output = gnupg.gpg(&[&unlock[..], &["--import", secret.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", said(&output));
    assert!(gnupg.verify(DATA, &signature, day(6)).contains("GOODSIG"));
    let (file, theirs) = (gnupg.home.join("data"), gnupg.home.join("theirs"));
    let clock = format!("{}!", day(6).as_second());
    let sign = ["--faked-system-time", &clock, "--armor", "--output", theirs.to_str().unwrap(), "--detach-sign", file.to_str().unwrap()];
    let output = gnupg.gpg(&[&unlock[..], &sign].concat());
    assert!(output.status.success(), "{}", said(&output));
    verify_detached(DATA, &std::fs::read(theirs).unwrap(), &keys.public_keys(day(6)).unwrap(), day(6)).unwrap();
    assert!(!format!("{keys:?}").contains("sesame"));
}

#[test]
fn keys_of_gpg_come_in_as_files_and_sign_the_same_each_time() {
    // A primary key that only certifies, with a subkey that signs, is how many teams keep their keys.
    let gnupg = Gnupg::new();
    let rsa = gnupg.generate("rsa@example.org", "rsa2048");
    let curve = gnupg.generate("p256@example.org", "nistp256");
    let clock = format!("{}!", day(1).as_second());
    let none = ["--faked-system-time", &clock, "--pinentry-mode", "loopback", "--passphrase", ""];
    let output = gnupg.gpg(&[&none[..], &["--quick-gen-key", "sub@example.org", "ed25519", "cert", "0"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let listed = said(&gnupg.gpg(&["--with-colons", "--list-keys", "sub@example.org"]));
    let primary = listed.lines().find_map(|l| l.strip_prefix("fpr:::::::::")).unwrap().trim_end_matches(':').to_owned();
    let output = gnupg.gpg(&[&none[..], &["--quick-add-key", &primary, "ed25519", "sign", "0"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    for fingerprint in [rsa, curve, primary] {
        let exported = gnupg.gpg(&[&none[2..], &["--armor", "--export-secret-keys", &fingerprint]].concat());
        let (_dir, mut keys) = store();
        let key = keys.import_secret("a test", &exported.stdout, day(5)).unwrap();
        assert_eq!(key.fingerprint, fingerprint);
        let signers = keys.signers(day(5)).unwrap();
        let signature = signers.detached(DATA, day(5)).unwrap();
        assert_eq!(signers.detached(DATA, day(5)).unwrap(), signature);
        let known = Gnupg::knowing(&signers.public_keys().armored().unwrap());
        assert!(known.verify(DATA, &signature, day(6)).contains("GOODSIG"), "{}", known.verify(DATA, &signature, day(6)));
        assert_eq!(verify_detached(DATA, &signature, signers.public_keys(), day(6)).unwrap().fingerprint, fingerprint);
        let error = keys.import_secret("a test", &exported.stdout, day(5)).unwrap_err().to_string();
        assert!(error.contains("is there already"), "{error}");
    }
}

#[test]
fn gpg_agent_and_a_command_sign() {
    let gnupg = Gnupg::new();
    let fingerprint = gnupg.generate("agent@example.org", "ed25519");
    let (dir, mut keys) = store();
    let key = keys.import_gpg(&fingerprint, Some(gnupg.home.clone()), day(5)).unwrap();
    assert_eq!(key.source, Source::GpgAgent { homedir: Some(gnupg.home.clone()) });
    let signers = keys.signers(day(5)).unwrap();
    let by_agent = signers.detached(DATA, day(5)).unwrap();
    assert_eq!(signers.detached(DATA, day(5)).unwrap(), by_agent);
    assert_eq!(verify_detached(DATA, &by_agent, signers.public_keys(), day(5)).unwrap().created, day(5));

    // A command that stands for a hardware module: it has a key of its own and signs what it is given.
    let module = Gnupg::new();
    let fingerprint = module.generate("module@example.org", "rsa2048");
    let script = dir.path().join("sign");
    let text = format!(
        "#!/bin/sh\nexec gpg --homedir {} --batch --faked-system-time \"$SEAWORTHY_SIGN_TIME!\" --armor -u \"$2\" --detach-sign\n",
        module.home.display()
    );
    std::fs::write(&script, &text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let public = module.gpg(&["--armor", "--export", &fingerprint]).stdout;
    let source = Source::Command { argv: vec![script.to_str().unwrap().to_owned(), "--slot=1".to_owned()] };
    keys.import_public("a test", &public, source, day(5)).unwrap();
    let signers = keys.signers(day(6)).unwrap();
    let both = signers.detached(DATA, day(6)).unwrap();
    let known = Gnupg::knowing(&signers.public_keys().armored().unwrap());
    assert_eq!(known.verify(DATA, &both, day(7)).matches("GOODSIG").count(), 2);
    assert!(signers.already_signed(DATA, &both, day(7)));
    assert!(!signers.already_signed(DATA, &by_agent, day(7)));

    // What a command answers is believed only when it is this key's signature of this time.
    let fails = |script_text: &str, why: &str| {
        std::fs::write(&script, script_text).unwrap();
        let error = keys.signers(day(6)).unwrap_err().to_string();
        assert!(error.contains(&fingerprint) && error.contains(why), "{error}");
    };
    fails("#!/bin/sh\nexit 7\n", "exit status: 7");
    fails("#!/bin/sh\necho hello\n", "no armored OpenPGP block");
    fails(&text.replace("$SEAWORTHY_SIGN_TIME", &day(9).as_second().to_string()), "dated 2026-01-10");
    fails(&text.replace("--detach-sign", "--output - --detach-sign /etc/hostname"), "does not fit the data");
    std::fs::remove_file(&script).unwrap();
    let error = keys.signers(day(6)).unwrap_err().to_string();
    assert!(error.contains("no such program"), "{error}");
    // gpg without the secret part is noticed as well.
    keys.compromised(&fingerprint).unwrap();
    keys.signers(day(6)).unwrap();
    std::fs::remove_dir_all(gnupg.home.join("private-keys-v1.d")).unwrap();
    let _ = std::process::Command::new("gpgconf").arg("--homedir").arg(&gnupg.home).args(["--kill", "all"]).output();
    let error = keys.signers(day(6)).unwrap_err().to_string();
    assert!(error.contains("gpg -K"), "{error}");
}

#[test]
fn states_change_as_they_may_and_no_further() {
    let (_dir, mut keys) = store();
    let first = create(&mut keys, 1).fingerprint;
    let error = keys.retire(&first).unwrap_err().to_string();
    assert!(error.contains("only active key"), "{error}");
    let second = create(&mut keys, 2).fingerprint;
    keys.rotate(&second, day(30)).unwrap();
    assert_eq!(keys.keys()[0].state, KeyState::Retiring { until: day(30) });
    assert_eq!(keys.public_keys(day(29)).unwrap().fingerprints().count(), 2);
    assert_eq!(keys.public_keys(day(30)).unwrap().fingerprints().collect::<Vec<_>>(), [second.as_str()]);
    keys.retire(&first).unwrap();
    assert!(keys.rotate(&first, day(30)).is_err());
    keys.compromised(&second).unwrap();
    assert!(keys.rotate(&second, day(30)).is_err() && keys.retire(&second).is_err());
    assert!(keys.signers(day(5)).is_err() && keys.public_keys(day(5)).is_err());
    assert!(keys.retire("0123").unwrap_err().to_string().contains("no key 0123"));
    // A store that was open meanwhile sees what was done, and undoes nothing of it.
    let mut other = KeyStore::open(keys.dir()).unwrap();
    create(&mut keys, 3);
    create(&mut other, 4);
    assert_eq!(other.keys().len(), 4);
}

/// A key that has a successor ends when it expires, and stops no publication.
#[test]
fn an_expired_key_is_missed_only_without_a_successor() {
    let (_dir, mut keys) = store();
    let short = NewKey { user_id: "Short <short@example.org>".into(), created: day(1), expires: Some(day(10)) };
    keys.create(&short, &Entropy::new([9; 56])).unwrap();
    let error = keys.signers(day(11)).unwrap_err().to_string();
    assert!(error.contains("keys rotate"), "{error}");
    let second = create(&mut keys, 2).fingerprint;
    keys.rotate(&second, day(300)).unwrap();
    assert_eq!(keys.signers(day(9)).unwrap().public_keys().fingerprints().count(), 2);
    assert_eq!(keys.signers(day(11)).unwrap().public_keys().fingerprints().collect::<Vec<_>>(), [second.as_str()]);
}

#[test]
fn a_store_that_is_open_to_others_or_newer_is_refused() {
    let (_dir, mut keys) = store();
    create(&mut keys, 1);
    let index = keys.dir().join("keys.json");
    let text = std::fs::read_to_string(&index).unwrap();
    for (from, to, why) in [
        ("\"version\": 1", "\"version\": 2", "use a newer seaworthy"),
        ("\"version\": 1", "\"version\": 1, \"colour\": 1", "colour"),
        ("\"fingerprint\": \"", "\"fingerprint\": \"../", "no fingerprint"),
        ("{", "", "does not read"),
    ] {
        std::fs::write(&index, text.replacen(from, to, 1)).unwrap();
        let error = KeyStore::open(keys.dir()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    std::fs::write(&index, &text).unwrap();
    std::fs::set_permissions(keys.dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(KeyStore::open(keys.dir()).unwrap_err().to_string().contains("chmod go="));
}

#[test]
fn wishes_for_keys_that_cannot_be_are_refused() {
    let (_dir, mut keys) = store();
    for (user_id, expires) in [("", None), ("a\nb", None), ("a", Some(day(0)))] {
        let new = NewKey { user_id: user_id.to_owned(), created: day(1), expires };
        keys.create(&new, &Entropy::from_system().unwrap()).unwrap_err();
    }
    assert!(keys.keys().is_empty());
}

/// Keys of gpg that must be refused: revoked, too short, or of a kind that rpm does not check.
#[test]
fn revoked_and_unfit_keys_are_refused() {
    let gnupg = Gnupg::new();
    let fingerprint = gnupg.generate("revoked@example.org", "ed25519");
    let revocation = gnupg.home.join("openpgp-revocs.d").join(format!("{fingerprint}.rev"));
    let text = std::fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    let file = gnupg.home.join("revocation");
    std::fs::write(&file, text).unwrap();
    assert!(PublicKeys::parse("a test", &gnupg.gpg(&["--export", &fingerprint]).stdout).is_ok());
    let output = gnupg.gpg(&["--import", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output));
    let error = PublicKeys::parse("a test", &gnupg.gpg(&["--export", &fingerprint]).stdout).unwrap_err().to_string();
    assert!(error.contains("is revoked"), "{error}");
    for (kind, why) in [("rsa1024", "1024 bits"), ("dsa2048", "DSA"), ("secp256k1", "ECDSA")] {
        let fingerprint = gnupg.generate(&format!("{kind}@example.org"), kind);
        let error = PublicKeys::parse("a test", &gnupg.gpg(&["--export", &fingerprint]).stdout).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn signatures_in_signatures_have_a_bottom() {
    // What a hostile file would look like: each signature's only subpacket is another signature.
    let mut signature = vec![4, 0, 22, 8, 0, 0, 0, 0, 0, 0];
    for _ in 0..4000 {
        let mut subpacket = vec![255];
        subpacket.extend((signature.len() as u32 + 1).to_be_bytes());
        subpacket.push(32);
        subpacket.extend(&signature);
        let Ok(length) = u16::try_from(subpacket.len()) else { break };
        signature = [&[4, 0, 22, 8][..], &length.to_be_bytes(), &subpacket, &[0, 0, 0, 0]].concat();
    }
    let packet = [&[0xc2, 255][..], &(signature.len() as u32).to_be_bytes(), &signature].concat();
    let (_dir, mut keys) = store();
    create(&mut keys, 1);
    let error = verify_detached(DATA, &packet, &keys.public_keys(day(5)).unwrap(), day(5)).unwrap_err().to_string();
    assert!(error.contains("holds a signature that holds a signature"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Changed bytes end neither in a panic nor in a key other than the original.
    #[test]
    fn altered_keys_and_signatures_are_read_or_refused(at in 0.0..1.0f64, flip in 1u8..=255, cut in any::<bool>(), binary in any::<bool>()) {
        let (_dir, mut keys) = store();
        let key = create(&mut keys, 1);
        let public = keys.public_keys(day(5)).unwrap();
        let signature = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
        let alter = |armored: &[u8]| {
            let mut bytes = if binary { unarmored(armored) } else { armored.to_vec() };
            let place = (at * bytes.len() as f64) as usize;
            if cut { bytes.truncate(place) } else { bytes[place] ^= flip }
            bytes
        };
        if let Ok(read) = PublicKeys::parse("a test", &alter(&public.armored().unwrap())) {
            prop_assert_eq!(read.fingerprints().collect::<Vec<_>>(), [key.fingerprint.as_str()]);
        }
        if let Ok(by) = verify_detached(DATA, &alter(&signature), &public, day(5)) {
            prop_assert_eq!(by.created, day(5));
        }
    }
}

/// The packets of a single armored block.
fn unarmored(armored: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    pgp::armor::Dearmor::new(armored).read_to_end(&mut bytes).unwrap();
    bytes
}
