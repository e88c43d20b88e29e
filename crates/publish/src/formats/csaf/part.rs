//! What is said of an advisory, and the products of which it is said: what the parts of a document share.

use seaworthy_model::{Cvss, CvssVersion, VexStatus};

use super::super::cvss;
use crate::Advisory;

/// Which versions of a package a product stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One.
    Version,
    /// All before one.
    Before,
    /// All that there are in the release line.
    Any,
}

/// A package as a product.
pub(super) struct Product<'a> {
    pub(super) package: &'a str,
    pub(super) source: bool,
    pub(super) form: Form,
    pub(super) version: String,
    /// Its id by itself.
    pub(super) alone: String,
    /// Its id as a part of the release line, which everything else refers to.
    pub(super) id: String,
    /// Its purl; empty for a range, which none can name.
    pub(super) purl: String,
}

/// What is said of one advisory: its products by what holds of them.
pub(super) struct Part<'a> {
    pub(super) advisory: &'a Advisory,
    /// The products of which its standing is said.
    pub(super) products: Vec<Product<'a>>,
    /// The versions before the fix, where the document names them.
    pub(super) before: Vec<Product<'a>>,
}

impl<'a> Part<'a> {
    /// The group that its standing puts its products in.
    pub(super) fn group(&self) -> &'static str {
        // Nothing is affected by what was withdrawn.
        self.advisory.standing.vex().unwrap_or(VexStatus::NotAffected).csaf()
    }

    /// The products that are, or may be, vulnerable.
    pub(super) fn vulnerable(&self) -> &[Product<'a>] {
        match self.group() {
            "fixed" => &self.before,
            "known_not_affected" => &[],
            _ => &self.products,
        }
    }

    /// The rating, where the document can show it: version 4 has no place in CSAF 2.0.
    pub(super) fn scored(&self) -> Option<&'a Cvss> {
        let score = self.advisory.score.as_ref().filter(|score| score.version != CvssVersion::V40 && cvss::agrees(score))?;
        (!self.vulnerable().is_empty()).then_some(score)
    }

    /// The products for which something is to be done: the vulnerable ones, else those that have it behind them.
    pub(super) fn concerned(&self) -> &[Product<'a>] {
        if self.vulnerable().is_empty() { &self.products } else { self.vulnerable() }
    }
}
