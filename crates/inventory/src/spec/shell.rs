//! The few shell idioms in `%( )` whose output follows from their text; nothing is run.

/// The output of a command that only changes text: `echo WORD` or `c=WORD; echo ${c:0:7}`, piped through `cut`, `tr`, `rev` and simple
/// `sed` or `awk` calls. `None` for every other command.
pub(super) fn evaluate(command: &str) -> Option<String> {
    if command.len() > 4096 || command.contains('\n') || command.contains('%') {
        return None;
    }
    let command = command.trim();
    let (assignment, rest) = match command.find([';', '&']) {
        Some(at) if !command[..at].contains(['|', '"', '\'']) || is_assignment(&command[..at]) => {
            (parse_assignment(&command[..at])?, command[at..].trim_start_matches([';', '&', ' ']))
        }
        _ => (("", String::new()), command),
    };
    let mut stages = split_pipe(rest)?.into_iter();
    let first = words(&stages.next()?)?;
    let mut text = echo(&first, assignment.0, &assignment.1)?;
    for stage in stages {
        text = filter(&words(&stage)?, &text)?;
    }
    Some(text)
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn parse_assignment(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.trim().split_once('=')?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    (is_assignment(text.trim()) && !value.contains(['$', '`', '"', '\'', ' '])).then(|| (name, value.to_owned()))
}

/// The commands between the `|` outside of quotes; `None` for any other shell operator.
fn split_pipe(text: &str) -> Option<Vec<String>> {
    let mut out = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (None, '|') => {
                out.push(String::new());
                continue;
            }
            (None, ';' | '&' | '<' | '>' | '`' | '\n') | (Some('"'), '`') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            _ => {}
        }
        out.last_mut()?.push(c);
    }
    (quote.is_none() && out.iter().all(|s| !s.trim().is_empty())).then_some(out)
}

/// A word, and whether it is in single quotes.
type Word = (String, bool);

fn words(text: &str) -> Option<Vec<Word>> {
    let mut out: Vec<Word> = Vec::new();
    let (mut word, mut open, mut single, mut quote) = (String::new(), false, false, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, ' ' | '\t') => {
                if open {
                    out.push((std::mem::take(&mut word), single));
                }
                (open, single) = (false, false);
            }
            (None, '"' | '\'') => {
                (quote, open) = (Some(c), true);
                single |= c == '\'';
            }
            (Some(q), _) if q == c => quote = None,
            (None, '\\') => {
                word.push(chars.next()?);
                open = true;
            }
            _ => {
                word.push(c);
                open = true;
            }
        }
    }
    if open {
        out.push((word, single));
    }
    quote.is_none().then_some(out)
}

fn echo(words: &[Word], name: &str, value: &str) -> Option<String> {
    let (command, mut rest) = words.split_first()?;
    if !matches!(command.0.as_str(), "echo" | "/bin/echo") {
        return None;
    }
    if rest.first().is_some_and(|w| w.0 == "-n") {
        rest = &rest[1..];
    }
    let parts: Option<Vec<String>> =
        rest.iter().map(|(word, single)| if *single { Some(word.clone()) } else { substitute(word, name, value) }).collect();
    Some(parts?.join(" "))
}

/// A word with `$name`, `${name}`, `${name:from:len}`, `${name//a/b}` replaced.
fn substitute(word: &str, name: &str, value: &str) -> Option<String> {
    let Some((before, rest)) = word.split_once('$') else { return Some(word.to_owned()) };
    if name.is_empty() {
        return None;
    }
    let (inside, after) = match rest.strip_prefix('{') {
        Some(rest) => rest.split_once('}')?,
        None => rest.split_at(rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())),
    };
    let operation = inside.strip_prefix(name)?;
    let new = if operation.is_empty() {
        value.to_owned()
    } else if let Some(replace) = operation.strip_prefix("//") {
        let (from, to) = replace.split_once('/')?;
        let from = from.strip_prefix('\\').unwrap_or(from);
        (!from.is_empty() && !from.contains(['*', '?', '['])).then(|| value.replace(from, to))?
    } else if let Some(range) = operation.strip_prefix(':') {
        let (from, len) = range.split_once(':').map_or((range, None), |(f, l)| (f, Some(l)));
        let taken = value.chars().skip(from.trim().parse().ok()?);
        match len {
            Some(len) => taken.take(len.trim().parse().ok()?).collect(),
            None => taken.collect(),
        }
    } else {
        return None;
    };
    Some(format!("{before}{new}{}", substitute(after, name, value)?))
}

fn filter(words: &[Word], text: &str) -> Option<String> {
    let words: Vec<&str> = words.iter().map(|w| w.0.as_str()).collect();
    match words.as_slice() {
        ["rev"] => Some(text.chars().rev().collect()),
        ["cut", arguments @ ..] => cut(arguments, text),
        ["tr", "-d", set] => {
            let set = tr_set(set)?;
            Some(text.chars().filter(|c| !set.contains(c)).collect())
        }
        ["tr", from, to] => {
            let (from, to) = (tr_set(from)?, tr_set(to)?);
            let last = *to.last()?;
            Some(text.chars().map(|c| from.iter().rposition(|f| *f == c).map_or(c, |at| to.get(at).copied().unwrap_or(last))).collect())
        }
        ["sed", script] | ["sed", "-e", script] => sed(script, text),
        ["awk", separator, script] => {
            let separator = separator.strip_prefix("-F")?;
            let fields: Vec<&str> = text.split(separator).collect();
            let body = script.trim().strip_prefix('{')?.strip_suffix('}')?.trim().strip_prefix("print")?.trim();
            let mut out = String::new();
            for (i, piece) in body.split('"').enumerate() {
                if i % 2 == 1 {
                    out.push_str(piece);
                    continue;
                }
                for field in piece.split('$').skip(1) {
                    out.push_str(fields.get(field.trim().parse::<usize>().ok()?.checked_sub(1)?).copied().unwrap_or_default());
                }
            }
            Some(out)
        }
        _ => None,
    }
}

