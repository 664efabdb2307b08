use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::host::*;

#[test]
fn what_is_fetched_is_what_the_host_has() {
    let back = TempDir::new().unwrap();
    let there = TempDir::new().unwrap();
    let tree = there.path().join("tree");
    build_tree(&tree, false);
    fs::hard_link(tree.join("file"), tree.join("deep/hard link")).unwrap();
    write(&there.path().join("setuid"), "program", 0o4755);
    for shell in SHELLS {
        let host = Host { shell, ..host("") };
        let back = back.path().join(shell);
        for result in [CHANGED, SAME] {
            assert_eq!(fetch_by(&host, &tree.join("deep/er/est/binary"), &back), result, "{shell}");
            assert_eq!(fetch_by(&host, &there.path().join("setuid"), &back), result, "{shell}");
            assert_eq!(fetch_by(&host, &tree.join(""), &back), result, "{shell}");
        }
        assert_eq!(names(&back), ["binary.web1", "setuid.web1", "tree.web1"], "{shell}");
        assert_eq!(fs::read(back.join("binary.web1")).unwrap(), fs::read(tree.join("deep/er/est/binary")).unwrap());
        assert_eq!(mode(&back.join("setuid.web1")), 0o755);
        assert_eq!(listing(&back.join("tree.web1")), expected(&tree), "{shell}");
        assert_eq!(mode(&back.join("tree.web1")), 0o751);
    }
}

#[test]
fn a_changed_source_replaces_the_earlier_copy() {
    let (there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let tree = there.path().join("tree");
    build_tree(&tree, false);
    let copy = back.path().join("tree.web1");
    assert_eq!(fetch_by(&host(""), &tree, back.path()), CHANGED);
    write(&copy.join("left over"), "x", 0o644);
    assert_eq!(fetch_by(&host(""), &tree, back.path()), CHANGED);
    assert_eq!(listing(&copy), expected(&tree));
    fs::set_permissions(tree.join("closed/inside"), Permissions::from_mode(0o600)).unwrap();
    write(&tree.join("closed/inside"), "other!", 0o600);
    fs::set_permissions(&tree, Permissions::from_mode(0o500)).unwrap();
    for result in [CHANGED, SAME] {
        assert_eq!(fetch_by(&host(""), &tree, back.path()), result);
        assert_eq!((listing(&copy), mode(&copy)), (expected(&tree), 0o500));
    }
    assert_eq!(names(back.path()), ["tree.web1"]);
    // What stands in the way is no earlier copy.
    let file = tree.join("file");
    fs::create_dir(back.path().join("file.web1")).unwrap();
    let said = reason(fetch_by(&host(""), &file, back.path()));
    assert!(said.contains("file.web1: ") && said.contains("directory"), "{said}");
    symlink("/etc/passwd", back.path().join("empty.web1")).unwrap();
    assert_eq!(fetch_by(&host(""), &tree.join("empty"), back.path()), CHANGED);
    assert_eq!(fs::read(back.path().join("empty.web1")).unwrap(), b"");
}

#[test]
fn a_source_that_cannot_be_fetched_says_why() {
    let (there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::process::Command::new("mkfifo").arg(there.path().join("pipe")).status().unwrap();
    symlink("nowhere", there.path().join("dangling")).unwrap();
    for (name, expected) in [
        ("missing", "/missing: no such file or directory"),
        ("dangling", "/dangling: is a symlink that leads nowhere"),
        ("pipe", "/pipe: is neither a file nor a directory"),
    ] {
        let said = reason(fetch_by(&host(""), &there.path().join(name), back.path()));
        assert_eq!(said.replace(&*there.path().to_string_lossy(), ""), expected);
    }
    let said = reason(fetch_by(&host(""), there.path(), back.path()));
    assert_eq!(said, "the host sent `./pipe`, which is a device, pipe or socket; nothing was fetched from it");
    assert_eq!(names(back.path()).len(), 0);
}

#[test]
fn a_host_that_lies_is_refused() {
    let (there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::create_dir(there.path().join("tree")).unwrap();
    write(&there.path().join("file"), "content", 0o644);
    // It never stops sending, and what it sends is no archive: it is ended there.
    let endless = Tools::new(&[], &[("tar", "exec cat /dev/urandom".into())]);
    let said = reason(fetch_by(&endless.first(), &there.path().join("tree"), back.path()));
    assert!(said.starts_with("the host sent no readable archive: "), "{said}");
    let short = Tools::new(&[], &[("tar", "/usr/bin/tar \"$@\" | head -c 700".into())]);
    let said = reason(fetch_by(&short.first(), &there.path().join("tree"), back.path()));
    assert!(said.starts_with("the host sent no readable archive: the archive ends early"), "{said}");
    let other = Tools::new(&[], &[("tee", "echo other; exec cat >\"$1\"".into())]);
    let said = reason(fetch_by(&other.first(), &there.path().join("file"), back.path()));
    assert_eq!(said, "checksum differs after the transfer; nothing was kept");
    assert_eq!(names(back.path()).len(), 0);
}
