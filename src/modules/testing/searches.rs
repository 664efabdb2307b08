//! The module `find`, run for real. Expectations are those of ansible-core 2.19.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value as Json, json};

use super::{Ran, TestHost, on_each_shell};

/// Paths that were found, below the login directory, in order of the alphabet.
fn found(host: &TestHost, more: &Json) -> (Ran, Vec<String>) {
    let mut args = json!({"paths": host.path("t")});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let ran = host.run("find", &args);
    assert!(!ran.changed() && ran.changes == 0);
    let prefix = host.path("");
    let files = ran.field("files");
    let mut names: Vec<String> =
        files.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().replace(&prefix, "")).collect();
    names.sort();
    (ran, names)
}

fn tree(host: &TestHost) {
    fs::create_dir_all(host.home().join("t/d/e/f")).unwrap();
    for (name, text) in [
        ("t/a.log", "first\nerror: x\n"),
        ("t/-b c.txt", "no error: here\n"),
        ("t/.hidden", ""),
        ("t/d/new\nline", "12345"),
        ("t/d/e/f/deep.log", "error\r\n"),
    ] {
        host.write(name, text);
    }
    symlink("d", host.home().join("t/link")).unwrap();
}

#[test]
fn files_are_found_by_name_kind_and_depth() {
    on_each_shell(|host| {
        tree(host);
        let (ran, names) = found(host, &json!({}));
        assert_eq!(names, ["t/-b c.txt", "t/a.log"]);
        assert_eq!((ran.field("matched"), ran.field("examined")), (json!(2), json!(5)));
        assert_eq!((ran.field("msg"), ran.field("skipped_paths")), (json!("All paths examined"), json!({})));
        assert_eq!(ran.asked, 1);
        let file = &ran.field("files")[0];
        for name in [
            "mode", "isdir", "ischr", "isblk", "isreg", "isfifo", "islnk", "issock", "uid", "gid", "size", "inode",
            "dev", "nlink", "atime", "mtime", "ctime", "gr_name", "pw_name", "wusr", "rusr", "xusr", "wgrp", "rgrp",
            "xgrp", "woth", "roth", "xoth", "isuid", "isgid", "path",
        ] {
            assert!(!file[name].is_null(), "{name}");
        }
        let (ran, names) = found(host, &json!({"recurse": true, "hidden": true}));
        assert_eq!(names, ["t/-b c.txt", "t/.hidden", "t/a.log", "t/d/e/f/deep.log", "t/d/new\nline"]);
        assert_eq!(ran.field("examined"), 9);
        let (ran, names) = found(host, &json!({"recurse": true, "depth": 2}));
        assert_eq!(names, ["t/-b c.txt", "t/a.log", "t/d/new\nline"]);
        assert_eq!(ran.field("examined"), 8);
        assert_eq!(found(host, &json!({"recurse": true, "file_type": "directory"})).1, ["t/d", "t/d/e", "t/d/e/f"]);
        assert_eq!(found(host, &json!({"file_type": "link"})).1, ["t/link"]);
        assert_eq!(found(host, &json!({"file_type": "any"})).1, ["t/-b c.txt", "t/a.log", "t/d", "t/link"]);
        let followed = found(host, &json!({"recurse": true, "follow": true, "patterns": "deep*,nothing"})).1;
        assert_eq!(followed, ["t/d/e/f/deep.log", "t/link/e/f/deep.log"]);
        assert_eq!(found(host, &json!({"patterns": ["*.log", "*.txt"], "excludes": ["a*"]})).1, ["t/-b c.txt"]);
        let regex = json!({"use_regex": true, "patterns": ["^a.*g$", "-"], "excludes": [".*txt$"]});
        assert_eq!(found(host, &regex).1, ["t/a.log"]);
        let (ran, names) = found(host, &json!({"limit": 1}));
        assert_eq!((names.len(), ran.field("msg")), (1, json!("Limit of matches reached")));
    });
}

