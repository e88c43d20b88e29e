//! The judging of one package: all pairs that its ties, toolchains, homes and history lead to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use seaworthy_intelligence::records::{RecordState, SourceKind, View};
use seaworthy_intelligence::{Cve, Knowledge, ProductId};
use seaworthy_inventory::SourcePackage;
use seaworthy_model::{Basis, CveId, Cvss, Day, Evidence, EvidenceKind, Rule, Status, UpstreamVersion, Verdict};

use crate::applicability::{Answer, Judge, Judgement, Platform};
use crate::closures::Closure;
use crate::cohorts::{Cohorts, unique};
use crate::finding::{Finding, Scope};
use crate::learned::{MINUTES_A_DAY, RecordsAt, is_repository};
use crate::lists::Lists;
use crate::names::Facets;
use crate::products::ProductTable;
use crate::ties::{Strength, Tie};

/// The judging of one package, with the findings so far.
pub(crate) struct Judging<'a, 'k> {
    pub(crate) standing: &'a RecordsAt<'k>,
    pub(crate) platform: &'a Platform,
    pub(crate) products: &'a ProductTable,
    pub(crate) keep_ruled_out: bool,
    pub(crate) package: &'a SourcePackage,
    pub(crate) facets: &'a Facets,
    pub(crate) closed: &'a BTreeMap<CveId, Closure>,
    /// The CVEs to judge; `None` for all.
    pub(crate) wanted: Option<&'a Wanted>,
    pub(crate) ties: &'a [Tie],
    pub(crate) lists: Lists<'a>,
    pub(crate) shared_homes: &'a HashMap<String, usize>,
    pub(crate) found: BTreeMap<CveId, Finding>,
    /// The rule of each pair, with the status that the rule gives while the record is young.
    pub(crate) rules: BTreeMap<CveId, (Status, Rule)>,
    /// The pairs that a source rules out, whether they are kept or not: no guess raises them again.
    pub(crate) ruled_out: BTreeSet<CveId>,
    pub(crate) judged: u64,
}

/// A tie of the package, with what its judging asks of others.
struct Subject<'a> {
    tie: &'a Tie,
    version: Option<&'a UpstreamVersion<'a>>,
    /// The products whose entry in a record outweighs that of the tie's.
    heavier: Vec<ProductId>,
    /// The products under which an ecosystem knows the tie's component.
    known_as: Vec<ProductId>,
}

/// The CVEs to judge, with the products that they name: ties to other products are passed over.
pub(crate) struct Wanted {
    cves: HashSet<Cve>,
    ids: HashSet<CveId>,
    products: HashSet<ProductId>,
}

impl Wanted {
    pub(crate) fn of(knowledge: &Knowledge, scope: &Scope) -> Self {
        let cves: HashSet<Cve> = scope.cves.iter().filter_map(|id| knowledge.find(*id)).collect();
        let products = cves.iter().flat_map(|cve| knowledge.cve_products(*cve)).collect();
        Self { cves, ids: scope.cves.clone(), products }
    }
}

impl Judging<'_, '_> {
    /// Judges all pairs, and gives the findings with the number of pairs that were judged.
    pub(crate) fn all(mut self, cohorts: &Cohorts) -> (Vec<Finding>, u64) {
        self.by_ties();
        self.by_cohort(cohorts);
        self.by_reference();
        self.by_closure();
        for (id, finding) in &mut self.found {
            if finding.verdict.is_some() {
                finding.rule = self.rules.remove(id).map(|(_, rule)| rule);
            }
        }
        (self.found.into_values().collect(), self.judged)
    }

    fn wanted(&self, cve: Cve) -> bool {
        self.standing.stands(cve) && self.wanted.is_none_or(|wanted| wanted.cves.contains(&cve))
    }

