//! Ties by the words of numbering authorities for their own products, which lead to the product that everybody else means.

use crate::table::{World, hold};

/// The ties of the package `ferry 1.3-1` to CVE-2024-1003, which only the CVE List has.
fn tied(records: &[&str]) -> String {
    let found = World::new(records, &["ferry 1.3-1 source:https://ferry.example.org/ferry-1.3.tar.gz"]).ties();
    let ours: Vec<&str> = found.split("; ").filter(|pair| pair.starts_with("ferry 1003 ")).collect();
    if ours.is_empty() { "nothing".to_owned() } else { ours.join("; ") }
}

#[test]
fn words_lead_to_the_product_that_they_mean() {
    let agree = [
        "nvd 1001: a:ferry:ferry <1.0",
        "cvelist 1001: Acme:Boat >=0 <1.0",
        "nvd 1002: a:ferry:ferry <1.0",
        "cvelist 1002: Acme:Boat >=0 <1.0",
        "cvelist 1003: Acme:Boat >=0 <1.4",
    ];
    let with = |more: &[&'static str]| [agree.as_slice(), more].concat();
    let part_of_another = with(&[
        "nvd 1004: a:ferry:ferry <1.0 , a:acme:pier *",
        "cvelist 1004: Acme:Boat >=0 <1.0",
        "nvd 1005: a:ferry:ferry <1.0 , a:acme:pier *",
        "cvelist 1005: Acme:Boat >=0 <1.0",
        "nvd 1006: a:ferry:ferry <1.0 , a:acme:pier *",
        "cvelist 1006: Acme:Boat >=0 <1.0",
    ]);
    let not_described = with(&["cvelist 1004: Acme:Boat >=0 <1.0", "cvelist 1005: Acme:Boat >=0 <1.0", "cvelist 1006: Acme:Boat >=0 <1.0"]);
    let rows: [(&str, &[&str], &str); 13] = [
        ("records that both describe", &agree, "ferry 1003 affected by name"),
        ("most records have another product too, of which it is a part", &part_of_another, "nothing"),
        ("what NVD has not described does not count", &not_described, "ferry 1003 affected by name"),
        (
            "one says little, where the names have nothing in common",
            &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1001: Acme:Boat >=0 <1.0", "cvelist 1003: Acme:Boat >=0 <1.4"],
            "nothing",
        ),
        (
            "and enough, where they have",
            &[
                "nvd 1001: a:ferry:ferry <1.0",
                "cvelist 1001: The_Ferry_Team:Night_Ferry >=0 <1.0",
                "cvelist 1003: The_Ferry_Team:Night_Ferry >=0 <1.4",
            ],
            "ferry 1003 affected by name",
        ),
        (
            "words that stand for several products stand for none",
            &[
                "nvd 1001: a:ferry:ferry <1.0",
                "cvelist 1001: Acme:Boat >=0 <1.0",
                "nvd 1002: a:acme:harbour <1.0",
                "cvelist 1002: Acme:Boat >=0 <1.0",
                "cvelist 1003: Acme:Boat >=0 <1.4",
            ],
            "nothing",
        ),
        (
            "a record with several products says little of any one",
            &[
                "nvd 1001: a:ferry:ferry <1.0 , a:acme:pier *",
                "cvelist 1001: Acme:Boat >=0 <1.0",
                "nvd 1002: a:ferry:ferry <1.0 , a:acme:pier *",
                "cvelist 1002: Acme:Boat >=0 <1.0",
                "cvelist 1003: Acme:Boat >=0 <1.4",
            ],
            "nothing",
        ),
        (
            "a number behind the name",
            &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1003: Ferry:Ferry_9 >=0 <1.4"],
            "ferry 1003 affected by name",
        ),
        (
            "a vendor in more words",
            &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1003: The_Ferry_Software_Foundation:Ferry >=0 <1.4"],
            "ferry 1003 affected by name",
        ),
        (
            "the vendor before the product",
            &["nvd 1001: a:example:ferry <1.0", "cvelist 1003: Example_Foundation:Example_Ferry >=0 <1.4"],
            "ferry 1003 affected by name",
        ),
        ("another vendor", &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1003: Acme:Ferry_9 >=0 <1.4"], "nothing"),
        (
            "a home of the product's records, called like the words",
            &[
                "nvd 1001: a:ferry:ferry <1.0 -> https://github.com/ferry/cferry/issues/1",
                "nvd 1002: a:ferry:ferry <1.0 -> https://github.com/ferry/cferry/issues/2",
                "cvelist 1003: Ferry_Foundation:CFerry >=0 <1.4 -> https://github.com/ferry/cferry/issues/3",
            ],
            "ferry 1003 affected by name",
        ),
        (
            "a home of others",
            &[
                "nvd 1001: a:ferry:ferry <1.0 -> https://github.com/ferry/ferry/issues/1",
                "nvd 1002: a:acme:pier <1.0 -> https://github.com/ferry/cferry/issues/2",
                "nvd 1004: a:acme:pier <1.0 -> https://github.com/ferry/cferry/issues/2",
                "cvelist 1003: Ferry_Foundation:CFerry >=0 <1.4 -> https://github.com/ferry/cferry/issues/3",
            ],
            "nothing",
        ),
    ];
    hold(rows.iter().map(|(why, records, expected)| (*why, (*expected).to_owned(), tied(records))));
}

#[test]
fn no_vendor_is_whoever_is_meant() {
    let rows: [(&str, &[&str], &str); 4] = [
        (
            "a product that the package is",
            &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1003: -:Ferry >=0 <1.4"],
            "ferry 1003 affected by name",
        ),
        ("nobody else names it", &["cvelist 1003: -:Ferry >=0 <1.4"], "nothing"),
        ("the package is none of that name", &["nvd 1001: a:acme:ferry <1.0", "cvelist 1003: -:Ferry >=0 <1.4"], "nothing"),
        ("another product", &["nvd 1001: a:ferry:ferry <1.0", "cvelist 1003: -:Pier >=0 <1.4"], "nothing"),
    ];
    hold(rows.iter().map(|(why, records, expected)| (*why, (*expected).to_owned(), tied(records))));
}

#[test]
fn no_product_is_a_blind_spot() {
    let records =
        ["cvelist 1001: -:- =n/a -> https://github.com/acme/ferry/issues/1", "cvelist 1002: -> https://github.com/acme/ferry/issues/2"];
    let world = World::new(&records, &["ferry 1.3-1 page:https://github.com/acme/ferry"]);
    assert_eq!(world.ties(), "ferry 1001 undecided by home+record; ferry 1002 undecided by home+record");
    assert_eq!(world.assess().blind_spot.records_without_products, 2);
}

#[test]
fn words_for_what_the_table_names() {
    let kernel = "kernel 6.6.51-1";
    let rows: [(&str, &[&str], &str, &str); 5] = [
        ("a product that is called like its vendor", &["cvelist 1003: Linux:Linux >=0 <6.7"], kernel, "kernel 1003 affected by mapping"),
        (
            "the vendor before the product",
            &["cvelist 1003: Apache_Software_Foundation:Apache_HTTP_Server >=2.4.0 <=2.4.59"],
            "httpd 2.4.59-1",
            "httpd 1003 affected by mapping",
        ),
        ("a number behind it", &["cvelist 1003: ISC:BIND_9 >=0 <9.20.9"], "bind 9.20.5-1", "bind 1003 affected by mapping"),
        ("a standard library", &["cvelist 1003: golang/stdlib >=0 <1.23.8"], "golang 1.23.3-1", "golang 1003 affected by mapping"),
        ("another product of the vendor", &["cvelist 1003: ISC:Kea_9 >=0 <9.20.9"], "bind 9.20.5-1", "nothing"),
    ];
    hold(rows.iter().map(|(why, records, package, expected)| (*why, (*expected).to_owned(), World::new(records, &[package]).ties())));
}
