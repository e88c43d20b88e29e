//! The actor of the events that are written.

use std::sync::OnceLock;
use std::time::Duration;

use seaworthy_host::Program;

/// The variables that name the actor; the first that is set counts.
const VARIABLES: [&str; 3] = ["SEAWORTHY_ACTOR", "USER", "LOGNAME"];
/// The actor of what the program does by itself, where nobody is named.
const PROGRAM: &str = "seaworthy";
/// The programs that are asked for a person's name, in this order.
const ASKED: [(&str, &[&str]); 2] = [("git", &["config", "--get", "user.name"]), ("id", &["--user", "--name"])];
/// The time that such a program may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The actor: the person or program that does the work.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    named: Option<String>,
    /// The name of the person, once it was asked for.
    person: OnceLock<Option<String>>,
}

impl Actor {
    /// The actor that the environment names: `SEAWORTHY_ACTOR`, or else the account's name in `USER` or `LOGNAME`.
    #[must_use]
    pub fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().and_then(|value| name_in(&value));
        Self { named: VARIABLES.iter().find_map(set), ..Self::default() }
    }

    /// The actor of what the program does by itself, such as a cycle.
    pub(super) fn name(&self) -> &str {
        self.named.as_deref().unwrap_or(PROGRAM)
    }

    /// The actor of what a person decides: where nobody is named, whom git knows as the author, or the account; `None` where these have no
    /// name either. The program's own name would say that nobody decided.
    pub(super) fn person(&self) -> Option<&str> {
        let find = || self.named.clone().or_else(|| ASKED.iter().find_map(|(program, arguments)| asked(program, arguments)));
        self.person.get_or_init(find).as_deref()
    }
}

impl From<&str> for Actor {
    fn from(name: &str) -> Self {
        Self { named: name_in(name), ..Self::default() }
    }
}

fn name_in(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The name that a program prints; `None` where it is missing or knows none.
fn asked(program: &str, arguments: &[&str]) -> Option<String> {
    let printed = Program::new(program).args(arguments).time(PATIENCE).run(&[]).ok()?;
    name_in(&String::from_utf8_lossy(&printed))
}