    fn by_ties(&mut self) {
        let (ties, wanted) = (self.ties, self.wanted);
        for tie in ties.iter().filter(|t| wanted.is_none_or(|w| w.products.contains(&t.product))) {
            let version = tie.version.as_deref().map(|text| UpstreamVersion::in_order(tie.order, text));
            let subject = Subject {
                version: version.as_ref(),
                heavier: tie.outweighed_by(ties, self.standing.knowledge, self.facets),
                known_as: tie.known_as(ties, self.standing.knowledge),
                tie,
            };
            let is_listed = tie.is_of_component() && self.lists.cover(self.standing, tie.product);
            for cve in self.standing.knowledge.product_cves(tie.product) {
                if !self.wanted(cve) {
                    continue;
                }
                let id = self.standing.knowledge.id(cve);
                if self.closed.contains_key(&id) {
                    continue;
                }
                if tie.version.is_none() && !self.standing.is_recent(cve) {
                    continue;
                }
                self.judged += 1;
                let views: Vec<(SourceKind, View<'_>)> = self.standing.knowledge.standing_views(cve).collect();
                if !(is_listed && self.is_absent(cve, id, &tie.evidence, &views)) {
                    self.judge(cve, id, &subject, &views);
                }
            }
        }
    }

    /// Whether the lists of the package's components say that it contains nothing of what a record is about: then the pair is ruled out.
    fn is_absent(&mut self, cve: Cve, id: CveId, ties: &[Evidence], views: &[(SourceKind, View<'_>)]) -> bool {
        let knowledge = self.standing.knowledge;
        // The package itself is on no list of its components.
        let is_itself = |product: ProductId| self.ties.iter().any(|tie| tie.product == product && !tie.is_of_component());
        let is_unlisted = |product: ProductId| {
            let name = knowledge.product_name(product);
            self.products.is_of_toolchain(name) || self.facets.is_at_home(name) || is_itself(product)
        };
        let Some(reason) = self.lists.absence(knowledge, views, is_unlisted) else { return false };
        self.ruled_out.insert(id);
        if self.keep_ruled_out {
            let mut evidence = ties.to_vec();
            evidence.push(Evidence::new(EvidenceKind::Components, reason));
            let finding = self.finding(cve, Status::NotAffected, views, None, None, evidence);
            self.keep(id, finding);
        }
        true
    }

    /// Judges one pair by one tie, unless a source names a heavier product beside the tie's and that one's entry decides, or the tie leaves
    /// open what a record decides of the same component under the name that its ecosystem knows it by.
    fn judge(&mut self, cve: Cve, id: CveId, subject: &Subject<'_>, views: &[(SourceKind, View<'_>)]) {
        let Subject { tie, version, heavier, known_as } = subject;
        let judge = Judge {
            knowledge: self.standing.knowledge,
            facets: self.facets,
            platform: self.platform,
            product: tie.product,
            version: *version,
            recent: self.standing.is_recent(cve),
        };
        let outweighs = |product: &ProductId| {
            let heavier = Judge { product: *product, ..judge };
            let decides = |view| heavier.by(view).is_some_and(|judgement| judgement.answer != Answer::Unknown);
            views.iter().any(|(_, view)| judge.by(view).is_some() && decides(view))
        };
        if heavier.iter().any(outweighs) {
            return;
        }
        let Some(Decision { source, judgement, against }) = preferred(&judge, views) else { return };
        let is_decided = |product: &ProductId| {
            let decision = preferred(&Judge { product: *product, ..judge }, views);
            decision.is_some_and(|decision| decision.judgement.answer != Answer::Unknown)
        };
        if judgement.answer == Answer::Unknown && known_as.iter().any(is_decided) {
            return;
        }
        let status = status_of(judgement.answer, tie.strength);
        if status == Status::NotAffected {
            self.ruled_out.insert(id);
            if !self.keep_ruled_out {
                return;
            }
        }
        // As the record would be judged if it were young: the rule must not change because time goes by.
        let young = if judge.recent { None } else { preferred(&Judge { recent: true, ..judge }, views) };
        let (young_source, young) = young.as_ref().map_or((source, &judgement), |young| (young.source, &young.judgement));
        let rule = Rule::Judged { source: young_source, extent: young.basis.extent() };
        let rule = (status_of(young.answer, tie.strength), rule);
        match self.rules.get(&id) {
            Some(before) if before.0 <= rule.0 => {}
            _ => drop(self.rules.insert(id, rule)),
        }
        let kind = if judgement.platform { EvidenceKind::Platform } else { EvidenceKind::Version };
        let verdict = |source, basis| Verdict { source, version: version.map(|v| v.as_str().to_owned()), basis };
        let mut evidence = tie.evidence.clone();
        evidence.extend(against.map(|(other, basis)| Evidence::new(EvidenceKind::Version, verdict(other, basis).to_string())));
        let verdict = verdict(source, judgement.basis);
        evidence.push(Evidence::new(kind, verdict.to_string()));
        let mut finding = self.finding(cve, status, views, Some((source, tie.product)), judgement.fixed_in, evidence);
        finding.verdict = Some(verdict);
        self.keep(id, finding);
    }

    /// Keeps the more urgent of two findings of one pair. Where a package has a component in several versions that are affected, the
    /// evidence of the others is added.
    fn keep(&mut self, id: CveId, finding: Finding) {
        let version = |finding: &Finding| finding.verdict.as_ref().and_then(|verdict| verdict.version.clone());
        match self.found.get_mut(&id) {
            Some(before)
                if before.status == Status::Affected
                    && (finding.status, &finding.product) == (before.status, &before.product)
                    && version(before) != version(&finding) =>
            {
                before.evidence.extend(finding.evidence);
            }
            // A version says more than a list.
            Some(before) if before.status == finding.status && before.verdict.is_none() && finding.verdict.is_some() => *before = finding,
            Some(before) if before.status <= finding.status => {}
            _ => drop(self.found.insert(id, finding)),
        }
    }

    fn by_cohort(&mut self, cohorts: &Cohorts) {
        let package = self.package;
        for requirement in unique(&package.build_requires) {
            for &(cve, count) in cohorts.records.get(requirement).into_iter().flatten() {
                let id = self.standing.knowledge.id(cve);
                let is_decided = self.closed.contains_key(&id) || self.ruled_out.contains(&id) || self.found.contains_key(&id);
                if is_decided || !self.wanted(cve) {
                    continue;
                }
                self.judged += 1;
                let views: Vec<_> = self.standing.knowledge.standing_views(cve).collect();
                if self.is_absent(cve, id, &[], &views) {
                    continue;
                }
                let detail = format!(
                    "{count} other packages that build with {requirement} fixed it; whether this one contains the component is not known"
                );
                let finding = self.finding(cve, Status::Suspected, &views, None, None, vec![Evidence::new(EvidenceKind::Cohort, detail)]);
                self.keep(id, finding);
            }
        }
    }

    /// Judges records without products whose references lead to the package's own repository: the blind spot, by package. A repository from
    /// which several packages come says nothing of any one of them.
    fn by_reference(&mut self) {
        let homes: Vec<String> =
            self.facets.homes.iter().filter(|h| is_repository(h) && self.shared_homes.get(*h) == Some(&1)).cloned().collect();
        for home in homes {
            let Some(home_id) = self.standing.knowledge.home(&home) else { continue };
            for cve in self.standing.knowledge.home_cves(home_id) {
                let id = self.standing.knowledge.id(cve);
                if self.standing.knowledge.is_decidable(cve)
                    || !self.wanted(cve)
                    || self.closed.contains_key(&id)
                    || self.found.contains_key(&id)
                {
                    continue;
                }
                self.judged += 1;
                let views: Vec<_> = self.standing.knowledge.standing_views(cve).collect();
                let evidence = vec![
                    Evidence::new(EvidenceKind::Home, format!("its references lead to {home}, this package's home")),
                    Evidence::new(EvidenceKind::Record, "no source names the affected versions"),
                ];
                let finding = self.finding(cve, Status::Undecided, &views, None, None, evidence);
                self.keep(id, finding);
            }
        }
    }

    fn by_closure(&mut self) {
        let (closed, wanted) = (self.closed, self.wanted);
        for (id, closure) in closed.iter().filter(|(id, _)| wanted.is_none_or(|w| w.ids.contains(*id))) {
            let Some(cve) = self.standing.knowledge.find(*id).filter(|c| self.wanted(*c)) else { continue };
            self.judged += 1;
            let views: Vec<_> = self.standing.knowledge.standing_views(cve).collect();
            let finding = self.finding(cve, closure.status, &views, None, None, closure.evidence.clone());
            self.found.insert(*id, finding);
        }
    }

    fn finding(
        &self,
        cve: Cve,
        status: Status,
        views: &[(SourceKind, View<'_>)],
        by: Option<(SourceKind, ProductId)>,
        fixed_in: Option<String>,
        mut evidence: Vec<Evidence>,
    ) -> Finding {
        let knowledge = self.standing.knowledge;
        let disputes = views.iter().filter(|(_, view)| view.state == RecordState::Disputed).map(|(source, _)| source.as_str());
        let disputes: Vec<&str> = disputes.collect();
        if !disputes.is_empty() {
            // The last piece of evidence stays the one that decided.
            let detail = format!("{}: somebody disputes that this is a vulnerability", disputes.join(", "));
            evidence.insert(evidence.len().saturating_sub(1), Evidence::new(EvidenceKind::Record, detail));
        }
        let ratings: Vec<Cvss> = views
            .iter()
            .flat_map(|(_, v)| &v.ratings)
            .map(|r| Cvss { version: r.version, rater: r.rater, score: r.score, vector: r.vector.to_owned() })
            .collect();
        let cvss = Cvss::preferred(&ratings).cloned();
        Finding {
            package: self.package.name.clone(),
            cve: knowledge.id(cve),
            status,
            version: self.package.evr.clone(),
            severity: cvss.as_ref().map(Cvss::severity),
            cvss,
            exploited_since: knowledge
                .exploited(cve)
                .filter(|(day, _)| day.saturating_mul(MINUTES_A_DAY) <= self.standing.as_of)
                .map(|(day, _)| Day::of_epoch_days(day)),
            epss: knowledge.exploit_prediction(cve).map(|(p, _)| p),
            product: by.map(|(_, p)| knowledge.product_name(p).to_owned()),
            fixed_in,
            published: Day::of_epoch_days(knowledge.published(cve).div_euclid(MINUTES_A_DAY)),
            decided_by: by.map(|(kind, _)| kind),
            rule: None,
            verdict: None,
            evidence,
            remark: None,
        }
    }
}

/// The decision of the sources on one pair.
struct Decision {
    source: SourceKind,
    judgement: Judgement,
    /// The source that says the opposite, with its reason.
    against: Option<(SourceKind, Basis)>,
}

/// The first source that allows a decision, in the order of preference; an unknown leaves room for the next. Where a later one says the
/// opposite by narrower bounds, it knows the branches that the first one did not look at. A correction is final.
fn preferred(judge: &Judge<'_>, views: &[(SourceKind, View<'_>)]) -> Option<Decision> {
    let mut judgements = views.iter().filter_map(|(kind, view)| Some((*kind, judge.by(view)?)));
    let (mut source, mut best) = judgements.next()?;
    let mut against = None;
    for (kind, judgement) in judgements {
        match (best.answer, judgement.answer) {
            (_, Answer::Unknown) => {}
            (Answer::Unknown, _) => (source, best) = (kind, judgement),
            (before, now) if before == now => {}
            _ if source != SourceKind::Overrides && judgement.sharpness > best.sharpness => {
                let loser = std::mem::replace(&mut best, judgement);
                against = Some((std::mem::replace(&mut source, kind), loser.basis));
            }
            _ => against = against.or(Some((kind, judgement.basis))),
        }
    }
    Some(Decision { source, judgement: best, against })
}

fn status_of(answer: Answer, strength: Strength) -> Status {
    match (answer, strength) {
        (Answer::Yes, Strength::Identity) => Status::Affected,
        (Answer::Yes, Strength::Component) | (Answer::Unknown, _) => Status::Suspected,
        (Answer::No, _) => Status::NotAffected,
    }
}
