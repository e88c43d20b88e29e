//! The patches that `%prep` applies.

use std::collections::BTreeMap;

/// The commands of `%prep` that apply patches, and those that take them out again.
#[derive(Default)]
pub(super) struct Prep {
    /// The numbers of patches, from one to another, with the step.
    ranges: Vec<(u32, u32, Step)>,
    /// The names of the files that commands read, with the last step of each.
    files: BTreeMap<String, Step>,
    /// The number of lines so far.
    lines: usize,
}

/// A command: the line that it stands in, and whether it applies patches; else it takes them out (`-R`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    line: usize,
    applies: bool,
}

/// The greatest number of files that the scripts of one spec name.
const MAX_FILES: usize = 20_000;

impl Prep {
    /// Adds an expanded line of a script.
    pub(super) fn line(&mut self, line: &str) {
        // A trial run changes nothing.
        if line.starts_with('#') || line.split_whitespace().any(|word| matches!(word, "--dry-run" | "--check")) {
            return;
        }
        self.lines += 1;
        let reverses = line.split_whitespace().any(|word| word.starts_with("-R") || word == "--reverse");
        let step = Step { line: self.lines, applies: !reverses };
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let mut macro_at = None;
        if let Some(at) = line.find('%') {
            let name = line[at + 1..].trim_start_matches('{');
            if name.starts_with("patch")
                || name.starts_with("autopatch")
                || name.split(|c: char| !c.is_ascii_alphanumeric()).next().is_some_and(|w| w.ends_with("autosetup"))
            {
                macro_at = Some(name);
            }
        }
        if let Some(command) = macro_at {
            self.directive(command, step);
        }
        // A file that is only copied or shown is not applied.
        if matches!(first, "cp" | "install" | "echo" | "ls" | "cat" | "ln" | "mv") && !line.contains('|') {
            return;
        }
        for part in line.split("/SOURCES/").skip(1) {
            let name = part.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | ')' | '|')).next().unwrap_or_default();
            if self.files.len() < MAX_FILES {
                self.files.insert(name.to_owned(), step);
            }
        }
    }

    fn directive(&mut self, command: &str, step: Step) {
        let command = command.split(['}', ';', '|', '&']).next().unwrap_or(command);
        let mut words = command.split_whitespace();
        let word = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        if word.ends_with("autosetup") {
            // -N leaves the patches to %autopatch.
            if !arguments.contains(&"-N") {
                self.ranges.push((0, u32::MAX, step));
            }
        } else if word == "autopatch" {
            let option = |letter: &str| {
                arguments.iter().enumerate().find_map(|(i, a)| {
                    let value = a.strip_prefix(letter)?;
                    if value.is_empty() { arguments.get(i + 1)?.parse::<u32>().ok() } else { value.parse().ok() }
                })
            };
            let (low, high) = (option("-m"), option("-M"));
            let plain: Vec<u32> = plain_numbers(&arguments, &["-m", "-M", "-p"]);
            if low.is_none() && high.is_none() && !plain.is_empty() {
                self.ranges.extend(plain.into_iter().map(|n| (n, n, step)));
            } else {
                self.ranges.push((low.unwrap_or(0), high.unwrap_or(u32::MAX), step));
            }
        } else if word == "patches" {
            self.ranges.push((0, u32::MAX, step));
        } else if let Some(number) = word.strip_prefix("patch") {
            if let Ok(number) = number.parse() {
                self.ranges.push((number, number, step));
            } else if number.is_empty() {
                let mut numbers = plain_numbers(&arguments, &["-P", "-p", "-b", "-d", "-F", "-z", "-o"]);
                for (i, argument) in arguments.iter().enumerate() {
                    if let Some(value) = argument.strip_prefix("-P") {
                        numbers.extend(if value.is_empty() {
                            arguments.get(i + 1).and_then(|a| a.parse::<u32>().ok())
                        } else {
                            value.parse().ok()
                        });
                    }
                }
                if numbers.is_empty() {
                    numbers.push(0);
                }
                self.ranges.extend(numbers.into_iter().map(|n| (n, n, step)));
            }
        }
    }

    /// Whether the patch with this number and file name is applied, and not taken out after that.
    pub(super) fn applies(&self, number: Option<u32>, file: &str) -> bool {
        let of_number = |n| self.ranges.iter().filter(move |(low, high, _)| (*low..=*high).contains(&n)).map(|(_, _, step)| *step);
        let last = number.into_iter().flat_map(of_number).chain(self.files.get(file).copied()).max();
        last.is_some_and(|step| step.applies)
    }
}

/// The numbers among the arguments that are not values of options.
fn plain_numbers(arguments: &[&str], valued: &[&str]) -> Vec<u32> {
    let mut out = Vec::new();
    let mut skip = false;
    for argument in arguments {
        if skip {
            skip = false;
        } else if valued.contains(argument) {
            skip = true;
        } else if let Ok(number) = argument.parse() {
            out.push(number);
        }
    }
    out
}
