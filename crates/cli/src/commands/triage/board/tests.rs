use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Facts, Justification, Reach};
use seaworthy_model::{Evidence, EvidenceKind, Evr, Status};
use seaworthy_pipeline::CaseFile;

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

fn board() -> Board {
    let mut board = Board::new(Timestamp::UNIX_EPOCH, "mia");
    board.queue = vec![case("curl", "CVE-2024-7264"), case("openssl", "CVE-2024-6119")];
    let case = board.queue[0].clone();
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
    assert_eq!(board.shown().len(), 1);
    assert_eq!(board.case().unwrap().key.package, "openssl");
    press(&mut board, "j");
    assert_eq!(board.selected, 0, "there is no other");
    assert!(matches!(press(&mut board, "?"), Outcome::Stay) && screen(&board, 80, 24).contains("these keys"));
    press(&mut board, "z");
    assert!(matches!(press(&mut board, "q"), Outcome::Quit));
    press(&mut board, "/nothing\n");
    assert!(screen(&board, 80, 24).contains("The queue is empty"));
    assert!(matches!(press(&mut board, "a"), Outcome::Stay), "there is nothing to decide");
}
