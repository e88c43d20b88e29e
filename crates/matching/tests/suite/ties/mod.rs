//! What ties a package to a product: a file for each way.

mod component;
mod home;
mod mapping;
mod name;
mod precedent;

use crate::table::{World, hold};

/// Why, records, packages, and how each pair stands.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

fn hold_ties(rows: &[Row]) {
    hold(rows.iter().map(|&(why, records, packages, expected)| (why, expected.to_owned(), World::new(records, packages).ties())));
}
