use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use opsctl::event::Fate;
use opsctl::remote::{Download, EndCause, Limits, OutsideLinks, Source, StopSignal, Transferred, Upload};
use tempfile::TempDir;

use super::host::*;

#[test]
fn a_tree_arrives_whole_in_every_shell_and_only_once() {
    let here = TempDir::new().unwrap();
    let source = here.path().join("tree");
    build_tree(&source, true);
    for shell in SHELLS {
        let there = TempDir::new().unwrap();
        let host = Host { shell, ..host("") };
        let destination = there.path().join("new");
        assert_eq!(copy_by(&host, &source, &destination, false), CHANGED, "{shell}");
        assert_eq!(listing(&destination), expected(&source), "{shell}");
        assert_eq!(mode(&destination), 0o751, "{shell}");
        assert_eq!(names(there.path()), ["new"], "{shell}");
        assert_eq!(copy_by(&host, &source, &destination, false), SAME, "{shell}");
    }
}

#[test]
fn an_existing_tree_gets_what_differs_and_keeps_what_is_its_own() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let source = here.path().join("tree");
    build_tree(&source, true);
    let destination = there.path().join("tree");
    fs::create_dir(&destination).unwrap();
    fs::set_permissions(&destination, Permissions::from_mode(0o700)).unwrap();
    fs::create_dir(destination.join("plain")).unwrap();
    write(&destination.join("plain/own"), "its own", 0o600);
    write(&destination.join("file"), "older", 0o600);
    write(&destination.join("run.sh"), "#!/bin/sh\n", 0o600);
    symlink("elsewhere", destination.join("link")).unwrap();
    fs::create_dir(there.path().join("linked")).unwrap();
    symlink("../linked", destination.join("new\nline")).unwrap();
    // One upload for both, and each file of it arrives under a name of its own.
    assert_eq!(copy(&source, format!("{}/", there.path().display())), CHANGED);
    let mut all = expected(&source);
    all.push(("plain/own".into(), 0o600, b"its own".to_vec()));
    all.sort();
    let plain = (OsString::from("plain"), mode(&destination.join("plain")), b"directory".to_vec());
    for entry in &mut all {
        if entry.0 == "plain" {
            *entry = plain.clone();
        }
    }
    assert_eq!(listing(&destination), all);
    assert_eq!((mode(&destination), names(&there.path().join("linked")).len()), (0o700, 0));
    assert_eq!(copy(&source, &destination), SAME);
    // Only a mode differs: nothing is sent, the mode is set.
    fs::set_permissions(destination.join("file"), Permissions::from_mode(0o777)).unwrap();
    assert_eq!(copy(&source, &destination), CHANGED);
    assert_eq!(mode(&destination.join("file")), 0o644);
}

#[test]
fn where_a_file_goes_follows_the_destination() {
    let here = TempDir::new().unwrap();
    let source = here.path().join("app.conf");
    write(&source, "new\n", 0o4640);
    for (destination, expected) in [
        ("missing", "missing"),
        ("directory", "directory/app.conf"),
        ("directory/", "directory/app.conf"),
        ("linked", "directory/app.conf"),
        ("old", "old"),
        ("link", "link"),
        ("./old", "old"),
        ("-n", "-n"),
        ("with space\n", "with space\n"),
        ("~/in-home", "in-home"),
    ] {
        let there = TempDir::new().unwrap();
        let root = there.path();
        fs::create_dir(root.join("directory")).unwrap();
        symlink("directory", root.join("linked")).unwrap();
        write(&root.join("old"), "old\n", 0o644);
        symlink("old", root.join("link")).unwrap();
        let host = host(&format!("HOME='{0}'; cd '{0}'; ", root.display()));
        assert_eq!(copy_by(&host, &source, destination, false), CHANGED, "{destination}");
        let path = root.join(expected);
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"new\n".to_vec(), 0o640), "{destination}");
        assert!(fs::symlink_metadata(&path).unwrap().is_file(), "{destination}");
        let left: Vec<OsString> = listing(root).into_iter().map(|(name, ..)| name).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains(".opsctl-")), "{destination}: {left:?}");
        assert_eq!(copy_by(&host, &source, destination, false), SAME, "{destination}");
    }
}

