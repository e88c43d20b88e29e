//! The purpose of a folder of sources, by its name.

/// The purpose of what lies in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// The product.
    Product,
    /// Building and developing the product. It may be the product as well, where the sources hold nothing else.
    Development,
    /// A website, documentation, tests, examples, measurements or checks of the sources.
    Aside,
}

/// The names of folders that hold no part of a product in whatever project.
const ASIDE: [&str; 24] = [
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "ci",
    "demo",
    "demos",
    "doc",
    "docs",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixtures",
    "fuzz",
    "man",
    "sample",
    "samples",
    "site",
    "test",
    "testdata",
    "testing",
    "tests",
    "website",
];

/// The names of folders that mostly hold what developers use. Projects of tools have their product in such a one.
const DEVELOPMENT: [&str; 9] = ["dev", "devel", "development", "hack", "integration", "script", "scripts", "tool", "tools"];

impl Purpose {
    /// The purpose of a file of the sources: that of the folder on its way that says most. A folder whose name begins with a dot is that
    /// of a service or a tool (`.github`, `.devcontainer`).
    pub(crate) fn of(file: &str) -> Self {
        file.split('/').rev().skip(1).map(Self::of_name).max().unwrap_or(Self::Product)
    }

    /// The purpose that a word says.
    pub(crate) fn of_name(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.starts_with('.') || ASIDE.contains(&name.as_str()) {
            Self::Aside
        } else if DEVELOPMENT.contains(&name.as_str()) {
            Self::Development
        } else {
            Self::Product
        }
    }
}
