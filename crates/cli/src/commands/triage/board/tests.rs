use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Facts, Justification, Reach};
use seaworthy_model::{Evidence, EvidenceKind, Evr, Status};
use seaworthy_pipeline::{CaseFile, CaseName, Desk, Home, NewCase, Options, Queued, SystemClock};

use super::state::{Board, Mode, Outcome};
use super::{BoardArgs, act, draw, load, open};

fn case(package: &str, cve: &str) -> Case {
    let key = CaseKey { line: "3.0".parse().unwrap(), package: package.parse().unwrap(), cve: cve.parse().unwrap(), part: String::new() };
    let facts = Facts {
        status: Status::Affected,
        version: Evr::of_log("8.8.0-1"),
        severity: Some(seaworthy_model::Severity::High),
        rated_by: None,
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: Some("8.9.0".into()),
        rule: None,
        record_published: Timestamp::UNIX_EPOCH,
        reach: Reach::Image,
        evidence: vec![Evidence::new(EvidenceKind::Version, "nvd: 8.8.0 is in the affected range: before 8.9.0")],
    };
    Case::open(&key, Timestamp::UNIX_EPOCH, &CaseEvent::Opened { facts, state: CaseState::Affected }).unwrap()
}

fn queued(package: &str, cve: &str) -> Queued {
    let case = case(package, cve);
    let due = seaworthy_triage::deadlines(&case, &seaworthy_triage::Policy::standard(), Timestamp::UNIX_EPOCH).first().cloned();
    Queued { case, due }
}

/// A queue of the size of a distribution, with the only case of openssl at place 6,000.
fn long() -> Vec<Queued> {
    let package = |n: usize| if n == 5_999 { "openssl".to_owned() } else { format!("package-{n}") };
    (0..6_806).map(|n| queued(&package(n), &format!("CVE-2024-{:05}", 10_000 + n))).collect()
}

fn board() -> Board {
    let mut board = Board::new(Timestamp::UNIX_EPOCH, "mia");
    board.fill_queue(vec![queued("curl", "CVE-2024-7264"), queued("openssl", "CVE-2024-6119")], Timestamp::UNIX_EPOCH);
    let case = board.case().unwrap().clone();
    let deadlines = seaworthy_triage::deadlines(&case, &seaworthy_triage::Policy::standard(), board.now);
    board.fill(&CaseFile { case, history: Vec::new(), deadlines, suggestions: Vec::new() });
    board
}

fn screen(board: &Board, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::draw(frame, board, false)).unwrap();
    terminal.backend().to_string()
}

fn press(board: &mut Board, text: &str) -> Outcome {
    let mut last = Outcome::Stay;
    for c in text.chars() {
        let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        last = board.key(KeyEvent::new(code, KeyModifiers::NONE));
    }
    last
}

fn decided(outcome: Outcome) -> Decision {
    match outcome {
        Outcome::Write(event, _) => match *event {
            CaseEvent::Decided(decision) => decision,
            other => panic!("{other:?}"),
        },
        Outcome::Stay | Outcome::Quit | Outcome::AskUndo | Outcome::Undo(_) => panic!("nothing was decided"),
    }
}

#[test]
fn the_evidence_stands_beside_the_queue() {
    let board = board();
    for (width, height) in [(80, 24), (160, 50)] {
        let shown = screen(&board, width, height);
        for part in ["2 open", "> ", "2024-6119", "openssl", "Evidence", "affected range", "Deadlines", "? keys"] {
            assert!(shown.contains(part), "{part:?} at {width}x{height}:\n{shown}");
        }
    }
    // Even where there is no room it is drawn.
    screen(&board, 10, 3);
}

#[test]
fn a_keystroke_decides_and_a_form_asks_for_what_is_needed() {
    let mut board = board();
    let decision = decided(press(&mut board, "a"));
    assert_eq!(decision.state, CaseState::Affected);

    assert!(matches!(press(&mut board, "n9\nno parser\n"), Outcome::Stay), "9 is no justification");
    assert!(screen(&board, 80, 24).contains("a number from 1 to 5"));
    board.key(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
    board.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE));
    let decision = decided(press(&mut board, "2\n\n"));
    assert_eq!((decision.justification, decision.statement.as_str()), (Some(Justification::VulnerableCodeNotPresent), "no parser"));

    assert!(matches!(press(&mut board, "d\nlater\n"), Outcome::Stay), "a deferral has a day");
    assert!(board.message.contains("a day on which it ends"), "{}", board.message);
    board.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
    assert!(matches!(board.mode, Mode::Queue));
}

