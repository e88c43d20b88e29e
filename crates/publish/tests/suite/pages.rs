//! The pages for people: their content, and how they work in a real browser.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::browser::{Browser, serve};
use crate::edition;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use seaworthy_model::{CveId, Evr, compare_evr};
use seaworthy_publish::{Edition, Standing, pages};
use serde_json::{Value, json};

const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

fn files(edition: &Edition) -> BTreeMap<String, Vec<u8>> {
    let site = pages::site(edition);
    let out: BTreeMap<String, Vec<u8>> = site.iter().map(|page| (page.path.clone(), page.render().unwrap())).collect();
    assert_eq!(out.len(), site.len(), "no two pages share a path");
    out
}

/// The files with what a repository adds to them: one channel, and a package without an advisory.
fn files_with_repository(edition: &Edition) -> BTreeMap<String, Vec<u8>> {
    let mut out = files(edition);
    let mut shipped = pages::Shipped::of(&["jq".to_owned(), "oniguruma".to_owned()]);
    for (version, binary) in [("1.7.1-1.hbr3", "jq-devel"), ("1.7.1-2.hbr3", "jq"), ("1.6-9.hbr3", "jq")] {
        shipped.add("jq", &version.parse().unwrap(), vec![binary.to_owned()]);
    }
    out.insert(pages::SHIPPED.into(), shipped.data().unwrap());
    let settings = "[harbor-updates]\nmirrorlist=https://packages.harbor.example/mirrorlist/updates-$basearch\ngpgcheck=1\n";
    let setup = |channel: &str, enabled| pages::Setup {
        channel: channel.into(),
        enabled,
        path: format!("repo/harbor-{channel}.repo"),
        settings: settings.replace("updates", channel),
    };
    let fingerprint = "3FF99016B0BFACCCEB31601FCACD33A29BE0EA20";
    let page = pages::repository(edition, &[setup("updates", true), setup("released", false)], "keys/harbor.asc", &[fingerprint]);
    out.insert("repository.html".into(), page);
    out
}

/// Pages of every kind, among them some with hostile texts.
const KINDS: [&str; 18] = [
    "index.html",
    "repository.html",
    "packages.html",
    "images.html",
    "list/2026.html",
    "advisory/2026/HBR-2026-0001.html",
    "advisory/2026/HBR-2026-0002.html",
    "advisory/2026/HBR-2026-0004.html",
    "advisory/2026/HBR-2026-0005.html",
    "advisory/2026/HBR-2026-0007.html",
    "advisory/2026/HBR-2026-0009.html",
    "advisory/2026/HBR-2026-0010.html",
    "advisory/2026/HBR-2026-0012.html",
    "cve/2026/CVE-2026-10001.html",
    "cve/2026/CVE-2026-10011.html",
    "package/o/openssl.html",
    "package/_/=2E.=2Fodd=20=22name=22=3Cb=3E.html",
    "image/202608.20.0.html",
];

/// The values of an attribute in a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_link_leads_to_a_page_and_no_page_leaves_its_folder() {
    let edition = edition::edition(300);
    let files = files(&edition);
    let mut seen = BTreeSet::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        assert!(path.split('/').all(|part| !part.starts_with('.') && !part.is_empty()), "{path}");
        let page = std::str::from_utf8(bytes).unwrap();
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onerror=\""), "{path}: nothing is inline");
        for script in page.split("<script").skip(1) {
            assert!(script.starts_with(" defer src="), "{path}: {script:.60}");
        }
        for link in attributes(page, "href").into_iter().chain(attributes(page, "src")) {
            let Some(target) = resolve(path, link) else { continue };
            assert!(files.contains_key(&target) || target == "feed.atom" || target.starts_with("security/"), "{path} links to {link}");
            seen.insert(target);
        }
    }
    // Every page can be reached.
    for path in files.keys().filter(|p| p.ends_with(".html")) {
        assert!(seen.contains(path), "nothing links to {path}");
    }
}

