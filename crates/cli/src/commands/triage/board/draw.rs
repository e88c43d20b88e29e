//! The picture of the board: a pure function of its state.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Borders, Clear, List, ListItem, ListState, Paragraph, Wrap};
use seaworthy_model::Severity;
use seaworthy_model::case::{Justification, priority};
use seaworthy_model::text::wrap;
use seaworthy_pipeline::matching::formats::thousands;
use seaworthy_pipeline::{Queued, Undoing};

use super::super::show;
use super::state::{Board, Field, Form, Mode};

/// The width in columns of the time to a deadline, with a blank before it.
const DUE: usize = 8;

/// The greatest number of lines that a message takes.
const MESSAGE: usize = 4;
/// The number of cases of an undoing that are shown one by one.
const UNDONE: usize = 8;

const KEYS: [(&str, &str); 15] = [
    ("j k, arrows", "another case"),
    ("J K", "ten cases on, ten back"),
    ("g G", "the first, the last"),
    ("space, PgUp", "scroll what stands at the right"),
    ("/", "show only cases with these words; Esc shows all"),
    ("a", "it is affected"),
    ("n", "it is not affected: asks why"),
    ("d", "defer it: asks until when"),
    ("w", "it will not be fixed: asks until when that holds"),
    ("i", "nobody can say yet"),
    ("s x", "accept or refuse the first suggestion"),
    ("m", "I work on it"),
    ("u", "undo my last decision: shows it and asks"),
    ("?", "these keys"),
    ("q", "leave"),
];

pub(super) fn draw(frame: &mut Frame<'_>, board: &Board, colours: bool) {
    let text = match &board.mode {
        Mode::Filter => vec![format!("/{}_  Enter keeps it, Esc shows all", board.list.filter())],
        _ if !board.message.is_empty() => wrap(&board.message, frame.area().width.into()),
        _ => vec!["a affected  n not affected  d defer  u undo  / filter  ? keys  q leave".into()],
    };
    let rows = Constraint::Length(text.len().min(MESSAGE) as u16);
    let [body, foot] = Layout::vertical([Constraint::Min(3), rows]).areas(frame.area());
    // A narrow terminal gives the queue what names of packages need, and the rest to the evidence.
    let queue = if body.width < 120 { Constraint::Length(body.width / 2) } else { Constraint::Length(60) };
    let [left, right] = Layout::horizontal([queue, Constraint::Min(20)]).areas(body);
    draw_queue(frame, left, board, colours);
    draw_case(frame, right, board, colours);
    let text: Vec<Line<'_>> = text.into_iter().map(Line::raw).collect();
    frame.render_widget(Paragraph::new(text).style(Style::new().add_modifier(Modifier::DIM)), foot);
    match &board.mode {
        Mode::Help => draw_help(frame),
        Mode::Form(form) => draw_form(frame, form, &board.message),
        Mode::Undo(undoing) => draw_undo(frame, undoing),
        Mode::Queue | Mode::Filter => {}
    }
}

fn colour(severity: Option<Severity>) -> Color {
    match severity {
        Some(Severity::Critical | Severity::High) => Color::Red,
        Some(Severity::Medium) => Color::Yellow,
        Some(Severity::Low) => Color::Cyan,
        Some(Severity::None) | None => Color::Reset,
    }
}

fn draw_queue(frame: &mut Frame<'_>, area: Rect, board: &Board, colours: bool) {
    let (shown, total) = (thousands(board.list.shown() as u64), thousands(board.list.total() as u64));
    let title = if board.list.filter().is_empty() {
        format!(" {total} open ")
    } else {
        format!(" {shown} of {total} open: {} ", board.list.filter())
    };
    // Only the rows that are seen are made: the queue may have thousands.
    let (cases, selected) = board.list.window(area.height.saturating_sub(2).into());
    let mut block = Block::new().borders(Borders::ALL).title(title);
    if !cases.is_empty() {
        block = block.title_bottom(format!(" {} of {shown} ", thousands(board.list.place() as u64 + 1)));
    }
    let width = area.width.saturating_sub(4).into();
    let rows = cases.iter().map(|queued| ListItem::new(row(queued, board.now, width, colours)));
    let list = List::new(rows).block(block).highlight_symbol("> ").highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = ListState::default().with_selected(Some(selected).filter(|_| !cases.is_empty()));
    frame.render_stateful_widget(list, area, &mut state);
}

