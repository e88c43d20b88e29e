//! Tables for people: columns that fit the terminal, and texts that are wrapped. Where there is no terminal, nothing is wrapped or cut.

use std::borrow::Cow;
use std::io::{self, Write};

use seaworthy_matching::formats::clean;
use seaworthy_model::text::wrap;

/// The width in columns below which a reason stands below its row.
const NARROW: usize = 100;
/// The least width in columns that a terminal is taken to have.
const LEAST: usize = 40;
/// The width in columns down to which a reason gives way before other texts do.
const COMFORTABLE: usize = 36;
/// The indent in columns of reasons below rows.
const INDENT: usize = 4;
/// The number of blanks between two columns.
const GAP: usize = 2;

/// The code of bold text (ECMA-48, SGR).
pub const BOLD: &str = "1";
/// The code of dim text.
pub const DIM: &str = "2";

/// The style of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether severities are coloured.
    pub colour: bool,
    /// The terminal's width in columns; `None` where there is no terminal, as in a file or a pipe.
    pub width: Option<usize>,
}

impl Style {
    /// The greatest width of a line in columns.
    #[must_use]
    pub fn total(self) -> usize {
        self.width.map_or(usize::MAX, |width| width.max(LEAST))
    }
}

/// A column of a table.
pub struct Column {
    heading: Cow<'static, str>,
    /// Whether it is aligned to the right.
    right: bool,
    /// The least width to which it may shrink; `None` where it keeps its width.
    least: Option<usize>,
    /// Whether it stands below its row in a narrow terminal, where it would be a tower of single words beside it.
    below: bool,
    /// The order in which it is left out where the terminal is too narrow, the lowest first; `None` where it stays.
    spare: Option<u8>,
}

impl Column {
    /// The column, which is left out where the terminal is too narrow for all, after those with a lower `order`.
    #[must_use]
    pub fn spare(self, order: u8) -> Self {
        Self { spare: Some(order), ..self }
    }
}

/// A column whose values are never broken.
pub fn fixed(heading: impl Into<Cow<'static, str>>) -> Column {
    Column { heading: heading.into(), right: false, least: None, below: false, spare: None }
}

/// A column of numbers.
pub fn number(heading: impl Into<Cow<'static, str>>) -> Column {
    Column { heading: heading.into(), right: true, least: None, below: false, spare: None }
}

/// A column whose values are wrapped where the line is too long.
pub fn text(heading: impl Into<Cow<'static, str>>, least: usize) -> Column {
    Column { heading: heading.into(), right: false, least: Some(least), below: false, spare: None }
}

/// The last column of a table, whose values are the longest and stand below their rows in a narrow terminal.
pub fn reason(heading: impl Into<Cow<'static, str>>, least: usize) -> Column {
    Column { heading: heading.into(), right: false, least: Some(least), below: true, spare: None }
}

/// The value of a row in a column.
pub struct Cell {
    text: String,
    colour: Option<&'static str>,
}