#[test]
fn the_filter_leaves_what_has_the_text() {
    let mut board = board();
    press(&mut board, "/openssl\n");
    assert_eq!((board.list.shown(), board.list.total()), (1, 2));
    assert_eq!(board.case().unwrap().key.package, "openssl");
    press(&mut board, "j");
    assert_eq!(board.list.place(), 0, "there is no other");
    assert!(matches!(press(&mut board, "?"), Outcome::Stay) && screen(&board, 80, 24).contains("these keys"));
    press(&mut board, "z");
    assert!(matches!(press(&mut board, "q"), Outcome::Quit));
    press(&mut board, "/nothing\n");
    assert!(screen(&board, 80, 24).contains("No open case has"));
    assert!(matches!(press(&mut board, "a"), Outcome::Stay), "there is nothing to decide");
}

fn escape(board: &mut Board) -> Outcome {
    board.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))
}

#[test]
fn every_case_of_a_long_queue_is_counted_and_found() {
    let mut board = board();
    board.fill_queue(long(), Timestamp::UNIX_EPOCH);
    let shown = screen(&board, 80, 24);
    assert!(shown.contains("6,806 open") && shown.contains("1 of 6,806"), "{shown}");
    press(&mut board, "/OpenSSL 2024");
    let shown = screen(&board, 80, 24);
    assert!(shown.contains("1 of 6,806 open") && shown.contains("2024-15999 openssl"), "{shown}");
    press(&mut board, "\n");
    assert_eq!(board.case().unwrap().key.package, "openssl");
    // All are shown again around it.
    assert!(matches!(escape(&mut board), Outcome::Stay));
    let shown = screen(&board, 80, 24);
    for part in ["6,806 open", "6,000 of 6,806", "package-5998", "package-6000"] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    press(&mut board, "JJk");
    assert_eq!(board.list.place(), 6_018);
    press(&mut board, "G");
    let shown = screen(&board, 120, 40);
    assert!(shown.contains("6,806 of 6,806") && shown.contains("package-6805    ") && shown.contains("  3 d"), "{shown}");
    press(&mut board, "KKg");
    assert_eq!(board.list.place(), 0);
}

#[test]
fn escape_takes_back_a_filter_and_never_leaves() {
    let mut board = board();
    for keys in ["/curl", "/curl\n", "/nothing", "/nothing\n", "/", ""] {
        press(&mut board, keys);
        assert!(matches!(escape(&mut board), Outcome::Stay), "{keys:?}");
        assert_eq!((board.list.shown(), board.list.filter()), (2, ""), "{keys:?}");
        assert!(matches!(board.mode, Mode::Queue), "{keys:?}");
    }
    assert!(screen(&board, 80, 24).contains("q leaves"));
    assert!(matches!(press(&mut board, "q"), Outcome::Quit));
    let control = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    press(&mut board, "/cu");
    assert!(matches!(board.key(control), Outcome::Quit), "in a filter as well");
}

#[test]
fn the_selected_case_stays_selected_where_others_leave() {
    let mut board = board();
    let (all, key) = (long(), |board: &Board| board.case().unwrap().key.package.to_string());
    board.fill_queue(all.clone(), Timestamp::UNIX_EPOCH);
    press(&mut board, "JJJ");
    assert_eq!(key(&board), "package-30");
    board.fill_queue(all[3..].to_vec(), Timestamp::UNIX_EPOCH);
    assert_eq!((board.list.place(), key(&board)), (27, "package-30".into()));
    let without: Vec<Queued> = all.into_iter().filter(|queued| queued.case.key.package != "package-30").collect();
    board.fill_queue(without[3..].to_vec(), Timestamp::UNIX_EPOCH);
    assert_eq!((board.list.place(), key(&board)), (27, "package-31".into()), "the next one follows a decision");
}

