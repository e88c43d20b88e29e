use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Facts, Justification, Reach};
use seaworthy_model::{Evidence, EvidenceKind, Evr, Status};
use seaworthy_pipeline::{CaseFile, Queued};

use super::draw;
use super::state::{Board, Mode, Outcome};

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
        Outcome::Stay | Outcome::Quit => panic!("nothing was decided"),
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
    assert_eq!((board.shown(), board.total()), (1, 2));
    assert_eq!(board.case().unwrap().key.package, "openssl");
    press(&mut board, "j");
    assert_eq!(board.selected, 0, "there is no other");
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
    assert_eq!(board.selected, 6_018);
    press(&mut board, "G");
    let shown = screen(&board, 120, 40);
    assert!(shown.contains("6,806 of 6,806") && shown.contains("package-6805    ") && shown.contains("  3 d"), "{shown}");
    press(&mut board, "KKg");
    assert_eq!(board.selected, 0);
}

#[test]
fn escape_takes_back_a_filter_and_never_leaves() {
    let mut board = board();
    for keys in ["/curl", "/curl\n", "/nothing", "/nothing\n", "/", ""] {
        press(&mut board, keys);
        assert!(matches!(escape(&mut board), Outcome::Stay), "{keys:?}");
        assert_eq!((board.shown(), board.filter.as_str()), (2, ""), "{keys:?}");
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
    assert_eq!((board.selected, key(&board)), (27, "package-30".into()));
    let without: Vec<Queued> = all.into_iter().filter(|queued| queued.case.key.package != "package-30").collect();
    board.fill_queue(without[3..].to_vec(), Timestamp::UNIX_EPOCH);
    assert_eq!((board.selected, key(&board)), (27, "package-31".into()), "the next one follows a decision");
}

#[test]
fn a_day_that_is_past_is_refused_before_the_form_is_gone() {
    let mut board = board();
    assert!(matches!(press(&mut board, "d1969-12-31\nlater\n"), Outcome::Stay));
    assert!(board.message.contains("over already") && matches!(board.mode, Mode::Form(_)), "{}", board.message);
}
