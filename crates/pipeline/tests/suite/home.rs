//! The home without a face: all work from the sources to a verified site is done through `Home` alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use seaworthy_model::case::{CaseState, Decision, Justification, Origin, Reason};
use seaworthy_model::{Severity, Status};
use seaworthy_pipeline::{
    CaseName, Clock, CycleRequest, Cycled, Home, HomeError, Judging, KeyRequest, Kind, LogCheck, LogRequest, Notice, Options, PlanRequest,
    Progress, Promotion, PublicationOutcome, PublicationRequest, PublishOptions, Published, QueueRequest, RemarksRequest, ScanRequest,
    Selection, Source, Sources, Stage, SyncRequest, VerifyRequest, Withdrawal, WithdrawalRequest,
};
use seaworthy_testing::{harbor, needs};
use tempfile::TempDir;

/// A clock that is moved by the test.
pub(crate) struct Hands(pub(crate) Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Progress as a list of lines.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) Mutex<Vec<String>>);

impl Progress for Lines {
    fn stage(&self, stage: &Stage<'_>) {
        self.0.lock().unwrap().push(stage.to_string());
    }

    fn notice(&self, notice: &Notice) {
        self.0.lock().unwrap().push(format!("notice: {notice:?}"));
    }

    fn end(&self) {
        self.0.lock().unwrap().push("end".into());
    }
}

/// A home of Harbor Linux, with its clock and what it reports.
pub(crate) struct Office {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<Hands>,
    pub(crate) lines: Arc<Lines>,
}

const SETTINGS: &str = "[distribution]\nname = \"Harbor Linux\"\nline = \"1.0\"\n\n\
    [publish]\nurl = \"https://packages.example.org\"\nvendor = \"harbor\"\nprefix = \"HBR\"\n";

impl Office {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// A home with further settings.
    pub(crate) fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let created = Home::create(&home).unwrap();
        assert!(created.written && created.settings.is_file());
        fs::write(created.settings, format!("{SETTINGS}{settings}")).unwrap();
        let clock = Arc::new(Hands(Mutex::new("2024-10-01T06:00:00Z".parse().unwrap())));
        Self { folder, clock, lines: Arc::default() }
    }

    pub(crate) fn home(&self) -> Home {
        self.home_for("mia", self.lines.clone())
    }

    /// The home, opened by somebody who watches it in another way.
    pub(crate) fn home_for(&self, actor: &str, progress: Arc<dyn Progress>) -> Home {
        let options = Options { clock: self.clock.clone(), actor: actor.into(), progress };
        Home::open(self.folder.path().join("home"), options).unwrap()
    }

    /// Moves the clock on by an hour.
    pub(crate) fn later(&self) -> &Self {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
        self
    }

    /// The sources of the example.
    pub(crate) fn sources() -> Sources {
        let at = |name: &str| Some(harbor(name).display().to_string());
        Sources { nvd: at("knowledge/nvd"), kev: at("knowledge/kev.json"), ..Sources::default() }
    }

    pub(crate) fn synced(self) -> Self {
        let synced = self.home().sync(&SyncRequest { sources: Self::sources(), api_key: None }).unwrap();
        assert_eq!((synced.report.errors.len(), synced.status.cves), (0, 14));
        self
    }

    pub(crate) fn cycle(&self) -> Cycled {
        self.home().cycle(&cycle_of(specs())).unwrap()
    }

    /// A home with cases and a key.
    pub(crate) fn ready() -> Self {
        Self::new().synced().opened()
    }

    /// Opens the cases and makes a key.
    pub(crate) fn opened(self) -> Self {
        self.cycle();
        self.with_key()
    }

    /// Makes a key.
    pub(crate) fn with_key(self) -> Self {
        let request = KeyRequest { user_id: "Harbor Linux updates <security@example.org>".into(), valid: "1095d".parse().unwrap() };
        self.home().create_key(&request, None).unwrap();
        self.later();
        self
    }

    /// Builds a package; gives the path of its file.
    pub(crate) fn rpm(&self, name: &str, version: &str, release: &str) -> PathBuf {
        let build = self.folder.path().join("build");
        fs::create_dir_all(&build).unwrap();
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: A package\nLicense: MIT\nBuildArch: noarch\n%description\nFor tests.\n\
             %install\nmkdir -p %{{buildroot}}/usr/share/harbor\necho {release} > %{{buildroot}}/usr/share/harbor/{name}\n\
             %files\n/usr/share/harbor/{name}\n"
        );
        fs::write(build.join("a.spec"), spec).unwrap();
        let rpms = self.folder.path().join("rpms");
        let mut command = Command::new("rpmbuild");
        command.current_dir(&build).env("HOME", &build).env("SOURCE_DATE_EPOCH", "1727700000").arg("--define");
        command.arg(format!("_topdir {}", build.join("top").display())).arg("--define").arg(format!("_rpmdir {}", rpms.display()));
        let out = command.args(["--define", "_buildhost localhost", "-bb", "a.spec"]).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        rpms.join(format!("noarch/{name}-{version}-{release}.noarch.rpm"))
    }

    pub(crate) fn publish(&self, request: &PublicationRequest) -> Box<Published> {
        match self.later().home().publish(request, MODELS).unwrap() {
            PublicationOutcome::Published(published) => published,
            PublicationOutcome::Unchanged { id, .. } => panic!("nothing changed since {id}"),
            PublicationOutcome::Refused(concluded) => panic!("{:?}", concluded.disagreements),
        }
    }

    /// The standing of the advisory on a CVE.
    fn standing(&self, cve: &str) -> String {
        let plan = self.home().plan_publication(&PublicationRequest::default()).unwrap();
        let advisory = plan.advisories().iter().find(|a| a.cve.to_string() == cve);
        advisory.map_or_else(|| "none".to_owned(), |a| a.standing.as_str().to_owned())
    }

    fn refusal(&self, request: &PublicationRequest) -> (Kind, String) {
        let Err(error) = self.home().plan_publication(request) else { panic!("{request:?} is planned") };
        (error.kind(), error.to_string())
    }
}