#[test]
fn a_destination_that_cannot_be_is_refused_and_left_alone() {
    let here = TempDir::new().unwrap();
    let file = here.path().join("app.conf");
    write(&file, "new\n", 0o640);
    let tree = here.path().join("tree");
    fs::create_dir_all(tree.join("sub")).unwrap();
    write(&tree.join("name"), "x", 0o644);
    for (source, destination, expected) in [
        (&file, "no/such/file", "/no/such: no such directory (--parents makes it)"),
        (&file, "no/such/", "/no/such: no such directory (--parents makes it)"),
        (&file, "taken", "/taken/app.conf: is a directory"),
        (&file, "pipe", "/pipe: is neither a file nor a directory, and is left alone"),
        (&tree, "plain", "/plain: exists and is not a directory"),
        (&tree, "no/such/tree", "/no/such: no such directory (--parents makes it)"),
        (&tree, "conflict-1", "`name` is a directory on the host and a file here; nothing was changed"),
        (&tree, "conflict-2", "`sub` is a symlink on the host and a directory here; nothing was changed"),
        (&tree, "conflict-3", "`sub` is a file on the host and a directory here; nothing was changed"),
        (&tree, "conflict-4", "`name` is a device, pipe or socket on the host and a file here; nothing was changed"),
    ] {
        let there = TempDir::new().unwrap();
        let root = there.path();
        for name in ["taken/app.conf", "conflict-1/name", "conflict-2", "conflict-3", "conflict-4"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        write(&root.join("plain"), "plain", 0o644);
        write(&root.join("conflict-3/sub"), "file", 0o644);
        symlink("/tmp", root.join("conflict-2/sub")).unwrap();
        for pipe in ["pipe", "conflict-4/name"] {
            std::process::Command::new("mkfifo").arg(root.join(pipe)).status().unwrap();
        }
        let before: Vec<_> = names(root);
        let said = reason(copy(source, root.join(destination)));
        let said = said.replace(&*root.to_string_lossy(), "");
        assert_eq!(said, expected, "{destination}");
        assert_eq!(names(root), before);
    }
}

#[test]
fn parents_are_made_when_asked_for() {
    let here = TempDir::new().unwrap();
    let file = here.path().join("app.conf");
    write(&file, "new\n", 0o640);
    let tree = here.path().join("tree");
    build_tree(&tree, false);
    let there = TempDir::new().unwrap();
    let host = host("umask 022; ");
    assert_eq!(copy_by(&host, &file, there.path().join("a/b/c"), true), CHANGED);
    assert_eq!(copy_by(&host, &tree, there.path().join("d/e/f"), true), CHANGED);
    assert_eq!(mode(&there.path().join("a/b")), 0o755);
    assert_eq!(listing(&there.path().join("d/e/f")), expected(&tree));
}

#[test]
fn a_host_that_runs_out_of_room_keeps_what_it_had() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let big = here.path().join("big");
    write(&big, vec![7u8; 1_000_000], 0o644);
    let tree = here.path().join("tree");
    fs::create_dir(&tree).unwrap();
    write(&tree.join("big"), vec![7u8; 1_000_000], 0o644);
    write(&there.path().join("big"), "old", 0o644);
    // No file may grow beyond 100 blocks, and trying is an error as on a full disk.
    let host = host("trap '' XFSZ; ulimit -f 100; ");
    let said = reason(copy_by(&host, &big, there.path().join("big"), false));
    assert!(said.contains("large") || said.contains("rror"), "{said}");
    let said = reason(copy_by(&host, &tree, there.path().join("tree"), false));
    assert!(said.contains("could not be unpacked"), "{said}");
    let said = reason(copy_by(&host, &tree, there.path(), false));
    assert!(said.contains("could not be unpacked"), "{said}");
    assert_eq!(names(there.path()), ["big"]);
    assert_eq!(fs::read(there.path().join("big")).unwrap(), b"old");
}

