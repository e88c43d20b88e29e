//! `publish verify`: whether what is published is what was published.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_publish::keys::{PublicKeys, verify_detached};
use seaworthy_publish::press::{Contents, Real, conclude};
use seaworthy_publish::repository::{Depth, check};

use super::press::{Press, time_of};
use super::show;
use super::store::Target;
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
    let store = keys::open(arguments, &press.config)?;
    let public = store.public_keys(press.now)?;
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
    let mut seen = Seen { wrong, signatures, packages: 0 };
    let depth = if every_package { Depth::Digests } else { Depth::Sizes };
    let mut channels: BTreeMap<&String, (String, Contents)> = BTreeMap::new();
    for (channel, snapshot) in &index.channels {
        bar.set_message(format!("reading the channel {channel}"));
        let contents = seen.snapshot(&press, snapshot, depth, &public, press.now)?;
        channels.insert(channel, (snapshot.clone(), contents));
    }
    // Somebody may have pinned an earlier one. It was signed by the keys of its time, whatever became of them.
    bar.set_message("reading earlier snapshots");
    let every = store.every_public_key()?;
    let current: BTreeSet<&String> = index.channels.values().collect();
    let earlier: BTreeSet<&String> = press.settings().channels.iter().flat_map(|name| press.chronicle.snapshots(name)).collect();
    let packages = seen.packages;
    for snapshot in earlier.difference(&current) {
        let at = time_of(snapshot).unwrap_or(press.now);
        if let Err(e) = seen.snapshot(&press, snapshot, Depth::Sizes, &every, at) {
            seen.wrong.push(format!("{e:#}"));
        }
    }
    let Seen { mut wrong, mut signatures, .. } = seen;
    if every_package {
        bar.set_message("reading the signatures of packages");
        let (read, unsigned) = press.packages().signatures(channels.values().map(|(_, contents)| contents), &public, press.now);
        signatures += read;
        wrong.extend(unsigned);
    }
    bar.set_message("asking what consumers conclude");
    let edition = press.chronicle.edition(&press.distribution);
    let is_public = |(name, _): &(&&String, &(String, Contents))| press.settings().public.contains(name);
    let held = channels.iter().filter(is_public).map(|(name, (snapshot, contents))| ((*name).clone(), (snapshot.clone(), contents)));
    let real = programs.then_some(Real { site: &press.site, keys: &public });
    let concluded = conclude(&edition, &held.collect(), real)?;
    bar.finish_and_clear();
    let how = if every_package { "read" } else { "looked at (--packages reads them)" };
    say!("{id}: {documents} documents and {signatures} signatures read, {packages} packages {how}");
    show::told_of(&concluded, show::TOLD);
    if let Some(target) = Target::open(&press)? {
        wrong.extend(target.check(arguments, &press, &id, every_package)?);
    }
    for line in &wrong {
        say!("  wrong: {line}");
    }
    if wrong.is_empty() && concluded.agrees() {
        say!("Everything is as it was published.");
        return Ok(0);
    }
    Ok(1)
}

/// What was found so far.
struct Seen {
    wrong: Vec<String>,
    signatures: usize,
    packages: u64,
}

impl Seen {
    /// Reads the repositories of a snapshot, whose indexes have to be signed by one of `keys`, valid at a time; gives what it holds.
    fn snapshot(&mut self, press: &Press, id: &str, depth: Depth, keys: &PublicKeys, at: Timestamp) -> anyhow::Result<Contents> {
        let contents = press.packages().contents(id)?;
        for arch in contents.arches.keys() {
            let repodata = press.site.snapshot(id).join(arch).join("repodata");
            match check(&repodata, press.site.dir(), depth) {
                Ok(checked) => {
                    self.packages += checked.packages;
                    self.wrong.extend(checked.findings.iter().map(|f| format!("{}: {}", f.path.display(), f.message)));
                }
                Err(e) => self.wrong.push(e.to_string()),
            }
            match signed(&repodata, keys, at) {
                Ok(()) => self.signatures += 1,
                Err(e) => self.wrong.push(format!("{}: {e:#}", repodata.join("repomd.xml").display())),
            }
        }
        Ok(contents)
    }
}

fn signed(repodata: &Path, keys: &PublicKeys, at: Timestamp) -> anyhow::Result<()> {
    let read = |name: &str| fs::read(repodata.join(name)).with_context(|| format!("cannot read {name}"));
    verify_detached(&read("repomd.xml")?, &read("repomd.xml.asc")?, keys, at)?;
    Ok(())
}
