//! Signed packages as rpm sees them.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use seaworthy_keys::{PublicKeys, Source};
use seaworthy_packages::{RpmSignature, RpmSigning, rpm_signature, sign_rpm};

use crate::tools::{Gnupg, create, day, run, said, store};

/// The outcome and output of `rpmkeys --checksig` for a package, with these keys in a database of its own.
fn checksig(dir: &Path, keys: &PublicKeys, package: &Path) -> (bool, String) {
    let database = dir.join("rpmdb");
    let rpmkeys = |arguments: &[&Path], option: &str| {
        let mut command = Command::new("rpmkeys");
        command.env("HOME", dir).arg("--dbpath").arg(&database).arg(option).args(arguments);
        run(&mut command, "rpm")
    };
    let file = dir.join("clients.asc");
    std::fs::write(&file, keys.armored().unwrap()).unwrap();
    let output = rpmkeys(&[&file], "--import");
    assert!(output.status.success(), "{}", said(&output));
    let output = rpmkeys(&[package], "-Kv");
    (output.status.success(), said(&output))
}

/// A small package, made by rpmbuild.
fn package(dir: &Path) -> PathBuf {
    let spec = dir.join("small.spec");
    let text = "Name: small\nVersion: 1\nRelease: 1\nSummary: A small package\nLicense: MIT\nBuildArch: noarch\n%description\nSmall.\n\
                %install\nmkdir -p %{buildroot}/opt/small\necho hello > %{buildroot}/opt/small/hello\n%files\n/opt/small/hello\n";
    std::fs::write(&spec, text).unwrap();
    let mut command = Command::new("rpmbuild");
    command.env("HOME", dir).arg("-bb").arg("--define").arg(format!("_topdir {}", dir.display())).arg(&spec);
    let output = run(&mut command, "rpm");
    assert!(output.status.success(), "{}", said(&output));
    dir.join("RPMS/noarch/small-1-1.noarch.rpm")
}

/// The first byte of the payload, found as rpm finds it.
fn payload_start(bytes: &[u8]) -> usize {
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let end = |at: usize| at + 16 + 16 * number(at + 8) + number(at + 12);
    end(end(96).next_multiple_of(8))
}

#[test]
fn rpm_accepts_a_signed_package_and_refuses_altered_ones() {
    let (dir, mut keys) = store();
    let key = create(&mut keys, 1);
    let (built, signed) = (package(dir.path()), dir.path().join("signed.rpm"));
    let public = keys.public_keys(day(5)).unwrap();
    assert_eq!(rpm_signature(&built, &public, day(5)).unwrap(), RpmSignature::Unsigned);
    let signers = keys.signers(day(5)).unwrap();
    assert_eq!(sign_rpm(&signers, &built, &signed, day(5)).unwrap(), RpmSigning::Signed(key.fingerprint.clone()));
    let (good, text) = checksig(dir.path(), &public, &signed);
    assert!(good && text.contains("Header V4 EdDSA/SHA256 Signature") && !text.contains("NOKEY"), "{text}");

    // Header and payload are those that were built; nothing that rpm reads from the signature header got lost.
    let (before, after) = (std::fs::read(&built).unwrap(), std::fs::read(&signed).unwrap());
    let (start, signed_start) = (payload_start(&before), payload_start(&after));
    assert_eq!(before[start..], after[signed_start..]);
    let query = |file: &Path| {
        let mut command = Command::new("rpm");
        command.args(["-qp", "--qf", "%{SIGSIZE} %{ARCHIVESIZE} %{SHA256HEADER} %{SIGMD5}"]).arg(file);
        run(&mut command, "rpm").stdout
    };
    assert_eq!(query(&built), query(&signed));
    let tags = |file: &Path| {
        let metadata = rpm::PackageMetadata::open(file).unwrap();
        metadata.signature.get_all_entries().unwrap().into_iter().filter(|(tag, _)| ![62, 267].contains(tag)).collect::<Vec<_>>()
    };
    assert_eq!(tags(&built), tags(&signed));

    // The same again is the same; what is signed stays as it is.
    let again = dir.path().join("again.rpm");
    sign_rpm(&signers, &built, &again, day(5)).unwrap();
    assert_eq!(std::fs::read(&again).unwrap(), after);
    let RpmSigning::Kept(by) = sign_rpm(&signers, &signed, &again, day(9)).unwrap() else { panic!("signed twice") };
    assert_eq!((by.fingerprint, by.created), (key.fingerprint, day(5)));
    assert_eq!(std::fs::read(&again).unwrap(), after);

    // One byte of the payload, one of the header.
    for place in [after.len() - 3, signed_start - 40] {
        let mut altered = after.clone();
        altered[place] ^= 1;
        let file = dir.path().join("altered.rpm");
        std::fs::write(&file, altered).unwrap();
        assert!(!checksig(dir.path(), &public, &file).0);
        let RpmSignature::Bad { why } = rpm_signature(&file, &public, day(5)).unwrap() else { panic!("accepted") };
        assert!(why.contains("was altered or is damaged"), "{why}");
        let error = sign_rpm(&signers, &file, &again, day(5)).unwrap_err().to_string();
        assert!(error.contains("altered.rpm") && error.contains("it is not signed"), "{error}");
    }
}

