//! The applicability of a record to a version: NVD's configuration trees in three-valued logic, and the ranges of the CVE List and OSV.

use seaworthy_intelligence::records::{Affected, Configuration, Node, ProductMatch, Update, VersionMatch, View};
use seaworthy_intelligence::{Knowledge, ProductId};
use seaworthy_model::{Basis, Bound, Order, UpstreamVersion, VersionRange};

use crate::learned::LINUX;
use crate::names::Facets;

/// The properties of the distribution that records may require.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The architectures that are shipped, in the words of `target_hw` (`x64`, `x86`, `arm64`).
    pub architectures: Vec<String>,
}

impl Default for Platform {
    fn default() -> Self {
        Self { architectures: ["x64", "x86_64", "amd64", "x86", "arm64", "aarch64", "arm"].map(str::to_owned).to_vec() }
    }
}

/// The vendors whose operating systems are Linux distributions.
const LINUX_VENDORS: [&str; 14] = [
    "redhat",
    "debian",
    "canonical",
    "fedoraproject",
    "opensuse",
    "suse",
    "centos",
    "gentoo",
    "archlinux",
    "rockylinux",
    "almalinux",
    "mageia",
    "alpinelinux",
    "amazon",
];

/// The number of versions up to which a list names those that its author tried, and not all that are affected.
const TRIED_VERSIONS: usize = 2;

/// An answer of three-valued logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    No,
    Unknown,
    Yes,
}

impl Answer {
    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    fn join(all: bool, answers: impl Iterator<Item = Self>) -> Self {
        if all { answers.min().unwrap_or(Self::No) } else { answers.max().unwrap_or(Self::No) }
    }
}

/// An answer with the reason for it.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) answer: Answer,
    /// The reason: the part of the record that decided.
    pub(crate) basis: Basis,
    /// The first version after the deciding range; `None` where the record names none.
    pub(crate) fixed_in: Option<String>,
    /// Whether the answer is no because of the platform or edition, not of the version.
    pub(crate) platform: bool,
    /// How much of the order of versions the decision bounds.
    pub(crate) sharpness: Sharpness,
}

/// How specific a decision is: of two sources that disagree, the more specific one wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharpness {
    /// All versions, a default, or single versions that ours is not.
    #[default]
    Unbounded,
    /// A range with one bound.
    OneBound,
    /// A range with two, one version, a version that is named as not affected, or another platform.
    Bounded,
}

impl Sharpness {
    fn of(range: &VersionRange<'_>) -> Self {
        match (range.start, range.end) {
            (Bound::Unbounded, Bound::Unbounded) => Self::Unbounded,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => Self::OneBound,
            _ => Self::Bounded,
        }
    }
}

/// Whether a range has one version only, which says nothing of others.
fn is_single(range: &VersionRange<'_>) -> bool {
    range.start == range.end && range.start != Bound::Unbounded
}

/// The judge of one product in one version by one record view.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) facets: &'a Facets,
    pub(crate) platform: &'a Platform,
    pub(crate) product: ProductId,
    pub(crate) version: Option<&'a UpstreamVersion<'a>>,
    /// Whether the record is young, so that its range may not have got its end yet.
    pub(crate) recent: bool,
}

/// The facts that a walk over a configuration tree collects.
#[derive(Default)]
struct Trace {
    why: Option<(Answer, Basis)>,
    fixed_in: Option<String>,
    platform: bool,
    /// Whether a version that the record names, or its range, said no.
    by_version: bool,
    /// The sharpest of what says yes, and of what says no.
    yes: Sharpness,
    no: Sharpness,
}

impl Trace {
    fn note(&mut self, answer: Answer, why: impl FnOnce() -> Basis) {
        if self.why.as_ref().is_none_or(|(before, _)| answer > *before) {
            self.why = Some((answer, why()));
        }
    }
}

