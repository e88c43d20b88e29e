//! The words of numbering authorities for their own products (`ISC`, `BIND 9`), led to the CPE name of the same product (`a:isc:bind`).
//!
//! Three things say that both mean the same, the surest first: records in which an authority has one product and configurations have one;
//! the names themselves; and a home of the product's records to which all records of the words lead. Nothing is written down by name.

use std::collections::HashMap;

/// The share of the records of words, of ten, that must be about one CPE name.
const AGREED_OF_TEN: u32 = 8;
/// The number of records that both describe from which on the names need not resemble each other.
const SEVERAL: u32 = 2;
/// The number of products in an authority's record from which on its homes say little about any one of them.
const FEW: usize = 3;

/// The products and homes of a CVE, as numbers in the catalogue.
#[derive(Default)]
pub(crate) struct Described {
    /// The products in the words of authorities.
    pub(crate) words: Vec<u32>,
    /// The products of configurations.
    pub(crate) named: Vec<u32>,
    /// The homes to which the authority's record leads.
    pub(crate) homes: Vec<u32>,
    /// The homes to which all records of the CVE lead.
    pub(crate) all_homes: Vec<u32>,
}

/// Calls a function with every CVE.
pub(crate) type Each<'e> = dyn Fn(&mut dyn FnMut(&Described)) + 'e;

/// What is counted over all records.
#[derive(Default)]
struct Counts {
    /// The records with these words alone that name this product alone.
    together: HashMap<u32, HashMap<u32, u32>>,
    /// The records of words that name a product of configurations at all.
    described: HashMap<u32, u32>,
    /// The records of each product of configurations.
    records: HashMap<u32, u32>,
    /// The records of words, and those of them that lead to a home.
    words: HashMap<u32, (u32, HashMap<u32, u32>)>,
    /// The records that lead to a home and name a product, and those of them that name this one; of homes of words alone.
    homes: HashMap<u32, (u32, HashMap<u32, u32>)>,
}

/// The products to which words lead, by the number of the words. `each` calls a function with every CVE, and is asked twice.
pub(crate) fn learn(names: &[&[u8]], homes: &[&[u8]], each: &Each<'_>) -> HashMap<u32, u32> {
    let counts = counted(each);
    let name_of = |number: u32| names.get(number as usize).and_then(|name| std::str::from_utf8(name).ok()).and_then(Name::of);
    let mut called: HashMap<String, Vec<u32>> = HashMap::new();
    for product in counts.records.keys() {
        if let Some(name) = name_of(*product) {
            called.entry(normal(name.product)).or_default().push(*product);
        }
    }
    let frequent = |products: &mut dyn Iterator<Item = u32>| products.max_by_key(|p| (counts.records.get(p), std::cmp::Reverse(*p)));
    let mut learned = HashMap::new();
    for (words, (total, led)) in &counts.words {
        let Some(own) = name_of(*words) else { continue };
        let by_records = || {
            let found = counts.together.get(words)?;
            let (product, count) = found.iter().max_by_key(|(product, count)| (**count, std::cmp::Reverse(**product)))?;
            let agreed = count * 10 >= found.values().sum::<u32>() * AGREED_OF_TEN;
            // Without a likeness, half of the records have to say so: a product that another is a part of has records of both.
            let described = counts.described.get(words).copied().unwrap_or_default();
            let is_usual = *count >= SEVERAL && *count * 2 >= described;
            (agreed && (is_usual || own.resembles(&name_of(*product)?))).then_some(*product)
        };
        let by_name = || {
            let same = |product: &u32| name_of(*product).is_some_and(|name| own.has_vendor(&name));
            let forms = own.forms();
            frequent(&mut forms.iter().filter_map(|form| called.get(form)).flatten().copied().filter(same))
        };
        let by_home = || {
            let mut always: Vec<&u32> = led.iter().filter(|(_, count)| *count == total).map(|(home, _)| home).collect();
            always.sort_unstable();
            always.into_iter().find_map(|home| {
                let (all, products) = counts.homes.get(home)?;
                let (product, count) = products.iter().max_by_key(|(product, count)| (**count, std::cmp::Reverse(**product)))?;
                let name = name_of(*product)?;
                let repository = homes.get(*home as usize).and_then(|home| std::str::from_utf8(home).ok()).unwrap_or("");
                let called =
                    own.resembles(&name) || repository.rsplit_once('/').is_some_and(|(_, last)| normal(last) == normal(own.product));
                (count * 2 >= *all && *count >= SEVERAL && called && own.has_vendor(&name)).then_some(*product)
            })
        };
        if let Some(product) = by_records().or_else(by_name).or_else(by_home) {
            learned.insert(*words, product);
        }
    }
    learned
}

