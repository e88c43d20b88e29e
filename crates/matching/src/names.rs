//! What a package's name and homes say of vendor, product and ecosystem.

use std::collections::BTreeSet;

use seaworthy_inventory::SourcePackage;
use seaworthy_model::home_of;

/// The ecosystem that a package belongs to by its name: a package of a language's libraries is not a plain program.
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

/// Prefixes that packagers give to libraries of a language.
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

/// Values of `target_sw` and the ecosystem they stand for.
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

/// `target_sw` values that a Linux distribution is.
const LINUX_TARGETS: [&str; 8] = ["linux", "linux_kernel", "unix", "posix", "gnu\\/linux", "gnu/linux", "x11", "all"];

/// The names and homes of one package, derived once.
pub(crate) struct Facets {
    /// Its ecosystem, where the name shows one.
    pub(crate) ecosystem: Option<Ecosystem>,
    /// Product names it may go by, lower case, the likeliest first.
    pub(crate) stems: Vec<String>,
    /// The same without punctuation.
    pub(crate) plain_stems: Vec<String>,
    /// Upstream homes of its page and sources.
    pub(crate) homes: BTreeSet<String>,
    /// Words of its homes that a vendor may be called by: host labels, owners, projects.
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

    /// Whether it comes from a repository of somebody other than `vendor` on a forge that is open to all.
    pub(crate) fn lives_with_another(&self, vendor: &str) -> bool {
        let open = |h: &String| ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|forge| h.starts_with(forge));
        self.homes.iter().any(open) && !self.owners.contains(&normal(vendor))
    }

    /// Whether a record's `target_sw` can mean this package.
    pub(crate) fn accepts_target(&self, target: &str) -> bool {
        LINUX_TARGETS.contains(&target) || self.is_own_target(target)
    }

    /// Whether a record's `target_sw` names this package's language.
    pub(crate) fn is_own_target(&self, target: &str) -> bool {
        TARGETS.iter().find(|(t, _)| *t == target).is_some_and(|&(_, e)| self.ecosystem == Some(e))
    }

    /// Whether `vendor` is who this package comes from: it bears the product's name, owns its home, or is its ecosystem.
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

/// A name without punctuation and case.
pub(crate) fn normal(name: &str) -> String {
    if name.is_ascii() {
        return name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Part, vendor and product of `a:VENDOR:PRODUCT`; a purl has none.
pub(crate) fn cpe_parts(product: &str) -> Option<(&str, &str, &str)> {
    let mut parts = product.splitn(3, ':');
    match (parts.next()?, parts.next()?, parts.next()?) {
        ("purl", _, _) => None,
        parts => Some(parts),
    }
}