#[test]
fn an_altered_header_with_a_new_digest_does_not_pass_for_signed() {
    let (dir, mut keys) = store();
    create(&mut keys, 1);
    let (built, signed) = (package(dir.path()), dir.path().join("signed.rpm"));
    let signers = keys.signers(day(5)).unwrap();
    sign_rpm(&signers, &built, &signed, day(5)).unwrap();
    // Who alters a package also corrects its digests, which anybody can.
    let mut bytes = std::fs::read(&signed).unwrap();
    let end = payload_start(&bytes);
    let summary = bytes.windows(7).position(|w| w == b"A small").unwrap();
    let signature_end = 96 + 16 + 16 * bytes[96 + 11] as usize + u16::from_be_bytes([bytes[96 + 14], bytes[96 + 15]]) as usize;
    let start = signature_end.next_multiple_of(8);
    let old = sha256(&bytes[start..end]);
    bytes[summary] = b'B';
    let new = sha256(&bytes[start..end]);
    let place = bytes.windows(64).position(|w| w == old.as_bytes()).unwrap();
    bytes[place..place + 64].copy_from_slice(new.as_bytes());
    std::fs::write(&signed, bytes).unwrap();
    let RpmSignature::Bad { why } = rpm_signature(&signed, signers.public_keys(), day(5)).unwrap() else { panic!("accepted") };
    assert!(why.contains("signature is not good"), "{why}");
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_newest_active_key_signs_and_replaces_foreign_signatures() {
    let (dir, mut keys) = store();
    let (_other_dir, mut others) = store();
    let foreign = create(&mut others, 9).fingerprint;
    let file = package(dir.path());
    sign_rpm(&others.signers(day(10)).unwrap(), &file, &file, day(10)).unwrap();
    let old = create(&mut keys, 1).fingerprint;
    let public = keys.public_keys(day(10)).unwrap();
    assert_eq!(rpm_signature(&file, &public, day(10)).unwrap(), RpmSignature::Foreign { issuer: foreign });
    sign_rpm(&keys.signers(day(10)).unwrap(), &file, &file, day(10)).unwrap();
    let new = create(&mut keys, 2).fingerprint;
    keys.rotate(&new, day(30)).unwrap();
    // A package of the retiring key is good as long as that key is.
    let kept = sign_rpm(&keys.signers(day(11)).unwrap(), &file, &file, day(11)).unwrap();
    assert!(matches!(kept, RpmSigning::Kept(by) if by.fingerprint == old));
    let signers = keys.signers(day(30)).unwrap();
    assert_eq!(sign_rpm(&signers, &file, &file, day(30)).unwrap(), RpmSigning::Signed(new));
    let (good, text) = checksig(dir.path(), signers.public_keys(), &file);
    assert!(good && text.matches("Signature").count() == 1, "{text}");
}

#[test]
fn gpg_agent_signs_packages() {
    let gnupg = Gnupg::new();
    let fingerprint = gnupg.generate("agent@example.org", "rsa2048");
    let (dir, mut keys) = store();
    keys.import_gpg(&fingerprint, Some(gnupg.home.clone()), day(5)).unwrap();
    assert!(matches!(keys.keys()[0].source, Source::GpgAgent { .. }));
    let (built, signed) = (package(dir.path()), dir.path().join("signed.rpm"));
    let signers = keys.signers(day(5)).unwrap();
    sign_rpm(&signers, &built, &signed, day(5)).unwrap();
    let (good, text) = checksig(dir.path(), signers.public_keys(), &signed);
    assert!(good && text.contains("Header V4 RSA/SHA256 Signature"), "{text}");
}

#[test]
fn altered_packages_are_judged_without_a_panic() {
    let (dir, mut keys) = store();
    create(&mut keys, 1);
    let (built, file) = (package(dir.path()), dir.path().join("altered.rpm"));
    let signers = keys.signers(day(5)).unwrap();
    sign_rpm(&signers, &built, &file, day(5)).unwrap();
    let good = std::fs::read(&file).unwrap();
    // The lead's name and the signature header are the only places that no digest covers.
    let change = (0..good.len(), 1u8..=255, any::<bool>());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let judged = runner.run(&change, |(place, flip, cut)| {
        let mut bytes = good.clone();
        if cut {
            bytes.truncate(place)
        } else {
            bytes[place] ^= flip
        }
        std::fs::write(&file, &bytes).unwrap();
        let found = rpm_signature(&file, signers.public_keys(), day(5)).unwrap();
        let covered = place >= payload_start(&good) - 200;
        prop_assert!(!covered || matches!(found, RpmSignature::Bad { .. }), "{found:?}");
        // Signing must not panic either, whatever it makes of it.
        let _ = sign_rpm(&signers, &file, &dir.path().join("out.rpm"), day(5));
        Ok(())
    });
    judged.unwrap();
}
