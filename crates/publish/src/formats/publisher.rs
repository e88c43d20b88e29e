//! The publisher of documents.

use super::write::Object;
use crate::Edition;

/// Writes the publisher: the same in every document and in the provider's metadata.
pub(super) fn publisher(o: &mut Object<'_>, edition: &Edition) {
    let distribution = &edition.distribution;
    o.text("category", "vendor").some_text("contact_details", &distribution.contact);
    o.text("name", &distribution.name).text("namespace", &distribution.site);
}
