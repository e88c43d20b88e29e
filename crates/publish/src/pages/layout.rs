use maud::{DOCTYPE, Markup, html};
use seaworthy_model::text::{masked, printable};

use super::{path, words};
use crate::{Advisory, Edition};

/// The content security policy: only files of the site itself may be run or shown, and nothing inline.
const POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// A page: its title for the tab, the way to the root of the site (`../` for each folder), and its description.
pub(super) struct Shell<'a> {
    pub(super) edition: &'a Edition,
    pub(super) root: &'static str,
    pub(super) title: &'a str,
    /// The description for search engines and previews; may be empty.
    pub(super) summary: &'a str,
    /// The entry of the menu to which the page belongs.
    pub(super) section: &'a str,
    pub(super) scripts: bool,
}

impl Shell<'_> {
    pub(super) fn page(&self, main: &Markup) -> Vec<u8> {
        let (edition, root) = (self.edition, self.root);
        let distribution = &edition.distribution;
        let menu =
            [("index.html", "Advisories"), ("packages.html", "Packages"), ("images.html", "Images"), ("repository.html", "Repository")];
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) " · " (distribution.name) " " (distribution.line) }
                    @if !self.summary.is_empty() { meta name="description" content=(self.summary); }
                    link rel="icon" type="image/svg+xml" href={ (root) "assets/icon.svg" };
                    link rel="stylesheet" href={ (root) "assets/style.css" };
                    link rel="alternate" type="application/atom+xml" title="Newest changes" href={ (root) "feed.atom" };
                    @if self.scripts {
                        script defer src={ (root) "assets/version.js" } {}
                        script defer src={ (root) "assets/fixed.js" } {}
                        script defer src={ (root) "assets/app.js" } {}
                    }
                }
                body data-root=(root) {
                    a.skip href="#main" { "Skip to the content" }
                    header.site {
                        div.wide {
                            a.brand href={ (root) "index.html" } {
                                b { (distribution.name) " " (distribution.line) } " " span { "security" }
                            }
                            nav aria-label="Site" {
                                @for (file, label) in menu {
                                    a href={ (root) (file) } aria-current=[(self.section == label).then_some("true")] { (label) }
                                }
                                a href={ (root) "feed.atom" } { "Feed" }
                            }
                        }
                    }
                    main id="main" tabindex="-1" { div.wide { (main) } }
                    footer.site {
                        div.wide {
                            p { "Tells of everything up to " (words::full_time(edition.at)) "." }
                            @if !distribution.contact.is_empty() { p { "Security team: " (contact(&distribution.contact)) } }
                            p { a href={ (root) "index.html#for-programs" } { "Documents for programs" } }
                        }
                    }
                }
            }
        };
        printable(&masked(&page.into_string())).into_owned().into_bytes()
    }
}

/// A link where the address is of a safe kind, or else the text.
fn contact(address: &str) -> Markup {
    let web = address.starts_with("https://") || address.starts_with("http://") || address.starts_with("mailto:");
    let mail =
        !web && address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()) && !address.contains([':', ' ']);
    html! {
        @if web { a href=(address) { (address.trim_start_matches("mailto:")) } }
        @else if mail { a href={ "mailto:" (address) } { (address) } }
        @else { (address) }
    }
}

/// A link to another site.
pub(super) fn outside(address: &str, text: &str) -> Markup {
    html! { a.out href=(address) rel="noreferrer" { (text) } }
}

/// The links from the root of the site to this page.
pub(super) fn crumbs(root: &str, steps: &[(String, &str)], here: &str) -> Markup {
    html! {
        nav.crumbs aria-label="Where this page is" {
            @for (target, text) in steps { a href={ (root) (target) } { (text) } span aria-hidden="true" { "/" } }
            span aria-current="page" { (here) }
        }
    }
}

/// A link to a page of this site, which is given by its path from the root.
pub(super) fn to(root: &str, target: &str, text: &str) -> Markup {
    html! { a href={ (root) (path::link(target)) } { (text) } }
}

/// The content of a file, to be copied.
pub(super) fn file(text: &str) -> Markup {
    html! { pre.command tabindex="0" aria-label="File" { code { (text) } } }
}

/// A command to be typed.
pub(super) fn shell_line(line: &str) -> Markup {
    html! { pre.command tabindex="0" aria-label="Command" { code { (line) } } }
}

/// The columns of a table of advisories beside status and answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// All columns.
    All,
    /// All but the package, which the page names.
    WithoutPackage,
    /// All but the CVE, which the page names.
    WithoutCve,
}

/// A table of advisories. The attributes of its rows are the data that the scripts search, filter and compare.
pub(super) fn table(edition: &Edition, root: &str, columns: Columns, caption: &str, rows: &[&Advisory]) -> Markup {
    html! {
        div.scroll {
            table.rows data-rows {
                caption { (caption) }
                thead {
                    tr {
                        @if columns != Columns::WithoutCve { th scope="col" { "CVE" } }
                        @if columns != Columns::WithoutPackage { th scope="col" { "Package" } }
                        th scope="col" { "Status" }
                        th scope="col" { "Fix" }
                        th scope="col" { "Severity" }
                        th scope="col" { "Advisory" }
                        th scope="col" { "Changed" }
                    }
                }
                tbody { @for advisory in rows { (row(edition, root, columns, advisory)) } }
            }
        }
    }
}