/// Whether words mean a CPE name by their look alone: the vendor and the product agree, or a product that is called like its vendor is part
/// of the name (`Linux`, `Linux` of `linux_kernel`).
pub(crate) fn mean(words: &str, name: &str) -> bool {
    let (Some(own), Some(name)) = (Name::of(words), Name::of(name)) else { return false };
    let eponymous = normal(own.vendor) == normal(own.product);
    let part = || words_of(own.product).all(|own| words_of(name.product).any(|word| word == own));
    own.has_vendor(&name) && (own.forms().contains(&normal(name.product)) || eponymous && part())
}

fn counted(each: &Each<'_>) -> Counts {
    let mut counts = Counts::default();
    each(&mut |cve| {
        for product in &cve.named {
            *counts.records.entry(*product).or_default() += 1;
        }
        if let ([words], [product]) = (&*cve.words, &*cve.named) {
            *counts.together.entry(*words).or_default().entry(*product).or_default() += 1;
        }
        let homes: &[u32] = if cve.words.len() <= FEW { &cve.homes } else { &[] };
        for words in &cve.words {
            if !cve.named.is_empty() {
                *counts.described.entry(*words).or_default() += 1;
            }
            let (total, led) = counts.words.entry(*words).or_default();
            *total += 1;
            homes.iter().for_each(|home| *led.entry(*home).or_default() += 1);
        }
    });
    counts.homes = counts.words.values().flat_map(|(_, led)| led.keys()).map(|home| (*home, Default::default())).collect();
    if !counts.homes.is_empty() {
        let homes = &mut counts.homes;
        each(&mut |cve| {
            if cve.named.is_empty() {
                return;
            }
            for home in &cve.all_homes {
                if let Some((all, products)) = homes.get_mut(home) {
                    *all += 1;
                    cve.named.iter().for_each(|product| *products.entry(*product).or_default() += 1);
                }
            }
        });
    }
    counts
}

/// The vendor and the product of `PART:VENDOR:PRODUCT`.
struct Name<'a> {
    vendor: &'a str,
    product: &'a str,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let mut parts = name.splitn(3, ':');
        let (part, vendor, product) = (parts.next()?, parts.next()?, parts.next()?);
        matches!(part, "a" | "o").then_some(Self { vendor, product })
    }

    /// Whether the vendor of `other` is ours: each of its words is one of our vendor's (`gnu` in `the_gnu_c_library`).
    fn has_vendor(&self, other: &Name<'_>) -> bool {
        !other.vendor.is_empty() && words_of(other.vendor).all(|word| words_of(self.vendor).any(|own| own == word))
    }

    /// Whether both have a word of their product and the vendor in common.
    fn resembles(&self, other: &Name<'_>) -> bool {
        self.has_vendor(other) && words_of(self.product).any(|own| words_of(other.product).any(|word| word == own))
    }

    /// The forms of the product's name, in lower case without signs: as it is, and without the vendor's words before it (`Apache HTTP
    /// Server`) and a number behind it (`BIND 9`).
    fn forms(&self) -> Vec<String> {
        let words: Vec<&str> = words_of(self.product).collect();
        let first = words.iter().take_while(|word| words_of(self.vendor).any(|own| own == **word)).count();
        let last = words.iter().rposition(|word| !word.bytes().all(|b| b.is_ascii_digit())).map_or(0, |place| place + 1);
        let joined = |from: usize, to: usize| words.get(from..to).unwrap_or_default().concat();
        let mut forms = vec![joined(0, words.len()), joined(0, last), joined(first, words.len()), joined(first, last)];
        forms.retain(|form| !form.is_empty());
        forms
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn normal(text: &str) -> String {
    words_of(text).collect()
}
