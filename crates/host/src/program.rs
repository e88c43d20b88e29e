//! Running other programs: in one place, without a shell, with limits of time and output.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The time that a program may take by default.
const TIME: Duration = Duration::from_secs(60);
/// The number of bytes that a program may write to standard output by default.
const OUTPUT: u64 = 16 << 20;
/// The number of bytes that a program may write to standard error; more is no message.
const ERROR_OUTPUT: u64 = 1 << 20;
/// The environment variables that a program inherits; it gets no others.
const INHERITED: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// The error of a program.
#[derive(Debug, thiserror::Error)]
#[error("running `{command}`: {failure}")]
pub struct ProgramError {
    /// The command line.
    pub command: String,
    /// The cause.
    #[source]
    pub failure: Failure,
}

/// The way in which a program failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// PATH has no program of this name.
    #[error("there is no such program; install {0} or correct its path")]
    Missing(String),
    /// The program ended with another status than success.
    #[error("it ended with {status}, saying: {}", if message.is_empty() { "nothing" } else { message.as_str() })]
    Status {
        /// The exit status or signal.
        status: ExitStatus,
        /// The first 1,000 characters of its standard error.
        message: String,
    },
    /// The program ran longer than the limit, and was ended with its process group.
    #[error("it took longer than {} s and was ended", .0.as_secs_f32())]
    Time(Duration),
    /// The program wrote more than the limit, and was ended with its process group.
    #[error("it wrote more to {0} than it may, and was ended")]
    Output(&'static str),
    /// The system could not start the program, or its output could not be read.
    #[error("{0}")]
    Io(io::Error),
}

/// A program to be run: by default for at most a minute, with at most 16 MiB of output.
///
/// ```
/// use seaworthy_host::Program;
///
/// assert_eq!(Program::new("cat").run(b"input")?, b"input");
/// # Ok::<(), seaworthy_host::ProgramError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    time: Duration,
    output: u64,
}

impl Program {
    /// The program of this name in PATH, or at this path.
    #[must_use]
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), environment: Vec::new(), time: TIME, output: OUTPUT }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the program's environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Passes a variable of our own environment to the program, where it is set.
    #[must_use]
    pub fn inherit(self, name: &str) -> Self {
        match std::env::var_os(name) {
            Some(value) => self.env(name, value),
            None => self,
        }
    }

    /// Sets the time that the program may take.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets the number of bytes that the program may write to standard output.
    #[must_use]
    pub fn output(mut self, bytes: u64) -> Self {
        self.output = bytes;
        self
    }

    /// The command line, as people write it.
    #[must_use]
    pub fn command_line(&self) -> String {
        let mut line = quoted(&self.program);
        for argument in &self.arguments {
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        line
    }

    /// Runs the program with `input` as its standard input, and gives its standard output.
    ///
    /// # Errors
    /// When the program is missing, fails, writes more than it may or takes longer than it may. In the last two cases it is ended, with all
    /// programs of its process group.
    pub fn run(&self, input: &[u8]) -> Result<Vec<u8>, ProgramError> {
        let deadline = Instant::now() + self.time;
        let mut child = self.spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let input = input.to_vec();
        // Reader and writer each need a thread, or a full pipe would stop both sides. The threads are not joined: what keeps a
        // pipe open although its process group is gone must not keep us.
        std::thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
        let out = read(stdout, self.output);
        let err = read(stderr, ERROR_OUTPUT);
        let said = (|| {
            let out = self.wait(&out, "standard output", deadline)?;
            let err = self.wait(&err, "standard error", deadline)?;
            Ok((out, err))
        })();
        // The child is reaped after its group was ended, so that its number cannot mean another group.
        let (out, err) = said.inspect_err(|_| end(&mut child))?;
        let mut pause = Duration::from_micros(100);
        let status = loop {
            match child.try_wait().map_err(|e| self.failed(Failure::Io(e)))? {
                Some(status) => break status,
                None if Instant::now() >= deadline => {
                    end(&mut child);
                    return Err(self.too_slow());
                }
                None => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        if status.success() {
            return Ok(out);
        }
        let message: String = String::from_utf8_lossy(&err).trim().chars().take(1000).collect();
        Err(self.failed(Failure::Status { status, message }))
    }

    fn spawn(&self) -> Result<Child, ProgramError> {
        let inherited = INHERITED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(inherited).env("LC_ALL", "C").env("TZ", "UTC");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command.spawn().map_err(|e| {
            self.failed(if e.kind() == io::ErrorKind::NotFound {
                Failure::Missing(self.program.to_string_lossy().into_owned())
            } else {
                Failure::Io(e)
            })
        })
    }

    fn wait(&self, pipe: &Receiver<Option<Vec<u8>>>, name: &'static str, deadline: Instant) -> Result<Vec<u8>, ProgramError> {
        match pipe.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(self.failed(Failure::Output(name))),
            Err(RecvTimeoutError::Timeout) => Err(self.too_slow()),
            Err(RecvTimeoutError::Disconnected) => Err(self.failed(Failure::Io(io::Error::other(format!("its {name} could not be read"))))),
        }
    }

    fn failed(&self, failure: Failure) -> ProgramError {
        ProgramError { command: self.command_line(), failure }
    }

    fn too_slow(&self) -> ProgramError {
        self.failed(Failure::Time(self.time))
    }
}

/// Reads a pipe to its end in a thread of its own; gives `None` where more than `limit` bytes came.
fn read(pipe: Option<impl Read + Send + 'static>, limit: u64) -> Receiver<Option<Vec<u8>>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a broken pipe is still worth having.
        let _ = pipe.map(|pipe| pipe.take(limit + 1).read_to_end(&mut bytes));
        // Nobody listens any more where the program was given up.
        let _ = send.send((bytes.len() as u64 <= limit).then_some(bytes));
    });
    receive
}