/// The options of a publication for which only the models of consumers are asked, not the programs.
pub(crate) const MODELS: PublishOptions = PublishOptions { expected: None, programs: false, accept_undelivered: false };

/// The packages that the users of Harbor Linux have when its first cycle runs.
pub(crate) fn released() -> Source {
    Source::release(&harbor("released.json").display().to_string())
}

/// The request of a cycle without a sync.
pub(crate) fn cycle_of(selection: Selection) -> CycleRequest {
    CycleRequest {
        selection,
        judging: Judging::default(),
        sync: false,
        line: None,
        image_in_service: None,
        delivered: Some(released()),
        embargoed: false,
        accept_inventory: false,
        is_trial: false,
    }
}

pub(crate) fn specs() -> Selection {
    spec_tree(&harbor("specs").display().to_string())
}

/// A scan of the specs, without remarks of files.
pub(crate) fn scan_of_specs() -> ScanRequest {
    ScanRequest {
        selection: specs(),
        judging: Judging::default(),
        keep_all: false,
        remarks: RemarksRequest::default(),
        changed: false,
        max_age: None,
    }
}

pub(crate) fn spec_tree(at: &str) -> Selection {
    let source = Source::SpecTree { at: at.to_owned(), dist: None, rpmspec: false };
    Selection { source, history: None }
}

pub(crate) fn packages(files: &[&Path]) -> PublicationRequest {
    PublicationRequest { packages: files.iter().map(|f| f.to_path_buf()).collect(), ..PublicationRequest::default() }
}

fn promotion(from: &str, to: &str, snapshot: Option<&str>, replace: bool) -> PublicationRequest {
    let promotion = Promotion { from: from.into(), snapshot: snapshot.map(str::to_owned), replace };
    PublicationRequest { channel: Some(to.into()), promotion: Some(promotion), ..PublicationRequest::default() }
}

pub(crate) fn name(cve: &str, package: &str) -> CaseName {
    CaseName { cve: cve.parse().unwrap(), package: package.parse().unwrap(), line: None, part: String::new(), embargoed: false }
}

