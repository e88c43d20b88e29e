//! The published site in an S3-style store, where one is named.

use anyhow::{Context, bail};
use seaworthy_publish::bucket::{Access, Bucket};

use super::press::Press;
use crate::args::Arguments;
use crate::progress;

/// The store that the settings name.
pub(super) struct Target {
    address: String,
    bucket: Bucket,
}

impl Target {
    /// `None` where none is named. Nothing is asked of it yet.
    pub(super) fn open(press: &Press) -> anyhow::Result<Option<Self>> {
        let Some(address) = press.settings().store.clone() else { return Ok(None) };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (Some(key), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
            bail!("the store {address} asks who writes to it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
        };
        let access = Access {
            endpoint: variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")),
            region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")),
            token: variable("AWS_SESSION_TOKEN"),
            key,
            secret,
        };
        Ok(Some(Self { bucket: Bucket::new(&address, &access)?, address }))
    }

    /// Makes the store hold the publication in force.
    pub(super) fn push(&self, arguments: &Arguments, press: &Press, id: &str) -> anyhow::Result<()> {
        let Self { address, bucket } = self;
        let bar = progress::spinner(arguments, &format!("sending {id} to {address}"));
        let pushed = bucket.push(&press.site, id, &|done, all| bar.set_message(format!("sent {done} of {all} objects to {address}")));
        bar.finish_and_clear();
        let pushed =
            pushed.with_context(|| format!("{id} is in force here, and {address} does not have all of it: the next run sends the rest"))?;
        if pushed.sent == 0 && pushed.removed == 0 {
            say!("{address} holds it already, {} objects.", pushed.objects);
        } else {
            let (sent, megabytes) = (pushed.sent, pushed.bytes as f64 / 1e6);
            say!("Sent {sent} objects ({megabytes:.1} MB) to {address}, removed {}; it holds {}.", pushed.removed, pushed.objects);
        }
        Ok(())
    }

    /// Compares the store with the publication in force, with `deep` byte by byte. Gives what is wrong.
    pub(super) fn check(&self, arguments: &Arguments, press: &Press, id: &str, deep: bool) -> anyhow::Result<Vec<String>> {
        let Self { address, bucket } = self;
        let bar = progress::spinner(arguments, &format!("comparing {address}"));
        let compared = bucket.check(&press.site, id, deep);
        bar.finish_and_clear();
        let (objects, wrong) = compared.with_context(|| format!("cannot compare {address}"))?;
        say!("{address}: {objects} objects compared{}", if deep { ", byte by byte" } else { " with what it says that it holds" });
        Ok(wrong.into_iter().map(|what| format!("{address}/{what}")).collect())
    }
}
