//! What each kind of file says by itself.

use super::hold;

const GO_MOD: &str = "module example.org/x

go 1.22

require golang.org/x/net v0.17.0 // indirect
require (
\ta.org/a v1.0.0
\tb.org/b v2.0.0+incompatible
\tc.org/c v1
)
replace a.org/a => a.org/fork v1.0.1
replace (
\tb.org/b v2.0.0+incompatible => ./b
\tc.org/c v9 => d v1
)
";

#[test]
fn go() {
    hold(&[
        (
            "a module that is replaced is the other one, and itself in no known version, as one in a folder; of another version it stays",
            &[("go.mod", GO_MOD)],
            "a.org/a ?, a.org/fork v1.0.1, b.org/b ?, c.org/c v1, example.org/x ?, golang.org/x/net v0.17.0 | go.mod",
        ),
        (
            "a line that is none leaves a list that is not complete",
            &[("go.mod", "go 1.22\nrequire a v1\nrequire one\n")],
            "a v1 ! go.mod:3",
        ),
        ("a quoted version of Go, with a patch level", &[("go.mod", "go \"1.21.3\"\nrequire \"a\" v1\n")], "a v1 | go.mod"),
        ("a block without a space before its bracket", &[("go.mod", "go 1.21\nrequire(\n\ta v1\n)\n")], "a v1 | go.mod"),
        ("Go 2 would name all modules as well", &[("go.mod", "go 2.0\nrequire a v1\n")], "a v1 | go.mod"),
        ("before Go 1.17 a go.mod names only what the module itself requires", &[("go.mod", "go 1.16\nrequire a v1\n")], "a v1"),
        ("without a version of Go it is from before", &[("go.mod", "require a v1\n")], "a v1"),
        (
            "its go.sum has the rest; of a module in several versions the highest is built; lines for go.mod files are no modules",
            &[
                ("go.mod", "go 1.16\nrequire a v1.2.0\n"),
                ("go.sum", "a v1.2.0 h1:x=\na v1.2.0/go.mod h1:x=\nb v1.9.0 h1:x=\nb v1.10.0 h1:x=\nc v1.0.0/go.mod h1:x=\n"),
            ],
            "a v1.2.0, b v1.10.0 | go.mod",
        ),
        (
            "what was replaced as a whole may still be in the go.sum; what a folder takes the place of is not",
            &[
                ("go.mod", "go 1.16\nrequire a v1.0.0\nreplace b => fork v1.0.0\nreplace c => ./c\n"),
                ("go.sum", "a v1.0.0 h1:x=\nb v0.9.0 h1:x=\nfork v1.0.0 h1:x=\n"),
            ],
            "a v1.0.0, b ?, c ?, fork v1.0.0 | go.mod",
        ),
        (
            "a replacement that is in no go.sum is not built; one of a version leaves others",
            &[
                ("go.mod", "go 1.16\nreplace b v1.0.0 => fork v1.0.0\nreplace c => other v1.0.0\n"),
                ("go.sum", "b v2.0.0 h1:x=\nfork v1.0.0 h1:x=\n"),
            ],
            "b v2.0.0, fork v1.0.0 | go.mod",
        ),
        (
            "by itself in another version it has that one",
            &[("go.mod", "go 1.22\nrequire a v1\nreplace a => a v2\n"), ("x/vendor/modules.txt", "# b v1 => b v2\nb/p\n")],
            "a v2, b v2 | go.mod, x/vendor/modules.txt [b/p]",
        ),
        (
            "a vendor.mod is a go.mod, with its vendor.sum",
            &[("vendor.mod", "module x\ngo 1.16\nrequire a v1\n"), ("vendor.sum", "a v1 h1:x=\nb v1 h1:x=\n")],
            "a v1, b v1, x ? | vendor.mod",
        ),
        (
            "beside a go.mod it is not read",
            &[("go.mod", "module x\ngo 1.22\n"), ("vendor.mod", "module y\nrequire a v1\n")],
            "x ? | go.mod",
        ),
        ("a broken go.sum", &[("go.mod", "go 1.16\n"), ("go.sum", "a v1 h1:x=\nbad\n")], "a v1 ! go.sum:2"),
        ("since Go 1.17 a go.sum says no more", &[("go.mod", "go 1.17\nrequire a v1\n"), ("go.sum", "b v1 h1:x=\n")], "a v1 | go.mod"),
        ("a go.sum alone: of what, nobody says", &[("go.sum", "a v1 h1:x=\n")], "a v1"),
        (
            "a vendor list: modules with packages are there, `## explicit` alone is not; replacements as in a go.mod",
            &[(
                "vendor/modules.txt",
                "# a.org/a v1.0.0\n## explicit; go 1.20\na.org/a/x\na.org/a\n# only.org/named v1\n## explicit\n# b.org/b v1 => ../b\n\
                 ## explicit\nb.org/b\n# c.org/c v1 => d.org/d v2\nc.org/c\n# c.org/c => d.org/d v2\n# b.org/b => ../b\n",
            )],
            "a.org/a v1.0.0, b.org/b ?, c.org/c ?, d.org/d v2 | vendor/modules.txt [a.org/a a.org/a/x b.org/b c.org/c d.org/d]",
        ),
        ("a vendor list of modules alone", &[("vendor/modules.txt", "# a v1\n# b v2\n")], "a v1, b v2 | vendor/modules.txt"),
        (
            "a vendor list with lines of another form",
            &[("vendor/modules.txt", "a/x\n# a v1\na/x\n# b\n")],
            "a v1 ! vendor/modules.txt:1, vendor/modules.txt:4",
        ),
        ("an empty vendor list: nothing is taken", &[("vendor/modules.txt", "")], " | vendor/modules.txt"),
    ]);
}

