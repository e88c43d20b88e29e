//! A scripted HTTP/1.1 server on loopback: it can cut a connection inside a body, which a well-behaved one cannot.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seaworthy_intelligence::fetch::{Client, Options, Timer};

/// One answer. `announce` is the Content-Length where it differs from the body: more cuts the connection.
#[derive(Clone)]
pub(crate) struct Say {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    announce: Option<usize>,
    /// The pause after each byte of the body.
    drip: Option<Duration>,
}

impl Say {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: vec![], body: vec![], announce: None, drip: None }
    }
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
    pub(crate) fn dripping(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }
    pub(crate) fn cut_of(mut self, length: usize) -> Self {
        self.announce = Some(length);
        self
    }
}

#[derive(Default)]
struct Script {
    /// Answers by path without query; the last one stays.
    answers: HashMap<String, VecDeque<Say>>,
    requests: Vec<String>,
}

pub(crate) struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = script.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while let Ok(n) = reader.read_line(&mut head) {
                    if n == 0 || head.ends_with("\r\n\r\n") {
                        break;
                    }
                }
                let path = head.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap().to_owned();
                let say = {
                    let mut script = shared.lock().unwrap();
                    script.requests.push(head);
                    let queue = script.answers.entry(path).or_default();
                    if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() }.unwrap_or(Say::status(404))
                };
                let length = say.announce.unwrap_or(say.body.len());
                let _ = write!(stream, "HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {length}\r\n", say.status);
                for (name, value) in &say.headers {
                    let _ = write!(stream, "{name}: {value}\r\n");
                }
                let _ = stream.write_all(b"\r\n");
                match say.drip {
                    None => drop(stream.write_all(&say.body)),
                    Some(pause) => {
                        let _ = say.body.iter().try_for_each(|byte| {
                            std::thread::sleep(pause);
                            stream.write_all(&[*byte])
                        });
                    }
                }
            }
        });
        Self { address, script }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn on(&self, path: &str, answers: impl IntoIterator<Item = Say>) {
        self.script.lock().unwrap().answers.insert(path.into(), answers.into_iter().collect());
    }

    /// The heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.script.lock().unwrap().requests.clone()
    }
}

/// A clock that sleeping moves, and nothing else.
pub(crate) struct FakeTimer(pub(crate) Mutex<(Timestamp, Vec<Duration>)>);

impl FakeTimer {
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.0.lock().unwrap().1.iter().map(Duration::as_secs).collect()
    }
}

impl Timer for FakeTimer {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }
    fn sleep(&self, wait: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 += SignedDuration::try_from(wait).unwrap();
        state.1.push(wait);
    }
}

pub(crate) fn now() -> Timestamp {
    "2003-11-24T10:00:00Z".parse().unwrap()
}

pub(crate) fn client(options: Options) -> (Client, Arc<FakeTimer>) {
    let timer = Arc::new(FakeTimer(Mutex::new((now(), vec![]))));
    (Client::with_timer(Options { proxy: false, tries: 3, ..options }, timer.clone()).unwrap(), timer)
}
