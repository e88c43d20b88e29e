//! An advisory with its products, which the parts of a document share.

use seaworthy_model::{Cvss, CvssVersion, VexStatus};

use super::super::cvss;
use crate::Advisory;

/// The versions of a package for which a product stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One version.
    Version,
    /// All versions before one.
    Before,
    /// All versions in the release line.
    Any,
}

/// A package as a product.
pub(super) struct Product<'a> {
    pub(super) package: &'a str,
    pub(super) source: bool,
    pub(super) form: Form,
    pub(super) version: String,
    /// The id of the product by itself.
    pub(super) alone: String,
    /// The id of the product as a part of the release line, by which the document refers to it.
    pub(super) id: String,
    /// The purl; empty for a range, which no purl can name.
    pub(super) purl: String,
}

/// An advisory with its products.
pub(super) struct Part<'a> {
    pub(super) advisory: &'a Advisory,
    /// The products that have its status.
    pub(super) products: Vec<Product<'a>>,
    /// The versions before the fix, where the document names them.
    pub(super) before: Vec<Product<'a>>,
}

impl<'a> Part<'a> {
    /// The group of `product_status` for the products.
    pub(super) fn group(&self) -> &'static str {
        // Nothing is affected by what was withdrawn.
        self.advisory.standing.vex().unwrap_or(VexStatus::NotAffected).csaf()
    }

    /// The products that are vulnerable, or may be.
    pub(super) fn vulnerable(&self) -> &[Product<'a>] {
        match self.group() {
            "fixed" => &self.before,
            "known_not_affected" => &[],
            _ => &self.products,
        }
    }

    /// The rating, where the document can have it: CSAF 2.0 has no place for version 4, and products must be vulnerable.
    pub(super) fn scored(&self) -> Option<&'a Cvss> {
        let score = self.advisory.score.as_ref().filter(|score| score.version != CvssVersion::V40 && cvss::agrees(score))?;
        (!self.vulnerable().is_empty()).then_some(score)
    }

    /// The products of the remediations: the vulnerable ones, or else all.
    pub(super) fn concerned(&self) -> &[Product<'a>] {
        if self.vulnerable().is_empty() { &self.products } else { self.vulnerable() }
    }
}
