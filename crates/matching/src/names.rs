//! The vendor, product and ecosystem that the name and homes of a package suggest.

use std::collections::BTreeSet;

use seaworthy_inventory::SourcePackage;
use seaworthy_model::home_of;

/// The ecosystem of a package by its name: a package that is a library of a language is no plain program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ecosystem {
    Python,
    Perl,
    Ruby,
    Node,
    Go,
    Rust,
    Php,
    Ocaml,
    Haskell,
    Lua,
    R,
    Java,
}

/// The prefixes of package names for libraries of a language.
const PREFIXES: [(&str, Ecosystem); 19] = [
    ("python3-", Ecosystem::Python),
    ("python-", Ecosystem::Python),
    ("perl-", Ecosystem::Perl),
    ("rubygem-", Ecosystem::Ruby),
    ("ruby-", Ecosystem::Ruby),
    ("nodejs-", Ecosystem::Node),
    ("node-", Ecosystem::Node),
    ("golang-", Ecosystem::Go),
    ("rust-", Ecosystem::Rust),
    ("php-", Ecosystem::Php),
    ("ocaml-", Ecosystem::Ocaml),
    ("ghc-", Ecosystem::Haskell),
    ("lua-", Ecosystem::Lua),
    ("R-", Ecosystem::R),
    ("apache-commons-", Ecosystem::Java),
    ("maven-", Ecosystem::Java),
    ("plexus-", Ecosystem::Java),
    ("pytest-", Ecosystem::Python),
    ("javapackages-", Ecosystem::Java),
];

/// The values of `target_sw` that stand for an ecosystem.
const TARGETS: [(&str, Ecosystem); 16] = [
    ("python", Ecosystem::Python),
    ("pypi", Ecosystem::Python),
    ("perl", Ecosystem::Perl),
    ("ruby", Ecosystem::Ruby),
    ("ruby_on_rails", Ecosystem::Ruby),
    ("rails", Ecosystem::Ruby),
    ("node.js", Ecosystem::Node),
    ("nodejs", Ecosystem::Node),
    ("npmjs", Ecosystem::Node),
    ("go", Ecosystem::Go),
    ("golang", Ecosystem::Go),
    ("rust", Ecosystem::Rust),
    ("php", Ecosystem::Php),
    ("java", Ecosystem::Java),
    ("lua", Ecosystem::Lua),
    ("r", Ecosystem::R),
];

/// The last words of build requirements of static toolchains, whose programs are code of one language.
const TOOLCHAINS: [(&str, Ecosystem); 4] =
    [("go", Ecosystem::Go), ("golang", Ecosystem::Go), ("rust", Ecosystem::Rust), ("cargo", Ecosystem::Rust)];

/// The values of `target_sw` that a Linux distribution fits.
const LINUX_TARGETS: [&str; 8] = ["linux", "linux_kernel", "unix", "posix", "gnu\\/linux", "gnu/linux", "x11", "all"];

/// The ecosystem that a `target_sw` stands for.
fn language_of(target: &str) -> Option<Ecosystem> {
    TARGETS.iter().find(|(word, _)| *word == target).map(|&(_, language)| language)
}

/// The prefix of a package's name that tells its language; the rest is its own name.
fn prefix_of(name: &str) -> Option<(&'static str, Ecosystem)> {
    PREFIXES.into_iter().find(|(prefix, _)| name.starts_with(prefix) && name.len() > prefix.len())
}

/// The names and homes of one package.
pub(crate) struct Facets {
    /// The ecosystem; `None` where the name shows none.
    pub(crate) ecosystem: Option<Ecosystem>,
    /// All ecosystems that it has code of: those of its name and of the names of its binary packages, those of its static toolchains, and
    /// the one whose language it is.
    languages: BTreeSet<Ecosystem>,
    /// The product names that the package may have, in lower case, the likeliest first.
    pub(crate) stems: Vec<String>,
    /// The same names without punctuation.
    pub(crate) plain_stems: Vec<String>,
    /// The upstream homes of its home page and sources.
    pub(crate) homes: BTreeSet<String>,
    /// The words of its homes that may be the name of a vendor: labels of hosts, owners, projects.
    pub(crate) owners: BTreeSet<String>,
}

