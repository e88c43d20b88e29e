//! The form that the files of Go have in common.

/// The lines of a text file with their numbers, without comments.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let cut = |line: &'_ str| line.find("//").unwrap_or(line.len());
    let plain = text.lines().enumerate().map(move |(at, line)| (at + 1, line.get(..cut(line)).unwrap_or(line).trim()));
    plain.filter(|(_, line)| !line.is_empty())
}

/// The directives of a go.mod or go.work with their lines, each as its words, those of a block one by one.
/// Format: <https://go.dev/ref/mod#go-mod-file>.
pub(super) fn directives(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut out = Vec::new();
    let mut block: Option<&str> = None;
    for (line, text) in lines(text) {
        let mut words: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(['"', '`'])).collect();
        match (block, words.as_slice()) {
            (Some(_), [")"]) => block = None,
            (Some(verb), _) => {
                words.insert(0, verb);
                out.push((line, words));
            }
            (None, [verb, "("]) => block = Some(*verb),
            (None, [verb]) if verb.len() > 1 && verb.ends_with('(') => block = verb.strip_suffix('('),
            (None, _) => out.push((line, words)),
        }
    }
    out
}