pub(crate) fn decision(state: CaseState, justification: Option<Justification>, statement: &str) -> Decision {
    Decision { state, justification, reason: Reason::Reviewed, statement: statement.into(), until: None, origin: Origin::Person }
}

#[test]
fn the_whole_way_needs_no_face() {
    needs!(RPMBUILD);
    let office = Office::new().synced();
    let home = office.home();

    let scan = scan_of_specs();
    let scanned = home.scan(&scan).unwrap();
    assert!(scanned.title.starts_with("Harbor Linux: ") && scanned.affected_at(Severity::High) > 0);
    let affected = scanned.assessment.findings.iter().filter(|f| f.status == Status::Affected).count();
    assert_eq!((scanned.inventory.packages.len(), affected > 0), (9, true));

    let first = office.cycle();
    assert!(first.first && first.open > 0 && !first.events.is_empty());
    let second = office.cycle();
    assert_eq!((second.first, second.events.len(), second.cases), (false, 0, first.cases));

    let desk = home.desk().unwrap();
    let written = desk
        .decide(
            &name("CVE-2024-7264", "curl"),
            decision(CaseState::NotAffected, Some(Justification::VulnerableCodeNotPresent), "The parser is not built."),
            Some("looked at the build"),
        )
        .unwrap();
    assert_eq!(written.became, Some((CaseState::Affected, CaseState::NotAffected)));
    let file = desk.file(&name("CVE-2024-7264", "curl")).unwrap();
    assert_eq!((file.case.state, file.history.len()), (CaseState::NotAffected, 2));
    assert_eq!(file.history[1].actor, "mia");

    office.later();
    let key = KeyRequest { user_id: "Harbor Linux <security@example.org>".into(), valid: "1095d".parse().unwrap() };
    home.create_key(&key, None).unwrap();
    let rpm = office.rpm("curl", "8.8.0", "2.hbr1");
    let request = packages(&[&rpm]);
    let plan = home.plan_publication(&request).unwrap();
    assert!(plan.changes_anything() && plan.in_force().is_none() && plan.concluded().is_some_and(|c| c.agrees()));
    let (added, _) = plan.channels()["updates"].difference();
    let fixes: Vec<String> = added.iter().flat_map(|nevra| plan.fixes(nevra)).map(|cve| cve.to_string()).collect();
    assert_eq!(fixes, ["CVE-2024-6197"]);

    let expected = PublishOptions { expected: Some(plan.digest()), ..MODELS };
    let PublicationOutcome::Published(published) = home.publish(&request, expected).unwrap() else { panic!("it is not published") };
    assert_eq!(home.site().current().unwrap(), Some(published.id.clone()));
    let again = home.publish(&request, MODELS).unwrap();
    assert!(matches!(again, PublicationOutcome::Unchanged { id, .. } if id == published.id));

    let verified = home.verify_publication(VerifyRequest { packages: true, programs: false }).unwrap();
    assert!(verified.is_good(), "{:?}", verified.wrong);
    // The package is of every architecture, and in the repository of each.
    assert!(verified.documents > 20 && verified.signatures > 2 && verified.packages == 2, "{verified:?}");
    assert!(matches!(home.verify_log(None).unwrap(), LogCheck::Whole(_)));
    let kinds: Vec<_> = home.log(&LogRequest { limit: Some(1), ..LogRequest::default() }).unwrap();
    assert_eq!(kinds[0].event.kind(), "publication");

    // What is done is reported, and its end as well.
    let lines = office.lines.0.lock().unwrap();
    for stage in ["nvd: ", "reading what is shipped", "judging", "writing advisories and pages", "putting it in force", "notice: Synced"] {
        assert!(lines.iter().any(|line| line.starts_with(stage)), "{stage}: {lines:?}");
    }
    assert_eq!(lines.last().map(String::as_str), Some("end"));
}

