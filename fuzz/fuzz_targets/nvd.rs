//! NVD feeds and API pages, and overrides in their layout.
#![no_main]

use std::collections::HashMap;
use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use seaworthy_intelligence::records::{Collector, Refused, View, parse_nvd, parse_override};

/// Numbers the products and looks at everything else.
struct Looker<'t> {
    text: &'t [u8],
    products: HashMap<String, u32>,
}

impl Collector for Looker<'_> {
    fn product(&mut self, name: &str) -> u32 {
        let next = self.products.len() as u32;
        *self.products.entry(name.to_owned()).or_insert(next)
    }

    fn view(&mut self, view: &View<'_>, homes: &mut dyn Iterator<Item = &str>, text: Range<usize>) {
        assert!(self.text.get(text).is_some(), "the record lies outside of the text");
        let products = view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).map(|p| p.product);
        assert!(products.chain(view.affected.iter().map(|a| a.product)).all(|p| (p as usize) < self.products.len()));
        homes.for_each(|url| drop(seaworthy_model::home_of(url)));
    }

    fn refuse(&mut self, refused: Refused) {
        assert!(!refused.message.is_empty());
    }
}

fuzz_target!(|data: &[u8]| {
    let mut looker = Looker { text: data, products: HashMap::new() };
    let _ = parse_nvd(data, "nvdcve-2.0-fuzz.json", &mut looker);
    let _ = parse_override(data, "data/2024/CVE-2024-1.json", &mut looker);
});
