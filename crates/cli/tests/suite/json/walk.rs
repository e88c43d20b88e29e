//! The commands that print JSON, by the help of the program.

use std::collections::BTreeSet;

use crate::common::Place;

/// The values of `--format` that are for people.
const FOR_PEOPLE: [&str; 2] = ["table", "html"];

/// The commands of the program.
pub(crate) struct Walked {
    /// Those with `--json`, and every value of a `--format` that is for programs, as `triage list --json`.
    pub(crate) printing: BTreeSet<String>,
    /// All of them that have none below, as `triage list`.
    pub(crate) all: BTreeSet<String>,
}

/// Asks each command for its help.
pub(crate) fn walk() -> Walked {
    let place = Place::new();
    let mut printing = BTreeSet::new();
    let mut all = BTreeSet::new();
    let mut next = vec![Vec::<String>::new()];
    while let Some(path) = next.pop() {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("-h");
        let out = place.run(&words);
        assert!(out.status.success(), "{words:?}");
        let help = String::from_utf8(out.stdout).unwrap();
        let below = commands(&help);
        if below.is_empty() {
            all.insert(path.join(" "));
        }
        next.extend(below.into_iter().map(|name| [path.clone(), vec![name]].concat()));
        let name = path.join(" ");
        if option(&help, "--json").is_some() {
            printing.insert(format!("{name} --json"));
        }
        for value in option(&help, "--format").iter().flat_map(|about| values(about)) {
            printing.insert(format!("{name} --format {value}"));
        }
    }
    assert!(all.len() > 40, "the help was not understood: {all:?}");
    Walked { printing, all }
}

/// The names under `Commands:`.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A name stands two columns in; what is further in goes on with the line before.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    names.filter_map(|rest| rest.split(' ').next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The help of an option, in one line.
fn option(help: &str, name: &str) -> Option<String> {
    let is_option = |line: &str| line.trim_start().starts_with('-');
    let mut lines = help.lines().skip_while(|line| !(is_option(line) && line.split([' ', ',']).any(|word| word == name)));
    let first = lines.next()?;
    let rest = lines.take_while(|line| line.starts_with("          ") && !is_option(line));
    Some(std::iter::once(first).chain(rest).map(str::trim).collect::<Vec<_>>().join(" "))
}

/// The possible values of an option, without those for people.
fn values(about: &str) -> Vec<String> {
    let (_, list) = about.split_once("[possible values: ").unwrap_or_else(|| panic!("no list of values: {about}"));
    let list = list.split(']').next().unwrap_or_default();
    list.split(", ").map(str::trim).filter(|value| !FOR_PEOPLE.contains(value)).map(str::to_owned).collect()
}
