//! The rotation from one key to the next, as clients see it.

use std::path::Path;
use std::process::Command;

use seaworthy_keys::{PublicKeys, merge_signatures, verify_detached};

use crate::tools::{Gnupg, create, day, run, said, store};

const DATA: &[u8] = b"<repomd/>\n";

#[test]
fn clients_with_either_key_accept_what_both_signed() {
    let (_dir, mut keys) = store();
    let old = create(&mut keys, 1).fingerprint;
    let before = keys.signers(day(5)).unwrap().detached(DATA, day(5)).unwrap();
    let new = create(&mut keys, 2).fingerprint;
    keys.rotate(&new, day(30)).unwrap();
    let signers = keys.signers(day(10)).unwrap();
    assert_eq!(signers.public_keys().fingerprints().collect::<Vec<_>>(), [&old, &new]);
    assert_eq!(signers.package_key(), new);
    let both = signers.detached(DATA, day(10)).unwrap();
    assert_eq!(String::from_utf8_lossy(&both).matches("BEGIN PGP SIGNATURE").count(), 2);
    let only = |fingerprint: &str| keys.public_key(fingerprint).unwrap();
    for fingerprint in [&old, &new] {
        assert_eq!(&verify_detached(DATA, &both, &only(fingerprint), day(10)).unwrap().fingerprint, fingerprint);
        let client = Gnupg::knowing(&only(fingerprint).armored().unwrap());
        let status = client.verify(DATA, &both, day(11));
        assert!(status.contains(&format!("VALIDSIG {fingerprint}")) && !status.contains("BADSIG"), "{status}");
    }
    let file = signers.public_keys().armored().unwrap();
    let status = Gnupg::knowing(&file).verify(DATA, &both, day(11));
    assert_eq!(status.matches("GOODSIG").count(), 2, "{status}");
    // One file of keys, and the same keys one by one.
    let read = PublicKeys::parse("the file of keys", &file).unwrap();
    assert_eq!(read.each().unwrap(), signers.public_keys().each().unwrap());
    // When the time is over, the new key signs alone.
    let after = keys.signers(day(30)).unwrap().detached(DATA, day(30)).unwrap();
    verify_detached(DATA, &after, &only(&new), day(30)).unwrap();
    verify_detached(DATA, &after, &only(&old), day(30)).unwrap_err();
    // Files of signatures join, each signature once.
    let merged = merge_signatures(&[&before, &after, &before]).unwrap();
    for fingerprint in [&old, &new] {
        verify_detached(DATA, &merged, &only(fingerprint), day(30)).unwrap();
    }
    assert_eq!(merged.len(), before.len() + after.len());
    assert!(merge_signatures(&[&b"nothing"[..]]).is_err());
}

#[test]
fn a_key_of_a_wrong_clock_ends_with_its_successor() {
    let (_dir, mut keys) = store();
    let early = create(&mut keys, 100).fingerprint;
    let refused = keys.signers(day(10)).unwrap_err().to_string();
    assert!(refused.contains(&early) && refused.contains("valid only from"), "{refused}");
    let new = create(&mut keys, 1).fingerprint;
    keys.rotate(&new, day(30)).unwrap();
    let signers = keys.signers(day(10)).unwrap();
    assert_eq!(signers.public_keys().fingerprints().collect::<Vec<_>>(), [&new]);
    assert_eq!(keys.public_keys(day(10)).unwrap().fingerprints().collect::<Vec<_>>(), [&new]);
}

/// dnf asks GnuPG, which gives up at the first signature by a known key that does not fit. So a file of signatures cannot stand for
/// the metadata before and after a change: this keeps that finding, on which the form of a publication rests.
#[test]
fn gnupg_does_not_look_past_a_signature_that_does_not_fit() {
    let (_dir, mut keys) = store();
    create(&mut keys, 1);
    let signers = keys.signers(day(5)).unwrap();
    let (one, two) = (signers.detached(DATA, day(5)).unwrap(), signers.detached(b"other", day(6)).unwrap());
    let client = Gnupg::knowing(&signers.public_keys().armored().unwrap());
    let fits_second = merge_signatures(&[&two, &one]).unwrap();
    assert!(!client.verify(DATA, &fits_second, day(7)).contains("GOODSIG"));
    assert!(client.verify(DATA, &merge_signatures(&[&one, &two]).unwrap(), day(7)).contains("GOODSIG"));
    // Ours does look further: one good signature is enough.
    verify_detached(DATA, &fits_second, signers.public_keys(), day(7)).unwrap();
}

#[test]
fn dnf_with_either_key_accepts_the_metadata_and_with_none_refuses() {
    let (dir, mut keys) = store();
    let old = create(&mut keys, 1).fingerprint;
    let new = create(&mut keys, 2).fingerprint;
    let (_other_dir, mut others) = store();
    let other = create(&mut others, 3).fingerprint;
    keys.rotate(&new, day(300)).unwrap();
    let repository = dir.path().join("repository");
    std::fs::create_dir(&repository).unwrap();
    let output = run(Command::new("createrepo_c").arg("--quiet").arg(&repository), "createrepo-c");
    assert!(output.status.success(), "{}", said(&output));
    let metadata = repository.join("repodata/repomd.xml");
    let at = day(10);
    let signature = keys.signers(at).unwrap().detached(&std::fs::read(&metadata).unwrap(), at).unwrap();
    std::fs::write(repository.join("repodata/repomd.xml.asc"), signature).unwrap();
    for (name, key, good) in
        [("old", keys.public_key(&old), true), ("new", keys.public_key(&new), true), ("other", others.public_key(&other), false)]
    {
        let file = dir.path().join(format!("{name}.asc"));
        std::fs::write(&file, key.unwrap().armored().unwrap()).unwrap();
        let output = makecache(&dir.path().join(name), &repository, &file);
        assert_eq!(output.status.success(), good, "{name}: {}", said(&output));
    }
}

/// Lets dnf load the metadata of a repository into a new root. The machine's clock must be past 2026-01-11.
fn makecache(root: &Path, repository: &Path, key: &Path) -> std::process::Output {
    std::fs::create_dir_all(root.join("etc/repos.d")).unwrap();
    let shown = root.display();
    let main =
        format!("[main]\nreposdir={shown}/etc/repos.d\ncachedir=/var/cache/dnf\nlogdir=/var/log\npersistdir=/var/lib/dnf\nplugins=0\n");
    let repo = format!(
        "[t]\nname=t\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\nbaseurl=file://{}\ngpgkey=file://{}\n",
        repository.display(),
        key.display()
    );
    std::fs::write(root.join("dnf.conf"), main).unwrap();
    std::fs::write(root.join("etc/repos.d/t.repo"), repo).unwrap();
    let mut dnf = Command::new("dnf");
    dnf.env("HOME", root).arg("-y").arg("-q").arg("-c").arg(root.join("dnf.conf")).arg(format!("--installroot={shown}"));
    run(dnf.args(["--releasever=1", "--forcearch=x86_64", "makecache"]), "dnf")
}
