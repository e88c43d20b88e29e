//! Tables for the ties of a package to a product: a file for each kind of evidence.

mod component;
mod home;
mod lists;
mod mapping;
mod name;
mod osv;
mod precedent;
mod variants;
mod words;

use crate::table::{World, hold};

/// A row: the point, the records, the packages, and the status and ties of each pair.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

fn hold_ties(rows: &[Row]) {
    hold(rows.iter().map(|&(why, records, packages, expected)| (why, expected.to_owned(), World::new(records, packages).ties())));
}
