//! A client on a clock of the test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seaworthy_host::http::{self, Timer};
use seaworthy_intelligence::fetch::{Client, Options};

/// A clock that moves only by sleeping.
pub(crate) struct FakeTimer(Mutex<(Timestamp, Vec<Duration>)>);

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
    let http = http::Options { proxy: false, tries: 3, ..options.http };
    (Client::with_timer(Options { http, ..options }, timer.clone()).unwrap(), timer)
}
