//! The promises of fetching, against a real server on loopback. No test waits: time is injected.

use std::io::Write;
use std::time::Duration;

use crate::clock::{client, now};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::SignedDuration;
use proptest::prelude::*;
use seaworthy_host::archive::{ArchiveError, Limits};
use seaworthy_host::http::Pace;
use seaworthy_intelligence::fetch::*;
use seaworthy_model::Digest;
use seaworthy_testing::http::{Say, Server};

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(vec![], Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn meta(content: &[u8]) -> String {
    format!(
        "lastModifiedDate:2026-11-24T03:00:02-05:00\r\nsize:{}\r\nzipSize:1\r\ngzSize:1\r\nsha256:{}\r\n",
        content.len(),
        Digest::of(content).hex().to_uppercase()
    )
}

/// Checks that the message of an error has each of the words.
fn says(error: &FetchError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
}

/// Fetches KEV, the simplest source; the known validators are kept over calls.
fn get(client: &Client, server: &Server, known: &mut Known) -> Result<Body, FetchError> {
    let mut out = None;
    kev(client, &Location::of(&server.url("/kev.json")), known, &mut |a: Artefact| {
        known_insert(&mut out, a);
        Ok(())
    })?;
    let artefact: Artefact = out.unwrap();
    known.0.insert(artefact.name, artefact.validators);
    Ok(artefact.body)
}

fn known_insert(out: &mut Option<Artefact>, artefact: Artefact) {
    assert!(out.replace(artefact).is_none());
}

#[test]
fn an_etag_makes_the_second_request_conditional() {
    let server = Server::start();
    server.on("/kev.json", [Say::ok("{}").header("ETag", "\"a1\""), Say::status(304)]);
    let (client, timer) = client(Options::default());
    let mut known = Known::default();
    assert_eq!(get(&client, &server, &mut known).unwrap(), Body::Bytes(b"{}".to_vec()));
    assert_eq!(get(&client, &server, &mut known).unwrap(), Body::Unchanged);
    assert_eq!(known.0["kev.json"].etag.as_deref(), Some("\"a1\""));
    let requests = server.requests();
    assert!(requests[0].contains("user-agent: seaworthy/") && !requests[0].contains("if-none-match"), "{}", requests[0]);
    assert!(requests[1].contains("if-none-match: \"a1\""), "{}", requests[1]);
    assert!(timer.waits().is_empty());
}

#[test]
fn a_request_that_fails_says_what_to_do() {
    let server = Server::start();
    for (say, tries, words) in [
        (Say::status(401), 1, &["401", "check the API key"][..]),
        (Say::status(403).header("message", "Invalid apiKey."), 3, &["403", "Invalid apiKey.", "check the API key", "mirror"]),
        (Say::status(429).header("Retry-After", "86400"), 1, &["limits the rate", "run again in 86400 s", "API key"]),
        (Say::status(503), 3, &["503", "check network and proxy, then run again"]),
        (Say::status(418), 1, &["418", "no proxy answers in the host's place"]),
        (Say::ok("{\"half").cut_of(100), 3, &["cut after 6 bytes", "look for a proxy"]),
        (Say::ok(vec![b' '; 5000]), 1, &["too large", "5000", "4096", "raise the limit"]),
        (Say::status(302).header("Location", "file:///etc/hostname"), 1, &["leaves https", "final address"]),
    ] {
        server.on("/kev.json", [say]);
        let (client, timer) = client(Options { max_bytes: 4096, ..Options::default() });
        let error = get(&client, &server, &mut Known::default()).unwrap_err();
        says(&error, &["/kev.json"]);
        says(&error, words);
        assert_eq!(timer.waits().len(), tries - 1, "{error}");
    }
    let (client, timer) = client(Options::default());
    server.on("/kev.json", [Say::status(404)]);
    let error = get(&client, &server, &mut Known::default()).unwrap_err();
    assert!(matches!(error, FetchError::NotFound { .. }));
    says(&error, &["not found", "check the address"]);
    let nobody = |text: &str| kev(&client, &Location::Url(text.into()), &Known::default(), &mut |_: Artefact| Ok(())).unwrap_err();
    says(&nobody("http://u:hunter2@127.0.0.1:1/kev.json"), &["***@127.0.0.1:1", "cannot be reached", "efused", "check network and proxy"]);
    says(&nobody("https://u:hunter2@/kev.json"), &["no usable address", "write http://"]);
    assert!(["http://u:hunter2@127.0.0.1:1/?token=hunter2", "ftp://hunter2@h/"].iter().all(|a| !nobody(a).to_string().contains("hunter2")));
    assert_eq!(timer.waits(), [2], "only the first host that cannot be reached is tried again");
}

/// Fetches the feeds of 2002, 2003 and modified; the content of a year is its number.
fn feeds(server: &Server, client: &Client, known: &Known) -> Result<Vec<Artefact>, FetchError> {
    let mut out = vec![];
    nvd_feeds(client, &Location::of(&server.url("/f")), now(), known, &mut |a: Artefact| {
        out.push(a);
        Ok(())
    })?;
    Ok(out)
}

fn serve_feed(server: &Server, feed: &str, content: &[u8]) {
    server.on(&format!("/f/nvdcve-2.0-{feed}.meta"), [Say::ok(meta(content))]);
    server.on(&format!("/f/nvdcve-2.0-{feed}.json.gz"), [Say::ok(gz(content))]);
}

#[test]
fn feeds_come_in_order_and_only_when_changed() {
    let server = Server::start();
    serve_feed(&server, "2002", b"2002");
    serve_feed(&server, "modified", b"m1");
    let (client, _) = client(Options::default());
    // 2003 is the current year of the clock, and not yet published.
    let first = feeds(&server, &client, &Known::default()).unwrap();
    let names: Vec<&str> = first.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["nvdcve-2.0-2002.json.gz", "nvdcve-2.0-modified.json.gz"]);
    assert_eq!(first[0].body, Body::Bytes(gz(b"2002")), "kept as published");
    let known = Known(first.into_iter().map(|a| (a.name, a.validators)).collect());
    serve_feed(&server, "modified", b"m2");
    let second = feeds(&server, &client, &known).unwrap();
    assert_eq!((&second[0].body, &second[1].body), (&Body::Unchanged, &Body::Bytes(gz(b"m2"))));
    server.on("/f/nvdcve-2.0-2002.meta", [Say::status(404)]);
    server.on("/f/nvdcve-2.0-2002.json.gz", [Say::status(404)]);
    assert!(matches!(feeds(&server, &client, &known), Err(FetchError::NotFound { .. })), "a past year must be there");
}