/// The file to which a link of a page leads; `None` for another site.
fn resolve(page: &str, link: &str) -> Option<String> {
    if link.contains(':') {
        let known = ["https://nvd.nist.gov/", "https://www.cve.org/", "https://cwe.mitre.org/", "mailto:security@harbor.example"];
        assert!(known.iter().any(|k| link.starts_with(k)), "{page} links to {link}");
        return None;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        assert_eq!(fragment, "main");
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        if part == ".." {
            parts.pop().unwrap_or_else(|| panic!("{page}: {link} leaves the site"));
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/").replace("%2B", "+"))
}

#[test]
fn the_same_edition_gives_the_same_bytes() {
    assert_eq!(files(&edition::edition(40)), files(&edition::edition(40)));
}

#[test]
fn pages_of_what_is_not_known_say_so() {
    let mut edition = edition::edition(0);
    edition.advisories.clear();
    edition.images.clear();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(text(pages::index(&edition)).contains("Nothing has been published yet."));
    assert!(text(pages::repository(&edition, &[], "", &[])).contains("No package has been published yet."));
    assert!(text(pages::images(&edition)).contains("No image has been released yet."));
    assert!(text(pages::packages(&edition, &BTreeMap::new())).contains("Nothing is known of any package yet."));
    assert!(text(pages::cve(&edition, CveId::from_str("CVE-2026-4711").unwrap(), &[])).contains("Nothing is known of it here"));
    assert!(text(pages::package(&edition, "bash", &[])).contains("Nothing is known in bash."));
    assert!(text(pages::image(&edition, "1", &[])).contains("No fix came first with this image."));
    assert!(text(pages::year(&edition, 2026, &[])).contains("There are none of this year."));
}

/// The script that gives the lowest contrast ratios of the texts on a page, each against its background, by the formula of WCAG.
const CONTRAST: &str = r#"
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const numbers = (c) => c.match(/[0-9.]+/g).map(Number);
    const out = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || e.tagName === "OPTION" || !e.checkVisibility({ visibilityProperty: true })) continue;
        let ground = [255, 255, 255];
        for (let p = e; p; p = p.parentElement) {
            const c = numbers(getComputedStyle(p).backgroundColor);
            if (c.length === 3 || c[3] === 1) { ground = c; break; }
        }
        const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) out.push(`${e.tagName}.${e.className} "${walker.currentNode.data.trim()}": ${ratio.toFixed(2)}`);
    }
    return out;
"#;

/// The widths that are missing to tables, where they are wider than their places.
const CUT: &str = r#"
    const places = Array.from(document.querySelectorAll('.scroll'));
    return places.map((place) => place.scrollWidth - place.clientWidth).filter((missing) => missing > 0);
"#;

