//! The collector that the targets of record parsers give to the parsers.

use std::collections::HashMap;
use std::ops::Range;

use seaworthy_intelligence::records::{Collector, RecordText, Refused, View};
use seaworthy_model::Reference;

/// Numbers the products and looks at everything else.
pub struct Looker<'t> {
    text: &'t [u8],
    products: HashMap<String, u32>,
}

impl<'t> Looker<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, products: HashMap::new() }
    }
}

impl Collector for Looker<'_> {
    fn product(&mut self, name: &str) -> u32 {
        let next = self.products.len() as u32;
        *self.products.entry(name.to_owned()).or_insert(next)
    }

    fn view(&mut self, view: &View<'_>, text: RecordText, homes: &mut dyn Iterator<Item = &str>, place: Range<usize>) {
        assert!(self.text.get(place).is_some(), "the record lies outside of the text");
        assert!(text.description.len() <= 4 << 10 && text.references.len() <= Reference::MOST);
        for reference in &text.references {
            assert!(reference.url.len() <= Reference::LONGEST && reference.url.bytes().all(|b| b.is_ascii_graphic()), "{}", reference.url);
        }
        let products = view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).map(|p| p.product);
        assert!(products.chain(view.affected.iter().map(|a| a.product)).all(|p| (p as usize) < self.products.len()));
        homes.for_each(|url| drop(seaworthy_model::home_of(url)));
    }

    fn refuse(&mut self, refused: Refused) {
        assert!(!refused.message.is_empty() && refused.offset <= self.text.len() as u64);
    }
}
