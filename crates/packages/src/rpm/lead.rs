//! The lead: 96 bytes in front of a package that say nothing any more but that it is one.

use std::io::{self, Read};

/// The bytes of a lead.
pub(crate) const LEAD: usize = 96;
const MARK: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];

/// Why there is no lead.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
    /// Other bytes stand in its place.
    #[error("it does not start with the mark of a lead (ed ab ee db)")]
    Mark,
    /// The file ends in it, or cannot be read.
    #[error("it is shorter than a lead of {LEAD} bytes ({0})")]
    Read(#[source] io::Error),
}

/// Reads the lead that comes next. Name, type and architecture in it are of old times, and rpm looks at the mark alone as well.
pub(super) fn read(from: &mut impl Read) -> Result<(), LeadError> {
    let mut lead = [0u8; LEAD];
    from.read_exact(&mut lead).map_err(LeadError::Read)?;
    if lead.starts_with(&MARK) { Ok(()) } else { Err(LeadError::Mark) }
}