#[test]
fn files_are_found_by_age_size_mode_and_content() {
    on_each_shell(|host| {
        tree(host);
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(72);
        let file = fs::File::options().append(true).open(host.home().join("t/a.log")).unwrap();
        file.set_times(fs::FileTimes::new().set_modified(old).set_accessed(old)).unwrap();
        assert_eq!(found(host, &json!({"age": "2d"})).1, ["t/a.log"]);
        assert_eq!(found(host, &json!({"age": "-2d"})).1, ["t/-b c.txt"]);
        assert_eq!(found(host, &json!({"age": "1w", "age_stamp": "atime"})).1, [""; 0]);
        assert_eq!(found(host, &json!({"age": "2d", "age_stamp": "ctime"})).1, [""; 0]);
        assert_eq!(found(host, &json!({"size": "15b", "recurse": true})).1, ["t/-b c.txt", "t/a.log"]);
        assert_eq!(found(host, &json!({"size": "-6", "recurse": true})).1, ["t/d/new\nline"]);
        let mode = |mode: &str, exact: bool| found(host, &json!({"mode": mode, "exact_mode": exact})).1;
        let chmod = json!({"path": host.path("t/a.log"), "mode": "0640"});
        assert!(host.run("file", &chmod).changed());
        assert_eq!(mode("0640", true), ["t/a.log"]);
        assert_eq!(mode("u=rw,g=r,o=", true), ["t/a.log"]);
        assert_eq!(mode("0004", false), ["t/-b c.txt"]);
        let (ran, names) = found(host, &json!({"contains": "err", "recurse": true, "get_checksum": true}));
        assert_eq!(names, ["t/a.log", "t/d/e/f/deep.log"]);
        let sums: Vec<_> = ran.field("files").as_array().unwrap().iter().map(|file| file["checksum"].clone()).collect();
        assert!(sums.contains(&json!("2f9deaa7d0fa0b91fc530a812b8d3d80053c74b5")), "{sums:?}");
        let whole = json!({"contains": "first\\nerr|here", "read_whole_file": true, "encoding": "latin-1"});
        assert_eq!(found(host, &whole).1, ["t/-b c.txt", "t/a.log"]);
        let md5 = json!({"patterns": "*ne", "recurse": true, "get_checksum": true, "checksum_algorithm": "md5"});
        let (ran, _) = found(host, &md5);
        assert_eq!(ran.field("files")[0]["checksum"], "827ccb0eea8a706c4c34a16891f84e7b");
        assert_eq!(ran.asked, 2);
    });
}

#[test]
fn what_cannot_be_searched_is_said() {
    on_each_shell(|host| {
        tree(host);
        let ran = host.run("find", &json!({"paths": [host.path("no"), "~/t"], "patterns": "a*"}));
        assert_eq!(ran.field("matched"), 1);
        assert_eq!(ran.field("msg"), "Not all paths examined, check warnings for details");
        let why = format!("'{}' is not a directory", host.path("no"));
        assert_eq!(ran.field("skipped_paths"), json!({host.path("no"): why}));
        let warning = format!("Skipped '{}' path due to this access issue: {why}\n", host.path("no"));
        assert_eq!(ran.warnings, [warning]);
        fs::write(host.home().join("t/bad"), b"\xff").unwrap();
        let (ran, _) = found(host, &json!({"contains": "x", "patterns": "bad"}));
        assert!(ran.warnings[0].contains("due to an encoding error"), "{:?}", ran.warnings);
        for (args, message) in [
            (json!({"paths": "t", "age": "soon"}), "failed to process age"),
            (json!({"paths": "t", "size": "big"}), "failed to process size"),
            (json!({"paths": "t", "limit": 0}), "limit cannot be 0 (use None for unlimited)"),
            (
                json!({"paths": "t", "mode": 644}),
                "argument 'mode' is not a string and conversion is not allowed, value is of type int",
            ),
        ] {
            assert_eq!(host.fail("find", &args), message);
        }
    });
}
