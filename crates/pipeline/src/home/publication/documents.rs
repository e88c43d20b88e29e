//! The outcomes of a publication, a verification and a comparison, as documents for programs.

use std::collections::BTreeMap;

use seaworthy_model::Nevra;
use seaworthy_publish::contract::{Concluded, Consumer, Disagreement};
use serde::Serialize;

use super::{
    ChannelDifference, PlanDocument, PublicationDifference, PublicationOutcome, StoreComparison, StoreState, VerifiedPublication, Wrong,
};
use crate::home::HomeError;

/// The conclusions of consumers, as a document for programs.
#[derive(Debug, Serialize)]
pub struct ConsumersDocument<'a> {
    agree: bool,
    compared: &'a BTreeMap<Consumer, u64>,
    disagreements: &'a [Disagreement],
    limits: &'a [Disagreement],
    refused: Vec<ConsumerReason<'a>>,
    not_asked: Vec<ConsumerReason<'a>>,
}

#[derive(Debug, Serialize)]
struct ConsumerReason<'a> {
    consumer: Consumer,
    why: &'a str,
}

impl<'a> ConsumersDocument<'a> {
    /// The document of some conclusions.
    #[must_use]
    pub fn of(concluded: &'a Concluded) -> Self {
        let reasons = |list: &'a [(Consumer, String)]| list.iter().map(|(consumer, why)| ConsumerReason { consumer: *consumer, why });
        Self {
            agree: concluded.agrees(),
            compared: &concluded.compared,
            disagreements: &concluded.disagreements,
            limits: &concluded.limits,
            refused: reasons(&concluded.refused).collect(),
            not_asked: reasons(&concluded.not_run).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeWord {
    Published,
    Unchanged,
    Refused,
}

/// The outcome of a publication, as a document for programs.
#[derive(Serialize)]
pub struct PublicationDocument<'a> {
    outcome: OutcomeWord,
    publication: Option<&'a str>,
    plan: Option<PlanDocument<'a>>,
    consumers: Option<ConsumersDocument<'a>>,
    signed_again: usize,
    store: Option<StoreDocument<'a>>,
}

#[derive(Serialize)]
struct StoreDocument<'a> {
    address: &'a str,
    sent: usize,
    bytes: u64,
    removed: usize,
    objects: usize,
}

impl PublicationOutcome {
    /// The outcome as a document for programs. Where the store does not have all of the publication it is left out: the caller shows the
    /// error.
    #[must_use]
    pub fn document(&self) -> PublicationDocument<'_> {
        let nothing = PublicationDocument {
            outcome: OutcomeWord::Refused,
            publication: None,
            plan: None,
            consumers: None,
            signed_again: 0,
            store: None,
        };
        match self {
            Self::Unchanged { id, store } => PublicationDocument {
                outcome: OutcomeWord::Unchanged,
                publication: Some(id),
                store: store.as_ref().and_then(store_document),
                ..nothing
            },
            Self::Refused(concluded) => PublicationDocument { consumers: Some(ConsumersDocument::of(concluded)), ..nothing },
            Self::Published(published) => PublicationDocument {
                outcome: OutcomeWord::Published,
                publication: Some(&published.id),
                plan: Some(published.plan.document()),
                consumers: published.plan.concluded().map(ConsumersDocument::of),
                signed_again: published.signed_again,
                store: published.store.as_ref().and_then(store_document),
            },
        }
    }
}

fn store_document(store: &Result<StoreState, HomeError>) -> Option<StoreDocument<'_>> {
    let StoreState { address, pushed } = store.as_ref().ok()?;
    Some(StoreDocument { address, sent: pushed.sent, bytes: pushed.bytes, removed: pushed.removed, objects: pushed.objects })
}

/// The result of a verification, as a document for programs.
#[derive(Debug, Serialize)]
pub struct VerificationDocument<'a> {
    publication: &'a str,
    good: bool,
    documents: usize,
    signatures: usize,
    packages: u64,
    consumers: ConsumersDocument<'a>,
    store: Option<&'a StoreComparison>,
    wrong: Vec<WrongDocument>,
}

/// A difference from the publication, as a document for programs.
#[derive(Debug, Serialize)]
struct WrongDocument {
    kind: &'static str,
    path: Option<String>,
    message: String,
}

impl VerifiedPublication {
    /// The result as a document for programs.
    #[must_use]
    pub fn document(&self) -> VerificationDocument<'_> {
        VerificationDocument {
            publication: &self.id,
            good: self.is_good(),
            documents: self.documents,
            signatures: self.signatures,
            packages: self.packages,
            consumers: ConsumersDocument::of(&self.concluded),
            store: self.store.as_ref(),
            wrong: self.wrong.iter().map(WrongDocument::of).collect(),
        }
    }
}

impl WrongDocument {
    fn of(wrong: &Wrong) -> Self {
        let (kind, path) = match wrong {
            Wrong::NotLast { .. } => ("not_last", None),
            Wrong::OtherContent { .. } => ("other_content", None),
            Wrong::Foreign { .. } => ("foreign", None),
            Wrong::File { path, .. } => ("file", path.as_ref().map(|path| path.display().to_string())),
        };
        Self { kind, path, message: wrong.to_string() }
    }
}

/// The differences between two publications, as a document for programs.
#[derive(Debug, Serialize)]
pub struct DifferenceDocument<'a> {
    from: &'a str,
    to: &'a str,
    channels: BTreeMap<&'a str, ChannelDocument>,
    documents: &'a [String],
}

#[derive(Debug, Serialize)]
struct ChannelDocument {
    added: Vec<String>,
    removed: Vec<String>,
}

impl PublicationDifference {
    /// The differences as a document for programs.
    #[must_use]
    pub fn document(&self) -> DifferenceDocument<'_> {
        let names = |packages: &[Nevra]| packages.iter().map(ToString::to_string).collect();
        let channel = |channel: &ChannelDifference| ChannelDocument { added: names(&channel.added), removed: names(&channel.removed) };
        DifferenceDocument {
            from: &self.from,
            to: &self.to,
            channels: self.channels.iter().map(|(name, difference)| (name.as_str(), channel(difference))).collect(),
            documents: &self.documents,
        }
    }
}
