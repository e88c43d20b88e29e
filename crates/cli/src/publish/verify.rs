//! `publish verify`: whether what is published is what was published.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_publish::keys::{PublicKeys, verify_detached};
use seaworthy_publish::press::{Contents, Real, conclude};
use seaworthy_publish::repository::{Depth, check};

use super::press::Press;
use super::{show, store};
use crate::args::Arguments;
use crate::{keys, progress};

pub(super) fn run(arguments: &Arguments, every_package: bool, programs: bool) -> anyhow::Result<u8> {
    let press = Press::open(arguments, None)?;
    let bar = progress::spinner(arguments, "reading what is published");
    let id = press.site.current()?.with_context(|| match press.last() {
        Some(last) => {
            format!("{} is gone, and {} was published: `seaworthy publish run` puts it in force", press.site.www().display(), last.id)
        }
        None => "nothing is published yet".to_owned(),
    })?;
    let mut wrong: Vec<String> = Vec::new();
    match press.last() {
        Some(last) if last.id != id => {
            wrong.push(format!("{id} is in force, and the log says {}: `seaworthy publish run` completes it", last.id));
        }
        Some(last) => match press.site.index(&id)? {
            Some(index) if index.content() != last.content => wrong.push(format!("{id} is not what the log says was published")),
            _ => {}
        },
        None => wrong.push(format!("{id} is in force, and the log tells of no publication: it is of another ledger")),
    }
    let (documents, damaged) = press.site.check(&id)?;
    wrong.extend(damaged.iter().map(ToString::to_string));
    let public = keys::open(arguments, &press.config)?.public_keys(press.now)?;
    let mut signatures = 0;
    let index = press.site.index(&id)?.context("the publication has no index")?;
    for path in press.site.documents(&index)?.into_iter().filter(|p| p.ends_with(".asc") && !p.starts_with("keys/")) {
        let signature = press.site.www().join(&path);
        let signed = signature.with_extension("");
        let read = |path: &std::path::Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        match verify_detached(&read(&signed)?, &read(&signature)?, &public, press.now) {
            Ok(_) => signatures += 1,
            Err(e) => wrong.push(format!("{path}: {e}")),
        }
    }
    let mut packages = 0;
    for (channel, snapshot) in &index.channels {
        bar.set_message(format!("reading the channel {channel}"));
        for arch in press.packages().contents(snapshot)?.arches.keys() {
            let repodata = press.site.snapshot(snapshot).join(arch).join("repodata");
            match check(&repodata, press.site.dir(), if every_package { Depth::Digests } else { Depth::Sizes }) {
                Ok(checked) => {
                    packages += checked.packages;
                    wrong.extend(checked.findings.iter().map(|f| format!("{}: {}", f.path.display(), f.message)));
                }
                Err(e) => wrong.push(e.to_string()),
            }
            signatures += usize::from(is_signed(&repodata, &public, press.now, &mut wrong));
        }
    }
    // Somebody may have pinned an earlier one. What keys that are gone have signed cannot be checked any more.
    let current: BTreeSet<&String> = index.channels.values().collect();
    let earlier: BTreeSet<&String> = press.settings().channels.iter().flat_map(|name| press.chronicle.snapshots(name)).collect();
    for snapshot in earlier.difference(&current) {
        let dir = press.site.snapshot(snapshot);
        match press.packages().contents(snapshot) {
            Ok(contents) => {
                for arch in contents.arches.keys() {
                    if let Err(e) = check(&dir.join(arch).join("repodata"), press.site.dir(), Depth::Sizes) {
                        wrong.push(e.to_string());
                    }
                }
            }
            Err(e) => wrong.push(e.to_string()),
        }
    }
    if every_package {
        bar.set_message("reading the signatures of packages");
        let channels = index.channels.values().map(|snapshot| press.packages().contents(snapshot)).collect::<Result<Vec<_>, _>>()?;
        let (read, unsigned) = press.packages().signatures(&channels, &public, press.now);
        signatures += read;
        wrong.extend(unsigned);
    }
    bar.set_message("asking what consumers conclude");
    let edition = press.chronicle.edition(&press.distribution);
    let mut contents: BTreeMap<&String, (&String, Contents)> = BTreeMap::new();
    for (channel, snapshot) in index.channels.iter().filter(|(name, _)| press.settings().public.contains(name)) {
        contents.insert(channel, (snapshot, press.packages().contents(snapshot)?));
    }
    let held = contents.iter().map(|(name, (snapshot, contents))| ((*name).clone(), ((*snapshot).clone(), contents))).collect();
    let real = programs.then_some(Real { site: &press.site, keys: &public });
    let concluded = conclude(&edition, &held, real)?;
    bar.finish_and_clear();
    let how = if every_package { "read" } else { "looked at (--packages reads them)" };
    say!("{id}: {documents} documents and {signatures} signatures read, {packages} packages {how}");
    show::told_of(&concluded, show::TOLD);
    wrong.extend(store::check(arguments, &press, &id, every_package)?);
    for line in &wrong {
        say!("  wrong: {line}");
    }
    if wrong.is_empty() && concluded.agrees() {
        say!("Everything is as it was published.");
        return Ok(0);
    }
    Ok(1)
}

/// Whether the index of a repository is signed by a key that clients have.
fn is_signed(repodata: &Path, public: &PublicKeys, now: Timestamp, wrong: &mut Vec<String>) -> bool {
    let repomd = repodata.join("repomd.xml");
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let signed = read(&repomd).and_then(|bytes| Ok(verify_detached(&bytes, &read(&repodata.join("repomd.xml.asc"))?, public, now)?));
    if let Err(e) = &signed {
        wrong.push(format!("{}: {e:#}", repomd.display()));
    }
    signed.is_ok()
}
