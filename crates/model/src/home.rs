//! Upstream homes: the address of a project, in one spelling.

use crate::purl::pep_503;

/// The hosts on which a project is `HOST/OWNER/NAME`. A host that starts with `gitlab.` is one as well.
const FORGES: [&str; 10] = [
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "gitee.com",
    "salsa.debian.org",
    "git.sr.ht",
    "pagure.io",
    "framagit.org",
    "invent.kde.org",
];

/// The first path segments of github.com that are no owner.
const NOT_OWNERS: [&str; 12] = [
    "advisories",
    "security",
    "features",
    "orgs",
    "sponsors",
    "topics",
    "about",
    "settings",
    "marketplace",
    "search",
    "login",
    "collections",
];

/// The labels in front of a project's own domain that do not make it another home.
const SERVICE_LABELS: [&str; 28] = [
    "www",
    "www2",
    "ftp",
    "ftp2",
    "download",
    "downloads",
    "dl",
    "cdn",
    "docs",
    "doc",
    "lists",
    "bugs",
    "bugzilla",
    "security",
    "blog",
    "wiki",
    "issues",
    "svn",
    "git",
    "dist",
    "archive",
    "releases",
    "release",
    "files",
    "src",
    "mail",
    "cgit",
    "sources",
];

/// The upstream home that a URL leads to, in one spelling; `None` where the URL names no project.
///
/// A repository on a forge is `github.com/owner/name`; a project on a shared host is the host and the project's name (`gnu.org/bash`,
/// `sourceforge.net/expat`, `pypi.org/requests`); any other host is a home by itself, without `www.` and similar labels. The result is in
/// lower case.
///
/// ```
/// use seaworthy_model::home_of;
/// let home = |u| home_of(u).unwrap_or_default();
/// assert_eq!(home("https://github.com/Kitware/CMake/releases/download/v3.29.6/cmake-3.29.6.tar.gz"), "github.com/kitware/cmake");
/// assert_eq!(home("https://ftp.gnu.org/gnu/bash/bash-5.2.tar.gz"), "gnu.org/bash");
/// assert_eq!(home("https://dlcdn.apache.org/apr/apr-1.7.4.tar.gz"), "apr.apache.org");
/// assert_eq!(home("https://curl.haxx.se/download/curl-8.8.0.tar.gz"), "curl.haxx.se");
/// assert_eq!(home_of("not a url"), None);
/// ```
#[must_use]
pub fn home_of(url: &str) -> Option<String> {
    let rest = strip_scheme(url)?;
    let end = rest.find(['?', '#', '"', '\'', '<', '>', ' ', '\t', '\n']).unwrap_or(rest.len());
    let rest = &rest[..end];
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let host = host.split_once(':').map_or(host, |(h, _)| h).trim_end_matches('.').to_ascii_lowercase();
    if host.len() > 253
        || !host.contains('.')
        || !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        || !host.bytes().any(|b| b.is_ascii_alphabetic())
    {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty() && *s != "." && *s != "..").take(8).collect();
    project_on(&host, &segments).map(|h| h.to_ascii_lowercase())
}

fn strip_scheme(url: &str) -> Option<&str> {
    let url = url.trim_start();
    ["https://", "http://", "git://", "git+https://", "ssh://", "ftp://", "git+ssh://"]
        .iter()
        .find_map(|scheme| url.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme)).map(|_| &url[scheme.len()..]))
}

/// The name of a project in a path segment: without `.git`, at most 120 bytes.
fn name(segment: &str) -> Option<&str> {
    let name = segment.strip_suffix(".git").unwrap_or(segment);
    (!name.is_empty() && name.len() <= 120).then_some(name)
}