#[test]
fn a_day_that_is_past_is_refused_before_the_form_is_gone() {
    let mut board = board();
    assert!(matches!(press(&mut board, "d1969-12-31\nlater\n"), Outcome::Stay));
    assert!(board.message.contains("over already") && matches!(board.mode, Mode::Form(_)), "{}", board.message);
}

fn home(folder: &Path, actor: &str) -> Home {
    Home::open(folder, Options { clock: Arc::new(SystemClock), actor: actor.into(), progress: Arc::new(()) }).unwrap()
}

fn name(package: &str) -> CaseName {
    CaseName { cve: "CVE-2024-7264".parse().unwrap(), package: package.parse().unwrap(), line: None, part: String::new(), embargoed: true }
}

const ARGS: BoardArgs = BoardArgs { line: None, embargoed: false };

/// The board of a desk, with a case in each of two packages, which the person at the desk opened.
fn board_of(desk: &Desk<'_>) -> Board {
    for package in ["curl", "openssl"] {
        desk.open(&name(package), NewCase { version: "8.8.0-1".into(), severity: None, embargo: None }, None).unwrap();
    }
    let mut board = Board::new(desk.now(), desk.person().unwrap());
    load(&mut board, desk, &ARGS).unwrap();
    open(&mut board, desk, &ARGS).unwrap();
    board
}

/// Presses keys at the desk: `\n` is Enter, `\x1b` is Esc.
fn press_at(desk: &Desk<'_>, board: &mut Board, text: &str) {
    for c in text.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        assert!(act(board, desk, &ARGS, KeyEvent::new(code, KeyModifiers::NONE)).unwrap());
    }
}

#[test]
fn the_last_decision_is_shown_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), "mia");
    let desk = home.desk().unwrap();
    let mut board = board_of(&desk);
    press_at(&desk, &mut board, "jn2\nno parser\n");
    let state = || desk.case(&name("openssl")).unwrap().state;
    assert_eq!((board.list.total(), state()), (1, CaseState::NotAffected));

    press_at(&desk, &mut board, "ux");
    let shown = screen(&board, 80, 24);
    for part in
        ["1 case would be as before batch", "in openssl", "not_affected becomes", "under_investigation again", "Esc changes nothing"]
    {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    press_at(&desk, &mut board, "\x1b");
    assert_eq!((board.message.as_str(), state()), ("nothing was changed", CaseState::NotAffected));

    press_at(&desk, &mut board, "u\n");
    assert_eq!((board.list.total(), state()), (2, CaseState::UnderInvestigation));
    assert_eq!(board.case().unwrap().key.package, "openssl", "it is selected where it came back");
    assert!(screen(&board, 80, 24).contains("1 case is as before batch"), "{}", board.message);

    // What was decided before that, until nothing is left.
    press_at(&desk, &mut board, "u\nu\n");
    assert_eq!((board.list.total(), board.case().is_none()), (0, true));
    press_at(&desk, &mut board, "u");
    assert_eq!(board.message, "no decision of mia is left to undo");
}

#[test]
fn what_cannot_be_undone_is_told_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (home, other) = (home(folder.path(), "mia"), home(folder.path(), "eve"));
    let desk = home.desk().unwrap();
    let mut board = board_of(&desk);
    press_at(&desk, &mut board, "a");
    let eve = other.desk().unwrap();
    eve.assign(&name("curl"), Some("eve".into()), None).unwrap();
    press_at(&desk, &mut board, "u");
    assert!(matches!(board.mode, Mode::Queue));
    let shown = screen(&board, 80, 24);
    assert!(shown.contains("1 of the cases of batch") && shown.contains("undo that first; nothing was changed"), "{shown}");

    // Nor is it undone where somebody was quicker than the answer.
    eve.undo(&eve.undoing_of_last(false).unwrap().unwrap(), None).unwrap();
    press_at(&desk, &mut board, "u");
    assert!(matches!(board.mode, Mode::Undo(_)));
    eve.assign(&name("curl"), Some("eve".into()), None).unwrap();
    press_at(&desk, &mut board, "\n");
    assert!(!board.message.contains("as before") && !board.message.is_empty(), "{}", board.message);
    let curl = desk.case(&name("curl")).unwrap();
    assert_eq!((curl.state, curl.assignee.as_deref()), (CaseState::Affected, Some("eve")));
}