#[test]
fn a_plan_that_does_not_hold_any_more_is_not_carried_out() {
    needs!(RPMBUILD);
    let office = Office::ready();
    let old = office.home().plan_publication(&PublicationRequest::default()).unwrap().digest();
    let rpm = office.rpm("curl", "8.8.0", "2.hbr1");
    let outcome = office.home().publish(&packages(&[&rpm]), PublishOptions { expected: Some(old), ..MODELS });
    let Err(error) = outcome else { panic!("another plan was carried out") };
    assert!(error.kind() == Kind::Conflict && error.to_string().contains("does not hold any more"), "{error}");
    assert_eq!(office.home().site().current().unwrap(), None);
}

#[test]
fn a_fix_counts_where_users_get_it() {
    needs!(RPMBUILD);
    let office = Office::ready();
    let rpm = office.rpm("curl", "8.8.0", "2.hbr1");
    let candidate = PublicationRequest { channel: Some("candidate".into()), ..packages(&[&rpm]) };
    office.publish(&candidate);
    assert_eq!(office.standing("CVE-2024-6197"), "affected", "a candidate changes nothing for users");
    office.publish(&promotion("candidate", "updates", None, false));
    assert_eq!(office.standing("CVE-2024-6197"), "fixed");

    let take_back = |why: &str| WithdrawalRequest {
        what: Withdrawal::Packages { packages: vec!["curl-8.8.0-2.hbr1".into()], channel: None },
        why: why.into(),
        line: None,
    };
    let silent = office.home().withdraw(&take_back(" "), MODELS).map(|_| ()).unwrap_err();
    assert!(silent.kind() == Kind::Request && silent.to_string().contains("--why is empty"), "{silent}");
    office.later().home().withdraw(&take_back("it does not start"), MODELS).unwrap();
    assert_eq!(office.standing("CVE-2024-6197"), "affected", "what was taken back is not there any more");
    let (_, again) = office.refusal(&packages(&[&rpm]));
    assert!(again.contains("was taken back"), "{again}");
}

#[test]
fn what_would_be_lost_is_refused() {
    needs!(RPMBUILD);
    let office = Office::ready();
    let curl = office.rpm("curl", "8.8.0", "2.hbr1");
    let first = office.publish(&packages(&[&curl]));
    let zlib = office.rpm("zlib", "1.3.1", "1.hbr1");
    office.publish(&PublicationRequest { channel: Some("candidate".into()), ..packages(&[&zlib]) });
    let line = |line: &str| PublicationRequest { line: Some(line.parse().unwrap()), ..PublicationRequest::default() };
    for (request, kind, words) in [
        (promotion("candidate", "updates", None, false), Kind::Conflict, "candidate does not have 2 of the packages in updates"),
        (promotion("candidate", "updates", Some(&first.id), true), Kind::NotFound, "never was the snapshot"),
        (promotion("released", "updates", None, true), Kind::NotFound, "nothing was published in the channel released yet"),
        (promotion("nightly", "updates", None, true), Kind::NotFound, "there is no channel nightly"),
        (packages(&[office.folder.path().join("home/keys").as_path()]), Kind::Request, "no .rpm file in"),
        (line("../1"), Kind::Settings, "can name no release line"),
    ] {
        let refused = office.refusal(&request);
        assert!(refused.0 == kind && refused.1.contains(words), "{request:?}: {refused:?}");
    }
    // Another line must not overwrite the site.
    let Err(error) = office.home().publish(&line("2.0"), MODELS) else { panic!("another line was published there") };
    assert!(error.kind() == Kind::Damaged && error.to_string().contains("the log tells of none for the line 2.0"), "{error}");
    let replaced = office.publish(&promotion("candidate", "updates", None, true));
    let (added, removed) = replaced.plan.channels()["updates"].difference();
    assert_eq!((added.len(), removed.len()), (1, 1));
    let difference = office.home().compare_publications(None, None).unwrap();
    assert_eq!((&difference.to, difference.channels["updates"].removed.len()), (&replaced.id, 1));
}