impl Judge<'_> {
    /// The judgement of a record view; `None` where it does not name the product. Where a record has both, products with a status of
    /// versions say more than configurations, which have no word for what is not affected.
    pub(crate) fn by(&self, view: &View<'_>) -> Option<Judgement> {
        decided([self.affected(view), self.configurations(view)].into_iter().flatten())
    }

    /// The judgement of NVD's configurations; `None` where none names the product as vulnerable.
    fn configurations(&self, view: &View<'_>) -> Option<Judgement> {
        let about: Vec<&Configuration<'_>> =
            view.configurations.iter().filter(|c| c.nodes.iter().flat_map(|n| &n.products).any(|p| self.is_subject(p))).collect();
        if about.is_empty() {
            return None;
        }
        let mut trace = Trace::default();
        let answer = Answer::join(
            false,
            about.iter().map(|configuration| {
                let answer =
                    Answer::join(configuration.all, configuration.nodes.iter().map(|n| self.node(n, configuration.all, &mut trace)));
                if configuration.negate { answer.not() } else { answer }
            }),
        );
        Some(self.judgement(answer, trace))
    }

    fn judgement(&self, answer: Answer, trace: Trace) -> Judgement {
        let basis = trace.why.map_or(Basis::Nothing, |(_, basis)| basis);
        let platform = trace.platform && answer == Answer::No;
        let sharpness = match answer {
            Answer::Yes => trace.yes,
            Answer::Unknown => Sharpness::Unbounded,
            Answer::No if platform && !trace.by_version => Sharpness::Bounded,
            Answer::No => trace.no,
        };
        Judgement { answer, basis, fixed_in: trace.fixed_in, platform, sharpness }
    }

    fn is_subject(&self, product: &ProductMatch<'_>) -> bool {
        product.vulnerable && product.product == self.product.0
    }

    fn node(&self, node: &Node<'_>, in_conjunction: bool, trace: &mut Trace) -> Answer {
        let has_subject = node.products.iter().any(|p| self.is_subject(p));
        let answers = node.products.iter().map(|p| {
            if self.is_subject(p) {
                self.product(p, trace)
            } else if has_subject && !node.all {
                // Another alternative of the same node says nothing about us.
                Answer::No
            } else if !in_conjunction && !node.all {
                Answer::No
            } else {
                self.platform_answer(p, trace)
            }
        });
        let answer = Answer::join(node.all, answers);
        if node.negate { answer.not() } else { answer }
    }

    /// The answer to a platform or companion product, by the properties of the distribution.
    fn platform_answer(&self, product: &ProductMatch<'_>, trace: &mut Trace) -> Answer {
        let name = self.knowledge.product_name(ProductId(product.product));
        let answer = match name.split(':').next() {
            Some("h") => Answer::No,
            Some("o") if name == LINUX => Answer::Yes,
            // Named as a platform, another Linux distribution is where the record's author looked, not where it ends.
            Some("o") if name.split(':').nth(1).is_some_and(|vendor| LINUX_VENDORS.contains(&vendor)) => Answer::Unknown,
            Some("o") => Answer::No,
            _ => Answer::Unknown,
        };
        if answer == Answer::No {
            trace.platform = true;
            trace.note(Answer::No, || Basis::Platform(name.to_owned()));
        } else if answer == Answer::Unknown {
            trace.note(Answer::Unknown, || Basis::Companion(name.to_owned()));
        }
        answer
    }

    fn product(&self, product: &ProductMatch<'_>, trace: &mut Trace) -> Answer {
        let answer = Answer::join(false, product.versions.iter().map(|v| self.version_match(v, trace)));
        if answer == Answer::No
            && self.recent
            && product.versions.len() <= TRIED_VERSIONS
            && product.versions.iter().all(|v| self.was_tried(v))
        {
            trace.why = None;
            trace.note(Answer::Unknown, || Basis::OnlyTried(product.versions[0].version.to_string()));
            return Answer::Unknown;
        }
        answer
    }

    /// Whether an entry is a single version older than that of the package.
    fn was_tried(&self, entry: &VersionMatch<'_>) -> bool {
        let target = entry.target_sw.as_deref().is_none_or(|t| self.facets.accepts_target(t)) && entry.target_hw.is_none();
        let single = entry.range.is_none() && !matches!(&*entry.version, "*" | "-");
        target && single && self.version.is_some_and(|v| v.is_numeric() && *v > UpstreamVersion::new(&entry.version))
    }

    fn version_match(&self, entry: &VersionMatch<'_>, trace: &mut Trace) -> Answer {
        if let Some(target) = entry.target_sw.as_deref().filter(|t| !self.facets.accepts_target(t)) {
            trace.platform = true;
            trace.note(Answer::No, || Basis::Edition(target.to_owned()));
            return Answer::No;
        }
        if let Some(hardware) = entry.target_hw.as_deref().filter(|h| !self.platform.architectures.iter().any(|a| a == h)) {
            trace.platform = true;
            trace.note(Answer::No, || Basis::Hardware(hardware.to_owned()));
            return Answer::No;
        }
        if &*entry.version == "-" {
            trace.note(Answer::Unknown, || Basis::NoVersion);
            return Answer::Unknown;
        }
        let range = match (&*entry.version, entry.range) {
            ("*", None) => VersionRange::ALL,
            (_, Some(range)) => range,
            (version, None) => VersionRange::only(version),
        };
        let is_spelled_otherwise = |version: &UpstreamVersion<'_>| match entry.update {
            Update::Any => version.is_update_of(&entry.version),
            Update::Named => version.is_same_patch_level(&entry.version),
            Update::Without => false,
        };
        if entry.range.is_none() && &*entry.version != "*" && self.version.is_some_and(is_spelled_otherwise) {
            trace.note(Answer::Yes, || Basis::InRange(range.into()));
            // The very version is named.
            trace.yes = trace.yes.max(Sharpness::Bounded);
            return Answer::Yes;
        }
        // Without an update, a bound is its version alone.
        let plain = self.version.filter(|_| entry.update == Update::Without).map(|v| UpstreamVersion::in_order(Order::Plain, v.as_str()));
        Judge { version: plain.as_ref().or(self.version), ..*self }.in_range(&range, trace)
    }

    fn in_range(&self, range: &VersionRange<'_>, trace: &mut Trace) -> Answer {
        let Some(version) = self.version else {
            trace.note(Answer::Unknown, || Basis::VersionUnknown((*range).into()));
            return Answer::Unknown;
        };
        if range.is_all() && self.recent {
            trace.note(Answer::Yes, || Basis::EveryVersion);
            return Answer::Yes;
        }
        if !version.is_numeric() || !range.is_comparable(version) {
            trace.note(Answer::Unknown, || Basis::Incomparable((*range).into()));
            return Answer::Unknown;
        }
        let contained = range.contains(version);
        if contained && range.end == Bound::Unbounded && !self.recent {
            // True of a young record; of an old one it says that nobody came back to it when the fix was out.
            trace.note(Answer::Unknown, || Basis::NoEnd((*range).into()));
            return Answer::Unknown;
        }
        if contained {
            if let Bound::Excluding(end) = range.end {
                trace.fixed_in.get_or_insert_with(|| end.to_owned());
            }
            trace.yes = trace.yes.max(Sharpness::of(range));
            trace.note(Answer::Yes, || Basis::InRange((*range).into()));
            Answer::Yes
        } else {
            trace.by_version = true;
            if !is_single(range) {
                trace.no = trace.no.max(Sharpness::of(range));
            }
            trace.note(Answer::No, || Basis::Outside((*range).into()));
            Answer::No
        }
    }

    /// The judgement of `affected[]` of the CVE List or OSV; `None` where it does not name the product. The authority that assigned the id
    /// goes first: whoever adds products after it repeats its words, and may take them for something else.
    fn affected(&self, view: &View<'_>) -> Option<Judgement> {
        let by = |added: bool| {
            let statements: Vec<&Affected<'_>> = view.affected.iter().filter(|a| a.product == self.product.0 && a.added == added).collect();
            (!statements.is_empty()).then(|| self.stated(&statements))
        };
        decided([by(false), by(true)].into_iter().flatten())
    }

    /// The judgement of the statements on one product, of which each has entries and a default: what an entry of any decides outweighs all
    /// defaults. Some records split one product into a statement for each branch.
    fn stated(&self, statements: &[&Affected<'_>]) -> Judgement {
        let mut trace = Trace::default();
        let answers: Vec<Option<Answer>> = statements.iter().map(|statement| self.by_entries(statement, &mut trace)).collect();
        let decided = |answer: Answer| answers.contains(&Some(answer));
        if let Some(answer) = [Answer::Yes, Answer::No, Answer::Unknown].into_iter().find(|answer| decided(*answer)) {
            return self.judgement(answer, trace);
        }
        // Where one statement names versions, one that names only commits says nothing beside it.
        let names_versions = |statement: &Affected<'_>| statement.ranges.iter().any(|r| !r.git);
        let any = statements.iter().any(|statement| names_versions(statement));
        let asked = statements.iter().filter(|statement| !any || names_versions(statement));
        let answer = Answer::join(false, asked.map(|statement| self.by_default(statement, &mut trace)));
        self.judgement(answer, trace)
    }

    /// The answer of the entries that have the version; `None` where none has it.
    fn by_entries(&self, statement: &Affected<'_>, trace: &mut Trace) -> Option<Answer> {
        let named = || statement.ranges.iter().filter(|r| !r.git);
        let has = |range: &VersionRange<'_>| self.version.is_none_or(|v| v.is_numeric() && range.is_comparable(v) && range.contains(v));
        if self.version.is_some() {
            // What is named as fixed outweighs a range that spans it: branches are listed after the range.
            if let Some(fixed) = named().find(|r| !r.affected && has(&r.versions)) {
                trace.note(Answer::No, || Basis::NamedUnaffected(fixed.versions.into()));
                // What excludes every version excludes ours by no knowledge of it.
                let known = if fixed.versions.is_all() { Sharpness::Unbounded } else { Sharpness::Bounded };
                (trace.by_version, trace.no) = (true, trace.no.max(known));
                return Some(Answer::No);
            }
        }
        match named().filter(|r| r.affected).map(|r| self.in_range(&r.versions, trace)).max() {
            Some(Answer::Yes) => Some(Answer::Yes),
            _ if statement.unknown.iter().any(|range| range.is_all() || has(range)) => {
                trace.note(Answer::Unknown, || Basis::LeftOpen);
                Some(Answer::Unknown)
            }
            Some(Answer::Unknown) => Some(Answer::Unknown),
            _ => None,
        }
    }

    /// The answer for a version that no entry has. Without a default, bounds say where the affected ones end; single versions are those
    /// that somebody tried.
    fn by_default(&self, statement: &Affected<'_>, trace: &mut Trace) -> Answer {
        let bounded = || statement.ranges.iter().any(|r| r.affected && !r.git && !is_single(&r.versions));
        let answer = match statement.default {
            Some(true) if self.version.is_some() => Answer::Yes,
            Some(false) => Answer::No,
            None if bounded() => Answer::No,
            Some(true) | None => Answer::Unknown,
        };
        trace.note(answer, || Basis::Default);
        if answer == Answer::Yes {
            trace.fixed_in = trace.fixed_in.take().or_else(|| self.next_unaffected(statement));
        }
        answer
    }

    /// The first version after ours from which on a statement names versions as not affected.
    fn next_unaffected(&self, statement: &Affected<'_>) -> Option<String> {
        let version = self.version?;
        let starts = statement.ranges.iter().filter(|r| !r.affected && !r.git).filter_map(|r| match r.versions.start {
            Bound::Including(start) => Some(UpstreamVersion::new(start)),
            Bound::Unbounded | Bound::Excluding(_) => None,
        });
        starts.filter(|start| start > version).min().map(|start| start.as_str().to_owned())
    }
}

/// The first judgement that decides; the first of all where none does.
fn decided(judgements: impl Iterator<Item = Judgement>) -> Option<Judgement> {
    let mut first = None;
    for judgement in judgements {
        if judgement.answer != Answer::Unknown {
            return Some(judgement);
        }
        first = first.or(Some(judgement));
    }
    first
}
