//! Standard output and standard error, with foreign text cleaned of what moves a cursor or turns the direction of reading, and of secrets.
//! The reader of standard output may close it, as `head` does, at which `println!` would panic.

use std::fmt;
use std::io::{self, Write};

use seaworthy_model::text::{json_safe, masked, masked_json, printable};

/// Writes a line to standard output, like `println!`.
macro_rules! say {
    ($($text:tt)*) => { $crate::say::line(format_args!($($text)*)) };
}

/// Writes a line to standard error, like `eprintln!`.
macro_rules! note {
    ($($text:tt)*) => { $crate::say::note(format_args!($($text)*)) };
}

/// Writes a line, or ends the program where that is impossible: with exit code 0 where the reader is gone, else with an error.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    write(&printable(&masked(&text.to_string())));
}

/// Writes JSON in a line, cleaned as JSON.
pub(crate) fn json(text: &str) {
    write(&json_safe(&masked_json(text)));
}

fn write(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")) {
        if error.kind() == io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        // Standard error may be gone as well; the exit code still tells.
        let _ = writeln!(io::stderr(), "error: cannot write to standard output: {error}");
        std::process::exit(2);
    }
}

/// Writes a line to standard error. The work goes on where its reader is gone.
pub(crate) fn note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{}", printable(&masked(&text.to_string())));
}

/// The reader for whom an output is cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// People, on a terminal or in a browser.
    Person,
    /// Programs that read JSON, for which the values stay.
    Json,
}

/// A writer that cleans its output. Secrets in addresses must be masked before.
pub(crate) struct Cleaned<W> {
    out: W,
    reader: Reader,
    /// The first bytes of a character whose other bytes are still to come.
    begun: Vec<u8>,
}

impl<W: Write> Cleaned<W> {
    pub(crate) fn new(out: W, reader: Reader) -> Self {
        Self { out, reader, begun: Vec::new() }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let cleaned = match self.reader {
            Reader::Person => printable(text),
            Reader::Json => json_safe(text),
        };
        self.out.write_all(cleaned.as_bytes())
    }
}

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() && bytes.iter().all(|b| matches!(b, b'\n' | b'\t' | 0x20..0x7f)) {
            self.out.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let (valid, bad) = match std::str::from_utf8(rest) {
                Ok(text) => (text.len(), Some(0)),
                Err(e) => (e.valid_up_to(), e.error_len()),
            };
            let (text, behind) = rest.split_at(valid);
            self.text(std::str::from_utf8(text).unwrap_or_default())?;
            let Some(bad) = bad else {
                self.begun = behind.to_vec();
                break;
            };
            if bad > 0 {
                self.text("\u{fffd}")?;
            }
            rest = behind.get(bad..).unwrap_or_default();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_comes_in_pieces_is_cleaned() {
        let text = "a\u{1b}[1m\u{202e}ü\u{e0041}\n";
        for (reader, wanted) in
            [(Reader::Person, "a\u{241b}[1m[U+202E]ü[U+E0041]\n"), (Reader::Json, "a\\u001b[1m\\u202eü\\udb40\\udc41\n")]
        {
            for step in 1..text.len() {
                let mut out = Vec::new();
                let mut cleaned = Cleaned::new(&mut out, reader);
                text.as_bytes().chunks(step).for_each(|piece| cleaned.write_all(piece).unwrap());
                assert_eq!(String::from_utf8(out).unwrap(), wanted);
            }
        }
    }
}
