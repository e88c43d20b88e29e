//! Expressions in the place of a version.

use proptest::prelude::*;
use seaworthy_model::UpstreamVersion;

use super::{read, record};
use crate::records::{hold, show};

/// The versions that an affected entry with this text has, of the product `Acme Ferry`.
fn read_version(text: &str) -> String {
    const NAME: &str = "a:acme:acme_ferry default=unknown";
    let version = serde_json::Value::from(text);
    let versions = format!(r#"[{{"version":{version},"status":"affected"}}]"#);
    let line =
        read(show::affected, &record(&format!(r#"{{"affected":[{{"vendor":"Acme","product":"Acme Ferry","versions":{versions}}}]}}"#), ""));
    match line.strip_prefix(NAME) {
        Some("") => "none".to_owned(),
        Some(rest) => rest.trim_start_matches(": ").to_owned(),
        None => line,
    }
}

#[test]
fn bounds() {
    let rows = [
        ("before, as a sign", "< 1.8.0", "<1.8.0"),
        ("without a space", "<1.8.0", "<1.8.0"),
        ("up to, as a sign", "<= 1.7.1", "<=1.7.1"),
        ("in one sign", "\u{2264} 1.7.1", "<=1.7.1"),
        ("from, as a sign", ">= 1.5", ">=1.5"),
        ("after, as a sign", ">1.6", ">1.6"),
        ("exactly, as a sign", "= 1.7.1", "=1.7.1"),
        ("in two signs", "== 1.7.1", "=1.7.1"),
        ("before, as a word", "before 1.8.0", "<1.8.0"),
        ("prior to", "prior to 1.8", "<1.8"),
        ("prior alone", "versions prior 1.8", "<1.8"),
        ("earlier than", "earlier than 1.8", "<1.8"),
        ("below", "below 1.8", "<1.8"),
        ("up to, as words", "up to 1.7.1", "<=1.7.1"),
        ("and including", "up to and including 1.7.1", "<=1.7.1"),
        ("but not including", "up to but not including 1.8", "<1.8"),
        ("through", "through 1.7.1", "<=1.7.1"),
        ("and earlier", "1.7.1 and earlier", "<=1.7.1"),
        ("or earlier", "1.7.1 or earlier", "<=1.7.1"),
        ("and prior versions", "1.7.1 and prior versions", "<=1.7.1"),
        ("and below", "v1.7.1 and below", "<=v1.7.1"),
        ("and later", "1.5 and later", ">=1.5"),
        ("or newer", "1.5 or newer", ">=1.5"),
        ("plus", "1.5+", ">=1.5"),
        ("from, as a word", "from 1.5", ">=1.5"),
        ("since", "since version 1.5", ">=1.5"),
        ("case does not count", "BEFORE 1.8", "<1.8"),
        ("the name of the product adds nothing", "Acme Ferry < 1.8", "<1.8"),
        ("all before", "All versions before 1.8", "<1.8"),
        ("a full stop ends a sentence", "before 1.8.", "<1.8"),
    ];
    hold(&rows, read_version);
}

#[test]
fn both_bounds() {
    let rows = [
        ("signs with a comma", ">= 1.5, < 1.8.0", ">=1.5 <1.8.0"),
        ("without spaces", ">=1.5,<1.8.0", ">=1.5 <1.8.0"),
        ("without a comma", ">= 1.5 < 1.8.0", ">=1.5 <1.8.0"),
        ("with and", ">= 1.5 and <= 1.7.1", ">=1.5 <=1.7.1"),
        ("with words behind it", "from 1.5 and earlier than 1.8", ">=1.5 <1.8"),
        ("with up to", "from 1.5 and up to 1.7.1", ">=1.5 <=1.7.1"),
        ("with before", "since 1.5 and before 1.8", ">=1.5 <1.8"),
        ("with two signs for it", ">1.5 && <1.8", ">1.5 <1.8"),
        ("the upper one first", "< 1.8.0, >= 1.5", ">=1.5 <1.8.0"),
        ("two spans, the lower one first", "< 1.5, >= 1.8", "<1.5 , >=1.8"),
        ("a dash", "1.5 - 1.7.1", ">=1.5 <=1.7.1"),
        ("a long dash", "1.5\u{2013}1.7.1", ">=1.5 <=1.7.1"),
        ("to", "1.5 to 1.7.1", ">=1.5 <=1.7.1"),
        ("from and to", "from 1.5 to 1.7.1", ">=1.5 <=1.7.1"),
        ("from and before", "from 1.5 before 1.8", ">=1.5 <1.8"),
        ("through", "1.5 through 1.7.1", ">=1.5 <=1.7.1"),
        ("a version before another", "1.5 before 1.8", ">=1.5 <1.8"),
        ("a branch before a version of it", "1.7.x before 1.7.5", ">=1.7 <1.7.5"),
        ("between", "between 1.5 and 1.7.1", ">=1.5 <=1.7.1"),
        ("words about the bounds", "1.5 (including) to 1.8 (excluding)", ">=1.5 <1.8"),
        ("an interval", "[1.5,1.8)", ">=1.5 <1.8"),
        ("one without a beginning", "(,1.7.1]", "<=1.7.1"),
        ("one that leaves its beginning out", "(1.5, 1.8]", ">1.5 <=1.8"),
        ("two branches", "1.5 before 1.5.9, 1.7 before 1.7.2", ">=1.5 <1.5.9 , >=1.7 <1.7.2"),
        ("two branches in signs", ">= 1.5, < 1.5.9 || >= 1.7, < 1.7.2", ">=1.5 <1.5.9 , >=1.7 <1.7.2"),
    ];
    hold(&rows, read_version);
}

#[test]
fn lists_and_branches() {
    let rows = [
        ("a list", "1.6, 1.7, 1.7.1", "=1.6 , =1.7 , =1.7.1"),
        ("with and", "1.6 and 1.7", "=1.6 , =1.7"),
        ("with semicolons", "1.6; 1.7", "=1.6 , =1.7"),
        ("a branch with an x", "1.7.x", ">=1.7 <=1.7.*"),
        ("with a star", "6.6.*", ">=6.6 <=6.6.*"),
        ("with two", "1.x.x", ">=1 <=1.*"),
        ("with a letter before it", "v1.7.x", ">=1.7 <=1.7.*"),
        ("branches", "1.6.x, 1.7.x", ">=1.6 <=1.6.* , >=1.7 <=1.7.*"),
        ("a branch and earlier", "1.7.x and earlier", "<=1.7.*"),
        ("up to a branch", "up to 1.7.x", "<=1.7.*"),
        ("before a branch", "before 1.7.x", "<1.7"),
        ("all", "All versions", "*"),
        ("all, in one word", "all", "*"),
        ("a star", "*", "*"),
        ("any", "any version", "*"),
    ];
    hold(&rows, read_version);
}

#[test]
fn what_is_no_expression() {
    let rows = [
        ("a version", "1.7.1", "=1.7.1"),
        ("with a build", "1.7.1+git5", "=1.7.1+git5"),
        ("with a word behind it", "2.4.4 Patch 3", "=2.4.4 Patch 3"),
        ("a name", "main", "unknown *"),
        ("no version", "n/a", "none"),
        ("in other letters", "N/A", "none"),
        ("nobody knows", "unknown", "none"),
        ("a hint", "see the advisory", "unknown *"),
        ("an exception", "all versions except 1.7.1", "unknown *"),
        ("a fix", "fixed in 1.7.1", "unknown *"),
        ("not this one", "!= 1.7.1", "unknown *"),
        ("a sign without a version", "<", "unknown *"),
        ("a word without one", "1.5 before", "unknown *"),
        ("signs that mean another thing elsewhere", "^1.7", "unknown *"),
        ("and another one", "~1.7", "unknown *"),
        ("two versions in one word", "1.0.0-1.4.2", "unknown *"),
        ("three of them", "1.0/1.1/1.2", "unknown *"),
        ("two lists in a list", "2.0.0-2.0.15, 3.0.0-3.2.9", "unknown *"),
        ("behind a word", "versions 1.0.0-1.4.2", "unknown *"),
        ("branches", "6.x-8.x", "unknown *"),
        ("to a branch", "1.7-1.8.x", "unknown *"),
        ("a word of another script", "\u{6240}\u{6709}\u{7248}\u{672c}", "unknown *"),
        ("a name with a sign", "develop@HEAD", "unknown *"),
        ("a remark in brackets", "1.7.1 (on Windows)", "unknown *"),
    ];
    hold(&rows, read_version);
}

/// Versions of three numbers.
fn versions() -> impl Strategy<Value = String> {
    (0u8..20, 0u8..20, 0u8..20).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"))
}

proptest! {
    /// Whoever writes the same bounds in other words means the same.
    #[test]
    fn words_and_signs_agree(low in versions(), high in versions()) {
        prop_assume!(UpstreamVersion::new(&low) < UpstreamVersion::new(&high));
        let both = format!(">={low} <{high}");
        for text in [
            format!(">= {low}, < {high}"), format!("<{high} >={low}"), format!("from {low} before {high}"), format!("[{low},{high})"),
            format!("{low} up to but not including {high}"), format!("starting with {low} and earlier than {high}"),
        ] {
            prop_assert_eq!(read_version(&text), &*both, "{}", text);
        }
        let upper = format!("<={high}");
        for text in [format!("<={high}"), format!("{high} and earlier"), format!("up to {high}"), format!("all versions through {high}")] {
            prop_assert_eq!(read_version(&text), &*upper, "{}", text);
        }
    }

    /// Any words whatever end in some reading, and what is not read is open: never a version of its own that nobody has.
    #[test]
    fn any_words_are_read_or_left_open(words in prop::collection::vec(prop::sample::select(vec![
        "<", "<=", ">=", ">", "=", "-", ",", "and", "or", "to", "before", "prior",
        "up to", "and earlier", "and later", "all", "versions", "1.0",
        "1.4.x", "2.*", "*", "x", "[", ")", "(excluding)", "except", "v2", "\u{2013}", "!", "between",
    ]), 0..9)) {
        let line = read_version(&words.join(" "));
        prop_assert!(!line.contains("refused") && !line.is_empty(), "{line}");
        let only = words.iter().any(|word| word.contains(|c: char| c.is_ascii_digit()) || ["*", "x", "all"].contains(word));
        prop_assert!(only || matches!(line.as_str(), "none" | "unknown *") || words.len() == 1, "{words:?}: {line}");
    }
}
