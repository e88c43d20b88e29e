//! RPM macros: <https://rpm-software-management.github.io/rpm/manual/macros.html>.
//!
//! A macro that the reader cannot know (shell, Lua, definitions elsewhere) stays in the text as it is written, as rpm itself leaves an
//! undefined macro.

use std::collections::HashMap;
use std::sync::Arc;

use super::{expr, shell};

/// A definition of a macro.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) body: String,
    /// The option letters of a parametric macro; `None` for a plain one.
    pub(super) options: Option<String>,
}

/// The greatest depth of macros inside macros (that of rpm is 64); deeper ones stay as they are written.
const MAX_DEPTH: usize = 48;
/// The greatest length of one expansion in bytes.
const MAX_LENGTH: usize = 1 << 20;
/// The greatest number of expansions for one spec; far fewer for a fuzzer, whose code is many times slower.
const MAX_STEPS: usize = if cfg!(fuzzing) { 20_000 } else { 300_000 };
/// The steps that a call costs, for its arguments.
const CALL_STEPS: usize = 40;

/// The macros that are defined at one place of a spec.
#[derive(Clone, Debug, Default)]
pub(super) struct Macros {
    shared: Arc<HashMap<String, Definition>>,
    own: HashMap<String, Option<Definition>>,
    /// The arguments and options of the call that is being expanded: `1`, `*`, `#`, `-x`.
    arguments: HashMap<String, Definition>,
    steps: usize,
    /// Whether a limit was reached.
    pub(super) exhausted: bool,
}

