//! Standard output whose reader may go away, as `head` does: `println!` would panic then.

use std::fmt;
use std::io::{self, Write};

/// Writes a line to standard output, like `println!`.
macro_rules! say {
    ($($text:tt)*) => { $crate::say::line(format_args!($($text)*)) };
}

/// Writes a line, or ends the program: quietly where nobody reads any more, with an error otherwise.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.write_all(b"\n")) {
        if error.kind() == io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        // Standard error may be gone as well; the exit code still tells.
        let _ = writeln!(io::stderr(), "error: cannot write to standard output: {error}");
        std::process::exit(2);
    }
}
