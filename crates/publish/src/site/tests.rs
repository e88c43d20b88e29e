use super::*;

fn tree(at: &str, content: &str) -> Tree<'static> {
    let bytes = content.as_bytes().to_vec();
    let inputs = tree::inputs(at, &[content.as_bytes()]);
    Tree { at: at.into(), inputs, make: Box::new(move || Ok(vec![Document { path: "deep/a.txt".into(), bytes: bytes.clone() }])) }
}

fn publish(site: &Site, id: &str, content: &str) -> Index {
    site.write(&[tree("docs/2026", content), tree("fixed", "same")], &|_| {}).map(|trees| lay(site, id, trees, content)).unwrap()
}

fn lay(site: &Site, id: &str, trees: BTreeMap<String, TreeEntry>, content: &str) -> Index {
    let file = Document { path: "index.html".into(), bytes: content.as_bytes().to_vec() };
    let files = [(file.path.clone(), Digest::of(&file.bytes))].into();
    fs::create_dir_all(site.snapshot("s1")).unwrap();
    let index = Index::new(trees, files, [("updates".to_owned(), "s1".to_owned())].into());
    site.lay_out(id, &index, &[file]).unwrap();
    index
}

#[test]
fn what_is_served_changes_in_one_step() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    assert_eq!(site.current().unwrap(), None);
    let first = publish(&site, "1", "one");
    assert!(!site.www().exists(), "laid out is not in force");
    site.switch("1").unwrap();
    publish(&site, "2", "two");
    let read = || fs::read_to_string(site.www().join("docs/2026/deep/a.txt")).unwrap();
    assert_eq!(read(), "one");
    site.switch("2").unwrap();
    assert_eq!((read().as_str(), site.current().unwrap().as_deref()), ("two", Some("2")));
    assert!(site.www().join("channels/updates").is_dir());
    assert_eq!(publish(&site, "3", "one").content(), first.content(), "the same content has the same digest whenever it is published");
}

#[test]
fn trees_that_are_there_are_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    publish(&site, "1", "one");
    let refuse = Tree { make: Box::new(|| Err("made again".into())), ..tree("fixed", "same") };
    assert_eq!(site.write(&[refuse], &|_| {}).unwrap().len(), 1);
    // A tree whose listing is missing was not finished.
    let name = site.write(&[tree("fixed", "same")], &|_| {}).unwrap()["fixed"].name.clone();
    fs::remove_file(dir.path().join("trees").join(format!("{name}.sha256"))).unwrap();
    let made = std::sync::atomic::AtomicUsize::new(0);
    site.write(&[tree("fixed", "same")], &|_| {
        made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!(made.into_inner(), 1);
}

#[test]
fn damage_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    publish(&site, "1", "one");
    assert!(site.check("1").unwrap().1.is_empty());
    assert_eq!(site.check("1").unwrap().0, 3);
    let served = dir.path().join("publications/1/docs/2026/deep/a.txt");
    fs::write(&served, "other").unwrap();
    let wrong = site.check("1").unwrap().1;
    assert!(wrong.len() == 1 && wrong[0].to_string().contains("docs/2026/deep/a.txt"), "{wrong:?}");
    fs::remove_dir_all(site.snapshot("s1")).unwrap();
    assert_eq!(site.check("1").unwrap().1.len(), 2);
    // What nobody published is served as well.
    for path in ["publications/1/evil.html", "publications/1/docs/2026/evil.html"] {
        fs::write(dir.path().join(path), "evil").unwrap();
        assert!(
            site.check("1")
                .unwrap()
                .1
                .iter()
                .any(|w| w.to_string().contains(&format!("{}: it was not published", path.rsplit("/").next().unwrap())))
        );
    }
    assert!(site.check("9").is_err());
    assert!(site.switch("9").is_err());
}

#[test]
fn no_document_leaves_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    for path in ["../x", "/etc/x", "", "a/../../x"] {
        let make = move || Ok(vec![Document { path: path.into(), bytes: Vec::new() }]);
        let tree = Tree { at: "t".into(), inputs: tree::inputs(path, &[]), make: Box::new(make) };
        assert!(site.write(&[tree], &|_| {}).is_err(), "{path}");
    }
}

#[test]
fn pruning_keeps_what_is_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    for (id, content) in [("1", "one"), ("2", "two"), ("3", "three")] {
        publish(&site, id, content);
    }
    site.switch("1").unwrap();
    assert_eq!(site.prune(1).unwrap(), 1);
    assert!(site.is_laid_out("1") && !site.is_laid_out("2") && site.is_laid_out("3"));
    assert!(site.check("1").unwrap().1.is_empty() && site.check("3").unwrap().1.is_empty());
}
