//! When a record was published and changed.

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
                "published 2024-05-01T00:00 changed 2024-05-01T00:00:00Z",
            ),
            ("words are no date", "'published':'soon'", "refused: HARBOR-2024-1: \"soon\" is no date of publication"),
            (
                "nor is a day that no year has",
                "'published':'2023-02-29T00:00:00Z'",
                "refused: HARBOR-2024-1: \"2023-02-29T00:00:00Z\" is no date of publication",
            ),
            ("an empty text", "'modified':''", "refused: HARBOR-2024-1: \"\" is no date of publication"),
        ],
    );
}