#[test]
fn every_kind_of_page_is_readable_narrow_and_wide_light_and_dark() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let base = serve(files_with_repository(&edition::edition(300)));
    let browser = Browser::start(true);
    let mut titles = BTreeSet::new();
    let shots = std::env::var_os("PAGES_SCREENSHOTS").map(std::path::PathBuf::from);
    let answers = ["index.html#ask=openssl&at=3.3.5-1.hbr3", "package/o/openssl.html#at=3.3.5-1.hbr3", "index.html#q=no-such-thing"];
    for page in KINDS.iter().chain(&answers) {
        // Another part behind the # alone would not load the page anew.
        browser.goto("about:blank");
        browser.goto(&format!("{base}{page}"));
        if page.contains("ask=") || page.contains("at=") {
            browser.wait("document.querySelector('[data-said]').childElementCount > 0");
        }
        for (width, scheme) in [(400, "light"), (800, "light"), (940, "light"), (1600, "light"), (400, "dark"), (1600, "dark")] {
            browser.size(width, 1200);
            browser.colours(scheme);
            assert_eq!(browser.run("return innerWidth"), width, "{page}");
            let over = browser.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(over.as_i64().unwrap() <= 0, "{page} scrolls sideways at {width} by {over}");
            assert_eq!(browser.run(CUT), json!([]), "{page} cuts a table at {width}");
            let dark = browser.run("return getComputedStyle(document.body).backgroundColor");
            assert_eq!(dark == "rgb(16, 21, 27)", scheme == "dark", "{page}: the ground is {dark} in {scheme}");
            assert_eq!(browser.run(CONTRAST), json!([]), "{page}, {scheme}: contrast under 4.5");
            assert_eq!(browser.run("return document.querySelectorAll('h1').length"), 1, "{page}");
            if let Some(folder) = &shots {
                std::fs::create_dir_all(folder).unwrap();
                let name = page.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), browser.screenshot()).unwrap();
            }
        }
        assert_eq!(browser.run("return window.hacked ?? null"), Value::Null, "{page}");
        assert_eq!(browser.console(), Vec::<String>::new(), "{page}");
        if !page.contains('#') {
            let title = browser.run("return document.title").as_str().unwrap().to_owned();
            assert!(title.ends_with(" · Harbor Linux 3.0") && titles.insert(title.clone()), "{page}: {title}");
        }
    }
}