#[test]
fn a_feed_that_is_not_what_its_meta_says_is_asked_for_twice() {
    let server = Server::start();
    serve_feed(&server, "modified", b"m");
    server.on("/f/nvdcve-2.0-2002.meta", [Say::ok(meta(b"new"))]);
    server.on("/f/nvdcve-2.0-2002.json.gz", [Say::ok(gz(b"old")), Say::ok(gz(b"new"))]);
    let (client, _) = client(Options::default());
    assert_eq!(feeds(&server, &client, &Known::default()).unwrap()[0].body, Body::Bytes(gz(b"new")));
    server.on("/f/nvdcve-2.0-2002.json.gz", [Say::ok(gz(b"old"))]);
    let error = feeds(&server, &client, &Known::default()).unwrap_err();
    assert!(matches!(&error, FetchError::WrongHash { expected, .. } if *expected == Digest::of(b"new")));
    says(&error, &["nvdcve-2.0-2002.json.gz", "run again", "change the mirror"]);
    let whole = gz(&[b'x'; 3000]);
    server.on("/f/nvdcve-2.0-2002.json.gz", [Say::ok(&whole[..whole.len() - 9])]);
    let error = feeds(&server, &client, &Known::default()).unwrap_err();
    assert!(matches!(error, FetchError::Archive(ArchiveError::Truncated { .. })), "{error:?}");
    says(&error, &["truncated", "fetch it again"]);
    server.on("/f/nvdcve-2.0-2002.meta", [Say::ok("<html>")]);
    says(&feeds(&server, &client, &Known::default()).unwrap_err(), &["2002.meta", "sha256", "fetch it again"]);
}

#[test]
fn a_folder_of_feeds_is_read_in_place() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    put("nvdcve-2.0-modified.json.gz", &gz(b"m"));
    put("nvdcve-2.0-2024.json.gz", &gz(b"24"));
    put("nvdcve-2.0-2024.meta", meta(b"24").as_bytes());
    put("nvdcve-2.0-2023.json", b"23");
    put("README", b"");
    let (client, _) = client(Options::default());
    let run = |known: &Known| {
        let mut out = vec![];
        nvd_feeds(&client, &Location::Path(dir.path().into()), now(), known, &mut |a: Artefact| {
            out.push(a);
            Ok(())
        })
        .map(|()| out)
    };
    let first = run(&Known::default()).unwrap();
    let names: Vec<&str> = first.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["nvdcve-2.0-2023.json", "nvdcve-2.0-2024.json.gz", "nvdcve-2.0-modified.json.gz"]);
    assert_eq!(first[1].body, Body::File(dir.path().join("nvdcve-2.0-2024.json.gz")));
    let known = Known(first.into_iter().map(|a| (a.name, a.validators)).collect());
    assert!(run(&known).unwrap().iter().all(|a| a.body == Body::Unchanged));
    put("nvdcve-2.0-2024.json.gz", &gz(b"altered"));
    says(&run(&known).unwrap_err(), &["nvdcve-2.0-2024.json.gz", "delete the file"]);
}

