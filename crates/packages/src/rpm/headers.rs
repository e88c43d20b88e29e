//! The front of a package file: everything before its payload.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::Path;

use super::header::{Header, HeaderError};
use super::lead::{self, LEAD, LeadError};
use super::limits::Limits;
use crate::error::PackageError;

/// The signature header and the header of a package file.
#[derive(Debug)]
pub struct Headers {
    /// The signature header: digests and signatures of the rest of the package.
    pub signature: Header<'static>,
    /// The header: the description of the package, and the digest of its payload.
    pub header: Header<'static>,
    /// The place of the header in the file, with its mark: the bytes that a signature covers. The payload follows.
    pub place: Range<u64>,
}

/// A part of a package file that is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The signature header.
    Signature,
    /// The header.
    Header,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature header",
            Self::Header => "header",
        })
    }
}

/// The error of reading the front of a package file.
#[derive(Debug, thiserror::Error)]
pub enum HeadersError {
    /// The file is no package.
    #[error("not an RPM package: {0}")]
    Lead(#[from] LeadError),
    /// One of the two headers cannot be read.
    #[error("the {part} at byte {at} {source}")]
    Header {
        /// The header.
        part: Part,
        /// The first byte of the header in the file.
        at: u64,
        /// The error.
        source: HeaderError,
    },
}

impl Headers {
    /// Reads the front of a package file by its path, as [`Headers::read`].
    ///
    /// # Errors
    /// When the file cannot be read, and as [`Headers::read`].
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        let file = File::open(path).map_err(|source| PackageError::Read { path: path.to_owned(), source })?;
        let read = Self::read(&mut BufReader::new(file), limits.header);
        read.map_err(|e| PackageError::Format { path: path.to_owned(), found: e.to_string() })
    }

    /// Reads the front of a package file: the lead of 96 bytes, the signature header, zeros up to a multiple of 8 bytes, and the
    /// header. Either header may have `limit` bytes. Neither digests nor signatures are checked here.
    ///
    /// # Errors
    /// When the bytes are no package, are cut short, or hold a header that cannot be read; with the place.
    pub fn read(from: &mut impl Read, limit: usize) -> Result<Self, HeadersError> {
        lead::read(from)?;
        let failed = |part, at| move |source| HeadersError::Header { part, at, source };
        let at = LEAD as u64;
        let signature = Header::read(from, limit).map_err(failed(Part::Signature, at))?;
        let end = at + signature.length();
        let start = end.next_multiple_of(8);
        header_padding(from, start - end).map_err(failed(Part::Signature, at))?;
        let header = Header::read(from, limit).map_err(failed(Part::Header, start))?;
        let place = start..start + header.length();
        Ok(Self { signature, header, place })
    }

    /// The error of a value of the header, with the place of the header.
    #[must_use]
    pub fn misread(&self, source: HeaderError) -> HeadersError {
        HeadersError::Header { part: Part::Header, at: self.place.start, source }
    }
}

fn header_padding(from: &mut impl Read, length: u64) -> Result<(), HeaderError> {
    let mut padding = Vec::new();
    from.take(length).read_to_end(&mut padding).map_err(HeaderError::Read)?;
    let there = padding.len() as u64;
    if there < length { Err(HeaderError::Cut { needed: length, there }) } else { Ok(()) }
}