impl Cell {
    /// A value in the terminal's own colour; what could deceive a reader of it is cleaned.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self { text: clean(text.as_ref()).into_owned(), colour: None }
    }

    /// A value in the colour of a code, such as [`BOLD`].
    pub fn coloured(text: impl AsRef<str>, colour: &'static str) -> Self {
        Self { colour: Some(colour), ..Self::plain(text) }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The width of a line with columns of some widths; those without any are left out.
fn line_width(widths: impl Iterator<Item = usize>) -> usize {
    widths.filter(|w| *w > 0).map(|w| w + GAP).sum::<usize>().saturating_sub(GAP)
}

/// A table, without the columns in which no row has a value.
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table of rows, each with a cell for every column.
    #[must_use]
    pub fn new(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        let used: Vec<bool> =
            (0..columns.len()).map(|i| rows.iter().any(|row| row.get(i).is_some_and(|cell| !cell.text.is_empty()))).collect();
        let rows = rows.into_iter().map(|row| row.into_iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect());
        Self {
            rows: rows.collect(),
            columns: columns.into_iter().zip(&used).filter(|(_, used)| **used).map(|(column, _)| column).collect(),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The widths of the columns: as wide as the content; text columns shrink until the line fits, the last one first, so that the values
    /// that identify a row stay whole for longest. Where that is not enough, those that can be spared have no width, and are left out.
    fn widths(&self, columns: usize, total: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().take(columns).map(|c| width(&c.heading)).collect();
        for row in &self.rows {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(width(&cell.text));
            }
        }
        let mut spare: Vec<(u8, usize)> = (0..columns).filter_map(|i| Some((self.columns[i].spare?, i))).collect();
        spare.sort_unstable();
        for (_, i) in spare {
            let least = widths.iter().zip(&self.columns).map(|(w, column)| column.least.map_or(*w, |least| least.min(*w)));
            if line_width(least) <= total {
                break;
            }
            widths[i] = 0;
        }
        let last = widths.iter().rposition(|w| *w > 0).unwrap_or(0);
        loop {
            let excess = line_width(widths.iter().copied()).saturating_sub(total);
            if excess == 0 {
                return widths;
            }
            let room =
                |i: usize, comfortable: usize| self.columns[i].least.map_or(0, |least| widths[i].saturating_sub(least.max(comfortable)));
            // The last column gives first, down to what still reads well; then the widest.
            let first = room(last, COMFORTABLE);
            let at = if first > 0 { Some(last) } else { (0..=last).filter(|i| room(*i, 0) > 0).max_by_key(|i| widths[*i]) };
            let Some(at) = at else { return widths };
            widths[at] -= if first > 0 { first.min(excess) } else { 1 };
        }
    }

    /// Writes the table. Where `short` says so, a reason beside its row is cut to one line.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write(&self, out: &mut dyn Write, style: Style, short: bool) -> io::Result<()> {
        let total = style.total();
        let below = total < NARROW && self.columns.last().is_some_and(|column| column.below);
        let widths = self.widths(self.columns.len() - usize::from(below), total);
        let heading: Vec<Cell> = self.columns.iter().map(|c| Cell::coloured(&c.heading, BOLD)).collect();
        self.write_row(out, &heading, &widths, style.colour, false)?;
        let rule: Vec<Cell> = widths.iter().map(|w| Cell::coloured("─".repeat(*w), DIM)).collect();
        self.write_row(out, &rule, &widths, style.colour, false)?;
        for row in &self.rows {
            self.write_row(out, row, &widths, style.colour, short)?;
            if let Some(reason) = row.last().filter(|_| below) {
                let lines = wrap(&reason.text, total - INDENT);
                lines.iter().try_for_each(|line| writeln!(out, "{:INDENT$}{}", "", paint(line, Some(DIM), style.colour)))?;
            }
        }
        Ok(())
    }

    fn write_row(&self, out: &mut dyn Write, row: &[Cell], widths: &[usize], colour: bool, short: bool) -> io::Result<()> {
        let parts = |((column, cell), w): ((&Column, &Cell), &usize)| {
            if short && column.below { vec![cut(&cell.text, *w)] } else { wrap(&cell.text, *w) }
        };
        let shown = || self.columns.iter().zip(row).zip(widths).filter(|(_, w)| **w > 0);
        let lines: Vec<Vec<String>> = shown().map(parts).collect();
        for n in 0..lines.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            // Blanks are owed rather than written, so that no line ends in them.
            let mut owed = 0;
            for (((column, cell), w), parts) in shown().zip(&lines) {
                let part = parts.get(n).map_or("", String::as_str);
                let pad = w.saturating_sub(width(part));
                if part.is_empty() {
                    owed += w + GAP;
                    continue;
                }
                owed += if column.right { pad } else { 0 };
                line.push_str(&" ".repeat(owed));
                line.push_str(&paint(part, cell.colour, colour));
                owed = GAP + if column.right { 0 } else { pad };
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

/// The text in a colour, where there are colours.
#[must_use]
pub fn paint(text: &str, code: Option<&str>, colour: bool) -> String {
    match code.filter(|_| colour) {
        Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
        None => text.to_owned(),
    }
}

/// The text in one line of at most `most` columns.
fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}
