//! What RPM packages, spec files and package repositories say, and how they are written.
//!
//! [`rpm`] reads the form of a package: its headers and their values. [`repository`] reads what a repository tells of a package, writes
//! the metadata of a repository, and checks one as a client would. [`sign_rpm`] signs a package, and [`rpm_signature`] checks one as rpm
//! does.

mod error;
mod hex;
pub mod repository;
pub mod rpm;
mod signature;

pub use error::PackageError;
pub use signature::{RpmSignature, RpmSigning, rpm_signature, sign_rpm};
