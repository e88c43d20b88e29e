//! The promises of the HTTP client, against a real server on loopback. No test waits: time is injected.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seaworthy_host::http::{Answer, Client, Content, Failure, HttpError, Method, Options, Request, Timer, below, parse};
use seaworthy_testing::http::{Say, Server};

/// A clock that moves only by sleeping.
struct FakeTimer(Mutex<(Timestamp, Vec<Duration>)>);

impl FakeTimer {
    fn waits(&self) -> Vec<u64> {
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

fn client(options: Options) -> (Client, Arc<FakeTimer>) {
    let timer = Arc::new(FakeTimer(Mutex::new(("2003-11-24T10:00:00Z".parse().unwrap(), vec![]))));
    (Client::with_timer(Options { proxy: false, tries: 3, ..options }, timer.clone()).unwrap(), timer)
}

/// Gets `/x` from a server with these answers.
fn get(server: &Server, options: Options, answers: Vec<Say>) -> (Result<Vec<u8>, HttpError>, Vec<u64>) {
    server.on("/x", answers);
    let (client, timer) = client(options);
    let body = client.get(&parse(&server.url("/x")).unwrap(), 4096);
    (body, timer.waits())
}

#[test]
fn a_failure_that_may_pass_is_tried_again() {
    let server = Server::start();
    let ok = || Say::ok("whole");
    let later = |wait: &str| Say::status(429).header("Date", "Tue, 24 Nov 2026 10:00:00 GMT").header("Retry-After", wait);
    for (answers, waits) in [
        (vec![ok()], vec![]),
        (vec![Say::status(503), ok()], vec![2]),
        (vec![Say::status(500), Say::status(524), ok()], vec![2, 4]),
        (vec![later("45"), later("Tue, 24 Nov 2026 10:01:30 GMT"), ok()], vec![45, 90]),
        (vec![later("1"), ok()], vec![2]),
        (vec![later("soon"), ok()], vec![2]),
        // What came of a try that was cut is forgotten.
        (vec![Say::ok("{\"half").cut_of(100), ok()], vec![2]),
        (vec![Say::status(302).header("Location", "/x"), ok()], vec![]),
    ] {
        let words = format!("{answers:?}");
        let (body, waited) = get(&server, Options::default(), answers);
        assert_eq!((body.unwrap(), waited), (b"whole".to_vec(), waits), "{words}");
    }
}

#[test]
fn a_failure_that_stays_is_an_error() {
    let server = Server::start();
    let to = |location: &str| Say::status(301).header("Location", location);
    for (say, tries, words) in [
        (Say::status(404), 1, &["not found"][..]),
        (Say::status(410), 1, &["not found"]),
        (Say::status(401).header("message", "no key"), 1, &["refused with 401", "\"no key\""]),
        (Say::status(403), 1, &["refused with 403"]),
        (Say::status(501), 1, &["unavailable", "501"]),
        (Say::status(503), 3, &["unavailable", "503 Service Unavailable", "tries: 3"]),
        (Say::status(429), 3, &["limits the rate", "tries: 3"]),
        (Say::status(429).header("Retry-After", "86400"), 1, &["limits the rate"]),
        (Say::status(418), 1, &["unexpected answer 418"]),
        (Say::status(304), 1, &["unexpected answer 304"]),
        (Say::ok("half").cut_of(100), 3, &["cut after 4 bytes", "tries: 3"]),
        (Say::ok(vec![b' '; 5000]), 1, &["too large", "5000", "4096"]),
        (to("/x"), 1, &["more than 5 redirects"]),
        (to("file:///etc/hostname"), 1, &["leaves https"]),
        (to("http://["), 1, &["no address"]),
    ] {
        let shown = format!("{say:?}");
        let (body, waits) = get(&server, Options::default(), vec![say]);
        let error = body.unwrap_err();
        assert_eq!((error.tries, waits.len()), (tries, tries as usize - 1), "{shown}: {error}");
        assert!(error.address.ends_with("/x") && words.iter().all(|w| error.to_string().contains(w)), "{shown}: {error}");
        assert_eq!(error.is_not_found(), error.to_string().contains("not found"));
    }
}

#[test]
fn a_body_that_drips_is_given_up_at_once() {
    let drips = || vec![Say::ok(vec![b' '; 4096]).dripping(Duration::from_millis(5))];
    let rate = Options { window: Duration::from_millis(100), bytes_a_window: 1 << 20, ..Options::default() };
    let whole = Options { whole: Duration::from_millis(200), ..Options::default() };
    for options in [rate, whole] {
        // One server each: it is busy with its drips.
        let (body, waits) = get(&Server::start(), options, drips());
        let error = body.unwrap_err();
        assert!(matches!(error.failure, Failure::TooSlow { .. }), "{error}");
        assert!(waits.is_empty(), "another try would be as slow");
    }
}

#[test]
fn without_a_network_only_the_first_host_is_tried_again() {
    let nobody = parse("http://ci:hunter2@127.0.0.1:1/x?token=hunter2").unwrap();
    let server = Server::start();
    server.on("/x", [Say::ok("")]);
    let somebody = parse(&server.url("/x")).unwrap();
    let (client, timer) = client(Options::default());
    for waits in [&[2][..], &[2], &[2]] {
        let error = client.get(&nobody, 10).unwrap_err();
        assert_eq!(error.address, "http://***@127.0.0.1:1/x?***");
        assert!(matches!(error.failure, Failure::Unreachable(_)) && error.to_string().contains("efused"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(timer.waits(), waits);
    }
    // A host that answers shows that there is a network.
    client.get(&somebody, 10).unwrap();
    client.get(&nobody, 10).unwrap_err();
    assert_eq!(timer.waits(), [2, 2]);
}

#[test]
fn secrets_go_to_the_host_of_the_address_only() {
    let (server, other) = (Server::start(), Server::start());
    server.on("/x", [Say::status(302).header("Location", &other.url("/y"))]);
    other.on("/y", [Say::ok("there")]);
    let url = parse(&server.url("/x")).unwrap();
    let request = Request { headers: &[("x-plain", "1")], secrets: &[("apiKey", "s3cret")], ..Request::get(&url, 100) };
    client(Options::default()).0.send(&request, &mut Vec::new()).unwrap();
    assert!(server.requests()[0].contains("apikey: s3cret") && server.requests()[0].contains("x-plain: 1"));
    assert!(!other.requests()[0].contains("s3cret") && other.requests()[0].contains("x-plain: 1"));
    assert!(server.requests()[0].contains("user-agent: seaworthy/"));
}

#[test]
fn what_is_sent_is_sent_whole_with_each_try() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let (file, empty) = (folder.path().join("file"), folder.path().join("empty"));
    std::fs::write(&file, "content").unwrap();
    std::fs::write(&empty, "").unwrap();
    let url = parse(&server.url("/x")).unwrap();
    for (content, sent) in [
        (Content::None, ""),
        (Content::Bytes(b""), ""),
        (Content::Bytes(b"content"), "content"),
        (Content::File(&file), "content"),
        (Content::File(&empty), ""),
    ] {
        for method in [Method::Put, Method::Delete] {
            server.on("/x", [Say::status(503), Say::status(204)]);
            let before = server.asked().len();
            let request = Request { content, ..Request::new(method, &url, 0) };
            assert_eq!(client(Options::default()).0.send(&request, &mut std::io::sink()).unwrap().status, 204);
            let asked = &server.asked()[before..];
            assert_eq!(asked.len(), 2);
            assert!(asked.iter().all(|a| a.body == sent.as_bytes()), "{content:?}");
        }
    }
    let request = Request { content: Content::File(folder.path()), ..Request::new(Method::Put, &url, 0) };
    let gone = Request { content: Content::File(&folder.path().join("gone")), ..request };
    let error = client(Options::default()).0.send(&gone, &mut std::io::sink()).unwrap_err();
    assert!(matches!(error.failure, Failure::Local(_)), "{error}");
}

#[test]
fn an_address_may_be_signed_anew_for_each_try() {
    let server = Server::start();
    server.on("/x", [Say::status(500), Say::ok("")]);
    let url = parse(&server.url("/x")).unwrap();
    let number = std::cell::Cell::new(0);
    let signed = || {
        number.set(number.get() + 1);
        let mut url = url.clone();
        url.set_query(Some(&format!("sig={}", number.get())));
        url
    };
    let request = Request { signed: Some(&signed), ..Request::get(&url, 10) };
    client(Options::default()).0.send(&request, &mut Vec::new()).unwrap();
    let lines: Vec<String> = server.requests().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["GET /x?sig=1 HTTP/1.1", "GET /x?sig=2 HTTP/1.1"]);
}

#[test]
fn a_status_that_is_asked_for_is_an_answer() {
    let server = Server::start();
    server.on("/x", [Say::status(404).header("x-reason", "gone").body("<Code>NoSuchKey</Code>")]);
    let url = parse(&server.url("/x")).unwrap();
    let request = Request { answers: &[404], ..Request::get(&url, 1 << 20) };
    let (client, _) = client(Options::default());
    let mut body = Vec::new();
    let answer: Answer = client.send(&request, &mut body).unwrap();
    assert_eq!((answer.status, answer.said.as_str(), answer.header("x-reason")), (404, "<Code>NoSuchKey</Code>", Some("gone")));
    assert!(body.is_empty());
    // An endless explanation is read in part.
    server.on("/x", [Say::status(404).body(vec![b'x'; 100 << 10])]);
    assert_eq!(client.send(&request, &mut body).unwrap().said.len(), 16 << 10);
}

#[test]
fn a_file_below_an_address_stays_below_it() {
    for (base, path, whole) in [
        ("https://h/a", "repodata/repomd.xml", "https://h/a/repodata/repomd.xml"),
        ("https://h/a/", "x", "https://h/a/x"),
        ("https://h", "x", "https://h/x"),
        ("https://h/a/?token=t", "x", "https://h/a/x?token=t"),
        ("https://h/a", "../../x?y#z", "https://h/a/x%3Fy%23z"),
    ] {
        assert_eq!(below(&parse(base).unwrap(), path).as_str(), whole);
    }
}
