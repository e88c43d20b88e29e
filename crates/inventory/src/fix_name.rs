//! The CVEs that the file name of a patch has, and those that it says are fixed.

use seaworthy_model::CveId;

/// The CVEs in the file name of a patch, each once, also written with `_`; none of a test (`test-CVE-...`, `CVE-...-test.patch`), of a
/// patch that takes a fix back (`revert-CVE-...`), and of a decision not to patch (`.nopatch`).
pub(crate) fn fixed_by_name(file: &str) -> Vec<CveId> {
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let parts: Vec<&str> = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let is_test = |part: &str| {
        matches!(part, "test" | "tests" | "testcase" | "testcases" | "testsuite" | "unittest" | "unittests" | "selftest" | "selftests")
    };
    let first = parts.iter().position(|part| *part == "cve").unwrap_or(parts.len());
    let before = parts.get(..first).unwrap_or_default();
    let is_revert = |part: &str| part.starts_with("revert") || matches!(part, "undo" | "backout");
    // "CVE-...-revert-the-bad-change" fixes by taking something else back.
    let reverts = before.iter().chain(parts.last()).any(|part| is_revert(part));
    let first_word = parts.iter().find(|part| !part.bytes().all(|b| b.is_ascii_digit()));
    let tests = first_word.into_iter().chain(parts.last()).any(|part| is_test(part))
        || parts.windows(2).any(|pair| matches!(pair, [test, "for"] if is_test(test)));
    if reverts || tests || name.ends_with(".nopatch") {
        return Vec::new();
    }
    named(&name)
}

/// The CVEs in the file name of a patch, each once, whether it fixes them or not.
pub(crate) fn named(file: &str) -> Vec<CveId> {
    let mut out = Vec::new();
    for cve in CveId::find_all(&file.replace('_', "-")) {
        if !out.contains(&cve) {
            out.push(cve);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_patch_says_what_it_fixes() {
        let rows = [
            ("CVE-2024-0001.patch", "CVE-2024-0001"),
            ("cve-2024-0001.patch", "CVE-2024-0001"),
            ("CVE_2024_0001.patch", "CVE-2024-0001"),
            ("CVE-2024-0001-0002.patch", "CVE-2024-0001"),
            ("CVE-2024-0001_1.75.patch", "CVE-2024-0001"),
            ("CVE-2024-0001.CVE-2024-0002.patch", "CVE-2024-0001 CVE-2024-0002"),
            ("0005-fix-CVE-2024-0001-and-CVE-2024-0001.patch", "CVE-2024-0001"),
            ("https://a.example/CVE-2024-0001.patch", "CVE-2024-0001"),
            ("backport-CVE-2024-0001-regression-fix.patch", "CVE-2024-0001"),
            ("CVE-2024-0001-test-suite-too.patch", "CVE-2024-0001"),
            ("CVE-2024-0001-revert-the-bad-change.patch", "CVE-2024-0001"),
            ("CVE-2024-00010001.patch", "CVE-2024-10001"),
            ("test-CVE-2024-0001.patch", ""),
            ("CVE-2024-0001-test.patch", ""),
            ("CVE-2024-0001_tests.diff", ""),
            ("0002-tests-CVE-2024-0001.patch", ""),
            ("add-test-for-CVE-2024-0001.patch", ""),
            ("CVE-2024-0001-revert.patch", ""),
            ("revert-CVE-2024-0001.patch", ""),
            ("0001-Revert-fix-of-CVE-2024-0001.patch", ""),
            ("CVE-2024-0001.nopatch", ""),
            ("execve-2024-fix.patch", ""),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(file, expected)| {
            let found: Vec<String> = fixed_by_name(file).iter().map(CveId::to_string).collect();
            (file, expected.to_owned(), found.join(" "))
        }));
    }
}
