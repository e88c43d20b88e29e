//! Lock files and module lists.

use proptest::prelude::*;
use seaworthy_components::*;

fn shown(found: &LockFile) -> Vec<String> {
    found.components.iter().map(|c| format!("{} {}", c.name, c.version.as_deref().unwrap_or("?"))).collect()
}

const GO_MOD: &str = "module example.org/x\n\ngo 1.22\n\nrequire golang.org/x/net v0.17.0 // indirect\nrequire (\n\ta.org/a v1.0.0\n\tb.org/b v2.0.0+incompatible\n\tc.org/c v1\n\tone\n)\n\
                      replace a.org/a => a.org/fork v1.0.1\nreplace (\n\tb.org/b v2.0.0+incompatible => ./b\n\tc.org/c v9 => d v1\n)\n";

#[test]
fn go() {
    let found = go_mod(GO_MOD.as_bytes(), "go.mod");
    assert_eq!(shown(&found), ["golang.org/x/net v0.17.0", "a.org/fork v1.0.1", "b.org/b ?", "c.org/c v1"]);
    assert_eq!(found.problems[0].line, Some(10));
    let found = go_sum(b"a.org/a v1.0.0 h1:x=\na.org/a v1.0.0/go.mod h1:y=\nbad\n", "go.sum");
    assert_eq!((shown(&found), found.problems[0].line), (vec!["a.org/a v1.0.0".to_owned()], Some(3)));
    let found = modules_txt(
        b"# a.org/a v1.0.0\n## explicit; go 1.20\na.org/a/x\n# b.org/b v1 => ../b\n# c.org/c v1 => d.org/d v2\n# c.org/c => d.org/d v2\n",
        "m",
    );
    assert_eq!(shown(&found), ["a.org/a v1.0.0", "b.org/b ?", "d.org/d v2"]);
}

const CARGO: &str = "version = 4\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry+x\"\n";

#[test]
fn cargo() {
    assert_eq!(shown(&cargo_lock(CARGO.as_bytes(), "Cargo.lock")), ["serde 1.0.1"]);
    assert_eq!(cargo_lock(b"version = 4\n[[package\n", "Cargo.lock").problems[0].line, Some(2));
}

const NPM3: &str = r#"{"lockfileVersion":3,"packages":{"":{"name":"own","version":"1"},"node_modules/@babel/core":{"version":"7.1.0"},
"node_modules/a/node_modules/b":{"version":"2.0.0"},"node_modules/c":{"link":true,"resolved":"c"},"c":{"version":"1"},"node_modules/alias":{"name":"real","version":"3.0.0"}}}"#;
const NPM1: &str = r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"git+https://x/y#1"}}},"al":{"version":"npm:real@3.0.0"}}}"#;

#[test]
fn npm() {
    let mut found = shown(&package_lock(NPM3.as_bytes(), "package-lock.json"));
    found.sort();
    assert_eq!(found, ["@babel/core 7.1.0", "b 2.0.0", "real 3.0.0"]);
    assert_eq!(shown(&package_lock(NPM1.as_bytes(), "package-lock.json")), ["a 1.0.0", "b ?", "real 3.0.0"]);
    assert_eq!(package_lock(b"{\n[", "p").problems[0].line, Some(2));
}

const PIP: &str = "# pinned\nRequests[socks]==2.31.0 ; python_version > '3' # why\nzope.interface>=5\n-r other.txt\nurllib3==1.26.5 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n\
                   git+https://x/y\nwild==1.*\n";

#[test]
fn pip() {
    let found = requirements(PIP.as_bytes(), "requirements.txt");
    assert_eq!(shown(&found), ["requests 2.31.0", "zope-interface ?", "urllib3 1.26.5", "wild ?"]);
    assert_eq!(found.problems[0].line, Some(8));
}

const POM: &str = "<project xmlns=\"x\"><parent><version>3.0</version></parent><groupId>g</groupId><properties><log.version>2.14.${minor}</log.version><minor>1</minor></properties>\
<dependencyManagement><dependencies><dependency><groupId>m</groupId><artifactId>n</artifactId><version>5</version></dependency></dependencies></dependencyManagement>\
<dependencies><dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log.version}</version><exclusions><exclusion><groupId>e</groupId></exclusion></exclusions></dependency>\
<dependency><groupId>m</groupId><artifactId>n</artifactId></dependency><dependency><groupId>${project.groupId}</groupId><artifactId>o</artifactId><version>${project.version}</version></dependency>\
<dependency><groupId>p</groupId><artifactId>q</artifactId><version>${unknown}</version></dependency></dependencies></project>";

#[test]
fn maven() {
    assert_eq!(shown(&pom_xml(POM.as_bytes(), "pom.xml")), ["org.apache.logging.log4j/log4j-core 2.14.1", "m/n 5", "g/o 3.0", "p/q ?"]);
    assert!(pom_xml(b"<project>\n<a></b>", "pom.xml").problems[0].line.is_some());
    // An unknown entity costs its dependency, not what comes behind.
    let text = POM.replacen("<artifactId>", "\n<artifactId>&x;", 1);
    let read = pom_xml(text.as_bytes(), "pom.xml");
    assert!(
        read.problems.iter().any(|p| p.line.is_some() && p.message.contains("left out") && p.message.contains("&x;")),
        "{:?}",
        read.problems
    );
    assert_eq!(shown(&read).last().map(String::as_str), Some("p/q ?"));
}

#[test]
fn folders() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("go.mod", GO_MOD);
    put("go.sum", "unused.org/u v1.0.0 h1:x=\n");
    put("old/go.sum", "used.org/u v1.0.0 h1:x=\n");
    put("sub/go.mod", "require nope.org/n v1\n");
    put("sub/vendor/modules.txt", "# vendored.org/v v1\n");
    put("sub/node_modules/x/package-lock.json", NPM1);
    put("a/Cargo.lock", CARGO);
    put("b/Cargo.lock", CARGO);
    put("requirements-dev.txt", "flask==3.0\n");
    let found = components_in(dir.path()).unwrap();
    assert_eq!(
        shown(&found),
        [
            "serde 1.0.1",
            "a.org/fork v1.0.1",
            "b.org/b ?",
            "c.org/c v1",
            "golang.org/x/net v0.17.0",
            "used.org/u v1.0.0",
            "vendored.org/v v1",
            "flask 3.0"
        ]
    );
    assert!(components_in(dir.path().join("none")).is_err());
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..100), edits in prop::collection::vec((0usize..1000, any::<u8>()), 0..8)) {
        let parsers = [go_mod, go_sum, modules_txt, cargo_lock, package_lock, requirements, pom_xml];
        for text in [GO_MOD, CARGO, NPM3, NPM1, PIP, POM] {
            let mut changed = text.as_bytes().to_vec();
            for (at, byte) in &edits {
                let at = at % changed.len();
                changed[at] = *byte;
            }
            for parse in parsers {
                parse(&changed, "x");
                parse(&bytes, "x");
            }
        }
    }

    #[test]
    fn no_panic_on_any_lines(text in "[a-z=>()# \n./\\\\\\[\\];@v0-9${}<]{0,120}") {
        for parse in [go_mod, go_sum, modules_txt, requirements, pom_xml] {
            parse(text.as_bytes(), "x");
        }
    }
}
