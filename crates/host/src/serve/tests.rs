use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// A site on disk, with links and trees inside, and a secret outside.
fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().join("site");
    for folder in ["publications/1", "trees/a", "pool"] {
        fs::create_dir_all(site.join(folder)).unwrap();
    }
    fs::write(dir.path().join("secret"), "secret").unwrap();
    fs::create_dir(dir.path().join("home")).unwrap();
    fs::write(dir.path().join("home/index.html"), "secret").unwrap();
    fs::write(site.join("trees/a/index.html"), "0123456789").unwrap();
    fs::write(site.join("trees/a/empty"), "").unwrap();
    fs::write(site.join("pool/a b.rpm"), vec![7; 8 << 20]).unwrap();
    symlink("publications/1", site.join("www")).unwrap();
    let www = site.join("publications/1");
    symlink("../../trees/a", www.join("tree")).unwrap();
    symlink("../../pool", www.join("pool")).unwrap();
    symlink("/etc/passwd", www.join("passwd")).unwrap();
    symlink("../../../secret", www.join("secret")).unwrap();
    symlink("../../../home", www.join("home")).unwrap();
    fs::create_dir(www.join("folder")).unwrap();
    fs::create_dir(www.join("bare")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, www.join("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    symlink("/etc/passwd", www.join("folder/index.html")).unwrap();
    dir
}

fn start(dir: &Path, limits: ServeLimits) -> SocketAddr {
    let site = dir.join("site");
    let server = FolderServer::bind("127.0.0.1:0".parse().unwrap(), &site.join("www"), &site, limits).unwrap();
    let address = server.address();
    std::thread::spawn(move || server.run());
    address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

fn ask(address: SocketAddr, head: &str) -> (u16, String) {
    let mut stream = connect(address);
    write!(stream, "{head}Host: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

#[test]
fn links_are_followed_inside_and_nowhere_else() {
    let dir = site();
    let address = start(dir.path(), ServeLimits::default());
    let cases = [
        ("/tree/index.html", 200),
        ("/tree/", 200),
        ("/tree", 307),
        ("/pool/a%20b.rpm", 200),
        ("/nothing", 404),
        ("/passwd", 404),
        ("/secret", 404),
        ("/home/", 404),
        ("/home/index.html", 404),
        ("/pipe", 404),
        ("/bare", 404),
        ("/bare/", 404),
        ("/folder/", 404),
        ("/folder/index.html", 404),
        ("/../../secret", 404),
        ("/%2e%2e/%2e%2e/secret", 404),
        ("/tree/..%2f..%2f..%2fsecret", 404),
        ("//etc/passwd", 404),
        ("/tree/index.html%00", 404),
        ("/%ff", 404),
    ];
    for (path, status) in cases {
        let (found, text) = ask(address, &format!("GET {path} HTTP/1.1\r\n"));
        assert_eq!(found, status, "{path}: {text}");
        assert!(!text.contains("secret") && !text.contains("root:"), "{path}: {text}");
    }
    let (status, text) = ask(address, "HEAD /tree/index.html HTTP/1.1\r\n");
    assert!(status == 200 && text.to_lowercase().contains("x-content-type-options: nosniff"), "{text}");
    assert_eq!(ask(address, "POST /tree/index.html HTTP/1.1\r\n").0, 405);
}

#[test]
fn a_link_that_changes_while_it_is_followed_leads_nowhere_else() {
    let dir = site();
    let address = start(dir.path(), ServeLimits::default());
    let www = dir.path().join("site/publications/1");
    let over = Arc::new(AtomicU64::new(0));
    let swapping = std::thread::spawn({
        let (www, over) = (www.clone(), Arc::clone(&over));
        move || {
            while over.load(Ordering::Relaxed) == 0 {
                for target in ["../../trees/a/index.html", "../../../secret"] {
                    symlink(target, www.join(".swapped")).unwrap();
                    fs::rename(www.join(".swapped"), www.join("swapped")).unwrap();
                }
            }
        }
    });
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..2000 {
        let (status, text) = ask(address, "GET /swapped HTTP/1.1\r\n");
        assert!(!text.contains("secret"), "{text}");
        statuses.insert(status);
    }
    over.store(1, Ordering::Relaxed);
    swapping.join().unwrap();
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [200, 404]);
}

#[test]
fn the_pointer_is_followed_anew() {
    let dir = site();
    let address = start(dir.path(), ServeLimits::default());
    assert_eq!(ask(address, "GET /tree/empty HTTP/1.1\r\n").0, 200);
    let site = dir.path().join("site");
    fs::create_dir(site.join("publications/2")).unwrap();
    fs::write(site.join("publications/2/new"), "x").unwrap();
    symlink("publications/2", site.join(".www")).unwrap();
    fs::rename(site.join(".www"), site.join("www")).unwrap();
    assert_eq!(ask(address, "GET /new HTTP/1.1\r\n").0, 200);
    assert_eq!(ask(address, "GET /tree/empty HTTP/1.1\r\n").0, 404);
}

#[test]
fn ranges_are_those_of_rfc_9110() {
    let dir = site();
    let address = start(dir.path(), ServeLimits::default());
    let cases = [
        ("bytes=2-4", 206, "234"),
        ("bytes=7-", 206, "789"),
        ("bytes=-3", 206, "789"),
        ("bytes=00-01", 206, "01"),
        ("Bytes=9-9", 206, "9"),
        ("bytes=8-99999999999999999999999", 206, "89"),
        ("bytes=-99999999999999999999999", 206, "0123456789"),
        ("bytes=-100", 206, "0123456789"),
        ("bytes=10-", 416, ""),
        ("bytes=99999999999999999999999-", 416, ""),
        ("bytes=-0", 416, ""),
        // Malformed, in another unit, or of several parts: the header is not followed.
        ("bytes=4-2", 200, "0123456789"),
        ("bytes=abc", 200, "0123456789"),
        ("bytes=", 200, "0123456789"),
        ("bytes", 200, "0123456789"),
        ("bytes=--1", 200, "0123456789"),
        ("bytes=+1-2", 200, "0123456789"),
        ("bytes=1 -2", 200, "0123456789"),
        ("pages=1-2", 200, "0123456789"),
        ("bytes=0-1,4-5", 200, "0123456789"),
    ];
    for (range, status, body) in cases {
        let (found, text) = ask(address, &format!("GET /tree/ HTTP/1.1\r\nRange: {range}\r\n"));
        assert_eq!((found, text.rsplit("\r\n").next().unwrap()), (status, body), "{range}: {text}");
        let answered = text.to_lowercase();
        assert_eq!(answered.contains("content-range: bytes */10"), status == 416, "{range}: {text}");
    }
    let twice = "GET /tree/ HTTP/1.1\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n";
    assert_eq!(ask(address, twice).0, 200);
    assert_eq!(ask(address, "GET /tree/ HTTP/1.1\r\nRange: bytes=0-1\r\nIf-Range: \"old\"\r\n").0, 200);
    assert_eq!(ask(address, "GET /tree/empty HTTP/1.1\r\nRange: bytes=0-1\r\n").0, 416);
}

#[test]
fn a_client_that_keeps_a_connection_for_nothing_is_given_up() {
    let dir = site();
    let limits = ServeLimits {
        connections: 2,
        head: Duration::from_millis(200),
        window: Duration::from_millis(300),
        bytes_a_window: 1 << 40,
        answer: Duration::from_secs(60),
    };
    let address = start(dir.path(), limits);
    // Nothing, half a head, a head that comes byte by byte, an idle connection after an answer: each ends from the other side.
    let half = "GET / HTTP/1.1\r\nHost: ";
    for head in ["", half, "GET /tree/ HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = connect(address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut rest = Vec::new();
        assert!(stream.read_to_end(&mut rest).is_ok(), "{head:?} stays open");
    }
    let mut stream = connect(address);
    let dripped = (0..200).take_while(|_| {
        std::thread::sleep(Duration::from_millis(50));
        stream.write_all(b"G").is_ok()
    });
    assert!(dripped.count() < 200);
    // Two that take nothing of a large file hold both places, and lose them.
    let slow: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(address);
            stream.write_all(b"GET /pool/a%20b.rpm HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            stream
        })
        .collect();
    assert_eq!(ask(address, "GET /tree/ HTTP/1.1\r\n").0, 200);
    // An answer needs one place; the other may still be held when its client begins to read after all.
    let sizes = slow.into_iter().map(|mut stream| {
        let mut taken = Vec::new();
        // A reset is an end as well.
        let _ = stream.read_to_end(&mut taken);
        taken.len()
    });
    assert!(sizes.filter(|size| *size >= 8 << 20).count() < 2);
}

proptest! {
    #[test]
    fn a_range_is_inside_of_its_file(text in "(bytes|pages)?=?[0-9 ,-]{0,40}", size in 0u64..1000) {
        if let Range::Part(value) = range(&text, size) {
            let (first, last) = value.to_str().unwrap().trim_start_matches("bytes=").split_once('-').unwrap();
            let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
            prop_assert!(first <= last && last < size);
        }
    }

    #[test]
    fn a_path_stays_inside(path in "[a-z./%2e5cf\\\\-]{0,30}") {
        static SITE: LazyLock<tempfile::TempDir> = LazyLock::new(site);
        let site = SITE.path().join("site");
        let folder = Folder { root: site.join("www"), within: Within::new(&site).unwrap() };
        let above = format!("/../{path}");
        prop_assert!(folder.file(&above).is_none());
        let outside = ["passwd", "secret", "home"].iter().any(|name| path.contains(name));
        prop_assert!(!outside || folder.file(&path).is_none());
    }
}