#[test]
fn the_front_page_searches_and_filters_everything() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let base = serve(files_with_repository(&edition::edition(600)));
    let browser = Browser::start(true);
    browser.size(1200, 900);
    let rows = || browser.run("return document.querySelectorAll('table[data-rows] tbody tr').length").as_u64().unwrap();
    let count = || browser.text("[data-count]");
    let set = |name: &str, value: &str| {
        browser.run_with(
            "const f = document.querySelector('[data-filters]').elements[arguments[0]]; f.value = arguments[1];
             f.dispatchEvent(new Event('input', { bubbles: true }))",
            vec![name.into(), value.into()],
        );
    };
    browser.goto(&format!("{base}index.html"));
    assert_eq!((rows(), count().as_str()), (200, "The 200 advisories changed last, of 612."));

    // One that is not among the newest is found by its CVE; the binary package's name finds its source package.
    set("q", "cve-2026-10009");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('1 of 612')");
    assert!(browser.text("table[data-rows] tbody").contains("zlib"));
    set("q", "openssl-libs");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('5 of 612')");
    set("status", "affected");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('1 of 612')");
    assert!(browser.text("table[data-rows] tbody").contains("was promised by 2026-10-01, late"));
    assert_eq!(browser.run("return location.hash"), "#q=openssl-libs&status=affected");

    // The address can be passed on.
    browser.goto("about:blank");
    browser.goto(&format!("{base}index.html#severity=critical&year=2026&exploited=1"));
    browser.wait("document.querySelector('[data-count]').innerText.includes('of 612')");
    let cells = browser.run("return Array.from(document.querySelectorAll('table[data-rows] tbody tr'), r => r.innerText)");
    let cells = cells.as_array().unwrap();
    assert!(!cells.is_empty());
    for cell in cells {
        let cell = cell.as_str().unwrap();
        assert!(cell.contains("Critical") && cell.contains("CVE-2026-") && cell.contains("exploited"), "{cell}");
    }

    // More than fit are shown by and by.
    browser.goto("about:blank");
    browser.goto(&format!("{base}index.html#status=fixed"));
    browser.wait("document.querySelector('[data-count]').innerText.includes('of 612')");
    assert_eq!(rows(), 100);
    browser.run("document.querySelector('[data-more]').click()");
    browser.wait("document.querySelectorAll('table[data-rows] tbody tr').length === 200");
    assert_eq!(browser.run("return document.activeElement.closest('tr').rowIndex"), 101);

    // Rows that a script made look like those that came with the page.
    browser.goto(&format!("{base}index.html"));
    browser.goto("about:blank");
    browser.goto(&format!("{base}index.html"));
    let first = "return Array.from(document.querySelectorAll('table[data-rows] tbody tr')).slice(0, 60).map(r => [r.innerText, ...Array.from(r.querySelectorAll('a'), a => a.href)])";
    let served = browser.run(first);
    set("q", "hbr");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('612 of 612')");
    assert_eq!(browser.run(first), served);

    set("q", "no such thing");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('0 of 612')");
    assert!(browser.text("[data-none]").starts_with("No advisory matches."));
    browser.run("document.querySelector('[data-filters] [type=reset]').click()");
    browser.wait("document.querySelectorAll('table[data-rows] tbody tr').length === 200");
    assert_eq!(browser.run("return location.hash"), "");
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn the_keyboard_is_enough() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let base = serve(files_with_repository(&edition::edition(300)));
    let browser = Browser::start(true);
    browser.size(1200, 900);
    let active = |what: &str| browser.run(&format!("return document.activeElement.{what}"));
    browser.goto(&format!("{base}index.html"));

    // The first stop leads past the menu, and what has the focus is seen.
    browser.keys(TAB);
    assert_eq!(active("className"), "skip");
    assert_eq!(browser.run("const r = document.activeElement.getBoundingClientRect(); return r.left >= 0 && r.width > 0"), true);
    browser.keys(ENTER);
    assert_eq!(active("id"), "main");
    browser.keys(TAB);
    assert_eq!(active("name"), "what");
    assert_eq!(browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "solid");

    // The form, by keys alone. A slash is a letter there.
    browser.keys("openssl");
    browser.keys(TAB);
    browser.keys("3.3.5-2.hbr3");
    browser.keys(ENTER);
    browser.wait("document.querySelector('[data-said]').innerText.startsWith('No: 3 vulnerabilities of 4')");
    browser.keys(ESCAPE);
    assert_eq!(browser.run("return document.querySelector('[data-said]').innerText"), "");
    browser.keys("a/b");
    assert_eq!(active("value"), "a/b");

    // From anywhere else the slash goes to the search; arrows walk, Enter opens, Esc clears.
    browser.run("document.activeElement.blur()");
    browser.keys("/");
    assert_eq!(active("name"), "q");
    browser.keys("vim");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('1 of')");
    browser.keys(ESCAPE);
    browser.wait("document.querySelectorAll('table[data-rows] tbody tr').length === 200");
    assert_eq!((active("name"), active("value")), ("q".into(), "".into()));
    browser.keys("curl");
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('2 of')");
    browser.keys(DOWN);
    browser.keys(DOWN);
    assert_eq!(active("closest('tr').rowIndex"), 2);
    browser.keys(UP);
    browser.keys(UP);
    assert_eq!(active("name"), "q");
    browser.keys(DOWN);
    let target = active("href");
    browser.keys(ENTER);
    browser.wait(&format!("location.href === {target}"));
    assert!(browser.text("h1").starts_with("CVE-2026-1000"));

    // The table of a page narrows in the same way.
    browser.goto(&format!("{base}package/k/kernel.html"));
    browser.keys("/");
    browser.keys("under investigation");
    let hidden = "Array.from(document.querySelectorAll('table[data-rows] tbody tr')).filter(r => !r.hidden)";
    browser.wait(&format!("{hidden}.every(r => r.innerText.includes('Under investigation'))"));
    assert_eq!(browser.run(&format!("return {hidden}.length > 0")), true);
    browser.keys(ESCAPE);
    browser.wait("!document.querySelector('table[data-rows] tbody tr[hidden]')");
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn am_i_fixed_is_answered() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let mut edition = edition::edition(300);
    for advisory in edition.advisories.iter_mut().filter(|a| a.package == "libsigc++20") {
        if let Standing::Fixed { or_before, .. } = &mut advisory.standing {
            *or_before = true;
        }
    }
    let base = serve(files_with_repository(&edition));
    let browser = Browser::start(true);
    browser.size(1200, 900);
    browser.goto(&format!("{base}index.html"));
    let ask = |what: &str, version: &str| -> String {
        let script = "const done = arguments[2]; return window.seaworthy.all().then(known => {
            const box = document.createElement('div');
            box.append(...window.seaworthy.answer(arguments[0], arguments[1], known).parts.filter(Boolean));
            return Array.from(box.children, e => e.textContent).join('\\n');
        })";
        browser.run_with(script, vec![what.into(), version.into()]).as_str().unwrap().to_owned()
    };
    for (what, version, wanted) in [
        (
            "CVE-2026-10002",
            "9.1.0~rc1-9.hbr3",
            &["No: CVE-2026-10002 is not fixed at 9.1.0~rc1-9.hbr3.", "dnf upgrade --advisory=HBR-2026-0002", "epoch"][..],
        ),
        (
            "cve-2026-10002",
            "9.1.0~rc2-1.hbr3",
            &["Yes: CVE-2026-10002 is fixed at 9.1.0~rc2-1.hbr3.", "since 2026-08-18", "image 202608.20.0"],
        ),
        ("CVE-2026-10002", "2:9.1.0-1.hbr3", &["Yes: CVE-2026-10002"]),
        ("CVE-2026-10002", "1:9.9.9-1.hbr3", &["No: CVE-2026-10002"]),
        ("vim-libs-9.1.0~rc2-1.hbr3.x86_64", "", &["Yes: vim-libs is fixed at 9.1.0~rc2-1.hbr3."]),
        ("", "vim-libs-9.1.0~rc2-0.hbr3.x86_64", &["No: vim-libs is not fixed"]),
        ("vim", "9.1.0~rc2", &["It depends on the release"]),
        (
            "openssl",
            "3.3.5-3.hbr3",
            &["No: 2 vulnerabilities of 4", "and was promised for 2026-10-01", "put off until 2027-01-15", "Fixed here (1)"],
        ),
        ("CVE-2026-10001", "openssl-3.3.5-3.hbr3.x86_64", &["Yes: CVE-2026-10001 is fixed"]),
        ("CVE-2026-10001", "202608.20.0", &["No: 1 package of 2", "edk2", "Fixed here (1)"]),
        ("vim", "AKSHarbor-202607.20.0", &["No: vim is not fixed on image 202607.20.0."]),
        ("vim", "202609.20.0", &["Yes: vim is fixed on image 202609.20.0."]),
        ("vim", "203001.01.0", &["No image 203001.01.0 is known here."]),
        ("CVE-2026-10003", "3.3.6-1.hbr3", &["A fix is ready in 3.3.6-1.hbr3, which is not delivered yet."]),
        ("CVE-2026-10003", "3.3.6", &["No: CVE-2026-10003 is not fixed at 3.3.6.", "a fix is ready in 3.3.6-1.hbr3"]),
        (
            "CVE-2026-10010",
            "3.5-1.hbr3",
            &["Not known: CVE-2026-10010 is fixed in 3.6.0^git20260101-1.hbr3, and perhaps at 3.5-1.hbr3 already.", " or before"],
        ),
        ("CVE-2026-10010", "3.6.0^git20260101-1.hbr3", &["Yes: CVE-2026-10010 is fixed"]),
        ("CVE-2026-10005", "9", &["No: CVE-2026-10005 is not fixed", "will not be fixed"]),
        ("CVE-2026-10006", "1-1", &["Not affected: CVE-2026-10006 needs no fix"]),
        ("CVE-2026-10008", "1-1", &["Not known yet: 1 package still under investigation"]),
        ("CVE-2026-10009", "1-1", &["Nothing to fix"]),
        ("CVE-1999-0001", "1-1", &["Nothing is known of CVE-1999-0001 in any package."]),
        ("vim", "a b", &["neither a version"]),
        ("vim", "", &["Which version is installed"]),
        ("", "", &["Which package or CVE?"]),
        ("vim", "openssl-3.3.5-3.hbr3.x86_64", &["is a version of openssl, not of vim"]),
    ] {
        let said = ask(what, version);
        for text in wanted {
            assert!(said.contains(text), "{what} {version}: {text:?} is not in {said:?}");
        }
    }
    // What has no advisory is answered from what is shipped, by the names of sources and of binaries.
    for (name, wanted) in [
        ("jq", "No advisory is published on jq, which the package repository has in version 1.7.1-2.hbr3"),
        ("jq-devel", "No advisory is published on jq-devel, built from jq, which the package repository has in version 1.7.1-2.hbr3"),
        ("oniguruma", "No advisory is published on oniguruma, which is shipped. An advisory follows when there is something to tell."),
        ("nosuch", "No advisory is published on nosuch. No package of that name is known here. Is the name right?"),
    ] {
        browser.goto("about:blank");
        browser.goto(&format!("{base}index.html#ask={name}&at=1-1"));
        browser.wait(&format!("document.querySelector('[data-said]').innerText.includes({wanted:?})"));
    }
    for page in ["index.html", "packages.html"] {
        browser.goto("about:blank");
        browser.goto(&format!("{base}{page}#q=jq"));
        browser.wait("document.querySelector('[data-unadvised]').innerText.includes('in version 1.7.1-2.hbr3')");
        browser.goto("about:blank");
        browser.goto(&format!("{base}{page}#q=nosuch"));
        browser.wait("!document.querySelector('[data-none]').hidden");
        assert_eq!(browser.run("return document.querySelector('[data-unadvised]').hidden"), true);
    }
    // A package's page knows its own rows, and answers from its address.
    browser.goto(&format!("{base}package/v/vim.html#at=2:9.1.0~rc1-1"));
    browser.wait("document.querySelector('[data-said]').innerText.startsWith('No: vim is not fixed')");
    browser.goto("about:blank");
    browser.goto(&format!("{base}package/v/vim.html#at=202609.20.0"));
    browser.wait("document.querySelector('[data-said]').innerText.startsWith('Yes: vim is fixed on image 202609.20.0')");
    assert_eq!(browser.console(), Vec::<String>::new());
    // Without the list nothing is said of what the repository has.
    let mut files = files_with_repository(&edition::edition(0));
    files.remove(pages::SHIPPED);
    let base = serve(files);
    browser.goto(&format!("{base}index.html#ask=jq&at=1-1"));
    browser.wait("document.querySelector('[data-said]').innerText === 'Nothing is known of jq. Is the name right?'");
}

