use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use seaworthy_model::case::Stage;
use seaworthy_pipeline::matching::formats::plural;
use seaworthy_pipeline::triage::{Policy, Span, Time};
use seaworthy_pipeline::{Home, SETTINGS_FILE};

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Check and show the policy: the deadlines, and how fixes are delivered.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check the policy of a settings file; errors point at the line.
    Check {
        /// The settings file; seaworthy.toml of the home without it.
        file: Option<PathBuf>,
        /// As JSON: the policy that the file gives.
        #[arg(long)]
        json: bool,
    },
    /// Show the policy in force.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the standard policy, as a start for one's own.
    Template,
}

pub(super) fn run(context: &Context, command: &PolicyCommand) -> CommandResult {
    match command {
        PolicyCommand::Check { file, json } => {
            let path = file.clone().unwrap_or_else(|| context.globals.home.join(SETTINGS_FILE));
            let policy = Home::check_policy(&path)?;
            if *json {
                output::json(&policy)?;
            } else if !context.is_quiet() {
                say!(
                    "{} is in order: {} with deadlines, {} of hosts, {}, {}",
                    path.display(),
                    plural(policy.deadlines.len(), "severity", "severities"),
                    plural(policy.deployments.len(), "kind", "kinds"),
                    plural(policy.calendar.trains.len(), "train", "trains"),
                    plural(policy.calendar.freezes.len(), "freeze", "freezes")
                );
            }
        }
        PolicyCommand::Show { json: true } => output::json(&context.home()?.policy()?)?,
        PolicyCommand::Show { json: false } => show(&context.home()?.policy()?),
        PolicyCommand::Template => say!("{}", Policy::standard_text().trim_end()),
    }
    Ok(Ended::Well)
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
    let row = |name: &str, spans: &BTreeMap<Stage, Span>| {
        let cells = Stage::ALL.map(|s| format!("{:>10}", spans.get(&s).map_or_else(|| "-".to_owned(), ToString::to_string)));
        say!("  {name:<10} {}", cells.join(""));
    };
    policy.deadlines.iter().rev().for_each(|(severity, spans)| row(severity.as_str(), spans));
    row("exploited", &policy.exploited);
    say!("\nDelivery");
    for host in &policy.deployments {
        let severities: Vec<&str> = host.out_of_band.iter().map(|s| s.as_str()).collect();
        let delivery = if severities.is_empty() {
            "everything with the next image".to_owned()
        } else {
            format!("{} out of band, the rest with the next image", severities.join(", "))
        };
        say!("  {:<18} {delivery}", host.name);
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
