//! Whatever bytes come: no panic, and no list that is called complete although a part of it was left out.

use proptest::prelude::*;
use seaworthy_components::Sources;

const FILES: [(&str, &str); 9] = [
    ("go.mod", "go 1.16\nrequire (\n\ta.org/a v1.0.0\n)\nreplace a.org/a => ../b\n"),
    ("go.sum", "a.org/a v1.0.0 h1:x=\n"),
    ("go.work", "use ./a\nreplace a => b v1\n"),
    ("vendor/modules.txt", "# a v1 => b v2\n## explicit; go 1.20\na/x\n"),
    ("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"s\"\ndependencies = [\"a 1\"]\n"),
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