#[test]
fn versions_compare_as_rpm_does() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let base = serve(files_with_repository(&edition::edition(0)));
    let browser = Browser::start(true);
    browser.goto(&format!("{base}index.html"));
    let parts = [
        "0",
        "1",
        "2",
        "9",
        "10",
        "007",
        "99999999999999999999",
        ".",
        "..",
        "_",
        "+",
        "~",
        "~~",
        "^",
        "a",
        "A",
        "b",
        "rc",
        "git",
        "é",
        "azl",
    ];
    let text = proptest::collection::vec(proptest::sample::select(parts.to_vec()), 1..6).prop_map(|p| p.concat());
    let evr = (proptest::sample::select(vec!["", "0:", "1:", "2:"]), text.clone(), proptest::option::of(text))
        .prop_map(|(epoch, version, release)| format!("{epoch}{version}{}", release.map(|r| format!("-{r}")).unwrap_or_default()));
    let mut runner = TestRunner::deterministic();
    let mut draw = || evr.new_tree(&mut runner).unwrap().current();
    let mut pairs: Vec<(String, String)> = (0..3000).map(|_| (draw(), draw())).collect();
    // Neighbours decide more than strangers.
    pairs.extend(
        (0..1000).map(|_| draw()).flat_map(|a| ["~", "^", ".", "0", "1", "a", "~1", "^1"].map(|end| (a.clone(), format!("{a}{end}")))),
    );
    let script = "const v = window.seaworthy.version; return arguments[0].map(([a, b]) => v.compare(v.parse(a), v.parse(b)))";
    let theirs = browser.run_with(script, vec![json!(pairs)]);
    let theirs = theirs.as_array().unwrap();
    assert_eq!(theirs.len(), pairs.len());
    let mut kinds = BTreeSet::new();
    for ((a, b), theirs) in pairs.iter().zip(theirs) {
        let ours = compare_evr(&a.parse::<Evr>().unwrap(), &b.parse::<Evr>().unwrap()) as i64;
        assert_eq!(theirs.as_i64(), Some(ours), "{a} and {b}");
        kinds.insert(ours);
    }
    assert_eq!(kinds.len(), 3, "the pairs lie in every order");
}

