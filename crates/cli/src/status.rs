//! `init` and `status`.

use anyhow::Context;
use seaworthy_intelligence::Store;
use seaworthy_intelligence::records::SourceKind;

use crate::args::{Arguments, StatusArgs};
use crate::clock;
use crate::config::Config;

pub(crate) fn init(arguments: &Arguments) -> anyhow::Result<u8> {
    std::fs::create_dir_all(&arguments.home).with_context(|| format!("cannot create {}", arguments.home.display()))?;
    let (settings, written) = Config::create(&arguments.home)?;
    if !arguments.quiet {
        let home = arguments.home.display();
        say!("{} {}", settings.display(), if written { "holds the settings, each with a comment." } else { "is kept as it was." });
        say!("{home} is ready.\nNext: seaworthy --home {home} sync        fetches NVD, KEV and EPSS (about 70 MB, the first time)");
        say!("  or: seaworthy --home {home} sync --nvd FOLDER --kev FILE        reads them from here");
    }
    Ok(0)
}

pub(crate) fn run(arguments: &Arguments, args: &StatusArgs) -> anyhow::Result<u8> {
    let status = Store::new(&arguments.home).status()?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(0);
    }
    let Some(knowledge) = status.knowledge else {
        say!("nothing is known yet in {}: run `seaworthy sync`", arguments.home.display());
        return Ok(0);
    };
    say!("knowledge {}  {} CVEs", knowledge.short(), status.cves);
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["source", "age", "records", "refused", "files", "digest", "from"]);
    for kind in SourceKind::ALL {
        let Some(source) = status.sources.get(&kind) else {
            table.add_row([kind.as_str(), "off", "", "", "", "", ""]);
            continue;
        };
        let age = source.synced_at.map_or("never".into(), |at| age(clock::now() - at));
        let sum = |f: fn(&seaworthy_intelligence::ArtefactState) -> u64| source.artefacts.values().map(f).sum::<u64>().to_string();
        let mut digest = seaworthy_model::DigestWriter::new();
        for artefact in source.artefacts.values() {
            digest.field(artefact.raw.as_bytes());
        }
        let digest = if source.artefacts.len() == 1 {
            source.artefacts.values().next().map(|a| a.raw.short())
        } else {
            Some(digest.finish().short())
        };
        table.add_row([
            kind.as_str().to_owned(),
            age,
            sum(|a| a.records),
            sum(|a| a.refused),
            source.artefacts.len().to_string(),
            digest.unwrap_or_default(),
            source.location.clone(),
        ]);
    }
    say!("{table}");
    for (kind, source) in &status.sources {
        if let Some(error) = &source.error {
            say!("{kind} is late or broken, its last good records stay: {error}");
        }
    }
    Ok(0)
}

/// A span in the two units that matter.
fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
