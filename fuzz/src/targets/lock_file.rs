//! Lock files, module lists and the manifests beside them: any bytes as all of them together, and as each alone.

use seaworthy_components::Sources;

const NAMES: [&str; 14] = [
    "go.mod",
    "go.sum",
    "go.work",
    "vendor.mod",
    "vendor.sum",
    "vendor/modules.txt",
    "Cargo.lock",
    "Cargo.toml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "package.json",
    "requirements.txt",
    "pom.xml",
];

pub fn run(data: &[u8]) {
    let mut all = Sources::default();
    for name in NAMES {
        assert!(Sources::wants(name), "{name}");
        let mut one = Sources::default();
        one.add(name.to_owned(), data.to_vec());
        let _ = one.read("1.0");
        all.add(format!("a/{name}"), data.to_vec());
        // A list in a vendor folder hides the modules beside it.
        all.add(format!("b/{}", name.replace("vendor/", "")), data.to_vec());
    }
    let found = all.read("1.0");
    for list in &found.lists {
        assert!(!found.problems.iter().any(|problem| problem.file == list.found_in), "{list:?}");
    }
}