/// Ends a program and all others of its process group.
fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself meanwhile.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn quoted(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%!".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("sh").args(["-c", script])
    }

    #[test]
    fn program_output_and_input_pass_through() {
        let big = vec![b'x'; 3 << 20];
        assert_eq!(Program::new("cat").run(&big).unwrap(), big);
    }

    #[test]
    fn program_that_does_not_read_its_input_is_no_error() {
        assert_eq!(shell("echo done").run(&vec![0; 1 << 20]).unwrap(), b"done\n");
    }

    #[test]
    fn program_failure_names_command_and_message() {
        let error = shell("echo 'no luck' >&2; exit 3").run(b"").unwrap_err().to_string();
        assert!(
            error.contains("sh -c 'echo '\\''no luck'\\''") && error.contains("exit status: 3") && error.ends_with("no luck"),
            "{error}"
        );
    }

    #[test]
    fn program_that_is_missing_says_what_to_do() {
        let error = Program::new("no-such-program-here").run(b"").unwrap_err().to_string();
        assert!(error.contains("install no-such-program-here"), "{error}");
    }

    #[test]
    fn program_that_takes_too_long_is_ended_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("alive");
        // The child that it leaves behind would write the mark, and holds the pipes open.
        let script = format!("(sleep 1; touch '{}') & sleep 30", mark.display());
        let start = Instant::now();
        let error = shell(&script).time(Duration::from_millis(200)).run(b"").unwrap_err().to_string();
        assert!(error.contains("took longer than 0.2 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(1));
        std::thread::sleep(Duration::from_millis(1200));
        assert!(!mark.exists(), "what it started lives on");
    }

    #[test]
    fn program_that_says_too_much_is_ended() {
        let start = Instant::now();
        let error = shell("yes").output(1000).run(b"").unwrap_err().to_string();
        assert!(error.contains("wrote more to standard output"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn program_sees_nothing_of_the_environment_but_what_it_needs() {
        let seen = String::from_utf8(Program::new("env").env("GIVEN", "1").run(b"").unwrap()).unwrap();
        for line in seen.lines() {
            let name = line.split('=').next().unwrap();
            assert!(INHERITED.contains(&name) || ["LC_ALL", "TZ", "GIVEN"].contains(&name), "{line}");
        }
        assert!(seen.contains("GIVEN=1"));
    }
}