fn row<'a>(Queued { case, due }: &Queued, now: Timestamp, width: usize, colours: bool) -> Line<'a> {
    let severity = case.severity().map_or("unrated", Severity::as_str);
    let style = if colours { Style::new().fg(colour(case.severity())) } else { Style::new() };
    let kev = if case.facts.exploited_since.is_some() { "!" } else { " " };
    let head = format!("{:>4}{kev}", priority(case).score);
    let cve = case.key.cve.to_string();
    let (word, rest) = if width < 44 {
        let cve = cve.trim_start_matches("CVE-");
        (severity.chars().take(4).collect(), format!("{cve} {}", case.key.package))
    } else {
        // What is left of the row has the package, and the time to its next deadline at the end.
        let due = due.as_ref().map(|due| due.left(now)).unwrap_or_default();
        let room = width.saturating_sub(32 + DUE);
        let package: String = case.key.package.chars().take(room).collect();
        (format!("{severity:<9}"), format!("{cve:<15} {package:<room$}{due:>DUE$}"))
    };
    Line::from(vec![Span::raw(head), Span::styled(format!("{word} "), style), Span::raw(rest)])
}

fn draw_case(frame: &mut Frame<'_>, area: Rect, board: &Board, colours: bool) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut lines: Vec<Line<'_>> = Vec::new();
    match board.case() {
        None if board.list.total() > 0 => lines.push(Line::raw(format!("No open case has {:?}. Esc shows all.", board.list.filter()))),
        None => lines.push(Line::raw("The queue is empty.")),
        Some(case) => {
            let style = if colours { bold.fg(colour(case.severity())) } else { bold };
            lines.push(Line::styled(show::title(case), style));
            for (heading, texts) in &board.sections {
                lines.push(Line::raw(""));
                lines.push(Line::styled(*heading, bold));
                lines.extend(texts.iter().map(|text| Line::raw(format!(" {text}"))));
            }
        }
    }
    let block = Block::new().borders(Borders::ALL).title(" the case ");
    let paragraph = Paragraph::new(Text::from(lines)).block(block).wrap(Wrap { trim: false }).scroll((board.scroll, 0));
    frame.render_widget(paragraph, area);
}

/// Draws lines in a frame in the middle of the screen, over all else.
fn draw_over(frame: &mut Frame<'_>, title: &str, width: u16, lines: Vec<Line<'_>>) {
    let whole = frame.area();
    let (width, height) = (width.min(whole.width), (lines.len() as u16 + 2).min(whole.height));
    let area = Rect { x: (whole.width - width) / 2, y: (whole.height - height) / 2, width, height };
    frame.render_widget(Clear, area);
    let block = Block::new().borders(Borders::ALL).title(format!(" {title} "));
    frame.render_widget(Paragraph::new(lines).block(block).wrap(Wrap { trim: false }), area);
}

fn draw_help(frame: &mut Frame<'_>) {
    draw_over(frame, "keys", 66, KEYS.iter().map(|(key, what)| Line::raw(format!(" {key:<12} {what}"))).collect());
}

fn draw_form(frame: &mut Frame<'_>, form: &Form, message: &str) {
    let mut lines: Vec<Line<'_>> = Vec::new();
    if form.fields.iter().any(|(field, _)| *field == Field::Justification) {
        lines.extend(Justification::ALL.iter().enumerate().map(|(n, j)| Line::raw(format!(" {}  {j}", n + 1))));
        lines.push(Line::raw(""));
    }
    for (nth, (field, text)) in form.fields.iter().enumerate() {
        let here = nth == form.at;
        let style = if here { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        lines.push(Line::styled(format!(" {}: {text}{}", field.label(), if here { "_" } else { "" }), style));
    }
    lines.push(Line::raw(""));
    lines.push(Line::raw(if message.is_empty() { " Enter goes on, Esc changes nothing".into() } else { format!(" {message}") }));
    // A long statement takes more than one line.
    lines.extend([Line::raw(""), Line::raw("")]);
    draw_over(frame, form.state.as_str(), 74, lines);
}

fn draw_undo(frame: &mut Frame<'_>, undoing: &Undoing) {
    let mut texts = vec![undoing.in_words(false), String::new()];
    texts.extend(undoing.cases.iter().take(UNDONE).map(ToString::to_string));
    if undoing.cases.len() > UNDONE {
        texts.push(format!("and {} more", thousands((undoing.cases.len() - UNDONE) as u64)));
    }
    texts.extend([String::new(), "Enter undoes it, Esc changes nothing".into()]);
    let width = frame.area().width.min(78);
    let lines = texts.iter().flat_map(|text| wrap(text, width.saturating_sub(4).into()));
    draw_over(frame, "undo", width, lines.map(|line| Line::raw(format!(" {line}"))).collect());
}
