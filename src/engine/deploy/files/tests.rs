//! Files and trees on this machine.

use super::*;
use crate::playbook::LoadOptions;
use crate::secret::Secret;
use crate::vault::{Vault, VaultPassword};

fn files(root: &Path) -> Files {
    let password = VaultPassword { id: "default".into(), password: Secret::new("test".into()) };
    let environment = Arc::new(Environment::new(Vault::new(vec![password])));
    Files {
        search: Arc::new(SearchPath {
            directories: vec![root.join("role"), root.to_owned()],
            playbook: root.to_owned(),
        }),
        loader: Arc::new(Loader::new(LoadOptions {
            roles_path: Vec::new(),
            collections_path: Vec::new(),
            extra_vars: crate::template::Dict::new(),
            environment: Arc::clone(&environment),
        })),
        environment,
        prompt: None,
    }
}

fn read_file(files: &Files, name: &str) -> LocalFile {
    match files.file("files", name).unwrap() {
        LocalReply::File(file) => file,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_is_found_where_the_role_has_it_first() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("role/files")).unwrap();
    fs::write(root.path().join("role/files/motd"), "hi\n").unwrap();
    fs::write(root.path().join("motd"), "no\n").unwrap();
    let file = read_file(&files(root.path()), "motd");
    assert_eq!((file.content.as_deref(), file.relative.to_str()), (Some(&b"hi\n"[..]), Some("motd")));
    // Printed by sha1sum of GNU coreutils.
    assert_eq!(file.sha1.as_deref(), Some("55ca6286e3e4f4fba5d0448333fa99fc5a404a73"));
}

#[test]
fn a_missing_file_is_told_with_the_places() {
    let root = tempfile::tempdir().unwrap();
    let error = files(root.path()).file("files", "nowhere").unwrap_err();
    assert!(error.message.starts_with("Could not find or access 'nowhere'"), "{}", error.message);
    assert!(error.message.contains("role/files/nowhere"), "{}", error.message);
}

#[test]
fn a_large_file_has_a_checksum_and_no_content() {
    let root = tempfile::tempdir().unwrap();
    let bytes = vec![b'x'; 3_000_000];
    fs::write(root.path().join("large"), &bytes).unwrap();
    let file = read_file(&files(root.path()), "large");
    assert_eq!((file.size, file.content.is_none()), (3_000_000, true));
    assert_eq!(file.sha1, Some(hex(&Sha1::digest(&bytes))));
}

#[test]
fn a_vaulted_file_is_its_plaintext() {
    let root = tempfile::tempdir().unwrap();
    let files = files(root.path());
    let vault = &files.environment.vault;
    let sealed = vault.seal(b"s3cret\n", None).unwrap();
    fs::write(root.path().join("secret"), sealed).unwrap();
    let file = read_file(&files, "secret");
    assert_eq!((file.content.as_deref(), file.size), (Some(&b"s3cret\n"[..]), 7));
    let other = Files { environment: Arc::new(Environment::new(Vault::default())), ..files };
    let error = other.file("files", "secret").unwrap_err();
    assert!(error.message.contains("secret: "), "{}", error.message);
}

#[test]
fn links_to_directories_are_followed_where_they_end() {
    let root = tempfile::tempdir().unwrap();
    let tree = root.path().join("tree");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::create_dir(root.path().join("other")).unwrap();
    fs::write(root.path().join("other/file"), "x").unwrap();
    std::os::unix::fs::symlink("../other", tree.join("link")).unwrap();
    std::os::unix::fs::symlink("..", tree.join("sub/up")).unwrap();
    let reading = Reading { follow: true, decrypt: true };
    let LocalReply::Tree(all) = files(root.path()).source("files", "tree", reading).unwrap() else { panic!("no tree") };
    let names: Vec<_> = all.iter().map(|file| file.relative.to_str().unwrap()).collect();
    assert_eq!(names, ["link", "link/file", "sub", "sub/up"]);
    assert_eq!((&all[0].kind, &all[3].kind), (&LocalKind::Directory, &LocalKind::Link("..".into())));
}

#[test]
fn a_vaulted_file_may_stay_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let files = files(root.path());
    let sealed = files.environment.vault.seal(b"s3cret\n", None).unwrap();
    fs::write(root.path().join("secret"), &sealed).unwrap();
    let reading = Reading { follow: true, decrypt: false };
    let LocalReply::File(file) = files.source("files", "secret", reading).unwrap() else { panic!("no file") };
    assert_eq!(file.content.as_deref(), Some(sealed.as_bytes()));
    let LocalReply::Path(Some(path)) = files.path(root.path().join("secret")).unwrap() else { panic!("no path") };
    assert_eq!((path.file.content, path.owner.is_empty()), (file.content, false));
    assert_eq!(files.path(root.path().join("nowhere")).unwrap(), LocalReply::Path(None));
}

#[test]
fn a_tree_names_parents_first_and_tells_what_links_lead_to() {
    let root = tempfile::tempdir().unwrap();
    let tree = root.path().join("tree");
    fs::create_dir_all(tree.join("b/c")).unwrap();
    fs::write(tree.join("b/c/file"), "x").unwrap();
    fs::write(tree.join("a"), "y").unwrap();
    std::os::unix::fs::symlink("a", tree.join("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", tree.join("lost")).unwrap();
    std::os::unix::fs::symlink("..", tree.join("b/up")).unwrap();
    let LocalReply::Tree(all) = files(root.path()).tree("files", "tree/").unwrap() else { panic!("no tree") };
    let names: Vec<&str> = all.iter().map(|file| file.relative.to_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "b/c", "b/c/file", "b/up", "link", "lost"]);
    assert_eq!(all[5].kind, LocalKind::Link("a".into()));
    assert_eq!((all[5].content.as_deref(), all[6].content.as_deref()), (Some(&b"y"[..]), None));
}
