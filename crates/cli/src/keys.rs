//! `keys`: the keys that publications are signed with.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use seaworthy_publish::keys::{Entropy, Key, KeyState, KeyStore, NewKey, Passphrase, Source};
use seaworthy_triage::Span;

use crate::args::Arguments;
use crate::clock;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show every key: whether it signs, how, and until when.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a key (Ed25519) in the folder of keys. SEAWORTHY_KEY_PASSPHRASE, or the file that SEAWORTHY_KEY_PASSPHRASE_FILE names, locks it.
    Create {
        #[command(flatten)]
        new: NewArgs,
    },
    /// Take over a key: a file with the secret part, or one that gpg or another command signs with.
    Import(ImportArgs),
    /// Make a new key and let the others sign beside it for a while, so that every client has time to learn it.
    Rotate {
        #[command(flatten)]
        new: NewArgs,
        /// So long the others sign as well.
        #[arg(long, value_name = "SPAN", default_value = "90d")]
        overlap: Span,
    },
    /// Let a key sign no more.
    Retire {
        /// Its fingerprint.
        fingerprint: String,
        /// Its secret is known to others: what it signed is not trusted any more.
        #[arg(long)]
        compromised: bool,
    },
    /// Print the public keys that clients need, or one of them.
    Export {
        /// Only the key of this fingerprint.
        fingerprint: Option<String>,
        /// Write to a file instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Whose key it is: `Harbor Linux updates <security@example.org>`.
    #[arg(long, value_name = "TEXT")]
    user_id: String,
    /// So long it is valid.
    #[arg(long, value_name = "SPAN", default_value = "1095d")]
    valid: Span,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A key file: the secret part, or the public one with --command.
    #[arg(required_unless_present = "gpg", conflicts_with = "gpg")]
    file: Option<PathBuf>,
    /// The fingerprint of a key that gpg has the secret part of.
    #[arg(long, value_name = "FINGERPRINT")]
    gpg: Option<String>,
    /// GnuPG's home directory.
    #[arg(long, value_name = "DIR", requires = "gpg")]
    gpg_home: Option<PathBuf>,
    /// A command that signs, such as one that asks a hardware module: it reads what is to be signed from standard input and prints an armored
    /// detached signature. Further words are its arguments.
    #[arg(long, value_name = "COMMAND", num_args = 1.., requires = "file", allow_hyphen_values = true)]
    command: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, command: &KeysCommand) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let mut store = open(arguments, &config)?;
    let now = clock::timestamp();
    match command {
        KeysCommand::List { json } => list(&store, *json, now)?,
        KeysCommand::Create { new } => {
            let key = store.create(&new.key(now)?, &Entropy::from_system()?)?;
            told(&key, &store);
        }
        KeysCommand::Import(args) => {
            let key = match (&args.file, &args.gpg) {
                (_, Some(fingerprint)) => store.import_gpg(fingerprint, args.gpg_home.clone(), now)?,
                (Some(file), None) => {
                    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                    let what = file.display().to_string();
                    if args.command.is_empty() {
                        store.import_secret(&what, &bytes, now)?
                    } else {
                        let mut argv = args.command.clone();
                        if let Some(program) = argv.first_mut().filter(|program| program.contains('/')) {
                            // It is to be found from whatever folder.
                            let path = std::path::absolute(&*program).with_context(|| format!("cannot find {program}"))?;
                            *program = path.to_str().context("the path of the command is no UTF-8")?.to_owned();
                        }
                        store.import_public(&what, &bytes, Source::Command { argv }, now)?
                    }
                }
                (None, None) => bail!("give a key file, or --gpg with a fingerprint"),
            };
            told(&key, &store);
        }
        KeysCommand::Rotate { new, overlap } => {
            if !store.keys().iter().any(|k| k.state == KeyState::Active) {
                bail!("there is no active key to rotate from: `seaworthy keys create` makes the first one");
            }
            let key = store.create(&new.key(now)?, &Entropy::from_system()?)?;
            let until = after(now, *overlap)?;
            store.rotate(&key.fingerprint, until)?;
            told(&key, &store);
            say!(
                "The other keys sign documents beside it until {until}. Packages are signed with the new one from now on: publish soon, so that"
            );
            say!("clients find it in the file of keys.");
        }
        KeysCommand::Retire { fingerprint, compromised } => {
            if *compromised {
                store.compromised(fingerprint)?
            } else {
                store.retire(fingerprint)?
            }
            say!("{fingerprint} signs no more.");
        }
        KeysCommand::Export { fingerprint, output } => {
            let keys = match fingerprint {
                Some(fingerprint) => store.public_key(fingerprint)?,
                None => store.public_keys(now)?,
            };
            let armored = keys.armored()?;
            match output {
                Some(path) => std::fs::write(path, armored).with_context(|| format!("cannot write {}", path.display()))?,
                None => std::io::stdout().write_all(&armored)?,
            }
        }
    }
    Ok(0)
}

/// The keys of a home.
pub(crate) fn open(arguments: &Arguments, config: &Config) -> anyhow::Result<KeyStore> {
    let store = KeyStore::open(arguments.home.join(&config.publish().keys))?;
    Ok(store.with_passphrase(Passphrase::from_environment()?))
}

impl NewArgs {
    fn key(&self, now: jiff::Timestamp) -> anyhow::Result<NewKey> {
        Ok(NewKey { user_id: self.user_id.clone(), created: now, expires: Some(after(now, self.valid)?) })
    }
}

fn after(now: jiff::Timestamp, span: Span) -> anyhow::Result<jiff::Timestamp> {
    jiff::Timestamp::from_second(now.as_second().saturating_add(span.seconds())).context("that is too long")
}

fn told(key: &Key, store: &KeyStore) {
    let until = key.expires.map_or_else(|| "for ever".to_owned(), |t| format!("until {t}"));
    say!("{} {}, valid {until}, in {}", key.fingerprint, key.user_id, store.dir().display());
}

fn list(store: &KeyStore, json: bool, now: jiff::Timestamp) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string_pretty(store.keys())?);
        return Ok(());
    }
    if store.keys().is_empty() {
        say!("No keys in {}. `seaworthy keys create` makes one.", store.dir().display());
    }
    for key in store.keys() {
        let state = match &key.state {
            KeyState::Active | KeyState::Retiring { .. } if key.expires.is_some_and(|t| t <= now) => "expired".to_owned(),
            KeyState::Active => "active".to_owned(),
            KeyState::Retiring { until } => format!("retiring until {until}"),
            KeyState::Retired => "retired".to_owned(),
            KeyState::Compromised => "compromised".to_owned(),
        };
        let how = match &key.source {
            Source::File => "key file".to_owned(),
            Source::GpgAgent { .. } => "gpg".to_owned(),
            Source::Command { argv } => format!("command {}", argv.join(" ")),
        };
        let until = key.expires.map_or_else(|| "for ever".to_owned(), |t| format!("until {t}"));
        say!("{}  {state}, by {how}, valid {until}\n    {}", key.fingerprint, key.user_id);
    }
    Ok(())
}