#[test]
fn a_short_file_that_all_may_read_needs_no_channel_of_its_own() {
    let here = TempDir::new().unwrap();
    let file = here.path().join("file");
    let bytes: Vec<u8> = (1..=255).chain(*b"%s \\0101 `id` $HOME'\n\n").collect();
    let with_nul = [&bytes[..], b"\0end"].concat();
    for (content, mode_here, short) in [
        (Vec::new(), 0o644, true),
        (bytes.clone(), 0o755, true),
        (bytes.clone(), 0o640, false),
        (with_nul, 0o644, false),
        (bytes.repeat(100), 0o644, false),
    ] {
        write(&file, &content, mode_here);
        for shell in SHELLS {
            let there = TempDir::new().unwrap();
            let host = Host { shell, ..host("") };
            assert_eq!(copy_by(&host, &file, there.path(), false), CHANGED, "{shell}");
            assert_eq!(copy_by(&host, &file, there.path(), false), SAME, "{shell}");
            let copied = there.path().join("file");
            assert_eq!((fs::read(&copied).unwrap(), mode(&copied)), (content.clone(), mode_here), "{shell}");
            fs::set_permissions(&copied, Permissions::from_mode(0o600)).unwrap();
            assert_eq!(copy_by(&host, &file, there.path(), false), CHANGED, "{shell}");
            assert_eq!((names(there.path()).len(), mode(&copied)), (1, mode_here), "{shell}");
            assert_eq!(host.channels.load(Ordering::Relaxed), usize::from(!short), "{shell} {mode_here:o}");
        }
    }
}

#[test]
fn a_watcher_is_called_off_before_the_session_ends() {
    let here = TempDir::new().unwrap();
    let file = here.path().join("file");
    write(&file, vec![1u8; 300_000], 0o644);
    for shell in SHELLS {
        let there = TempDir::new().unwrap();
        let host = Host { shell, ..host("") };
        assert_eq!(copy_by(&host, &file, there.path(), false), CHANGED, "{shell}");
        assert_eq!((host.channels.load(Ordering::Relaxed), host.cut_short.load(Ordering::Relaxed)), (1, 0), "{shell}");
    }
}

#[test]
fn any_checksum_tool_will_do_and_none_is_said() {
    let here = TempDir::new().unwrap();
    let file = here.path().join("file name");
    for (tool, content) in ["sha256sum", "shasum", "openssl", "cksum"]
        .iter()
        .flat_map(|tool| [b"content\n".to_vec(), b"long\n".repeat(10_000)].map(|content| (tool, content)))
    {
        if !Path::new("/usr/bin").join(tool).exists() {
            continue;
        }
        write(&file, &content, 0o644);
        let (there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let tools = Tools::new(&[&BARE[..], &[tool, "perl"]].concat(), &[]);
        let host = tools.only();
        for expected in [CHANGED, SAME] {
            assert_eq!(copy_by(&host, &file, there.path(), false), expected, "{tool}");
            assert_eq!(fetch_by(&host, &there.path().join("file name"), back.path()), expected, "{tool}");
        }
        assert_eq!(fs::read(back.path().join("file name.web1")).unwrap(), content, "{tool}");
    }
    let host = Tools::new(&BARE, &[]);
    let said = reason(copy_by(&host.only(), &file, here.path().join("copy"), false));
    assert!(said.contains("no checksum tool"), "{said}");
}

#[test]
fn a_host_without_tar_takes_files_and_says_why_it_takes_no_tree() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let tree = here.path().join("tree");
    build_tree(&tree, false);
    let tools = Tools::new(&[&BARE[..], &["sha256sum"]].concat(), &[]);
    assert_eq!(copy_by(&tools.only(), &tree.join("file"), there.path(), false), CHANGED);
    let said = reason(copy_by(&tools.only(), &tree, there.path().join("tree"), false));
    assert_eq!(said, "the host has no tar, which a directory needs; copy its files one by one");
    let said = reason(fetch_by(&tools.only(), &tree, there.path()));
    assert_eq!(said, "the host has no tar, which a directory needs; fetch its files one by one");
}

