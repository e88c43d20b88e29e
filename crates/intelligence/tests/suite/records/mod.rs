//! The tables of the record parsers: rows of a reason, a record and its view.
//!
//! A record is written in the JSON of its source, in the shortest valid form. Three signs keep it short: `'` stands for `"`, `{300*0}` for
//! three hundred zeroes, and [`object`] makes an object of words. The view is written in the language of [`show`].

mod costs;
mod cve5;
mod epss;
mod kev;
mod linked;
mod nvd;
mod osv;
mod overrides;
mod show;

use std::ops::Range;

use seaworthy_intelligence::records::{Collector, RecordText, Refused, View};

/// A function that shows one side of a view.
type Lens = fn(&Seen<'_>) -> String;

/// A view as the parser gave it.
struct Seen<'a> {
    view: &'a View<'a>,
    products: &'a [String],
    text: &'a RecordText,
    homes: Vec<&'a str>,
    /// The place of the record in the file.
    place: Range<usize>,
}

/// The reason, the record and the expected view.
type Row<'a> = (&'a str, &'a str, &'a str);

/// A collector that keeps the views of a parser through a lens, and then its refusals.
struct Reading {
    lens: Lens,
    products: Vec<String>,
    views: Vec<String>,
    refused: Vec<Refused>,
}

impl Reading {
    fn new(lens: Lens) -> Self {
        Self { lens, products: Vec::new(), views: Vec::new(), refused: Vec::new() }
    }

    /// The views and refusals as one line: `VIEW / VIEW / refused at 57: MESSAGE`; an error in `whole` is the refusal of the file itself.
    fn line(self, whole: Result<(), String>) -> String {
        let whole = whole.err().map(|message| format!("refused: {message}"));
        let problems = self.refused.into_iter().map(|r| format!("refused at {}: {}", r.offset, r.message));
        let all: Vec<String> = self.views.into_iter().chain(problems).chain(whole).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(" / ") }
    }
}

impl Collector for Reading {
    fn product(&mut self, name: &str) -> u32 {
        let known = self.products.iter().position(|p| p == name).unwrap_or_else(|| {
            self.products.push(name.to_owned());
            self.products.len() - 1
        });
        u32::try_from(known).unwrap()
    }

    fn view(&mut self, view: &View<'_>, text: RecordText, homes: &mut dyn Iterator<Item = &str>, place: Range<usize>) {
        self.views.push((self.lens)(&Seen { view, products: &self.products, text: &text, homes: homes.collect(), place }));
    }

    fn refuse(&mut self, refused: Refused) {
        self.refused.push(refused);
    }
}

/// The text of a row as in its source: `'` is `"`, and `{300*0}` is three hundred zeroes.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let repeated = after.split_once('}').and_then(|(inside, behind)| {
            let (count, what) = inside.split_once('*')?;
            Some((what.repeat(count.parse().ok()?), behind))
        });
        match repeated {
            Some((text, behind)) => {
                out.push_str(&text);
                rest = behind;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    (out + rest).replace('\'', "\"")
}

/// The object of words `KEY=TEXT` and `KEY:=JSON`, in their order, repeats included: `{"a":"1","b":2}` of `a=1 b:=2`.
fn object(words: &str) -> String {
    let fields = words.split(' ').filter(|w| !w.is_empty()).map(|word| {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("no word of an object: {word} in {words}"));
        match key.strip_suffix(':') {
            Some(key) => format!("\"{key}\":{}", plain(value)),
            None => format!("\"{key}\":{}", serde_json::Value::from(plain(value))),
        }
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// The list of the objects of words that ` | ` joins.
fn objects(text: &str) -> String {
    format!("[{}]", text.split(" | ").map(object).collect::<Vec<_>>().join(","))
}

/// Checks every row of a table, so that one run shows all that are wrong.
fn hold(rows: &[Row<'_>], read: impl Fn(&str) -> String) {
    seaworthy_testing::hold(rows.iter().map(|&(why, record, expected)| (why, expected.to_owned(), read(record))));
}
