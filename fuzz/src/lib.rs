//! The fuzz targets: what each asks of the parsers, for any bytes.
//!
//! A target is a function, so that the stable compiler and `./check` see all of it: `tests/seeds.rs` runs each over its seeds and over
//! changed ones. The programs in `fuzz_targets/` hand the same functions to libFuzzer.

mod looker;

/// Declares the targets: a module in `targets/` and a function of the same name for each.
macro_rules! targets {
    ($($name:ident)*) => {
        mod targets {
            $(pub(crate) mod $name;)*
        }

        $(pub use targets::$name::run as $name;)*

        /// The name and the function of every target. A function panics where the code under it is wrong.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name)),*];
    };
}

targets! {
    cpe cve5 cve5_version event evr facts ignore index lock_file nvd openpgp_key osv oval primary rpm_header rpm_package rpmdb sbom spec
    version vex xml
}
