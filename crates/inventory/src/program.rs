//! Running another program with a time limit.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::InventoryError;

/// Runs a program without a shell, feeds it `input` and returns what it wrote.
///
/// # Errors
/// When it is missing, fails, or runs longer than `limit` (it is then ended).
pub(crate) fn run<S: AsRef<OsStr>>(program: &str, arguments: &[S], input: &[u8], limit: Duration) -> Result<Vec<u8>, InventoryError> {
    let shown = || arguments.iter().fold(program.to_owned(), |all, a| all + " " + &a.as_ref().to_string_lossy());
    let fail = |message: String| InventoryError::Program { program: shown(), message };
    let mut child = Command::new(program)
        .args(arguments)
        // A partial clone must not go to the network for a file that it lacks.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| {
            fail(if e.kind() == std::io::ErrorKind::NotFound {
                format!("is not installed; install {program} and try again")
            } else {
                e.to_string()
            })
        })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        // Reader and writer each need a thread, or a full pipe would stop both sides.
        scope.spawn(move || stdin.map(|mut s| s.write_all(input)));
        let out = scope.spawn(move || read_all(stdout));
        let err = scope.spawn(move || read_all(stderr));
        let start = Instant::now();
        let mut pause = Duration::from_micros(200);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) if start.elapsed() > limit => {
                    // Whether it can be ended or not, its result is no longer wanted.
                    let _ = child.kill();
                    let _ = child.wait();
                    break Err(fail(format!("took longer than {} seconds and was ended", limit.as_secs())));
                }
                Ok(None) => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(10));
                }
                Err(e) => break Err(fail(e.to_string())),
            }
        };
        let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
        let status = status?;
        if status.success() {
            return Ok(out);
        }
        let said: String = String::from_utf8_lossy(&err).trim().chars().take(400).collect();
        Err(fail(if said.is_empty() { format!("failed with {status}") } else { said }))
    })
}

fn read_all(pipe: Option<impl Read>) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(mut pipe) = pipe {
        // What came before a broken pipe is still worth having.
        let _ = pipe.read_to_end(&mut out);
    }
    out
}
