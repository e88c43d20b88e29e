//! Whatever bytes come: no panic, and no list that is called complete although a part of it was left out.

use proptest::prelude::*;
use seaworthy_components::Sources;

const FILES: [(&str, &str); 11] = [
    ("go.mod", "go 1.16\nrequire (\n\ta.org/a v1.0.0\n)\nreplace a.org/a => ../b\n"),
    ("go.sum", "a.org/a v1.0.0 h1:x=\n"),
    ("go.work", "use ./a\nreplace a => b v1\n"),
    ("vendor/modules.txt", "# a v1 => b v2\n## explicit; go 1.20\na/x\n"),
    ("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"s\"\ndependencies = [\"a 1\"]\n"),
    ("Cargo.toml", "[package]\nname = \"a\"\n[dev-dependencies]\na = { package = \"b\" }\n"),
    ("package.json", r#"{"name":"a","dependencies":{"c":"npm:d@^2"}}"#),
    ("package-lock.json", r#"{"packages":{"node_modules/@a/b":{"version":"7.1.0","devOptional":true}}}"#),
    ("yarn.lock", "\"@a/b@^1, c@npm:d@^2\":\n  version: 1\n  dependencies:\n    \"@x/y\": \"npm:^1\"\n"),
    ("requirements.txt", "a[b]==1 ; c\n"),
    ("pom.xml", "<project><dependencies><dependency><groupId>${a}</groupId></dependency></dependencies></project>"),
];

fn read(path: &str, bytes: &[u8]) {
    for beside in FILES {
        let mut sources = Sources::default();
        sources.add(beside.0.to_owned(), beside.1.as_bytes().to_vec());
        sources.add(path.to_owned(), bytes.to_vec());
        let found = sources.read("1.0");
        for list in &found.lists {
            assert!(found.problems.iter().all(|problem| problem.file != list.found_in), "{found:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        edits in prop::collection::vec((0usize..1000, any::<u8>()), 0..8),
    ) {
        for (path, text) in FILES {
            let mut changed = text.as_bytes().to_vec();
            for (at, byte) in &edits {
                let at = at % changed.len();
                changed[at] = *byte;
            }
            read(path, &changed);
            read(path, &bytes);
        }
    }

    #[test]
    fn no_panic_on_any_lines(text in "[a-z=>()# \n./\\\\\\[\\]\",:;@v0-9${}<]{0,120}") {
        for (path, _) in FILES {
            read(path, text.as_bytes());
        }
    }
}

/// Files that are much larger than any project's, and made so that each part of them leads to all others.
#[test]
fn no_part_is_followed_more_than_once() {
    const N: usize = 20_000;
    let read = |files: Vec<(String, String)>| {
        let mut sources = Sources::default();
        files.into_iter().for_each(|(path, text)| sources.add(path, text.into_bytes()));
        sources.read("1.0").components.len()
    };
    let one = |path: &str, text: String| vec![(path.to_owned(), text)];
    let package = |n| {
        let source = if n == 0 { "" } else { "source = \"s\"\n" };
        format!("[[package]]\nname = \"a\"\nversion = \"{n}\"\n{source}dependencies = [\"a\"]\n")
    };
    assert_eq!(read(one("Cargo.lock", (0..N).map(package).collect())), N);
    let entry = |n| format!("a@{n}:\n  version \"{n}\"\n  dependencies:\n    a \"none-{n}\"\n");
    let mut yarn = one("yarn.lock", (0..N).map(entry).collect());
    yarn.push(("package.json".to_owned(), r#"{"dependencies":{"a":"none"}}"#.to_owned()));
    assert_eq!(read(yarn), N);
    let many = |name: &str, text: &str| (0..N).map(|n| (format!("{n}/{name}"), text.to_owned())).collect::<Vec<_>>();
    let projects = [many("yarn.lock", "a@1:\n  version \"1\"\n"), many("package.json", r#"{"dependencies":{"a":"1"}}"#)];
    assert_eq!(read(projects.concat()), 1);
    let projects = [many("vendor/modules.txt", "# a v1\na\n"), many("x/go.mod", "go 1.22\nmodule b\nrequire c v1\n")];
    assert_eq!(read(projects.concat()), 3);
}