impl Macros {
    pub(super) fn over(shared: Arc<HashMap<String, Definition>>) -> Self {
        Self { shared, ..Self::default() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Definition> {
        match self.own.get(name) {
            _ if is_argument(name) => self.arguments.get(name),
            Some(own) => own.as_ref(),
            None => self.shared.get(name),
        }
    }

    pub(super) fn set(&mut self, name: &str, body: impl Into<String>) {
        self.own.insert(name.to_owned(), Some(Definition { body: body.into(), options: None }));
    }

    /// All definitions that were made here, for a file of macros.
    pub(super) fn into_own(self) -> impl Iterator<Item = (String, Definition)> {
        self.own.into_iter().filter_map(|(name, definition)| Some((name, definition?)))
    }

    /// The text with its macros expanded.
    pub(super) fn expand(&mut self, text: &str) -> String {
        if !text.contains('%') {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len() + 32);
        self.expand_into(text, &mut out, 0);
        out
    }

    fn expand_into(&mut self, text: &str, out: &mut String, depth: usize) {
        // Long bodies cost more, so that no spec can ask for hours of copying.
        self.steps += text.len() >> 8;
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'%', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            self.steps += 1;
            if self.steps > MAX_STEPS || out.len() > MAX_LENGTH || depth > MAX_DEPTH {
                self.exhausted = true;
                break;
            }
            rest = self.one(rest, out, depth);
        }
        if out.len() + rest.len() <= 2 * MAX_LENGTH {
            out.push_str(rest);
        }
    }

    fn inner(&mut self, text: &str, depth: usize) -> String {
        let mut out = String::new();
        self.expand_into(text, &mut out, depth + 1);
        out
    }

    /// Expands the macro at the start of `text`, which begins with `%`, and gives the rest of the text.
    fn one<'a>(&mut self, text: &'a str, out: &mut String, depth: usize) -> &'a str {
        let after = &text[1..];
        match after.as_bytes().first() {
            Some(b'%') => {
                out.push('%');
                &after[1..]
            }
            Some(open @ (b'{' | b'(' | b'[')) => {
                let close = match open {
                    b'{' => b'}',
                    b'(' => b')',
                    _ => b']',
                };
                let Some(end) = matching(after.as_bytes(), *open, close) else {
                    // The whole rest was looked at in vain.
                    self.steps += after.len() >> 8;
                    out.push('%');
                    return after;
                };
                let body = &after[1..end];
                match open {
                    b'{' => self.braced(body, &text[..end + 2], out, depth),
                    b'(' => {
                        let command = self.inner(body, depth);
                        match shell::evaluate(&command) {
                            Some(result) => out.push_str(&result),
                            None => out.extend(["%(", &command, ")"]),
                        }
                    }
                    _ => {
                        let expression = self.inner(body, depth);
                        match expr::evaluate(&expression) {
                            Ok(value) => out.push_str(&value.into_text()),
                            Err(_) => out.extend(["%[", &expression, "]"]),
                        }
                    }
                }
                &after[end + 1..]
            }
            _ => self.bare(text, out, depth),
        }
    }

    fn bare<'a>(&mut self, text: &'a str, out: &mut String, depth: usize) -> &'a str {
        let after = &text[1..];
        let flags = after.len() - after.trim_start_matches(['!', '?']).len();
        let name_end = flags + name_length(&after[flags..]);
        let (flag_text, name, rest) = (&after[..flags], &after[flags..name_end], &after[name_end..]);
        if name.is_empty() {
            // `%*`, `%#`, `%-f` stand only in parametric macros.
            if let Some(special) = after.chars().next().filter(|c| matches!(c, '*' | '#'))
                && let Some(value) = self.get(&special.to_string()).map(|d| d.body.clone())
            {
                out.push_str(&value);
                return &after[1..];
            }
            out.push('%');
            return after;
        }
        if flag_text.is_empty() {
            // Looked for only where it is needed: for every macro of a long text it would be endless work.
            let line_end = match name {
                "define" | "global" | "undefine" | "bcond_with" | "bcond_without" | "bcond" => definition_end(rest),
                _ => 0,
            };
            match name {
                "define" | "global" => {
                    self.define(&rest[..line_end], name == "global", depth);
                    return &rest[line_end..];
                }
                "undefine" => {
                    self.own.insert(rest[..line_end].trim().to_owned(), None);
                    return &rest[line_end..];
                }
                "dnl" => return &rest[rest.find('\n').unwrap_or(rest.len())..],
                "bcond_with" | "bcond_without" | "bcond" => {
                    let arguments = self.inner(&rest[..line_end], depth);
                    self.bcond(name, arguments.trim());
                    return &rest[line_end..];
                }
                "trace" | "dump" => return rest,
                _ => {}
            }
        }
        let defined = self.get(name).cloned();
        if !flag_text.contains('?') {
            match defined {
                Some(definition) if definition.options.is_some() => {
                    let end = rest.find('\n').unwrap_or(rest.len());
                    let arguments = self.inner(&rest[..end], depth);
                    self.call(&definition, name, &arguments, out, depth);
                    return &rest[end..];
                }
                Some(definition) => self.expand_into(&definition.body, out, depth + 1),
                None => out.push_str(&text[..=name_end]),
            }
        } else if let Some(definition) = defined
            && !flag_text.contains('!')
        {
            self.expand_into(&definition.body, out, depth + 1);
        }
        rest
    }

    /// Expands `%{...}`; `whole` is the same with its braces, which stays where the macro is unknown.
    fn braced(&mut self, body: &str, whole: &str, out: &mut String, depth: usize) {
        let flags = body.len() - body.trim_start_matches(['!', '?']).len();
        let (flag_text, rest) = body.split_at(flags);
        let end = match rest.as_bytes().first() {
            Some(b'*' | b'#') => 1,
            Some(b'-') => {
                let end = 1 + name_length(&rest[1..]);
                end + usize::from(rest[end..].starts_with('*'))
            }
            _ => name_length(rest),
        };
        let (name, tail) = rest.split_at(end);
        let negated = flag_text.bytes().filter(|b| *b == b'!').count() % 2 == 1;
        let option = name.starts_with('-');
        if flag_text.contains('?') || option {
            let defined = self.get(name).cloned();
            if defined.is_some() != negated {
                if let Some(value) = tail.strip_prefix(':') {
                    self.expand_into(value, out, depth + 1);
                } else if let Some(definition) = defined
                    && !negated
                {
                    self.call(&definition, name, tail, out, depth);
                }
            }
            return;
        }
        if let Some(argument) = tail.strip_prefix(':')
            && self.builtin(name, argument, out, depth)
        {
            return;
        }
        match name {
            "with" | "without" | "defined" | "undefined" => {
                let argument = self.inner(tail, depth);
                let argument = argument.trim();
                let known =
                    if name.starts_with("with") { self.get(&format!("with_{argument}")).is_some() } else { self.get(argument).is_some() };
                let negative = matches!(name, "without" | "undefined");
                out.push(if known != negative { '1' } else { '0' });
            }
            "nil" | "trace" | "dump" => {}
            "define" | "global" | "undefine" | "bcond_with" | "bcond_without" | "bcond" | "dnl" => {
                self.bare(&format!("%{body}"), out, depth + 1);
            }
            _ => match self.get(name).cloned() {
                Some(definition) => {
                    let arguments = tail.strip_prefix(':').unwrap_or(tail);
                    let arguments = if arguments.is_empty() { String::new() } else { self.inner(arguments, depth) };
                    self.call(&definition, name, &arguments, out, depth);
                }
                None => out.push_str(whole),
            },
        }
    }

    /// Expands `%{name:argument}` of rpm's own macros, and says whether `name` was one.
    fn builtin(&mut self, name: &str, argument: &str, out: &mut String, depth: usize) -> bool {
        if name == "lua" {
            return false;
        }
        if !matches!(
            name,
            "expand"
                | "basename"
                | "dirname"
                | "suffix"
                | "quote"
                | "shrink"
                | "upper"
                | "lower"
                | "len"
                | "length"
                | "url2path"
                | "u2p"
                | "echo"
                | "warn"
                | "error"
                | "expr"
        ) {
            return false;
        }
        let value = self.inner(argument, depth);
        match name {
            "expand" => self.expand_into(&value, out, depth + 1),
            "basename" => out.push_str(value.rsplit('/').next().unwrap_or(&value)),
            "dirname" => out.push_str(value.rsplit_once('/').map_or(".", |(d, _)| d)),
            "suffix" => out.push_str(value.rsplit_once('.').map_or("", |(_, s)| s)),
            "shrink" => out.push_str(&value.split_whitespace().collect::<Vec<_>>().join(" ")),
            "upper" => out.push_str(&value.to_uppercase()),
            "lower" => out.push_str(&value.to_lowercase()),
            "len" | "length" => out.push_str(&value.len().to_string()),
            "url2path" | "u2p" => out.push_str(value.split_once("://").and_then(|(_, r)| r.find('/').map(|at| &r[at..])).unwrap_or(&value)),
            "expr" => out.push_str(&expr::evaluate(&value).map_or(value, expr::Value::into_text)),
            "quote" => out.push_str(&value),
            _ => {}
        }
        true
    }

    /// Expands a macro with its arguments as `%1`, `%*`, `%#` and its options as `%{-x}`.
    fn call(&mut self, definition: &Definition, name: &str, arguments: &str, out: &mut String, depth: usize) {
        let Some(letters) = &definition.options else {
            self.expand_into(&definition.body, out, depth + 1);
            return;
        };
        self.steps += CALL_STEPS;
        // Those of an outer call come back afterwards; what the body defines stays.
        let outer = std::mem::take(&mut self.arguments);
        let mut plain = Vec::new();
        let mut words = arguments.split_whitespace();
        while let Some(word) = words.next() {
            match word.strip_prefix('-').and_then(|w| w.chars().next()).filter(|l| letters.contains(*l)) {
                Some(letter) => {
                    let takes_value = letters.contains(&format!("{letter}:"));
                    let value = if !takes_value {
                        String::new()
                    } else if word.len() > 2 {
                        word.chars().skip(2).collect()
                    } else {
                        words.next().unwrap_or_default().to_owned()
                    };
                    self.argument(format!("-{letter}*"), value.replace('%', "%%"));
                    self.argument(format!("-{letter}"), format!("-{letter} {}", value.replace('%', "%%")).trim_end().to_owned());
                }
                None => plain.push(word.replace('%', "%%")),
            }
        }
        self.argument("0".into(), name.to_owned());
        self.argument("#".into(), plain.len().to_string());
        for (i, word) in plain.iter().enumerate().take(9) {
            self.argument((i + 1).to_string(), word.clone());
        }
        self.argument("*".into(), plain.join(" "));
        self.argument("**".into(), arguments.replace('%', "%%"));
        self.expand_into(&definition.body, out, depth + 1);
        self.arguments = outer;
    }

    fn argument(&mut self, name: String, body: String) {
        self.arguments.insert(name, Definition { body, options: None });
    }

    /// Defines a macro by `%define name(options) body` or `%global`; `text` is all behind the word.
    fn define(&mut self, text: &str, global: bool, depth: usize) {
        let text = text.trim_start_matches([' ', '\t']);
        let length = name_length(text);
        let (name, mut rest) = text.split_at(length);
        if name.is_empty() {
            return;
        }
        let mut options = None;
        if let Some(inside) = rest.strip_prefix('(')
            && let Some((letters, after)) = inside.split_once(')')
        {
            (options, rest) = (Some(letters.to_owned()), after);
        }
        let body = rest.trim_start_matches([' ', '\t', '\\', '\n']).trim_end();
        let body = body
            .strip_prefix('{')
            .and_then(|b| b.strip_suffix('}'))
            .filter(|b| matching(format!("{{{b}}}").as_bytes(), b'{', b'}') == Some(b.len() + 1))
            .unwrap_or(body);
        let mut body = body.replace("\\\n", "\n");
        if global {
            body = self.inner(&body, depth);
        }
        self.own.insert(name.to_owned(), Some(Definition { body, options }));
    }

    /// Build conditions: `%bcond_with x` is off and `%bcond_without x` on unless the user says otherwise by defining
    /// `_with_x` or `_without_x`; `%bcond x EXPRESSION` states the default.
    fn bcond(&mut self, kind: &str, arguments: &str) {
        let mut words = arguments.splitn(2, char::is_whitespace);
        let name = words.next().unwrap_or_default().to_owned();
        let default = match kind {
            "bcond_with" => false,
            "bcond_without" => true,
            _ => expr::evaluate(words.next().unwrap_or_default()).is_ok_and(|v| v.truth()),
        };
        let on = if default { self.get(&format!("_without_{name}")).is_none() } else { self.get(&format!("_with_{name}")).is_some() };
        if on && !name.is_empty() {
            self.set(&format!("with_{name}"), "1");
        }
    }
}

