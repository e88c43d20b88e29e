//! Sources with a single fact for each CVE: exploited since a day (KEV), or a probability of exploitation (EPSS).

use std::borrow::Cow;

use seaworthy_model::CveId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json::place_of;
use super::time::When;
use super::{Refused, shortened};

/// A fact about a CVE.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The packed CVE id.
    pub key: u64,
    /// KEV: the day on which it was added, in days since 1970-01-01. EPSS: the probability, from 0 to 1.
    pub value: f32,
    /// KEV: 1 where ransomware campaigns are known to use it, otherwise 0. EPSS: the percentile, from 0 to 1.
    pub extra: f32,
}

/// The catalogue of CISA, whose entries are parsed one by one, so that a bad entry costs only itself.
#[derive(Deserialize)]
struct Catalogue<'a> {
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow, rename = "cveID")]
    cve_id: Cow<'a, str>,
    #[serde(borrow)]
    date_added: Cow<'a, str>,
    #[serde(borrow, default)]
    known_ransomware_campaign_use: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    due_date: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    fn read(raw: &'a RawValue) -> Result<Self, String> {
        serde_json::from_str(raw.get()).map_err(|e| format!("not an entry of KEV: {e}"))
    }

    fn fact(&self) -> Result<Fact, String> {
        match (self.cve_id.parse::<CveId>(), day_of(&self.date_added)) {
            (Ok(id), Some(day)) => {
                let ransomware = self.known_ransomware_campaign_use.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("known"));
                Ok(Fact { key: id.key(), value: day as f32, extra: f32::from(u8::from(ransomware)) })
            }
            _ => {
                let (id, date) = (shortened(&self.cve_id, 40), shortened(&self.date_added, 40));
                Err(format!("an entry without an id and a date: {id:?}, {date:?}"))
            }
        }
    }
}

/// Parses the catalogue of CISA (<https://www.cisa.gov/known-exploited-vulnerabilities-catalog>, JSON). An entry that cannot be parsed is
/// refused with its position; the others are kept.
///
/// # Errors
/// When the text is no JSON with a list of entries.
pub fn parse_kev(json: &[u8], file: &str, refused: &mut Vec<Refused>) -> Result<Vec<Fact>, String> {
    let catalogue: Catalogue<'_> = serde_json::from_slice(json).map_err(|e| format!("not a KEV catalogue: {e}"))?;
    let mut facts = Vec::with_capacity(catalogue.vulnerabilities.len());
    for raw in catalogue.vulnerabilities {
        match Entry::read(raw).and_then(|entry| entry.fact()) {
            Ok(fact) => facts.push(fact),
            Err(message) => refused.push(Refused { file: file.to_owned(), offset: place_of(raw.get(), json), message }),
        }
    }
    facts.sort_by_key(|f| f.key);
    facts.dedup_by_key(|f| f.key);
    Ok(facts)
}

/// The day by which CISA's catalogue asks to have a CVE dealt with, in days since 1970-01-01; `None` where it has none.
pub(crate) fn kev_due(json: &[u8], id: CveId) -> Option<i32> {
    let catalogue: Catalogue<'_> = serde_json::from_slice(json).ok()?;
    let entry = catalogue.vulnerabilities.into_iter().filter_map(|raw| Entry::read(raw).ok()).find(|e| e.cve_id.parse() == Ok(id))?;
    day_of(entry.due_date.as_deref()?)
}

/// The day of a date, in days since 1970-01-01; `None` where the text is no date after that.
fn day_of(text: &str) -> Option<i32> {
    When::parse(text).and_then(When::known).map(|when| when.minute.div_euclid(1440))
}

/// Parses EPSS scores: a comment line, the header `cve,epss,percentile`, and a line for each CVE (<https://www.first.org/epss/data_stats>).
/// A line that cannot be parsed is refused with its position; the others are kept.
///
/// # Errors
/// When the text is no UTF-8 or has no header.
pub fn parse_epss(csv: &[u8], file: &str, refused: &mut Vec<Refused>) -> Result<Vec<Fact>, String> {
    let text = std::str::from_utf8(csv).map_err(|e| format!("not UTF-8 at byte {}", e.valid_up_to()))?;
    let mut facts = Vec::new();
    let mut header = false;
    let mut offset = 0u64;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len() as u64;
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !header {
            if !line.starts_with("cve,epss,percentile") {
                return Err(format!("expected the header cve,epss,percentile, found {:?}", shortened(line, 80)));
            }
            header = true;
            continue;
        }
        let mut fields = line.split(',');
        let mut probability = || fields.next().map(str::trim);
        let id = probability().and_then(|f| f.parse::<CveId>().ok());
        let mut number = || probability().and_then(|f| f.parse::<f32>().ok()).filter(|p| (0.0..=1.0).contains(p));
        match (id, number(), number()) {
            (Some(id), Some(value), Some(extra)) => facts.push(Fact { key: id.key(), value, extra }),
            _ => refused.push(Refused {
                file: file.to_owned(),
                offset: start,
                message: format!("expected CVE,probability,percentile, found {:?}", shortened(line, 80)),
            }),
        }
    }
    if !header {
        return Err("no header cve,epss,percentile: fetch it again".into());
    }
    facts.sort_by_key(|f| f.key);
    facts.dedup_by_key(|f| f.key);
    Ok(facts)
}