fn tr_set(set: &str) -> Option<Vec<char>> {
    let chars: Vec<char> = set.chars().collect();
    if set.contains(['[', '\\']) || set.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('-'), Some(&end)) if c <= end => {
                out.extend((c..=end).take(256));
                at += 3;
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    Some(out)
}

fn cut(arguments: &[&str], text: &str) -> Option<String> {
    let (mut delimiter, mut output, mut fields, mut chars) = ("\t", None, None, None);
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        if let Some(d) = argument.strip_prefix("--output-delimiter=") {
            output = Some(d);
        } else if let Some(d) = argument.strip_prefix("-d") {
            delimiter = if d.is_empty() { rest.next()? } else { d };
        } else if let Some(f) = argument.strip_prefix("-f") {
            fields = Some(if f.is_empty() { *rest.next()? } else { f });
        } else if let Some(c) = argument.strip_prefix("-c").or_else(|| argument.strip_prefix("-b")) {
            chars = Some(if c.is_empty() { *rest.next()? } else { c });
        } else {
            return None;
        }
    }
    if let Some(list) = chars {
        return Some(text.chars().enumerate().filter(|(i, _)| selected(list, i + 1)).map(|(_, c)| c).collect());
    }
    let list = fields?;
    if !text.contains(delimiter) {
        return Some(text.to_owned());
    }
    let taken: Vec<&str> = text.split(delimiter).enumerate().filter(|(i, _)| selected(list, i + 1)).map(|(_, f)| f).collect();
    Some(taken.join(output.unwrap_or(delimiter)))
}

/// Whether a `cut` list such as `1-2,4` or `-2` has a position.
fn selected(list: &str, position: usize) -> bool {
    list.split(',').any(|range| match range.split_once('-') {
        Some((from, to)) => from.parse().unwrap_or(1) <= position && position <= to.parse().unwrap_or(usize::MAX),
        None => range.parse() == Ok(position),
    })
}

/// The text after `s/TEXT/TEXT/`, with literal text in which `.` may be escaped and `$` may end the pattern.
fn sed(script: &str, text: &str) -> Option<String> {
    let rest = script.trim().strip_prefix('s')?;
    let separator = rest.chars().next()?;
    let mut parts = rest[separator.len_utf8()..].split(separator);
    let (from, to, flags) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !matches!(flags, "" | "g") || to.contains(['\\', '&']) {
        return None;
    }
    let (from, at_end) = from.strip_suffix('$').map_or((from, false), |f| (f, true));
    let (from, at_start) = from.strip_prefix('^').map_or((from, false), |f| (f, true));
    let plain = from.replace("\\.", "\u{0}");
    if plain.is_empty() || plain.contains(['.', '*', '[', '\\', '^', '$', '+', '?']) {
        return None;
    }
    let plain = plain.replace('\u{0}', ".");
    Some(match (at_start, at_end) {
        (true, _) => text.strip_prefix(&plain).map_or_else(|| text.to_owned(), |t| format!("{to}{t}")),
        (_, true) => text.strip_suffix(&plain).map_or_else(|| text.to_owned(), |t| format!("{t}{to}")),
        _ if flags == "g" => text.replace(&plain, to),
        _ => text.replacen(&plain, to, 1),
    })
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    #[test]
    fn idioms() {
        for (command, result) in [
            ("echo 1.2.3 | cut -d. -f1-2", Some("1.2")),
            ("echo 1.2.3 | cut -d '.' -f -2", Some("1.2")),
            ("echo 1.2.3 | cut -d. -f1-3 --output-delimiter=\"_\"", Some("1_2_3")),
            ("echo 1.2~rc1 | tr '~' '-'", Some("1.2-rc1")),
            ("echo v1.2 | tr -d 'v'", Some("1.2")),
            ("echo AbC | tr A-Z a-z", Some("abc")),
            ("c=0123456789; echo ${c:0:7}", Some("0123456")),
            ("version=\"1.2.3\" && echo \"${version//./-}\"", Some("1-2-3")),
            ("r=1.2; echo $r | tr '.' '_'", Some("1_2")),
            ("echo 1.2.3 | sed 's/\\.//g'", Some("123")),
            ("echo 1.2.3.4 | rev | cut -d'.' -f2- | rev", Some("1.2.3")),
            ("echo 1.2.3 | awk -F. '{print $1\".\"$2}'", Some("1.2")),
            ("date +%s", None),
            ("echo `id`", None),
            ("echo $HOME", None),
            ("echo a > /tmp/b", None),
            ("rm -r /", None),
        ] {
            assert_eq!(evaluate(command).as_deref(), result, "{command}");
        }
    }
}
