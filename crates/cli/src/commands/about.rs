//! What a record says for people, as lines.

use seaworthy_model::Reference;
use seaworthy_model::text::wrap;
use seaworthy_pipeline::{AboutRecord, Weakness};

/// The greatest width of a text in columns: longer lines are hard to read.
const WIDEST: usize = 100;
/// The least width of a text in columns.
const NARROWEST: usize = 24;
/// The indent of the lines in columns.
const INDENT: usize = 2;

/// The description, the weaknesses and the references in lines, without an indent. Texts are wrapped to a terminal of `width` columns; a
/// paragraph is one line where there is none. Addresses are never broken.
pub(super) fn lines(about: &AboutRecord, width: Option<usize>) -> Vec<String> {
    let most = width.map(|width| width.saturating_sub(INDENT).clamp(NARROWEST, WIDEST));
    let mut out = Vec::new();
    for paragraph in about.description.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match most {
            Some(most) => out.extend(wrap(paragraph, most)),
            None => out.push(paragraph.to_owned()),
        }
    }
    out.extend(about.weaknesses.iter().map(weakness));
    out.extend(about.references.iter().map(reference));
    out
}

fn weakness(weakness: &Weakness) -> String {
    weakness.name.map_or_else(|| weakness.id.clone(), |name| format!("{} {name}", weakness.id))
}

fn reference(reference: &Reference) -> String {
    let kinds = reference.words();
    if kinds.is_empty() { reference.url.clone() } else { format!("{} ({kinds})", reference.url) }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::{ReferenceKind, weakness_name};

    use super::*;

    #[test]
    fn texts_are_wrapped_and_addresses_are_not() {
        let id = "CWE-416".to_owned();
        let about = AboutRecord {
            description: "A flaw in the reader of names lets an attacker read memory.\n\nIt has been there since 2.0.".into(),
            references: [
                Reference::of("https://git.example.org/acme/ferry/commit/0123456789abcdef", [ReferenceKind::Patch, ReferenceKind::Report]),
                Reference::of("https://acme.example.org/1", []),
            ]
            .into_iter()
            .flatten()
            .collect(),
            weaknesses: vec![Weakness { name: weakness_name(&id), id }, Weakness { id: "CWE-99999".into(), name: None }],
        };
        let rest = [
            "CWE-416 Use After Free",
            "CWE-99999",
            "https://git.example.org/acme/ferry/commit/0123456789abcdef (patch, report)",
            "https://acme.example.org/1",
        ];
        let narrow = ["A flaw in the reader of names lets", "an attacker read memory.", "It has been there since 2.0."];
        assert_eq!(lines(&about, Some(38)), [narrow.as_slice(), rest.as_slice()].concat());
        let whole = ["A flaw in the reader of names lets an attacker read memory.", "It has been there since 2.0."];
        assert_eq!(lines(&about, None), [whole.as_slice(), rest.as_slice()].concat());
        assert_eq!(lines(&about, Some(400)), [whole.as_slice(), rest.as_slice()].concat());
        assert!(lines(&about, Some(1)).len() < 12, "a terminal without columns is none");
        assert!(lines(&AboutRecord::default(), Some(80)).is_empty());
    }
}