fn row(edition: &Edition, root: &str, columns: Columns, a: &Advisory) -> Markup {
    let fields = super::data::fields(a);
    html! {
        tr data-id=(a.id) data-cve=(a.cve) data-package=(a.package) data-binaries=[(!a.binaries.is_empty()).then(|| Words(&a.binaries))]
            data-status=(words::STATUSES[fields.status].0) data-severity=(words::SEVERITIES[fields.severity].0)
            data-version=[(!fields.version.is_empty()).then_some(&fields.version)] data-day=[(!fields.day.is_empty()).then_some(&fields.day)]
            data-image=[fields.image] data-repository=[fields.repository.then_some("1")]
            data-exploited=[a.exploited_since.is_some().then_some("1")] data-or-before=[fields.or_before.then_some("1")] {
            @if columns != Columns::WithoutCve {
                td data-label="CVE" {
                    (to(root, &path::cve(a.cve), &a.cve.to_string()))
                    @if a.exploited_since.is_some() { " " span.exploited { "exploited" } }
                }
            }
            @if columns != Columns::WithoutPackage { td data-label="Package" { (to(root, &path::package(&a.package), &a.package)) } }
            td data-label="Status" { (words::status_badge(&a.standing)) }
            td data-label="Fix" { (words::brief(edition, a)) }
            td data-label="Severity" { (words::severity_badge(a.severity)) }
            td data-label="Advisory" { (to(root, &path::advisory(a), &a.id)) }
            td data-label="Changed" { (words::short_time(a.updated())) }
        }
    }
}

/// Words with blanks between them, escaped.
struct Words<'a>(&'a [String]);

impl maud::Render for Words<'_> {
    fn render_to(&self, out: &mut String) {
        for (at, word) in self.0.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            word.render_to(out);
        }
    }
}

/// The form "Am I fixed?". It has to stand in an element that is hidden until the scripts show it, since it cannot answer without them.
/// `package` is `None` where the form asks for it; `images` are the versions of the images, the oldest first, where no search data has
/// them.
pub(super) fn widget(package: Option<&str>, images: &[&str]) -> Markup {
    html! {
        form.ask data-ask data-package=[package] data-images=[(!images.is_empty()).then(|| images.join(" "))] {
            @if package.is_none() {
                label { span { "Package or CVE" } input name="what" type="text" list="packages" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="openssl"; }
                datalist id="packages" {}
            }
            label { span { "Installed version, or image" } input name="version" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="3.3.5-1"; }
            button type="submit" { "Am I fixed?" }
            p.hint { "As " code { "rpm -q" } " prints it; a whole name such as " code { "openssl-3.3.5-1.x86_64" } " will do." }
        }
        div.said data-said role="status" aria-live="polite" {}
    }
}

/// Foreign text, in paragraphs. Lines that were broken at some column are joined; lists, traces and short lines stay as they are.
pub(super) fn prose(text: &str) -> Markup {
    let text = words::foreign(text);
    html! {
        div.foreign {
            @for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) { p { (joined(paragraph)) } }
        }
    }
}

/// The number of characters from which the end of a line may be a break at a column.
const BROKEN: usize = 50;

/// A paragraph without the breaks inside its sentences: behind a line as long as a broken one, before a line that begins with a word.
fn joined(paragraph: &str) -> String {
    let mut out = String::with_capacity(paragraph.len());
    let mut last = 0;
    for line in paragraph.lines().map(str::trim_end) {
        let goes_on = last >= BROKEN && line.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '(' | '"' | '\'' | '`'));
        // A number with a dot or a bracket begins an item.
        let is_item = line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
        if !out.is_empty() {
            out.push(if goes_on && !is_item { ' ' } else { '\n' });
        }
        out.push_str(line);
        last = line.chars().count();
    }
    out
}

/// A field that filters the rows of the table after it. It is hidden until the scripts show it.
pub(super) fn filter(label: &str) -> Markup {
    html! {
        form.filters.js data-narrow role="search" hidden {
            label.wide-field { span { (label) " " kbd { "/" } } input name="q" type="search" autocomplete="off" autocapitalize="none" spellcheck="false"; }
        }
        p.count data-count role="status" aria-live="polite" {}
        p.empty data-none hidden { "Nothing here matches. Press Esc in the field to clear it." }
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn lines_that_were_broken_at_a_column_are_joined() {
        let long = "In the Linux kernel, the following vulnerability has been";
        let rows = [
            ("a sentence", format!("{long}\nresolved: it is."), format!("{long} resolved: it is.")),
            ("a bracket goes on", format!("{long}\n(resolved)"), format!("{long} (resolved)")),
            ("a list", format!("{long}\n- one\n- two"), format!("{long}\n- one\n- two")),
            ("a list by numbers", format!("{long}\n1. one"), format!("{long}\n1. one")),
            ("a number in a sentence", format!("{long}\n32 bit"), format!("{long} 32 bit")),
            ("a trace", format!("{long}\n[  52.1] BUG\n  foo+0x1"), format!("{long}\n[  52.1] BUG\n  foo+0x1")),
            ("short lines", "Affected:\nversion one\nversion two".to_owned(), "Affected:\nversion one\nversion two".to_owned()),
        ];
        seaworthy_testing::hold(rows.iter().map(|(why, text, expected)| (*why, expected.clone(), joined(text))));
    }
}
