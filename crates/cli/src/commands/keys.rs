use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use seaworthy_pipeline::keys::{Key, KeyState, Source};
use seaworthy_pipeline::triage::Span;
use seaworthy_pipeline::{ForeignKey, Home, KeyDocument, KeyRequest};

use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;

/// Create, import, rotate and show the keys that sign publications.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show all keys: whether they sign, by what means, and until when they are valid.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Create a key (Ed25519) in the folder of keys, encrypted with the passphrase in SEAWORTHY_KEY_PASSPHRASE or in the file that
    /// SEAWORTHY_KEY_PASSPHRASE_FILE names. This cannot be taken back; `keys retire` ends its signing.
    Create {
        #[command(flatten)]
        new: NewArgs,
        #[command(flatten)]
        why: Why,
    },
    /// Import a key: a file with the secret part, or a key with which gpg or another command signs. This cannot be taken back; `keys retire`
    /// ends its signing.
    Import(ImportArgs),
    /// Create a new key and let the others sign beside it for a while, so that all clients have time to learn it. This
    /// cannot be taken back.
    Rotate {
        #[command(flatten)]
        new: NewArgs,
        /// The time for which the other keys sign as well.
        #[arg(long, value_name = "SPAN", default_value = "90d")]
        overlap: Span,
        #[command(flatten)]
        why: Why,
    },
    /// Retire a key: it no longer signs. This cannot be taken back.
    Retire {
        /// The fingerprint of the key.
        fingerprint: String,
        /// Mark the key as compromised, since others know its secret part: clients are no longer given its public part.
        #[arg(long)]
        compromised: bool,
        #[command(flatten)]
        why: Why,
    },
    /// Print the public keys that clients need, or one of them.
    Export {
        /// The fingerprint of the only key to print.
        fingerprint: Option<String>,
        /// The file to write to, instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The user id of the key: `Harbor Linux updates <security@example.org>`.
    #[arg(long, value_name = "TEXT")]
    user_id: String,
    /// The time for which the key is valid.
    #[arg(long, value_name = "SPAN", default_value = "1095d")]
    valid: Span,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The reason, for the log.
    #[arg(long = "why", value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    why: Why,
    /// The file of the key: its secret part, or its public part with --command.
    #[arg(required_unless_present = "gpg", conflicts_with = "gpg")]
    file: Option<PathBuf>,
    /// The fingerprint of a key of which gpg has the secret part.
    #[arg(long, value_name = "FINGERPRINT")]
    gpg: Option<String>,
    /// The home directory of GnuPG.
    #[arg(long, value_name = "DIR", requires = "gpg")]
    gpg_home: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// The command that signs, with its arguments, such as one that asks a hardware module: it reads the data to be signed from standard
    /// input and prints an armored detached signature.
    #[arg(long, value_name = "COMMAND", num_args = 1.., requires = "file", allow_hyphen_values = true)]
    command: Vec<String>,
}

pub(super) fn run(context: &Context, command: &KeysCommand) -> CommandResult {
    let home = context.home()?;
    match command {
        KeysCommand::List { json: true } => output::json(&home.keys()?)?,
        KeysCommand::List { json: false } => list(&home, &home.keys()?.keys),
        KeysCommand::Create { new, why } => {
            context.irrevocable("a key stays in the list; `keys retire` ends its signing");
            report(&home, &home.create_key(&new.request(), why.text.as_deref())?, new.json)?;
        }
        KeysCommand::Import(args) => {
            context.irrevocable("a key stays in the list; `keys retire` ends its signing");
            report(&home, &home.import_key(&args.key()?, args.why.text.as_deref())?, args.json)?;
        }
        KeysCommand::Rotate { new, overlap, why } => {
            context.irrevocable("the other keys sign for the overlap and no longer");
            let rotated = home.rotate_key(&new.request(), *overlap, why.text.as_deref())?;
            if new.json {
                output::json(&rotated.document())?;
            } else {
                show(&home, &rotated.key);
                say!(
                    "The other keys sign documents beside it until {}. Packages are signed with the new one from now on: publish soon, so \
                      that\nclients find it in the file of keys.",
                    rotated.until
                );
            }
        }
        KeysCommand::Retire { fingerprint, compromised, why } => {
            context.irrevocable("a key that is retired never signs again");
            home.retire_key(fingerprint, *compromised, why.text.as_deref())?;
            say!("{fingerprint} signs no more.");
        }
        KeysCommand::Export { fingerprint, output } => {
            let armored = home.public_keys(fingerprint.as_deref())?.armored().map_err(seaworthy_pipeline::HomeError::from)?;
            match output {
                Some(path) => output::file(path, |out| out.write_all(&armored).map_err(CommandError::file("write", path)))?,
                None => std::io::stdout().write_all(&armored)?,
            }
        }
    }
    Ok(Ended::Well)
}

impl NewArgs {
    fn request(&self) -> KeyRequest {
        KeyRequest { user_id: self.user_id.clone(), valid: self.valid }
    }
}

impl ImportArgs {
    fn key(&self) -> Result<ForeignKey, CommandError> {
        Ok(match (&self.gpg, &self.file) {
            (Some(fingerprint), _) => ForeignKey::Gpg { fingerprint: fingerprint.clone(), home: self.gpg_home.clone() },
            (None, Some(file)) if self.command.is_empty() => ForeignKey::File(file.clone()),
            (None, Some(file)) => ForeignKey::Command { file: file.clone(), argv: self.command.clone() },
            (None, None) => return Err(CommandError::usage("give a key file, or --gpg with a fingerprint")),
        })
    }
}

fn until(key: &Key) -> String {
    key.expires.map_or_else(|| "for ever".to_owned(), |t| format!("until {t}"))
}

/// Reports a key that was made or taken over.
fn report(home: &Home, key: &Key, json: bool) -> Result<(), CommandError> {
    if json {
        return output::json(&KeyDocument::of(key));
    }
    show(home, key);
    Ok(())
}

fn show(home: &Home, key: &Key) {
    say!("{} {}, valid {}, in {}", key.fingerprint, key.user_id, until(key), home.keys_path().display());
}

fn list(home: &Home, keys: &[Key]) {
    if keys.is_empty() {
        say!("No keys in {}. `seaworthy keys create` makes one.", home.keys_path().display());
    }
    for key in keys {
        let source = match &key.source {
            Source::File => "key file".to_owned(),
            Source::GpgAgent { .. } => "gpg".to_owned(),
            Source::Command { argv } => format!("command {}", argv.join(" ")),
        };
        say!("{}  {}, by {source}, valid {}\n    {}", key.fingerprint, state(key, home.now()), until(key), key.user_id);
    }
}

fn state(key: &Key, now: Timestamp) -> String {
    match &key.state {
        KeyState::Active | KeyState::Retiring { .. } if key.expires.is_some_and(|t| t <= now) => "expired".to_owned(),
        KeyState::Active => "active".to_owned(),
        KeyState::Retiring { until } => format!("retiring until {until}"),
        KeyState::Retired => "retired".to_owned(),
        KeyState::Compromised => "compromised".to_owned(),
    }
}