#[test]
fn reading_needs_no_javascript() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let base = serve(files_with_repository(&edition::edition(300)));
    let browser = Browser::start(false);
    for width in [400, 1600] {
        browser.size(width, 1200);
        for (page, wanted) in [
            ("index.html", &["The 200 advisories changed last, of 312.", "CVE-2026-10003", "in 3.3.5-3.hbr3 and newer", "2025 ("][..]),
            (
                "advisory/2026/HBR-2026-0001.html",
                &["Fixed in openssl 3.3.5-3.hbr3 and newer, since 18 August 2026.", "dnf upgrade --advisory=HBR-2026-0001"],
            ),
            ("advisory/2026/HBR-2026-0003.html", &["The fix is promised by 1 December 2026."]),
            ("advisory/2026/HBR-2026-0004.html", &["It was promised by 1 October 2026 and is late."]),
            ("cve/2026/CVE-2026-10001.html", &["Fixed in 1 package, affected in 1.", "edk2"]),
            ("package/o/openssl.html", &["2 vulnerabilities are open in openssl.", "Version 3.3.5-3.hbr3 or newer has the one fix"]),
            ("image/202608.20.0.html", &["came first with this image", "The next image is 202609.20.0."]),
            ("list/2026.html", &["HBR-2026-0012"]),
            ("packages.html", &["libsigc++20"]),
        ] {
            browser.goto(&format!("{base}{page}"));
            let text = browser.text("main");
            for wanted in wanted {
                assert!(text.contains(wanted), "{page}: {wanted:?} is not in {text:?}");
            }
            // What could do nothing is not shown.
            let dead = browser.run("return Array.from(document.querySelectorAll('form, button, input')).filter(e => e.checkVisibility({ visibilityProperty: true })).length");
            assert_eq!(dead, 0, "{page}");
            assert_eq!(browser.run("return typeof window.seaworthy"), "undefined");
            let space = browser.run("return Array.from(document.querySelectorAll('.js')).reduce((sum, e) => sum + e.offsetHeight, 0)");
            assert_eq!(space, 0, "{page}: no place is kept for what never comes");
        }
    }
}

#[test]
fn a_folder_opened_as_files_works_too() {
    seaworthy_testing::needs!(CHROMIUM, CHROMEDRIVER);
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files(&edition::edition(300)) {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let base = format!("file://{}/", folder.path().display());
    let browser = Browser::start(true);
    browser.goto(&format!("{base}index.html#q=vim"));
    browser.wait("document.querySelector('[data-count]').innerText.startsWith('1 of 200 advisories match. Only those on this page')");
    browser.goto("about:blank");
    browser.goto(&format!("{base}package/v/vim.html#at=2:9.1.0-1"));
    browser.wait("document.querySelector('[data-said]').innerText.startsWith('Yes: vim is fixed')");
    browser.goto(&format!("{base}package/l/libsigc++20.html"));
    assert!(browser.text("main").contains("3.6.0^git20260101-1.hbr3"));
    assert_eq!(browser.console(), Vec::<String>::new());
}
