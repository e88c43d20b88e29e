//! The lines of a spec: continuation, conditionals, sections.

use super::expr;
use super::macros::Macros;

/// The greatest number of lines that one macro body joins.
const MAX_JOINED: usize = 400;

/// The next logical line of `rest`: one line, and those that its open `%{`, `%(`, `%[` or closing backslash continue it by. Brackets that
/// never close cost no more than their own line.
pub(super) fn next_logical<'a>(rest: &mut &'a str, join: bool) -> (&'a str, usize) {
    let text = *rest;
    let bytes = text.as_bytes();
    let first_end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let mut end = first_end;
    if join && !text.trim_start().starts_with('#') && (bytes[..first_end].contains(&b'%') || bytes[..first_end].ends_with(b"\\")) {
        end = logical_end(bytes).unwrap_or(first_end);
    }
    *rest = text.get(end + 1..).unwrap_or_default();
    (&text[..end], memchr::memchr_iter(b'\n', &bytes[..end]).count() + 1)
}

fn logical_end(bytes: &[u8]) -> Option<usize> {
    let (mut braces, mut parens, mut squares, mut lines, mut at) = (0usize, 0usize, 0usize, 0, 0);
    let mut continued = false;
    while let Some(&b) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match b {
            b'\\' if next == Some(&b'\n') => {
                continued = true;
            }
            b'\\' => at += 1,
            b'\n' => {
                if braces == 0 && parens == 0 && squares == 0 && !continued {
                    return Some(at);
                }
                continued = false;
                lines += 1;
                if lines > MAX_JOINED {
                    return None;
                }
            }
            b'%' => match next {
                Some(b'{') => (braces, at) = (braces + 1, at + 1),
                Some(b'(') => (parens, at) = (parens + 1, at + 1),
                Some(b'[') => (squares, at) = (squares + 1, at + 1),
                Some(b'%') => at += 1,
                _ => {}
            },
            b'{' if braces > 0 => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            b'(' if parens > 0 => parens += 1,
            b')' => parens = parens.saturating_sub(1),
            b'[' if squares > 0 => squares += 1,
            b']' => squares = squares.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    (braces == 0 && parens == 0 && squares == 0).then_some(bytes.len())
}

/// The `%if`s that are open at a line.
#[derive(Default)]
pub(super) struct Conditions {
    open: Vec<Open>,
}

struct Open {
    outer: bool,
    reading: bool,
    taken: bool,
}

/// The greatest depth of conditions.
const MAX_NESTING: usize = 200;

impl Conditions {
    pub(super) fn reading(&self) -> bool {
        self.open.last().is_none_or(|o| o.reading)
    }

    pub(super) fn unclosed(&self) -> usize {
        self.open.len()
    }

    /// Whether the line is a conditional; the error is a condition that could not be read, which counts as false.
    pub(super) fn line(&mut self, line: &str, macros: &Macros) -> Result<bool, String> {
        let line = line.trim();
        let Some(rest) = line.strip_prefix('%') else { return Ok(false) };
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, argument) = rest.split_at(length);
        let argument = argument.trim();
        match word {
            "if" | "ifarch" | "ifnarch" | "ifos" | "ifnos" => {
                if self.open.len() >= MAX_NESTING {
                    return Err("conditions are nested too deeply".into());
                }
                let outer = self.reading();
                let result = if outer { test(word, argument, macros) } else { Ok(false) };
                let holds = *result.as_ref().unwrap_or(&false);
                self.open.push(Open { outer, reading: outer && holds, taken: holds });
                result.map(|_| true)
            }
            "elif" | "elifarch" | "elifos" => {
                let Some(open) = self.open.last_mut() else { return Err(format!("%{word} without %if")) };
                let asked = open.outer && !open.taken;
                let result = if asked { test(&word[2..], argument, macros) } else { Ok(false) };
                let holds = *result.as_ref().unwrap_or(&false);
                open.reading = holds;
                open.taken |= holds;
                result.map(|_| true)
            }
            "else" => {
                let Some(open) = self.open.last_mut() else { return Err("%else without %if".into()) };
                open.reading = open.outer && !open.taken;
                open.taken = true;
                Ok(true)
            }
            "endif" => self.open.pop().map(|_| true).ok_or_else(|| "%endif without %if".into()),
            _ => Ok(false),
        }
    }
}

fn test(word: &str, argument: &str, macros: &Macros) -> Result<bool, String> {
    let listed = |name: &str| {
        let own = macros.get(name).map(|d| d.body.as_str()).unwrap_or_default();
        argument.split([' ', '\t', ',']).any(|a| !a.is_empty() && a == own)
    };
    match word {
        "ifarch" => Ok(listed("_target_cpu")),
        "ifnarch" => Ok(!listed("_target_cpu")),
        "ifos" => Ok(listed("_target_os")),
        "ifnos" => Ok(!listed("_target_os")),
        // A comment behind the expression is common, though rpm warns.
        _ => expr::evaluate(argument.split_once(" #").map_or(argument, |(e, _)| e).trim()).map(|v| v.truth()).map_err(|why| {
            let shown: String = argument.chars().take(80).collect();
            format!("the condition {shown:?} is taken as false: {why}")
        }),
    }
}

/// The sections of a spec between which the reader distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Preamble,
    Prep,
    Script,
    Files,
    Changelog,
    PatchList,
    SourceList,
    Text,
}

/// The section that a line opens, its word, and the rest of the line.
pub(super) fn section(line: &str) -> Option<(Section, &str, &str)> {
    let rest = line.trim_start().strip_prefix('%')?;
    let length = rest.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'_').count();
    let (word, arguments) = rest.split_at(length);
    if !(arguments.is_empty() || arguments.starts_with(char::is_whitespace)) {
        return None;
    }
    let section = match word {
        "package" => Section::Preamble,
        "prep" => Section::Prep,
        "build" | "install" | "check" | "conf" | "generate_buildrequires" => Section::Script,
        "clean"
        | "pre"
        | "post"
        | "preun"
        | "postun"
        | "pretrans"
        | "posttrans"
        | "preuntrans"
        | "postuntrans"
        | "verifyscript"
        | "trigger"
        | "triggerin"
        | "triggerun"
        | "triggerpostun"
        | "triggerprein"
        | "filetriggerin"
        | "filetriggerun"
        | "filetriggerpostun"
        | "transfiletriggerin"
        | "transfiletriggerun"
        | "transfiletriggerpostun"
        | "description"
        | "sepolicy" => Section::Text,
        "files" => Section::Files,
        "changelog" => Section::Changelog,
        "patchlist" => Section::PatchList,
        "sourcelist" => Section::SourceList,
        _ => return None,
    };
    Some((section, word, arguments.trim()))
}
