//! RPM packages and package repositories: reading, writing, signing and checking.
//!
//! [`rpm`] reads the form of a package: its headers and their values. [`repository`] reads the metadata of a package, writes that of a
//! repository, and checks a repository as a client would. [`sign_rpm`] signs a package, and [`rpm_signature`] checks one as rpm does.

mod error;
pub mod repository;
pub mod rpm;
mod signature;

pub use error::PackageError;
pub use signature::{RpmSignature, RpmSigning, rpm_signature, sign_rpm};
