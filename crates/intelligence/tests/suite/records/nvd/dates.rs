//! The times of publication and change of a record.

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
                "a zone is respected",
                "'published':'2024-05-01T01:30:00.000+02:00','lastModified':'2024-05-01T23:30:00-05:00'",
                "published 2024-04-30T23:30 changed 2024-05-02T04:30:00Z",
            ),
            (
                "a zone that was cut behind its hours, as in old copies of the API's answers",
                "'published':'2021-02-03T15:20:28+00:','lastModified':'2021-02-04T01:20:28+02:'",
                "published 2021-02-03T15:20 changed 2021-02-03T23:20:28Z",
            ),
            ("UTC by its letter", "'published':'2024-05-01T13:45:59Z'", "published 2024-05-01T13:45 changed 2024-05-01T13:45:59Z"),
            ("a time without seconds", "'published':'2024-05-01T13:45Z'", "published 2024-05-01T13:45 changed 2024-05-01T13:45:00Z"),
            (
                "a leap second is the last one of its minute",
                "'published':'2016-12-31T23:59:60Z'",
                "published 2016-12-31T23:59 changed 2016-12-31T23:59:59Z",
            ),
            (
                "a time at which clocks begin says that nobody knows",
                "'published':'0001-01-01T00:00:00Z'",
                "published unknown changed unknown",
            ),
            (
                "the change may still be known",
                "'published':'1970-01-01T00:00:00.000','lastModified':'2024-05-02T00:00:00.000'",
                "published unknown changed 2024-05-02T00:00:00Z",
            ),
            (
                "a change at which clocks begin counts as that of publication",
                "'published':'2024-05-01T00:00:00.000','lastModified':'0001-01-01T00:00:00Z'",
                "published 2024-05-01T00:00 changed 2024-05-01T00:00:00Z",
            ),
            (
                "hour 25",
                "'published':'2024-05-01T25:00:00.000'",
                "refused at 36: CVE-2024-1000: \"2024-05-01T25:00:00.000\" is no date of publication",
            ),
            (
                "hour 24 is the next day's, and no time of this one",
                "'published':'2024-05-01T24:00:00.000'",
                "refused at 36: CVE-2024-1000: \"2024-05-01T24:00:00.000\" is no date of publication",
            ),
            (
                "minute 60",
                "'published':'2024-05-01T10:60:00'",
                "refused at 36: CVE-2024-1000: \"2024-05-01T10:60:00\" is no date of publication",
            ),
            (
                "words behind a day",
                "'published':'2024-05-01 or so'",
                "refused at 36: CVE-2024-1000: \"2024-05-01 or so\" is no date of publication",
            ),
            (
                "a zone by its name has rules that change",
                "'published':'2024-05-01T10:00:00[Europe/Berlin]'",
                "refused at 36: CVE-2024-1000: \"2024-05-01T10:00:00[Europe/Berlin]\" is no date of publication",
            ),
            (
                "a year that no calendar of ours has",
                "'published':'12024-05-01'",
                "refused at 36: CVE-2024-1000: \"12024-05-01\" is no date of publication",
            ),
            (
                "so late that minutes cannot be counted",
                "'published':'9999-12-31T00:00:00Z'",
                "refused at 36: CVE-2024-1000: \"9999-12-31T00:00:00Z\" is no date of publication",
            ),
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
