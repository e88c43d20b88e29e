//! A static reader of RPM spec trees, which runs nothing of a spec.

mod changelog;
mod expr;
mod lines;
mod macros;
mod package;
mod parse;
mod prep;
mod shell;
mod tree;

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use seaworthy_host::Program;

use self::macros::{Definition, Macros};
pub use self::tree::{Tag, newest_tag};
use crate::{Inventory, InventoryError, Problem, ProblemKind, SourcePackage};

/// The options for reading specs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecOptions {
    /// Whether the `rpmspec` program is asked for name and version where the static reader met a macro that it cannot know. A spec can run
    /// commands then, so that only trusted trees should be read so.
    pub rpmspec: bool,
    /// Macros that replace those of the tree, by name.
    pub macros: BTreeMap<String, String>,
    /// The value of `%dist`, such as `.el9`; `None` to take that of the tree.
    pub dist: Option<String>,
}

/// The macros of a plain x86_64 Linux on which specs depend.
const BUILTINS: &str = "%nil \n%_target_cpu x86_64\n%_target_os linux\n%_arch x86_64\n%_build_arch x86_64\n%_host_cpu x86_64\n%_os linux\n%__isa_bits 64\n\
%_isa (x86-64)\n%ix86 i386 i486 i586 i686 pentium3 pentium4 athlon geode\n%arm armv3l armv4b armv4l armv4tl armv5tl armv5tel armv5tejl armv6l armv6hl armv7l armv7hl armv7hnl\n\
%arm64 aarch64\n%x86_64 x86_64 x86_64_v2 x86_64_v3 x86_64_v4 amd64 em64t\n%riscv riscv32 riscv64\n%power64 ppc64 ppc64p7 ppc64le\n%_prefix /usr\n%_bindir /usr/bin\n%_libdir /usr/lib64\n%_lib lib64\n%_datadir /usr/share\n\
%_sysconfdir /etc\n%_sourcedir /SOURCES\n%_localstatedir /var\n%_libexecdir /usr/libexec\n%_includedir /usr/include\n%_sbindir /usr/sbin\n%_mandir /usr/share/man\n%_rpmconfigdir /usr/lib/rpm\n";

/// The words of specs, which macro files must not redefine since the reader looks for them.
const OWN_WORDS: [&str; 22] = [
    "name",
    "version",
    "release",
    "epoch",
    "url",
    "package",
    "description",
    "prep",
    "build",
    "install",
    "check",
    "clean",
    "files",
    "changelog",
    "pre",
    "post",
    "setup",
    "autosetup",
    "autopatch",
    "patch",
    "if",
    "configure",
];

/// The files of a folder by name, with their text where it was read.
type Beside = BTreeMap<String, Option<String>>;
type Shared = Arc<HashMap<String, Definition>>;

fn add(base: &mut HashMap<String, Definition>, text: &str) {
    let mut read = Macros::default();
    macros::read_definitions(text, &mut read);
    base.extend(read.into_own().filter(|(name, _)| !OWN_WORDS.contains(&name.as_str())));
}

fn add_user(base: &mut HashMap<String, Definition>, options: &SpecOptions) {
    let dist = options.dist.iter().map(|d| ("dist", d));
    for (name, body) in dist.chain(options.macros.iter().map(|(n, b)| (n.as_str(), b))) {
        base.insert(name.to_owned(), Definition { body: body.clone(), options: None });
    }
}

/// Reads one spec. `beside` has the names of the files in its folder, with their text where it is known; `path` is only
/// shown. The package is `None` where the spec states no name or version, with a problem that says so.
///
/// Format: <https://rpm-software-management.github.io/rpm/manual/spec.html>.
#[must_use]
pub fn read_spec(
    path: &str,
    text: &str,
    beside: &BTreeMap<String, Option<String>>,
    options: &SpecOptions,
) -> (Option<SourcePackage>, Vec<Problem>) {
    let mut base = HashMap::new();
    add(&mut base, BUILTINS);
    for (_, text) in beside.iter().filter(|(name, _)| tree::is_macro_file(name)) {
        add(&mut base, text.as_deref().unwrap_or_default());
    }
    add_user(&mut base, options);
    read_with(path, text, beside, Arc::new(base))
}

fn read_with(path: &str, text: &str, beside: &BTreeMap<String, Option<String>>, shared: Shared) -> (Option<SourcePackage>, Vec<Problem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > tree::MAX_SPEC {
        return (
            None,
            vec![Problem {
                kind: ProblemKind::Part,
                file: path.to_owned(),
                line: None,
                message: format!("larger than {} bytes; left out", tree::MAX_SPEC),
            }],
        );
    }
    let texts = if text.contains("%include") {
        beside.iter().filter_map(|(n, t)| Some((n.clone(), t.clone()?))).collect()
    } else {
        BTreeMap::new()
    };
    let (mut reading, macros) = parse::parse(path, text, &texts, shared.clone());
    if reading.noarch && ["name", "version", "release"].iter().any(|tag| reading.tags.get(tag).is_some_and(|value| value.contains('%'))) {
        // rpm reads a spec with BuildArch twice, so that macros defined below their use count.
        let mut known = HashMap::clone(&shared);
        known.extend(macros.into_own());
        (reading, _) = parse::parse(path, text, &texts, Arc::new(known));
    }
    package::build(path, reading, beside)
}