fn project_on(host: &str, path: &[&str]) -> Option<String> {
    let at = |i: usize| path.get(i).and_then(|s| name(s));
    let after = |marker: &str| path.iter().position(|s| s.eq_ignore_ascii_case(marker)).and_then(|i| at(i + 1));
    let host_plain = host.strip_prefix("www.").unwrap_or(host);
    match host_plain {
        "raw.githubusercontent.com" | "codeload.github.com" => return Some(format!("github.com/{}/{}", at(0)?, at(1)?)),
        "api.github.com" => return Some(format!("github.com/{}/{}", at(1)?, at(2)?)),
        "gist.github.com" | "gist.githubusercontent.com" | "web.archive.org" | "archive.is" | "t.co" | "bit.ly" => return None,
        "github.com" if path.first().is_some_and(|o| NOT_OWNERS.contains(&o.to_ascii_lowercase().as_str())) => return None,
        "sourceforge.net" | "sf.net" => {
            return Some(format!("sourceforge.net/{}", after("projects").or_else(|| after("project")).or_else(|| at(1))?));
        }
        "downloads.sourceforge.net" | "prdownloads.sourceforge.net" | "download.sourceforge.net" => {
            return Some(format!("sourceforge.net/{}", after("project").or_else(|| after("sourceforge")).or_else(|| at(0))?));
        }
        "pypi.org" | "pypi.python.org" | "pypi.io" => {
            return Some(format!("pypi.org/{}", pep_503(after("project").or_else(|| after("pypi")).or_else(|| at(3))?)));
        }
        "files.pythonhosted.org" => return Some(format!("pypi.org/{}", pep_503(at(3)?))),
        "rubygems.org" => return Some(format!("rubygems.org/{}", gem_of(after("gems").or_else(|| after("downloads"))?))),
        "npmjs.com" | "npmjs.org" => return Some(format!("npmjs.com/{}", after("package")?)),
        "registry.npmjs.org" => return Some(format!("npmjs.com/{}", at(0)?)),
        "crates.io" | "lib.rs" => return Some(format!("crates.io/{}", after("crates")?)),
        "metacpan.org" => {
            return Some(format!(
                "metacpan.org/{}",
                after("release").or_else(|| after("distribution")).or_else(|| after("dist")).or_else(|| after("pod"))?.replace("::", "-")
            ));
        }
        "search.cpan.org" => return Some(format!("metacpan.org/{}", after("dist")?)),
        "cpan.org" | "cpan.metacpan.org" | "search.metacpan.org" => {
            return Some(format!("metacpan.org/{}", path.last().and_then(|f| dist_of(f))?));
        }
        "hackage.haskell.org" => return Some(format!("hackage.haskell.org/{}", after("package")?)),
        "launchpad.net" | "bugs.launchpad.net" | "code.launchpad.net" => return Some(format!("launchpad.net/{}", at(0)?)),
        "code.google.com" => return Some(format!("code.google.com/{}", after("p")?)),
        "pkg.go.dev" | "godoc.org" => return project_on(at(0)?, path.get(1..)?),
        "git.kernel.org" if path.first() == Some(&"stable") || path.first() == Some(&"linus") => return Some("kernel.org/linux".into()),
        "git.kernel.org" | "kernel.googlesource.com" => {
            let repository =
                path.iter().find(|s| s.ends_with(".git")).and_then(|s| name(s)).or_else(|| path.last().and_then(|s| name(s)))?;
            return Some(if matches!(repository, "linux" | "stable" | "linux-stable" | "c") {
                "kernel.org/linux".into()
            } else {
                format!("kernel.org/{repository}")
            });
        }
        "kernel.org" | "cdn.kernel.org" | "mirrors.edge.kernel.org" => {
            let rest = path.iter().position(|s| matches!(*s, "utils" | "libs" | "software" | "network")).and_then(|i| path.get(i + 1..));
            return match rest {
                Some(["kernel" | "net" | "raid" | "boot" | "fs" | "security" | "hotplug", project, ..] | [project, ..]) => {
                    Some(format!("kernel.org/{}", name(project)?))
                }
                _ => Some("kernel.org/linux".into()),
            };
        }
        "sourceware.org" | "sources.redhat.com" => {
            return Some(match after("git").or_else(|| after("pub")).or_else(|| at(0)) {
                Some(project) => format!("sourceware.org/{}", project.split(';').next().unwrap_or(project)),
                None => host_plain.into(),
            });
        }
        "gnu.org"
        | "ftp.gnu.org"
        | "ftpmirror.gnu.org"
        | "alpha.gnu.org"
        | "lists.gnu.org"
        | "git.savannah.gnu.org"
        | "savannah.gnu.org"
        | "debbugs.gnu.org" => {
            let project = after("gnu")
                .or_else(|| after("software"))
                .or_else(|| after("projects"))
                .or_else(|| after("html"))
                .or_else(|| after("cgit"));
            return project.map(|p| format!("gnu.org/{}", p.strip_prefix("bug-").unwrap_or(p)));
        }
        "savannah.nongnu.org" | "download.savannah.gnu.org" | "download.savannah.nongnu.org" | "git.savannah.nongnu.org" => {
            return Some(format!(
                "nongnu.org/{}",
                after("releases").or_else(|| after("projects")).or_else(|| after("cgit")).or_else(|| at(0))?
            ));
        }
        "nongnu.org" => return Some(format!("nongnu.org/{}", at(0)?)),
        "archive.apache.org" | "dlcdn.apache.org" | "apache.org" | "downloads.apache.org" => {
            let project = after("dist").or_else(|| at(0))?;
            return Some(if project == "httpd" || !project.contains('.') { format!("{project}.apache.org") } else { "apache.org".into() });
        }
        "download.gnome.org" | "ftp.gnome.org" | "ftp.acc.umu.se" => return Some(format!("gitlab.gnome.org/gnome/{}", after("sources")?)),
        _ => {}
    }
    for (pages, forge) in [(".github.io", "github.com"), (".gitlab.io", "gitlab.com")] {
        if let Some(owner) = host.strip_suffix(pages) {
            return Some(match at(0).filter(|segment| !segment.contains('.')) {
                Some(repository) => format!("{forge}/{owner}/{repository}"),
                None => format!("{forge}/{owner}/{owner}"),
            });
        }
    }
    if let Some(project) = host.strip_suffix(".sourceforge.net").or_else(|| host.strip_suffix(".sourceforge.io")) {
        return Some(format!("sourceforge.net/{}", project.rsplit('.').next().unwrap_or(project)));
    }
    if FORGES.contains(&host_plain) || host_plain.starts_with("gitlab.") {
        return Some(format!("{host_plain}/{}/{}", at(0)?, at(1)?));
    }
    let mut own = host;
    while let Some((label, rest)) = own.split_once('.') {
        if rest.contains('.') && SERVICE_LABELS.contains(&label) {
            own = rest;
        } else {
            break;
        }
    }
    Some(own.to_owned())
}