#[test]
fn workspaces_of_go() {
    const WORK: &str = "go 1.22\n\nuse (\n\t.\n\t./api\n)\nreplace r => fork v2.0.0\n";
    const ROOT: &str = "module m\ngo 1.22\nrequire (\n\tm/api v0.0.0\n\ta v1.2.0\n\tr v1.0.0\n)\n";
    const API: &str = "module m/api\ngo 1.22\nrequire a v1.10.0\nreplace r => other v1\n";
    hold(&[
        (
            "modules that are built together have one version of each; the workspace's replacements come first; its modules are folders",
            &[("go.work", WORK), ("go.mod", ROOT), ("api/go.mod", API)],
            "a v1.10.0, fork v2.0.0, m ?, m/api ?, r ? | go.work",
        ),
        (
            "without the go.work each is built alone",
            &[("go.mod", ROOT), ("api/go.mod", API)],
            "a v1.10.0, a v1.2.0, m ?, m/api v0.0.0, r v1.0.0 | api/go.mod, go.mod",
        ),
        ("a module that is not there", &[("go.work", WORK), ("go.mod", ROOT)], "a v1.2.0, fork v2.0.0, m ?, m/api v0.0.0, r ? ! go.work:-"),
        ("a module outside of the sources", &[("go.work", "use ../x\n")], " ! go.work:-"),
        (
            "a vendor folder beside it has what all of its modules take",
            &[("go.work", WORK), ("go.mod", ROOT), ("api/go.mod", API), ("vendor/modules.txt", "## workspace\n# a v1.10.0\na\n")],
            "a v1.10.0, m ? | vendor/modules.txt [a]",
        ),
    ]);
}