fn page(start: u64, total: u64, ids: std::ops::Range<u64>) -> Say {
    let items: Vec<String> = ids.map(|i| format!(r#"{{"cve":{{"id":"CVE-2026-{i:04}"}}}}"#)).collect();
    Say::ok(format!(
        r#"{{"resultsPerPage":{},"startIndex":{start},"totalResults":{total},"vulnerabilities":[{}]}}"#,
        items.len(),
        items.join(",")
    ))
}

fn delta(server: &Server, days: i64) -> Delta {
    Delta { url: server.url("/api"), per_page: 2, ..Delta::new(now() - SignedDuration::from_hours(24 * days), now()) }
}

type Pages = (Result<DeltaDone, FetchError>, Vec<String>, Vec<Progress>);

fn run_delta(client: &Client, delta: &Delta, resume: Option<Progress>, stop_after: usize) -> Pages {
    let (mut names, mut progress) = (vec![], vec![]);
    let mut sink = |a: Artefact| {
        if names.len() == stop_after {
            return Err(FetchError::Sink { name: a.name, source: "disk full; free some".into() });
        }
        names.push(a.name);
        Ok(())
    };
    let done = nvd_delta(client, delta, resume, &mut sink, &mut |p| {
        progress.push(p.clone());
        Ok(())
    });
    (done, names, progress)
}

#[test]
fn three_pages_with_the_key_and_the_published_pace() {
    let server = Server::start();
    server.on("/api", [page(0, 5, 0..2), page(2, 5, 2..4), page(4, 5, 4..5)]);
    let pace = Some(Pace { requests: 2, window: Duration::from_secs(30) });
    let (client, timer) = client(Options { api_key: Some("s3cret".into()), pace, ..Options::default() });
    assert!(!format!("{client:?}").contains("s3cret"));
    let (done, names, _) = run_delta(&client, &delta(&server, 10), None, 99);
    assert_eq!(done.unwrap(), DeltaDone { pages: 3, records: 5, until: now() });
    assert_eq!(names[2], "api/20031114T080000Z..20031124T100000Z/000004.json");
    let requests = server.requests();
    assert!(requests[0].contains("lastModStartDate=2003-11-14T08%3A00%3A00.000%2B00%3A00"), "two hours of overlap: {}", requests[0]);
    assert!(requests[2].contains("startIndex=4") && requests[2].to_lowercase().contains("apikey: s3cret"), "{}", requests[2]);
    assert_eq!(timer.waits(), [30]);
}

#[test]
fn the_key_does_not_follow_a_redirect_to_another_host() {
    let (server, other) = (Server::start(), Server::start());
    server.on("/api", [Say::status(302).header("Location", &other.url("/elsewhere"))]);
    other.on("/elsewhere", [page(0, 1, 0..1)]);
    let (client, _) = client(Options { api_key: Some("s3cret".into()), ..Options::default() });
    run_delta(&client, &delta(&server, 1), None, 99).0.unwrap();
    assert!(server.requests()[0].contains("s3cret"));
    assert!(!other.requests()[0].contains("s3cret"), "{}", other.requests()[0]);
}

#[test]
fn a_long_time_is_cut_into_windows() {
    let server = Server::start();
    server.on("/api", [page(0, 1, 0..1), page(0, 0, 0..0), page(0, 1, 0..1)]);
    let (client, _) = client(Options::default());
    let (done, names, progress) = run_delta(&client, &delta(&server, 300), None, 99);
    assert_eq!(done.unwrap().pages, 3);
    assert_eq!(names.len(), 3);
    for (a, b) in names.iter().zip(&names[1..]) {
        let (a, b) = (a.split(['/', '.']).collect::<Vec<_>>(), b.split(['/', '.']).collect::<Vec<_>>());
        assert_eq!(a[3], b[1], "no gap between windows");
    }
    assert!(progress.iter().all(|p| p.window_end.duration_since(p.window_start) <= SignedDuration::from_hours(120 * 24)));
    assert_eq!(progress.last().unwrap().window_start, now(), "done");
}

#[test]
fn a_stopped_delta_goes_on_from_its_page() {
    let server = Server::start();
    server.on("/api", [page(0, 4, 0..2), page(2, 4, 2..4)]);
    let (client, _) = client(Options::default());
    let delta = delta(&server, 10);
    let (stopped, names, progress) = run_delta(&client, &delta, None, 1);
    says(&stopped.unwrap_err(), &["000002.json", "disk full; free some"]);
    assert_eq!((names.len(), progress.len(), progress[0].start_index), (1, 1, 2));
    let (done, names, _) = run_delta(&client, &delta, progress.last().cloned(), 99);
    assert_eq!((done.unwrap().pages, names.len()), (1, 1));
    assert!(names[0].ends_with("/000002.json"));
    // The progress of another run is no ground to skip anything.
    server.on("/api", [page(0, 1, 0..1)]);
    let other = Delta { since: delta.since - SignedDuration::from_hours(1), ..delta };
    let (done, names, _) = run_delta(&client, &other, progress.last().cloned(), 99);
    assert!(done.is_ok() && names[0].ends_with("/000000.json"));
}

#[test]
fn pages_that_do_not_advance_are_noticed() {
    let server = Server::start();
    let (client, _) = client(Options::default());
    let stuck = |answers: Vec<Say>| {
        server.on("/api", answers);
        let error = run_delta(&client, &delta(&server, 10), None, 99).0.unwrap_err();
        assert!(matches!(error, FetchError::RepeatedPage { .. }), "{error:?}");
        says(&error, &["/api", "does not advance", "run again"]);
        error
    };
    says(&stuck(vec![page(0, 4, 0..2)]), &["the page at 0"]);
    says(&stuck(vec![page(0, 4, 0..2), page(2, 4, 0..2)]), &["the same records"]);
    says(&stuck(vec![page(0, 4, 0..2), page(2, 4, 0..0)]), &["empty"]);
    let changing: Vec<Say> = (4..8).flat_map(|n| [page(0, n, 0..2), page(2, n + 100, 2..4)]).collect();
    says(&stuck(changing), &["keeps changing"]);
    // Once is no trouble: the window is read anew.
    server.on("/api", [page(0, 4, 0..2), page(2, 3, 2..3), page(0, 3, 0..2), page(2, 3, 2..3)]);
    let (done, names, _) = run_delta(&client, &delta(&server, 10), None, 99);
    assert_eq!((done.unwrap().pages, names.len()), (3, 3));
    server.on("/api", [Say::ok("<html>busy</html>")]);
    says(&run_delta(&client, &delta(&server, 10), None, 99).0.unwrap_err(), &["no page of the CVE API", "correct the address"]);
}

#[test]
fn a_page_compressed_on_the_way_is_read() {
    let server = Server::start();
    let plain = br#"{"startIndex":0,"totalResults":1,"vulnerabilities":[{"cve":{"id":"CVE-2026-0001"}}]}"#;
    server.on("/api", [Say::ok(gz(plain)).header("Content-Encoding", "gzip")]);
    let (client, _) = client(Options::default());
    assert_eq!(run_delta(&client, &delta(&server, 1), None, 99).0.unwrap().records, 1);
    // A published .gz stays as it is, whatever header comes with it.
    server.on("/epss.csv.gz", [Say::ok(gz(b"cve,epss")).header("Content-Encoding", "gzip")]);
    let mut body = None;
    epss(&client, &Location::of(&server.url("/epss.csv.gz")), &Known::default(), &mut |a: Artefact| {
        body = Some(a.body);
        Ok(())
    })
    .unwrap();
    assert_eq!(body, Some(Body::Bytes(gz(b"cve,epss"))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_meta(text in "(\\PC|\r|\n|sha256:|size:){0,60}") {
        let _ = Meta::parse(&text);
        let read = Meta::parse(&format!("{text}\nsha256:{}", "0A".repeat(32)));
        prop_assert!(read.is_some() || text.contains("sha256"));
    }

    #[test]
    fn any_bytes_are_verified(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..400, flip in any::<(usize, u8)>()) {
        let limits = Limits::default();
        prop_assert!(verify_gzip("x", &bytes, None, limits).is_err() || bytes.starts_with(&[0x1f, 0x8b]));
        let mut packed = gz(&bytes);
        prop_assert_eq!(verify_gzip("x", &packed, Some(Digest::of(&bytes)), limits).unwrap().size, bytes.len() as u64);
        if cut < packed.len() {
            prop_assert!(verify_gzip("x", &packed[..cut], None, limits).is_err());
        }
        let at = flip.0 % packed.len();
        packed[at] ^= flip.1;
        let _ = verify_gzip("x", &packed, None, limits);
    }
}