/// Whether a name can only be an argument or an option of a call.
fn is_argument(name: &str) -> bool {
    name.starts_with(['-', '*', '#']) || name.bytes().all(|b| b.is_ascii_digit())
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

/// The index of the bracket that closes the one at the start.
fn matching(bytes: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if b == b'\\' && at + 1 < bytes.len() {
            at += 2;
            continue;
        }
        if b == open {
            depth += 1;
        } else if b == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

/// The end of a definition's body: the first line end that no backslash and no open `{` or `%(` continues.
fn definition_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut braces, mut parens) = (0, 0usize, 0usize);
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' => at += 1,
            b'{' => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            b'(' if parens > 0 || (at > 0 && bytes[at - 1] == b'%') => parens += 1,
            b')' => parens = parens.saturating_sub(1),
            b'\n' if braces == 0 && parens == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Reads a file of macro definitions: lines `%name body` or `%name(options) body`, continued by a backslash or open braces.
pub(super) fn read_definitions(text: &str, macros: &mut Macros) {
    let mut rest = text;
    while !rest.is_empty() {
        let line = rest.trim_start_matches([' ', '\t']);
        let end = if line.starts_with('%') { definition_end(line) } else { line.find('\n').unwrap_or(line.len()) };
        if let Some(definition) = line[..end].strip_prefix('%') {
            macros.define(definition, false, 0);
        }
        rest = line[end..].strip_prefix('\n').unwrap_or(&line[end..]);
    }
}

#[cfg(test)]
mod tests;
