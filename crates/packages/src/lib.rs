//! What RPM packages, spec files and package repositories say, and how they are written.
//!
//! [`repository`] reads packages, writes the metadata of a repository, and checks one as a client would.

pub mod repository;
