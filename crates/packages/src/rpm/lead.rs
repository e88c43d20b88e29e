//! The lead: the first 96 bytes of a package, which only mark the file as one.

use std::io::{self, Read};

/// The size of a lead in bytes.
pub(crate) const LEAD: usize = 96;
const MARK: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];

/// The error of a missing lead.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
    /// The file does not begin with the mark of a lead.
    #[error("it does not start with the mark of a lead (ed ab ee db)")]
    Mark,
    /// The file ends inside the lead, or cannot be read.
    #[error("it is shorter than a lead of {LEAD} bytes ({0})")]
    Read(#[source] io::Error),
}

/// Reads a lead and checks its mark, as rpm does. Name, type and architecture in it are obsolete.
pub(super) fn read(from: &mut impl Read) -> Result<(), LeadError> {
    let mut lead = [0u8; LEAD];
    from.read_exact(&mut lead).map_err(LeadError::Read)?;
    if lead.starts_with(&MARK) { Ok(()) } else { Err(LeadError::Mark) }
}
