//! When a record was published and changed.

use super::hold_records;
use crate::records::show;

#[test]
fn dates() {
    hold_records(
        show::dates,
        &[
            (
                "NVD writes its times without a zone: they are of UTC",
                "'published':'2024-05-01T13:45:59.123','lastModified':'2024-05-02T23:59:59.999'",
                "published 2024-05-01T13:45 changed 2024-05-02T23:59:59Z",
            ),
            (
                "without a change, that of publication",
                "'published':'2024-05-01T13:45:59.123'",
                "published 2024-05-01T13:45 changed 2024-05-01T13:45:59Z",
            ),
            (
                "a change at no time counts as that of publication",
                "'published':'2024-05-01T00:00:00.000','lastModified':'soon'",
                "published 2024-05-01T00:00 changed 2024-05-01T00:00:00Z",
            ),
            ("a day is its first minute", "'published':'2024-02-29'", "published 2024-02-29T00:00 changed 2024-02-29T00:00:00Z"),
            (
                "a day that no year has is no date",
                "'published':'2023-02-29T00:00:00.000'",
                "refused at 36: CVE-2024-1000: \"2023-02-29T00:00:00.000\" is no date of publication",
            ),
            ("month 13", "'published':'2024-13-01'", "refused at 36: CVE-2024-1000: \"2024-13-01\" is no date of publication"),
            ("words", "'published':'yesterday'", "refused at 36: CVE-2024-1000: \"yesterday\" is no date of publication"),
            ("an empty text", "'published':''", "refused at 36: CVE-2024-1000: \"\" is no date of publication"),
            (
                "a number is no date",
                "'published':1714521600",
                "refused at 36: invalid type: integer `1714521600`, expected a string at line 1 column 51",
            ),
            (
                "a long text is shown by its beginning",
                "'published':'{50*9}'",
                "refused at 36: CVE-2024-1000: \"9999999999999999999999999999999999999999\" is no date of publication",
            ),
        ],
    );
}
