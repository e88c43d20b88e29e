//! A scripted HTTP/1.1 server on loopback: it can cut a connection inside a body, or send it byte by byte, which a well-behaved one cannot.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An answer of the server.
#[derive(Clone, Debug)]
pub struct Say {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The Content-Length, where it differs from that of the body: a greater one cuts the connection.
    announce: Option<usize>,
    /// The pause after each byte of the body; `None` for no pauses.
    drip: Option<Duration>,
}

impl Say {
    /// An answer with a status and no body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, headers: vec![], body: vec![], announce: None, drip: None }
    }

    /// An answer with status 200 and a body.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(body)
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Pauses after each byte of the body.
    #[must_use]
    pub fn dripping(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    /// Announces a longer body, and cuts the connection behind the one there is.
    #[must_use]
    pub fn cut_of(mut self, length: usize) -> Self {
        self.announce = Some(length);
        self
    }

    fn to(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let length = self.announce.unwrap_or(self.body.len());
        write!(stream, "HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {length}\r\n", self.status)?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        let Some(pause) = self.drip else { return stream.write_all(&self.body) };
        self.body.iter().try_for_each(|byte| {
            std::thread::sleep(pause);
            stream.write_all(&[*byte])
        })
    }
}

/// A request that the server got.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request line and the headers, with their line ends.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Script {
    /// The answers by path without query; the last of a path is given for ever.
    answers: HashMap<String, VecDeque<Say>>,
    asked: Vec<Asked>,
}

/// A server on a thread of the test program, with which it ends.
pub struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// A server that answers 404 to everything.
    ///
    /// # Panics
    /// When loopback cannot be used.
    #[must_use]
    #[allow(clippy::expect_used, reason = "a helper of tests: this is how a test fails")]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
        let address = listener.local_addr().expect("the port that was taken");
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = script.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                // A client that goes away is no matter of the server's.
                let _ = answer(&mut stream, &shared);
            }
        });
        Self { address, script }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets the answers to a path, in order; the last is given for ever.
    pub fn on(&self, path: &str, answers: impl IntoIterator<Item = Say>) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.answers.insert(path.into(), answers.into_iter().collect());
    }

    /// The requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    /// The heads of the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.head).collect()
    }
}

fn answer(stream: &mut TcpStream, script: &Mutex<Script>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
    });
    let mut body = Vec::new();
    reader.take(length.unwrap_or(0)).read_to_end(&mut body)?;
    let path = head.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/").to_owned();
    let say = {
        let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
        script.asked.push(Asked { head, body });
        let queue = script.answers.entry(path).or_default();
        if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() }.unwrap_or(Say::status(404))
    };
    say.to(stream)
}
