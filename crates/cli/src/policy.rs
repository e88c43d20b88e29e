//! `policy`: check and show what must happen by when.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use seaworthy_model::case::Stage;
use seaworthy_triage::{Policy, Time};

use crate::args::{Arguments, PolicyCommand};
use crate::cases;
use crate::config::FILE;

pub(crate) fn run(arguments: &Arguments, command: &PolicyCommand) -> anyhow::Result<u8> {
    match command {
        PolicyCommand::Check { file } => check(arguments, file.clone()),
        PolicyCommand::Show => {
            show(&cases::policy(&arguments.home)?);
            Ok(0)
        }
        PolicyCommand::Template => {
            say!("{}", Policy::standard_text().trim_end());
            Ok(0)
        }
    }
}

fn check(arguments: &Arguments, file: Option<PathBuf>) -> anyhow::Result<u8> {
    let path = file.unwrap_or_else(|| arguments.home.join(FILE));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let policy = Policy::parse(&text).map_err(|e| anyhow!("{}:{}: {}", path.display(), e.line, e.message))?;
    if !arguments.quiet {
        say!(
            "{} is in order: {} severities with deadlines, {} kinds of hosts, {} trains, {} freezes",
            path.display(),
            policy.deadlines.len(),
            policy.deployments.len(),
            policy.calendar.trains.len(),
            policy.calendar.freezes.len()
        );
    }
    Ok(0)
}

fn show(policy: &Policy) {
    say!(
        "Deadlines ({})",
        match &policy.time {
            Time::Calendar => "calendar days".to_owned(),
            Time::Business { holidays } => format!("Monday to Friday, {} days off", holidays.len()),
        }
    );
    say!("  {:<10} {}", "", Stage::ALL.map(|s| format!("{:>10}", s.as_str())).join(""));
    let row = |name: &str, spans: &std::collections::BTreeMap<Stage, seaworthy_triage::Span>| {
        let cells = Stage::ALL.map(|s| format!("{:>10}", spans.get(&s).map_or_else(|| "-".to_owned(), ToString::to_string)));
        say!("  {name:<10} {}", cells.join(""));
    };
    policy.deadlines.iter().rev().for_each(|(severity, spans)| row(severity.as_str(), spans));
    row("exploited", &policy.exploited);
    say!("\nDelivery");
    for host in &policy.deployments {
        let severities: Vec<&str> = host.out_of_band.iter().map(|s| s.as_str()).collect();
        let how = if severities.is_empty() {
            "everything with the next image".to_owned()
        } else {
            format!("{} out of band, the rest with the next image", severities.join(", "))
        };
        say!("  {:<18} {how}", host.name);
    }
    say!("  reboot needed      {}", policy.reboot.join(", "));
    say!("\nTrains");
    for train in &policy.calendar.trains {
        say!("  {:<18} every {}, first {}, frozen {} before", train.name, train.every, train.first, train.freeze);
    }
    for freeze in &policy.calendar.freezes {
        say!("  no release         {} from {} to {}", freeze.name, freeze.from, freeze.to);
    }
}