/// The name of a gem in a file name: `rexml` of `rexml-3.2.6.gem`. Any other text is returned unchanged.
fn gem_of(file: &str) -> &str {
    file.strip_suffix(".gem").and_then(|f| f.rsplit_once('-')).map_or(file, |(gem, _)| gem)
}

/// The name of a CPAN distribution in a file name: `PPI-HTML` of `PPI-HTML-1.08.tar.gz`; `None` for a file that is no archive.
fn dist_of(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".tar.gz").or_else(|| file.strip_suffix(".tgz")).or_else(|| file.strip_suffix(".zip"))?;
    stem.rsplit_once('-').map(|(dist, _)| dist)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_places() {
        for (url, home) in [
            ("https://raw.githubusercontent.com/Owner/Repo/main/x", "github.com/owner/repo"),
            ("http://www.sourceware.org/git/binutils-gdb.git", "sourceware.org/binutils-gdb"),
            ("https://sourceware.org/git/?p=binutils-gdb.git;a=commit", "sourceware.org/git"),
            ("https://downloads.sourceforge.net/project/libpng/libpng16/1.6.1/libpng-1.6.1.tar.xz", "sourceforge.net/libpng"),
            ("https://files.pythonhosted.org/packages/source/r/requests/requests-2.31.0.tar.gz", "pypi.org/requests"),
            ("https://cpan.metacpan.org/authors/id/P/PE/PERIGRIN/XML-NamespaceSupport-1.12.tar.gz", "metacpan.org/xml-namespacesupport"),
            ("https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/commit/?id=1", "kernel.org/linux"),
            ("https://git.kernel.org/stable/c/0123456", "kernel.org/linux"),
            ("https://www.kernel.org/pub/linux/utils/util-linux/v2.40/util-linux-2.40.2.tar.xz", "kernel.org/util-linux"),
            ("https://gitlab.gnome.org/GNOME/glib/-/issues/3268", "gitlab.gnome.org/gnome/glib"),
            ("https://download.gnome.org/sources/glib/2.78/glib-2.78.1.tar.xz", "gitlab.gnome.org/gnome/glib"),
            ("https://libexpat.github.io/", "github.com/libexpat/libexpat"),
            ("https://www.openssl.org/source/openssl-3.3.2.tar.gz", "openssl.org"),
            ("https://archive.apache.org/dist/httpd/httpd-2.4.62.tar.bz2", "httpd.apache.org"),
            ("https://pkg.go.dev/github.com/Foo/Bar", "github.com/foo/bar"),
            ("https://rubygems.org/downloads/rexml-3.2.6.gem", "rubygems.org/rexml"),
            ("https://pypi.org/project/Flask_Cors/", "pypi.org/flask-cors"),
            ("https://files.pythonhosted.org/packages/source/r/ruamel.yaml/ruamel.yaml-0.17.0.tar.gz", "pypi.org/ruamel-yaml"),
        ] {
            assert_eq!(home_of(url).as_deref(), Some(home), "{url}");
        }
    }

    #[test]
    fn places_that_are_nobodys_home() {
        for url in [
            "https://github.com/advisories/GHSA-xxxx",
            "https://github.com/owner",
            "https://gist.github.com/a/b",
            "mailto:x@y.org",
            "https://localhost/x",
            "https://127.0.0.1/x",
        ] {
            assert_eq!(home_of(url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
            let _ = home_of(&text);
            let _ = home_of(&format!("https://{text}"));
        }

        #[test]
        fn a_home_is_lower_case(path in "[A-Za-z./?-]{0,40}") {
            if let Some(home) = home_of(&format!("https://github.com/{path}")) {
                prop_assert_eq!(home.to_ascii_lowercase(), home);
            }
        }
    }
}