#[test]
fn what_was_cut_short_is_completed() {
    needs!(RPMBUILD);
    let office = Office::ready();
    let first = office.publish(&packages(&[&office.rpm("curl", "8.8.0", "1.hbr1")]));
    let second = office.publish(&packages(&[&office.rpm("curl", "8.8.0", "2.hbr1")]));
    // As it is where a run died between the log and the switch.
    office.home().site().switch(&first.id).unwrap();
    let behind = office.home().verify_publication(VerifyRequest::default()).unwrap();
    assert!(!behind.is_good() && behind.wrong.iter().any(|w| w.to_string().contains("completes it")), "{:?}", behind.wrong);
    let outcome = office.later().home().publish(&PublicationRequest::default(), MODELS).unwrap();
    assert!(matches!(outcome, PublicationOutcome::Unchanged { id, .. } if id == second.id));
    assert_eq!(office.home().site().current().unwrap(), Some(second.id.clone()));
    let completed = format!("notice: Completed {{ id: {:?} }}", second.id);
    assert!(office.lines.0.lock().unwrap().contains(&completed));
}

#[test]
fn the_desk_refuses_what_a_case_does_not_allow() {
    let office = Office::new().synced();
    office.cycle();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = name("CVE-2024-7264", "curl");
    let missing = name("CVE-2024-7264", "wget");
    let kind = |result: Result<_, HomeError>| result.map(|_: seaworthy_pipeline::Written| ()).unwrap_err().kind();
    assert_eq!(kind(desk.assign(&missing, Some("mia".into()), None)), Kind::NotFound);
    assert_eq!(kind(desk.rate(&curl, Severity::Low, " ".into(), None)), Kind::Request);
    assert_eq!(kind(desk.resume(&curl, None)), Kind::Conflict, "its clocks run");
    assert_eq!(kind(desk.decide(&curl, decision(CaseState::NotAffected, None, ""), None)), Kind::Conflict, "a reason is needed");
    desk.assign(&curl, Some("mia".into()), None).unwrap();
    let mine = QueueRequest { assignee: Some(Some("mia".into())), limit: 10, ..QueueRequest::default() };
    let queue = desk.queue(&mine).unwrap();
    assert_eq!(queue.cases.iter().map(|queued| queued.case.key.package.to_string()).collect::<Vec<_>>(), ["curl"]);

    let rule = "package=curl state=affected".parse().unwrap();
    let waiver = |until| Decision { until, ..decision(CaseState::WillNotFix, None, "The line ends in March.") };
    let endless = desk.choose(&rule, None, false, waiver(None)).map(|_| ()).unwrap_err();
    assert!(endless.kind() == Kind::Conflict && endless.to_string().contains("needs a day on which it ends"), "{endless}");
    let bulk = desk.choose(&rule, None, false, waiver(Some("2025-03-31T00:00:00Z".parse().unwrap()))).unwrap();
    assert_eq!(bulk.cases.len(), 1);
    desk.decide_all(&bulk, None).unwrap();
    assert_eq!(desk.case(&curl).unwrap().state, CaseState::WillNotFix);
    let sla = home.sla(&PlanRequest::default()).unwrap();
    assert!(sla.report.severities.contains_key("all"));
    assert!(home.plan(&PlanRequest::default()).unwrap().waiting.iter().any(|w| w.key.package == curl.package));
}

#[test]
fn an_error_has_a_kind() {
    let office = Office::new();
    let home = office.home();
    let request = scan_of_specs();
    let kinds = [
        home.scan(&request).map(|_| ()).unwrap_err().kind(),
        home.verify_publication(VerifyRequest::default()).map(|_| ()).unwrap_err().kind(),
        home.retire_key("0000", false, None).unwrap_err().kind(),
    ];
    assert_eq!(kinds, [Kind::NotFound; 3], "nothing is known, published or kept");
    fs::write(office.folder.path().join("home/seaworthy.toml"), "[sources]\nnvb = 1\n").unwrap();
    let options = Options { clock: office.clock.clone(), actor: "mia".into(), progress: Arc::new(()) };
    let Err(error) = Home::open(office.folder.path().join("home"), options) else { panic!("wrong settings are read") };
    assert!(error.kind() == Kind::Settings && error.to_string().contains("nvb"), "{error}");
}
