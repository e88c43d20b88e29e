//! The times of publication and change of a record.

use super::hold_records;
use crate::records::show;

#[test]
fn dates() {
    hold_records(
        show::dates,
        &[
            (
                "publication and change",
                "'published':'2024-05-01T13:45:59Z','modified':'2024-05-02T23:59:59.999999Z'",
                "published 2024-05-01T13:45 changed 2024-05-02T23:59:59Z",
            ),
            (
                "without a day of publication that of the change",
                "'modified':'2024-05-02T23:59:59Z'",
                "published 2024-05-02T23:59 changed 2024-05-02T23:59:59Z",
            ),
            (
                "a change at no time counts as that of publication",
                "'published':'2024-05-01T00:00:00Z','modified':'soon'",
                "published 2024-05-01T00:00 changed 2024-05-01T00:00:00Z / refused at 97: HARBOR-2024-1: \"soon\" is no date",
            ),
            (
                "the placeholder of Go's database says that nobody knows",
                "'published':'0001-01-01T00:00:00Z','modified':'0001-01-01T00:00:00Z'",
                "published unknown changed unknown",
            ),
            (
                "where it stands for the change alone, publication is known",
                "'published':'2021-04-14T20:04:52Z','modified':'0001-01-01T00:00:00Z'",
                "published 2021-04-14T20:04 changed 2021-04-14T20:04:52Z",
            ),
            ("in the place of the missing day of publication", "'modified':'0001-01-01T00:00:00Z'", "published unknown changed unknown"),
            ("a zone is respected", "'published':'2024-05-01T01:30:00+02:00'", "published 2024-04-30T23:30 changed 2024-01-10T00:00:00Z"),
            ("an empty day of publication is a missing one", "'published':''", "published 2024-01-10T00:00 changed 2024-01-10T00:00:00Z"),
            ("an empty time of the change", "'modified':''", "published unknown changed unknown"),
            ("null is none", "'modified':null,'published':null", "published unknown changed unknown"),
        ],
    );
}

/// A date that is none is refused by itself, and the record stays.
#[test]
fn impossible_dates() {
    hold_records(
        show::dates,
        &[
            (
                "hour 25",
                "'published':'2024-05-01T25:00:00Z'",
                "published unknown changed 2024-01-10T00:00:00Z / refused at 97: HARBOR-2024-1: \"2024-05-01T25:00:00Z\" is no date",
            ),
            (
                "words",
                "'published':'soon'",
                "published unknown changed 2024-01-10T00:00:00Z / refused at 97: HARBOR-2024-1: \"soon\" is no date",
            ),
            (
                "a day that no year has",
                "'published':'2023-02-29T00:00:00Z'",
                "published unknown changed 2024-01-10T00:00:00Z / refused at 97: HARBOR-2024-1: \"2023-02-29T00:00:00Z\" is no date",
            ),
        ],
    );
}
