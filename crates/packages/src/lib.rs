//! What RPM packages, spec files and package repositories say, and how they are written.
//!
//! [`repository`] reads packages, writes the metadata of a repository, and checks one as a client would. [`sign_rpm`] signs a package,
//! and [`rpm_signature`] checks one as rpm does.

mod error;
pub mod repository;
mod signature;

pub use error::PackageError;
pub use signature::{RpmSignature, RpmSigning, rpm_signature, sign_rpm};
