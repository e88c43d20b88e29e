//! A PostgreSQL server for the tests: on a socket in a temporary folder, removed at the end.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use seaworthy_ledger::Location;

/// A running server.
pub(crate) struct Server {
    folder: tempfile::TempDir,
    bin: PathBuf,
    account: Option<(u32, u32)>,
    process: Child,
    databases: AtomicU32,
}

/// The folder of `initdb` and `postgres`, which Debian keeps out of the path.
fn find() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<(u32, PathBuf)> =
        versions.map(|v| (v.file_name().to_string_lossy().parse().unwrap_or(0), v.path().join("bin"))).collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let found = debian.into_iter().rev().map(|(_, bin)| bin).chain(std::env::split_paths(&path)).find(there);
    found.expect(
        "no initdb and postgres in /usr/lib/postgresql/*/bin or in the PATH: the ledger is tested on PostgreSQL as well; \
         install it (Debian: apt-get install postgresql), or run ./check, which does",
    )
}

/// The user and group that run the server, since it refuses to run as root: those of the package, or else of nobody; `None` where the test
/// is not root.
fn account() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("id runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().expect("id prints a number"))
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let of = |name: &str| Some((id(&["-u", name])?, id(&["-g", name])?));
    Some(of("postgres").or_else(|| of("nobody")).expect("an account for PostgreSQL: postgres or nobody"))
}

fn command(bin: &Path, name: &str, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(bin.join(name));
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command.current_dir("/").env_remove("PGHOST").env_remove("PGDATABASE").env_remove("PGUSER").env_remove("PGPORT").stdin(Stdio::null());
    command
}

impl Server {
    /// Starts a server with settings such as `fsync=off`.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let (bin, account) = (find(), account());
        // The path of a socket may be no longer than 107 bytes.
        let folder = tempfile::Builder::new().prefix("swpg").tempdir_in("/tmp").expect("a temporary folder");
        if let Some((user, group)) = account {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("the folder can be given away");
        }
        let data = folder.path().join("data");
        let made = command(&bin, "initdb", account)
            .args(["--no-sync", "--auth=trust", "--username=ledger", "--encoding=UTF8", "--locale=C", "--pgdata"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let mut server = command(&bin, "postgres", account);
        server.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-c", "listen_addresses="]);
        for setting in settings {
            server.args(["-c", setting]);
        }
        let process = server.stdout(Stdio::null()).stderr(log).spawn().expect("postgres starts");
        let mut server = Self { folder, bin, account, process, databases: AtomicU32::new(0) };
        let started = Instant::now();
        while !server.psql("postgres", "SELECT 1").is_ok_and(|said| said.trim() == "1") {
            let ended = server.process.try_wait().expect("its state").is_some();
            let log = fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
            assert!(!ended && started.elapsed() < Duration::from_secs(60), "PostgreSQL does not answer:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = command(&self.bin, "psql", self.account);
        psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "ledger", "-d", database, "-c", sql])
            .arg("-h")
            .arg(self.folder.path());
        let output = psql.output().map_err(|e| e.to_string())?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
    }

    /// The location of an empty database.
    pub(crate) fn database(&self) -> Location {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}")).expect("a database");
        Location::Postgres(format!("postgres://ledger@localhost/{name}?host={}", self.folder.path().display()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // "Immediate shutdown", to this one process; its children end with it.
        let _ = Command::new("kill").arg("-QUIT").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}