impl Facets {
    pub(crate) fn of(package: &SourcePackage) -> Self {
        let prefix = prefix_of(&package.name);
        let ecosystem = prefix.map(|(_, e)| e);
        let name = package.name.to_lowercase();
        let stem = prefix.map_or(name.as_str(), |(p, _)| &name[p.len()..]);
        let mut stems = vec![stem.to_owned()];
        // gnupg2, gtk3, openssl11: a series in the name.
        let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        if bare.len() >= 3 && bare != stem {
            stems.push(bare.to_owned());
        }
        if ecosystem.is_some() {
            stems.push(name.clone());
        }
        let more: Vec<String> = stems.iter().filter(|s| s.contains('-')).map(|s| s.replace('-', "_")).collect();
        stems.extend(more);
        let mut homes = BTreeSet::new();
        for url in package.url.iter().chain(package.sources.iter().take(1)) {
            homes.extend(home_of(url));
        }
        let owners = homes
            .iter()
            .flat_map(|h| h.split(['/', '.']))
            .filter(|w| w.len() > 2 && !matches!(*w, "com" | "org" | "net" | "www" | "github" | "gitlab" | "sourceforge"))
            .map(normal)
            .collect();
        let plain_stems: Vec<String> = stems.iter().map(|s| normal(s)).collect();
        let libraries = package.binaries.iter().filter_map(|binary| prefix_of(&binary.name)).map(|(_, language)| language);
        let tools = package.build_requires.iter().filter_map(|requirement| {
            let last = requirement.rsplit('-').next()?;
            TOOLCHAINS.iter().find(|(tool, _)| *tool == last).map(|&(_, language)| language)
        });
        let itself = TARGETS.iter().filter(|(word, _)| plain_stems.contains(&normal(word))).map(|&(_, language)| language);
        let languages = ecosystem.into_iter().chain(libraries).chain(tools).chain(itself).collect();
        Self { ecosystem, languages, stems, plain_stems, homes, owners }
    }

    /// Whether the package comes from a repository on a public forge, and none of its homes is `vendor`'s.
    pub(crate) fn lives_with_another(&self, vendor: &str) -> bool {
        let open = |h: &String| ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|forge| h.starts_with(forge));
        self.homes.iter().any(open) && !self.owners.contains(&normal(vendor))
    }

    /// Whether the `target_sw` of a record can mean this package.
    pub(crate) fn accepts_target(&self, target: &str) -> bool {
        LINUX_TARGETS.contains(&target) || language_of(target).is_some_and(|language| self.languages.contains(&language))
    }

    /// Whether the `target_sw` of a record names the package's ecosystem.
    pub(crate) fn is_own_target(&self, target: &str) -> bool {
        language_of(target).is_some_and(|language| self.ecosystem == Some(language))
    }

    /// Whether a module of Go, `purl:golang/PATH`, lies in a repository from which the package comes.
    pub(crate) fn is_at_home(&self, product: &str) -> bool {
        let path = product.strip_prefix("purl:golang/");
        path.and_then(|path| home_of(&format!("https://{path}"))).is_some_and(|home| self.homes.contains(&home))
    }

    /// Whether `vendor` can be the origin of the package: it has the product's name, owns a home of the package, or is its ecosystem.
    pub(crate) fn agrees_with_vendor(&self, vendor: &str, product: &str) -> bool {
        let (vendor, product) = (normal(vendor), normal(product));
        let own = vendor.strip_suffix("project").filter(|v| !v.is_empty()).unwrap_or(&vendor);
        if self.owners.contains(&vendor) || self.owners.contains(own) {
            return true;
        }
        match self.ecosystem {
            None => own == product || own.strip_prefix("lib") == Some(&product) || own.strip_prefix("the") == Some(&product),
            Some(Ecosystem::Python) => matches!(own, "python" | "pypi" | "pythonsoftwarefoundation") || own == format!("python{product}"),
            Some(Ecosystem::Perl) => matches!(own, "perl" | "cpan"),
            Some(Ecosystem::Ruby) => matches!(own, "rubylang" | "ruby" | "rubygems"),
            Some(_) => false,
        }
    }
}

/// A name in lower case without punctuation.
pub(crate) fn normal(name: &str) -> String {
    if name.is_ascii() {
        return name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The part, vendor and product of `a:VENDOR:PRODUCT`; `None` for a purl.
pub(crate) fn cpe_parts(product: &str) -> Option<(&str, &str, &str)> {
    let mut parts = product.splitn(3, ':');
    match (parts.next()?, parts.next()?, parts.next()?) {
        ("purl", _, _) => None,
        parts => Some(parts),
    }
}