/// The reader for fuzzing: any bytes as a spec and as a file that it includes.
#[doc(hidden)]
pub fn spec_for_fuzzing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let beside =
        BTreeMap::from([("macros".to_owned(), Some(text.clone().into_owned())), ("a.inc".to_owned(), Some(text.clone().into_owned()))]);
    let _ = read_spec("fuzz.spec", &text, &beside, &SpecOptions::default());
}

/// Reads all `*.spec` files of a tree, with the patches and decisions beside them.
///
/// `at` is a folder, or `GIT_DIR@REVISION` for a revision of a git repository, bare or not. Macros come from the files `macros` and
/// `macros.*` beside specs, from the spec that writes the distribution's own macro file (it has a line `%%dist ...`), and from the options.
///
/// # Errors
/// When the folder or repository cannot be read, `git` is missing or the revision unknown. A spec that cannot be read is a
/// [`Problem`] of the inventory, not an error.
pub fn read_spec_tree(at: &str, options: &SpecOptions) -> Result<Inventory, InventoryError> {
    let tree = tree::read(at)?;
    let mut base = HashMap::new();
    add(&mut base, BUILTINS);
    for (_, text) in tree.folders.values().flatten().filter(|(name, _)| tree::is_macro_file(name)) {
        add(&mut base, text.as_deref().unwrap_or_default());
    }
    let learned = learn(&tree, &base);
    add(&mut base, &learned);
    add_user(&mut base, options);
    let shared: Shared = Arc::new(base);

    let specs: Vec<(String, &String, &Beside)> = tree
        .folders
        .iter()
        .flat_map(|(folder, files)| {
            let texts = files.iter().filter(|(n, _)| n.ends_with(".spec"));
            texts.filter_map(move |(n, text)| {
                Some((if folder.is_empty() { n.clone() } else { format!("{folder}/{n}") }, text.as_ref()?, files))
            })
        })
        .collect();
    let read: Vec<_> = specs
        .par_iter()
        .map(|(path, text, files)| {
            let (mut package, mut problems) = read_with(path, text, files, shared.clone());
            if options.rpmspec
                && let Some(package) =
                    package.as_mut().filter(|p| [&p.name, &p.evr.version, &p.evr.release].iter().any(|t| t.contains('%')))
                && let Err(e) = ask_rpmspec(Program::new("rpmspec").time(RPMSPEC_TIME), package, text, &shared)
            {
                problems.push(Problem { kind: ProblemKind::Part, file: path.clone(), line: None, message: e.to_string() });
            }
            (package, problems)
        })
        .collect();

    let mut inventory = Inventory::new("spec tree", at);
    inventory.origin.revision = tree.revision;
    inventory.date = tree.date;
    inventory.problems = tree.problems;
    for (package, problems) in read {
        inventory.packages.extend(package);
        inventory.problems.extend(problems);
    }
    inventory.sort();
    Ok(inventory)
}

/// The macros that a distribution's release package writes into its macro file: lines `%%name body` of the spec that has one
/// for `%%dist`.
fn learn(tree: &tree::Tree, base: &HashMap<String, Definition>) -> String {
    let mut out = String::new();
    for (name, text) in tree.folders.values().flatten() {
        let Some(text) = text.as_ref().filter(|t| name.ends_with(".spec") && t.contains("\n%%dist")) else { continue };
        let (_, mut macros) = parse::parse(name, text, &BTreeMap::new(), Arc::new(base.clone()));
        // `@DIST@` and the like are filled in while the package is built: the tree does not say with what.
        for line in text.lines().filter(|l| l.starts_with("%%") && !l.contains('@')) {
            out.push_str(&macros.expand(line));
            out.push('\n');
        }
    }
    out
}

/// The time limit of `rpmspec` for one spec: a spec can run programs, and those may never end.
const RPMSPEC_TIME: Duration = Duration::from_secs(20);

/// Replaces name, version and release of a package by those that `rpmspec` gives.
fn ask_rpmspec(rpmspec: Program, package: &mut SourcePackage, text: &str, shared: &Shared) -> Result<(), InventoryError> {
    let mut file = tempfile::Builder::new().suffix(".spec").tempfile().map_err(|e| InventoryError::read("a temporary file", e))?;
    file.write_all(text.as_bytes()).map_err(|e| InventoryError::read(file.path(), e))?;
    let mut arguments = vec!["-q".to_owned(), "--srpm".to_owned(), "--qf".to_owned(), "%{name} %{version} %{release}\\n".to_owned()];
    if let Some(dist) = shared.get("dist") {
        arguments.extend(["--define".to_owned(), format!("dist {}", dist.body)]);
    }
    arguments.push(file.path().to_string_lossy().into_owned());
    let out = rpmspec.args(arguments).run(b"")?;
    if let [name, version, release] = String::from_utf8_lossy(&out).lines().next().unwrap_or_default().split(' ').collect::<Vec<_>>()[..] {
        package.name = name.to_owned();
        package.evr.version = version.to_owned();
        package.evr.release = release.to_owned();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Instant;

    use super::*;

    #[test]
    fn an_rpmspec_that_leaves_a_child_behind_ends_at_the_time_limit() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("rpmspec");
        // The child keeps the output open after its parent ended.
        std::fs::write(&fake, "#!/bin/sh\nsleep 60 &\necho a 1 1\n").unwrap();
        std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut package = SourcePackage::new("a", seaworthy_model::Evr::new(0, "0", "0"), "a.spec");
        let start = Instant::now();
        let program = Program::new(&fake).time(Duration::from_millis(300));
        let error = ask_rpmspec(program, &mut package, "Name: a\n", &Shared::default()).unwrap_err().to_string();
        assert!(error.contains("took longer than 0.3 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
