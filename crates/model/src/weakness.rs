//! The names of weaknesses.

/// The table of names, in the order of numbers.
const NAMES: &str = include_str!("../data/cwe.tsv");

/// The name of a weakness by its id (`CWE-79`), as the Common Weakness Enumeration has it; `None` for an id that the table does not have,
/// which is of those that records name most.
///
/// ```
/// assert_eq!(seaworthy_model::weakness_name("CWE-416"), Some("Use After Free"));
/// assert_eq!(seaworthy_model::weakness_name("NVD-CWE-noinfo"), None);
/// ```
#[must_use]
pub fn weakness_name(id: &str) -> Option<&'static str> {
    let number = id.strip_prefix("CWE-")?;
    NAMES.lines().find_map(|line| line.split_once('\t').filter(|(of, _)| *of == number).map(|(_, name)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_line_is_found() {
        let rows: Vec<(u32, &str)> = NAMES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_once('\t').unwrap())
            .map(|(n, name)| (n.parse().unwrap(), name))
            .collect();
        assert!(rows.len() >= 150 && rows.is_sorted_by(|(a, _), (b, _)| a < b));
        for (number, name) in rows {
            assert!(!name.is_empty() && name.trim() == name);
            assert_eq!(weakness_name(&format!("CWE-{number}")), Some(name));
        }
        for unknown in ["CWE-", "CWE-0", "CWE-99999", "79", "", "CWE-79\t"] {
            assert_eq!(weakness_name(unknown), None, "{unknown}");
        }
    }
}
