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

/// The values of `target_sw` that a Linux distribution fits.
const LINUX_TARGETS: [&str; 8] = ["linux", "linux_kernel", "unix", "posix", "gnu\\/linux", "gnu/linux", "x11", "all"];

/// The names and homes of one package.
pub(crate) struct Facets {
    /// The ecosystem; `None` where the name shows none.
    pub(crate) ecosystem: Option<Ecosystem>,
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
        let prefix = PREFIXES.iter().find(|(p, _)| package.name.starts_with(p) && package.name.len() > p.len());
        let ecosystem = prefix.map(|&(_, e)| e);
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
        let plain_stems = stems.iter().map(|s| normal(s)).collect();
        Self { ecosystem, stems, plain_stems, homes, owners }
    }

    /// Whether the package comes from a repository on a public forge, and none of its homes is `vendor`'s.
    pub(crate) fn lives_with_another(&self, vendor: &str) -> bool {
        let open = |h: &String| ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|forge| h.starts_with(forge));
        self.homes.iter().any(open) && !self.owners.contains(&normal(vendor))
    }

    /// Whether the `target_sw` of a record can mean this package.
    pub(crate) fn accepts_target(&self, target: &str) -> bool {
        LINUX_TARGETS.contains(&target) || self.is_own_target(target)
    }

    /// Whether the `target_sw` of a record names the package's ecosystem.
    pub(crate) fn is_own_target(&self, target: &str) -> bool {
        TARGETS.iter().find(|(t, _)| *t == target).is_some_and(|&(_, e)| self.ecosystem == Some(e))
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