const CARGO: &str = "version = 4
[[package]]
name = \"own\"
version = \"0.1.0\"
dependencies = [\"mock\", \"serde\", \"twice 2.0.0\"]
[[package]]
name = \"serde\"
version = \"1.0.1\"
source = \"registry+x\"
dependencies = [\"serde_derive\"]
[[package]]
name = \"serde_derive\"
version = \"1.0.1\"
source = \"registry+x\"
[[package]]
name = \"mock\"
version = \"3.0.0\"
source = \"registry+x\"
dependencies = [\"twice 1.0.0 (registry+x)\"]
[[package]]
name = \"twice\"
version = \"1.0.0\"
source = \"registry+x\"
[[package]]
name = \"twice\"
version = \"2.0.0\"
source = \"registry+x\"
";

#[test]
fn cargo() {
    const OWN: &str = "[package]\nname = \"own\"\nversion = \"0.1.0\"\n[dependencies]\nserde = \"1\"\n\
                       [target.'cfg(unix)'.build-dependencies]\ntwice = \"2\"\n";
    const FFI: &str = "[package]\nname = \"ffi\"\nversion = \"1.0.0\"\n[dependencies]\nx = \"1\"\n";
    const ALL: &str = "mock 3.0.0, own 0.1.0, serde 1.0.1, serde_derive 1.0.1, twice 1.0.0, twice 2.0.0 | Cargo.lock";
    let with = |more: &str| format!("{OWN}{more}");
    hold(&[
        ("a lock file alone does not tell what is for development", &[("Cargo.lock", CARGO)], ALL),
        (
            "with the manifest what only tests need lies aside, with all that it brings",
            &[("Cargo.lock", CARGO), ("Cargo.toml", &with("[dev-dependencies]\nmock = \"3\"\n"))],
            "(mock 3.0.0), own 0.1.0, serde 1.0.1, serde_derive 1.0.1, (twice 1.0.0), twice 2.0.0 | Cargo.lock",
        ),
        (
            "under another name",
            &[("Cargo.lock", CARGO), ("Cargo.toml", &with("[dev-dependencies]\nm = { package = \"mock\", version = \"3\" }\n"))],
            "(mock 3.0.0), own 0.1.0, serde 1.0.1, serde_derive 1.0.1, (twice 1.0.0), twice 2.0.0 | Cargo.lock",
        ),
        (
            "under another name that the workspace gives",
            &[
                ("Cargo.lock", CARGO),
                ("Cargo.toml", "[workspace.dependencies]\nm = { package = \"mock\", version = \"3\" }\n"),
                ("own/Cargo.toml", &with("[dev-dependencies]\nm = { workspace = true }\n")),
            ],
            "(mock 3.0.0), own 0.1.0, serde 1.0.1, serde_derive 1.0.1, (twice 1.0.0), twice 2.0.0 | Cargo.lock",
        ),
        (
            "for tests and for the build of one target as well: it is taken",
            &[
                ("Cargo.lock", CARGO),
                ("Cargo.toml", &with("[dev-dependencies]\nmock = \"3\"\n[target.'cfg(windows)'.dependencies]\nmock = \"3\"\n")),
            ],
            ALL,
        ),
        (
            "a package of the project among its examples is followed only where another needs it",
            &[("Cargo.lock", CARGO), ("examples/Cargo.toml", OWN), ("Cargo.toml", "[package]\nname = \"main\"\n")],
            ALL,
        ),
        (
            "a manifest for which nothing is locked: the lists of the ecosystem do not tell all",
            &[("a/Cargo.lock", CARGO), ("b/Cargo.toml", "[package]\nname = \"b\"\n[dependencies]\nx = \"1\"\n")],
            "mock 3.0.0, own 0.1.0, serde 1.0.1, serde_derive 1.0.1, twice 1.0.0, twice 2.0.0",
        ),
        (
            "a manifest below a lock file that does not name it, as it is no package of its workspace",
            &[("Cargo.lock", CARGO), ("Cargo.toml", OWN), ("ffi/Cargo.toml", FFI)],
            "mock 3.0.0, own 0.1.0, serde 1.0.1, serde_derive 1.0.1, twice 1.0.0, twice 2.0.0",
        ),
        (
            "one of the same name in another version",
            &[("Cargo.lock", CARGO), ("ffi/Cargo.toml", &OWN.replace("0.1.0", "0.2.0"))],
            "mock 3.0.0, own 0.1.0, serde 1.0.1, serde_derive 1.0.1, twice 1.0.0, twice 2.0.0",
        ),
        (
            "a package has the version of its workspace",
            &[("Cargo.lock", CARGO), ("own/Cargo.toml", &OWN.replace("version = \"0.1.0\"", "version.workspace = true"))],
            ALL,
        ),
        (
            "a manifest that cannot be read is told",
            &[("Cargo.lock", CARGO), ("Cargo.toml", OWN), ("ffi/Cargo.toml", "[package]\nname = {{name}}\n")],
            "mock 3.0.0, own 0.1.0, serde 1.0.1, serde_derive 1.0.1, twice 1.0.0, twice 2.0.0 ! ffi/Cargo.toml:2",
        ),
        (
            "a package in a folder of the sources takes the place of one of the registry; a byte order mark",
            &[("Cargo.lock", "\u{feff}[[package]]\nname = \"x\"\nversion = \"1.2.0\"\n")],
            "x 1.2.0 | Cargo.lock",
        ),
        ("no lock file", &[("Cargo.lock", "version = 4\n[[package\n")], " ! Cargo.lock:2"),
    ]);
    const TWO: &str = "[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\"a\"]\n\
                       [[package]]\nname = \"sample\"\nversion = \"1.0.0\"\ndependencies = [\"a\", \"b\"]\n\
                       [[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"s\"\n\
                       [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"s\"\n";
    const APP: &str = "[package]\nname = \"app\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1\"\n";
    const SAMPLE: &str = "[package]\nname = \"sample\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1\"\nb = \"1\"\n";
    hold(&[
        (
            "examples that share the lock file of what is shipped lie aside, with all that only they need",
            &[("Cargo.lock", TWO), ("app/Cargo.toml", APP), ("examples/one/Cargo.toml", SAMPLE)],
            "a 1.0.0, app 1.0.0, (b 1.0.0), (sample 1.0.0) | Cargo.lock",
        ),
        (
            "so do tools",
            &[("Cargo.lock", TWO), ("app/Cargo.toml", APP), ("tools/one/Cargo.toml", SAMPLE)],
            "a 1.0.0, app 1.0.0, (b 1.0.0), (sample 1.0.0) | Cargo.lock",
        ),
    ]);
}

#[test]
fn npm() {
    hold(&[
        (
            "version 3: the project and its workspaces are components, links are none; an alias has its real name",
            &[(
                "package-lock.json",
                r#"{"lockfileVersion":3,"packages":{"":{"name":"own","version":"1"},"node_modules/@babel/core":{"version":"7.1.0"},
                "node_modules/a/node_modules/b":{"version":"2.0.0"},"node_modules/c":{"link":true,"resolved":"c"},"c":{"version":"1"},
                "node_modules/alias":{"name":"real","version":"3.0.0"}}}"#,
            )],
            "@babel/core 7.1.0, b 2.0.0, c 1, own 1, real 3.0.0 | package-lock.json",
        ),
        (
            "a workspace has the name of its folder where it says none; one of examples lies aside",
            &[(
                "package-lock.json",
                r#"{"name":"own","version":"2","lockfileVersion":3,"packages":{"packages/@s/a":{"version":"1.0.0"},
                "examples/e":{"name":"sample","version":"1.0.0"}}}"#,
            )],
            "@s/a 1.0.0, own 2, (sample 1.0.0) | package-lock.json",
        ),
        (
            "what is for development, or was left behind, lies aside",
            &[(
                "package-lock.json",
                r#"{"lockfileVersion":2,"packages":{"":{},"node_modules/a":{"version":"1.0.0"},
                "node_modules/d":{"version":"1.0.0","dev":true},"node_modules/e":{"version":"1.0.0","extraneous":true},
                "node_modules/o":{"version":"1.0.0","optional":true}}}"#,
            )],
            "a 1.0.0, (d 1.0.0), (e 1.0.0), o 1.0.0 | package-lock.json",
        ),
        (
            "for development and optional: an optional dependency is installed, with what it needs; an optional peer is not",
            &[(
                "package-lock.json",
                r#"{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0","optionalDependencies":{"o":"1"},
                "peerDependencies":{"p":"1"},"peerDependenciesMeta":{"p":{"optional":true}}},
                "node_modules/o":{"version":"1.0.0","devOptional":true,"dependencies":{"q":"1"}},
                "node_modules/q":{"version":"1.0.0","devOptional":true},
                "node_modules/p":{"version":"1.0.0","devOptional":true,"peer":true}}}"#,
            )],
            "a 1.0.0, o 1.0.0, (p 1.0.0), q 1.0.0 | package-lock.json",
        ),
        (
            "a peer that is not optional is installed with what asks for it",
            &[(
                "package-lock.json",
                r#"{"lockfileVersion":3,"packages":{"":{"optionalDependencies":{"o":"1"}},
                "node_modules/o":{"version":"1.0.0","devOptional":true,"peerDependencies":{"p":"1"}},
                "node_modules/p":{"version":"1.0.0","devOptional":true}}}"#,
            )],
            "o 1.0.0, p 1.0.0 | package-lock.json",
        ),
        (
            "version 1: nested; an address is no version",
            &[(
                "package-lock.json",
                r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"git+https://x/y#1"},
                "t":{"version":"1.0.0","dev":true}}},"al":{"version":"npm:real@3.0.0"},"d":{"version":"2.0.0","dev":true}}}"#,
            )],
            "a 1.0.0, b ?, (d 2.0.0), real 3.0.0, (t 1.0.0) | package-lock.json",
        ),
        (
            "a byte order mark",
            &[("package-lock.json", "\u{feff}{\"name\":\"own\",\"version\":\"1.0.0\",\"lockfileVersion\":1}")],
            "own 1.0.0 | package-lock.json",
        ),
        (
            "an npm-shrinkwrap.json comes before a package-lock.json beside it",
            &[
                ("npm-shrinkwrap.json", r#"{"lockfileVersion":3,"packages":{"node_modules/s":{"version":"1.0.0"}}}"#),
                ("package-lock.json", r#"{"lockfileVersion":3,"packages":{"node_modules/p":{"version":"1.0.0"}}}"#),
            ],
            "s 1.0.0 | npm-shrinkwrap.json",
        ),
        ("a project that needs nothing", &[("package-lock.json", r#"{"lockfileVersion":3}"#)], " | package-lock.json"),
        ("other JSON", &[("package-lock.json", r#"{"a":1}"#)], " ! package-lock.json:-"),
        ("no JSON", &[("package-lock.json", "{\n[")], " ! package-lock.json:2"),
        ("a package for which nothing is locked", &[("package.json", r#"{"dependencies":{"a":"1"}}"#)], ""),
        (
            "a package for which nothing is locked, beside a list: that is not all",
            &[
                ("a/package-lock.json", r#"{"packages":{"node_modules/p":{"version":"1.0.0"}}}"#),
                ("b/package.json", r#"{"dependencies":{"x":"1"}}"#),
            ],
            "p 1.0.0",
        ),
        (
            "a package below a lock file that names it is one of its workspace",
            &[
                ("a/package-lock.json", r#"{"packages":{"b/x":{"version":"2.0.0"},"node_modules/p":{"version":"1.0.0"}}}"#),
                ("a/b/x/package.json", r#"{"dependencies":{"p":"1"}}"#),
            ],
            "p 1.0.0, x 2.0.0 | a/package-lock.json",
        ),
        (
            "another one is not",
            &[
                ("package-lock.json", r#"{"packages":{"node_modules/p":{"version":"1.0.0"}}}"#),
                ("package.json", r#"{"dependencies":{"p":"1"}}"#),
                ("b/x/package.json", r#"{"dependencies":{"p":"1"}}"#),
            ],
            "p 1.0.0",
        ),
        (
            "a manifest that cannot be read is told",
            &[("package-lock.json", r#"{"packages":{}}"#), ("b/package.json", "[1]"), ("docs/package.json", "{{name}}")],
            " ! b/package.json:-, docs/package.json:1",
        ),
    ]);
}

const CLASSIC: &str = "# THIS IS AN AUTOGENERATED FILE.
# yarn lockfile v1


\"@babel/core@^7.0.0\", \"@babel/core@>= 7.1, < 8\":
  version \"7.12.13\"
  resolved \"https://registry.yarnpkg.com/x.tgz#1\"
  dependencies:
    \"@babel/highlight\" \"^7.12.13\"

\"@babel/highlight@^7.12.13\":
  version \"7.12.14\"

alias@npm:real@^1.0.0:
  version \"1.0.5\"
  optionalDependencies:
    fs \"~2.0.0\"

fs@~2.0.0, fs@^2.0.0:
  version \"2.0.1\"

jest@^29.0.0:
  version \"29.0.0\"
  dependencies:
    jest-cli \"^29.0.0\"

jest-cli@^29.0.0:
  version \"29.1.0\"
";

const BERRY: &str = "__metadata:
  version: 8
  cacheKey: 10c0

\"alias@npm:real@^1.0.0\":
  version: 1.0.5
  resolution: \"real@npm:1.0.5\"
  dependencies:
    fs: \"npm:~2.0.0\"
  languageName: node
  linkType: hard

\"fs@npm:^2.0.0, fs@npm:~2.0.0\":
  version: 2.0.1
  resolution: \"fs@npm:2.0.1\"

\"fs@patch:fs@npm%3A^3.0.0#optional!builtin<compat/fs>\":
  version: 3.0.1
  dependencies:
    \"@s/x\": \"npm:^1\"

\"jest@npm:^29.0.0\":
  version: 29.0.0

\"root@workspace:.\":
  version: 0.0.0-use.local
  resolution: \"root@workspace:.\"
  dependencies:
    alias: \"npm:real@^1.0.0\"
    jest: \"npm:^29.0.0\"
  languageName: unknown
  linkType: soft
";

#[test]
fn yarn() {
    const SOME: &str = "(@babel/core 7.12.13), (@babel/highlight 7.12.14), fs 2.0.1, (jest 29.0.0), (jest-cli 29.1.0), real 1.0.5, \
                        root 1.2.0 | yarn.lock";
    const NEEDS: &str =
        r#"{"name":"root","version":"1.2.0","dependencies":{"alias":"npm:real@^1.0.0"},"devDependencies":{"jest":"^29.0.0"}}"#;
    hold(&[
        (
            "the classic format alone: all, an alias by its real name",
            &[("yarn.lock", CLASSIC)],
            "@babel/core 7.12.13, @babel/highlight 7.12.14, fs 2.0.1, jest 29.0.0, jest-cli 29.1.0, real 1.0.5 | yarn.lock",
        ),
        (
            "with the manifest what is for development lies aside; the project is a component",
            &[("yarn.lock", CLASSIC), ("package.json", NEEDS)],
            SOME,
        ),
        (
            "a byte order mark",
            &[
                ("yarn.lock", CLASSIC),
                ("package.json", &format!("\u{feff}{NEEDS}")),
                ("w/package.json", r#"{"dependencies":{"fs":"~2.0.0"}}"#),
            ],
            SOME,
        ),
        (
            "a manifest that cannot be read may need anything",
            &[("yarn.lock", CLASSIC), ("package.json", "{"), ("w/package.json", r#"{"dependencies":{"fs":"~2.0.0"}}"#)],
            "@babel/core 7.12.13, @babel/highlight 7.12.14, fs 2.0.1, jest 29.0.0, jest-cli 29.1.0, real 1.0.5 ! package.json:1",
        ),
        (
            "a manifest below a lock file that has not all that it needs",
            &[("yarn.lock", CLASSIC), ("package.json", NEEDS), ("ui/package.json", r#"{"name":"ui","dependencies":{"jest":"^28.0.0"}}"#)],
            "(@babel/core 7.12.13), (@babel/highlight 7.12.14), fs 2.0.1, jest 29.0.0, jest-cli 29.1.0, real 1.0.5, root 1.2.0, ui ?",
        ),
        (
            "what another package of the workspace is stands in no lock file",
            &[
                ("yarn.lock", CLASSIC),
                ("packages/a/package.json", r#"{"name":"@w/a","version":"1.0.0","dependencies":{"fs":"~2.0.0"}}"#),
                ("packages/b/package.json", r#"{"name":"@w/b","version":"1.0.0","dependencies":{"@w/a":"^1.0.0"}}"#),
            ],
            "(@babel/core 7.12.13), (@babel/highlight 7.12.14), @w/a 1.0.0, @w/b 1.0.0, fs 2.0.1, (jest 29.0.0), (jest-cli 29.1.0), \
             (real 1.0.5) | yarn.lock",
        ),
        (
            "the packages of a workspace share it; those of its examples do not count",
            &[
                ("yarn.lock", CLASSIC),
                ("package.json", NEEDS),
                ("packages/a/package.json", r#"{"optionalDependencies":{"@babel/core":">= 7.1, < 8"}}"#),
                ("examples/b/package.json", r#"{"dependencies":{"jest":"^29.0.0"}}"#),
            ],
            "@babel/core 7.12.13, @babel/highlight 7.12.14, fs 2.0.1, (jest 29.0.0), (jest-cli 29.1.0), real 1.0.5, root 1.2.0 | yarn.lock",
        ),
        (
            "a range that was resolved to another: any of the name",
            &[("yarn.lock", CLASSIC), ("package.json", r#"{"dependencies":{"jest-cli":"*"}}"#)],
            "(@babel/core 7.12.13), (@babel/highlight 7.12.14), (fs 2.0.1), (jest 29.0.0), jest-cli 29.1.0, (real 1.0.5) | yarn.lock",
        ),
        (
            "the format of Yarn 2 alone: the packages of the sources have no version",
            &[("yarn.lock", BERRY)],
            "fs 2.0.1, fs 3.0.1, jest 29.0.0, real 1.0.5, root ? | yarn.lock",
        ),
        (
            "with the manifest; what the lock file says of the project mixes in what is for development",
            &[("yarn.lock", BERRY), ("package.json", NEEDS)],
            "fs 2.0.1, (fs 3.0.1), (jest 29.0.0), real 1.0.5, root 1.2.0 | yarn.lock",
        ),
        (
            "one bad entry costs that entry, and the list is not complete",
            &[("yarn.lock", "bad:\n  version \"1\"\na@^1:\n  version \"1.0.0\"\nb@^1:\n  resolved \"x\"\nwords\n")],
            "a 1.0.0, b ? ! yarn.lock:1, yarn.lock:5, yarn.lock:7",
        ),
        ("lines of Windows", &[("yarn.lock", "a@^1:\r\n  version \"1.0.0\"\r\n")], "a 1.0.0 | yarn.lock"),
        ("nothing locked", &[("yarn.lock", "# yarn lockfile v1\n\n\n")], " | yarn.lock"),
    ]);
}

#[test]
fn pip_and_maven() {
    const PIP: &str = "# pinned\nRequests[socks]==2.31.0 ; python_version > '3' # why\nzope.interface>=5\n-r other.txt\n\
                       urllib3==1.26.5 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\ngit+https://x/y\nwild==1.*\n";
    const POM: &str = "<project xmlns=\"x\"><parent><version>3.0</version></parent><groupId>g</groupId><properties>
<log.version>2.14.${minor}</log.version><minor>1</minor></properties><dependencyManagement><dependencies><dependency>
<groupId>m</groupId><artifactId>n</artifactId><version>5</version></dependency></dependencies></dependencyManagement><dependencies>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log.version}</version>
<exclusions><exclusion><groupId>e</groupId></exclusion></exclusions></dependency>
<dependency><groupId>m</groupId><artifactId>n</artifactId></dependency>
<dependency><groupId>${project.groupId}</groupId><artifactId>o</artifactId><version>${project.version}</version></dependency>
<dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4</version><scope>test</scope></dependency>
<dependency><groupId>p</groupId><artifactId>q</artifactId><version>${unknown}</version></dependency></dependencies></project>";
    let entity = POM.replacen("<artifactId>log4j", "\n<artifactId>&x;", 1);
    hold(&[
        (
            "requirements are never all",
            &[("requirements.txt", PIP)],
            "requests 2.31.0, urllib3 1.26.5, wild ?, zope-interface ? ! requirements.txt:8",
        ),
        ("what the name of a file says", &[("requirements-dev.txt", "a==1\n"), ("requirements_test.txt", "b==1\n")], "a 1, (b 1)"),
        ("beside what is shipped", &[("requirements.txt", "c==1\n"), ("requirements-dev.txt", "a==1\n")], "(a 1), c 1"),
        (
            "a pom.xml is never all; what is for tests does not count; what an open property or a parent says is unknown",
            &[("pom.xml", POM)],
            "g/o 3.0, m/n 5, org.apache.logging.log4j/log4j-core 2.14.1, p/q ?",
        ),
        ("an unknown entity costs its dependency, not what comes behind", &[("pom.xml", &entity)], "g/o 3.0, m/n 5, p/q ? ! pom.xml:5"),
        ("broken XML", &[("pom.xml", "<project>\n<a></b>")], " ! pom.xml:2"),
    ]);
}
