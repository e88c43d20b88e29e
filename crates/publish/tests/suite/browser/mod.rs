//! A web server for files in memory, and a browser under test: chromium, driven by chromedriver, on this machine alone.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Serves files until the process of the test ends. Gives the address, with a slash at its end.
pub(crate) fn serve(files: BTreeMap<String, Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on the loopback");
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            std::thread::spawn(move || drop(respond(stream, &files)));
        }
    });
    address
}

fn respond(mut stream: TcpStream, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or("/").split(['?', '#']).next().unwrap_or("/");
    let path = path.trim_start_matches('/').replace("%2B", "+");
    let kind = match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let (status, body) = files.get(&path).map_or(("404 Not Found", &b"nothing here"[..]), |b| ("200 OK", b.as_slice()));
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // In one piece: two would wait for each other.
    stream.write_all(&[head.as_bytes(), body].concat())
}

/// A browser with its own driver. Both end with it, even when a test fails.
pub(crate) struct Browser {
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
    // Dropped last: the browser writes into its profile until it ends.
    _driver: Driver,
    _profile: tempfile::TempDir,
}

struct Driver {
    child: Child,
    address: SocketAddr,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The driver ends its browsers when it is told to shut down; killed at once it would leave them behind.
        if let Ok(mut stream) = TcpStream::connect_timeout(&self.address, Duration::from_secs(2)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = write!(stream, "GET /shutdown HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run chromedriver ({e}): install the Debian packages chromium and chromium-driver"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("chromedriver ended without telling its port");
        };
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }
}

/// A command of chromedriver beyond the standard: its path after the session, and its body.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Browser {
    pub(crate) fn start(javascript: bool) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let driver = Driver::start();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1600,1200",
        ]
        .map(String::from)
        .into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({ "args": arguments });
        if !javascript {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = format!("http://{}/", driver.address);
        let client = runtime
            .block_on(ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address))
            .unwrap_or_else(|e| panic!("chromedriver cannot start chromium ({e}): is the Debian package chromium installed?"));
        Self { client, runtime, _driver: driver, _profile: profile }
    }

    fn own(&self, command: &'static str, body: Value) -> Value {
        self.runtime.block_on(self.client.issue_cmd(Own(command, body))).unwrap_or_else(|e| panic!("{command}: {e}"))
    }

    /// A command of the DevTools protocol.
    fn devtools(&self, command: &str, parameters: Value) {
        self.own("goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
    }

    pub(crate) fn goto(&self, address: &str) {
        self.runtime.block_on(self.client.goto(address)).unwrap_or_else(|e| panic!("{address}: {e}"));
    }

    /// The value of a script's `return`.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.run_with(script, Vec::new())
    }

    pub(crate) fn run_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.runtime.block_on(self.client.execute(script, arguments)).unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// The text of the first element for a selector.
    pub(crate) fn text(&self, selector: &str) -> String {
        let out = self.run_with("const e = document.querySelector(arguments[0]); return e && e.innerText", vec![selector.into()]);
        out.as_str().unwrap_or_else(|| panic!("no {selector} on the page")).to_owned()
    }

    /// Waits until a script returns true, ten seconds at most.
    pub(crate) fn wait(&self, condition: &str) {
        for _ in 0..100 {
            if self.run(&format!("return Boolean({condition})")) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("after ten seconds still not: {condition}; the page says: {}", self.text("main"));
    }

    /// Types into the element with the focus, as a keyboard does. Keys other than letters are those of WebDriver's table.
    pub(crate) fn keys(&self, keys: &str) {
        let steps: Vec<Value> =
            keys.chars().flat_map(|c| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": c.to_string() }))).collect();
        self.own("actions", json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": steps }] }));
    }

    pub(crate) fn size(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    pub(crate) fn colours(&self, scheme: &str) {
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }));
    }

    /// The messages on the console since the last call.
    pub(crate) fn console(&self) -> Vec<String> {
        let log = self.own("se/log", json!({ "type": "browser" }));
        log.as_array().map(|l| l.iter().map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()).unwrap_or_default()
    }

    pub(crate) fn screenshot(&self) -> Vec<u8> {
        self.runtime.block_on(self.client.screenshot()).unwrap()
    }
}