#[test]
fn busybox_tools_do_as_well() {
    let (here, there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let tree = here.path().join("tree");
    build_tree(&tree, true);
    let all = Tools::new(&[], &[]);
    let applets = std::process::Command::new("busybox").arg("--list").output().unwrap().stdout;
    for applet in String::from_utf8(applets).unwrap().lines() {
        symlink("/usr/bin/busybox", all.0.path().join(applet)).unwrap();
    }
    let mut host = all.only();
    host.shell = "busybox ash";
    host.before.push_str("busybox() { /usr/bin/busybox \"$@\"; }; ");
    let host = Host { shell: "/usr/bin/busybox ash", ..host };
    let destination = there.path().join("tree");
    for result in [CHANGED, SAME] {
        assert_eq!(copy_by(&host, &tree, &destination, false), result);
        assert_eq!(listing(&destination), expected(&tree));
    }
    for name in ["new\nline", "back\\slash\n", "link\nnewline"] {
        fs::remove_file(destination.join(name)).unwrap();
    }
    for result in [CHANGED, SAME] {
        assert_eq!(fetch_by(&host, &destination, back.path()), result);
        assert_eq!(listing(&back.path().join("tree.web1")), listing(&destination));
    }
}

#[test]
fn a_transfer_that_is_stopped_leaves_the_old_file_and_nothing_else() {
    for (shell, length) in SHELLS.iter().flat_map(|shell| [(*shell, 300), (*shell, 300_000)]) {
        let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let file = here.path().join("file");
        let old = vec![b'o'; length];
        write(&file, vec![1u8; length], 0o644);
        write(&there.path().join("file"), &old, 0o600);
        let pipe = here.path().join("pipe");
        let tools = stuck(&pipe);
        let host = Host { shell, ..tools.first() };
        let upload = Upload::new(Source::read(&file).unwrap(), there.path().into(), false);
        let (switch, mut stop) = StopSignal::channel();
        let waiting = std::thread::spawn(move || {
            // Opens when the host stands between receiving and moving.
            assert_eq!(fs::read(&pipe).unwrap(), b"here\n");
            switch.send_replace(true);
            switch
        });
        let ended = block_on(transfer(&host, Work::Copy(&upload), Limits::default(), &mut stop));
        waiting.join().unwrap();
        let Transferred::Ended(end) = ended else { panic!("{shell}: {ended:?}") };
        assert_eq!((end.cause, end.fate), (EndCause::Cancel, Some(Fate::Killed)), "{shell}");
        assert_eq!(names(there.path()), ["file"], "{shell}");
        assert_eq!(fs::read(there.path().join("file")).unwrap(), old, "{shell}");
    }
}

#[test]
fn a_time_limit_covers_the_whole_transfer() {
    let (here, there, back) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = here.path().join("file");
    write(&file, vec![1u8; 300_000], 0o644);
    let slow = Tools::new(&[], &[("cat", "exec sleep 100000".into())]);
    let limits = Limits { timeout: Some(Duration::from_secs(1)) };
    let upload = Upload::new(Source::read(&file).unwrap(), there.path().into(), false);
    let download = Download::new(file.as_os_str(), back.path().to_owned(), OutsideLinks::Refuse).unwrap();
    for work in [Work::Copy(&upload), Work::Fetch(&download)] {
        let (_switch, mut stop) = StopSignal::channel();
        let ended = block_on(transfer(&slow.first(), work, limits, &mut stop));
        let Transferred::Ended(end) = ended else { panic!("{ended:?}") };
        assert_eq!((end.cause, end.fate), (EndCause::Timeout, Some(Fate::Killed)));
    }
    assert_eq!((names(there.path()).len(), names(back.path()).len()), (0, 0));
}

#[test]
fn sources_that_cannot_be_copied_are_refused_before_any_host() {
    let here = TempDir::new().unwrap();
    let pipe: PathBuf = here.path().join("tree/pipe");
    fs::create_dir(here.path().join("tree")).unwrap();
    std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    for path in [&pipe, &here.path().join("tree")] {
        let error = Source::read(path).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{}: is a device, pipe or socket, which cannot be copied", pipe.display())
        );
    }
    assert!(Source::read(&here.path().join("missing")).is_err());
    for source in ["/", "..", "~", "a/..", "", "~user/"] {
        assert!(Download::new(OsStr::new(source), here.path().to_owned(), OutsideLinks::Refuse).is_err(), "{source}");
    }
}
