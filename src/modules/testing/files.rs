//! The modules about files and commands, run for real. Expectations are those of ansible-core 2.19.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use super::{Mode, TestHost, on_each_shell};

#[test]
fn commands_run_and_say_how() {
    on_each_shell(|host| {
        let ran = host.run("command", &json!({"_raw_params": "echo 'a b' $HOME"}));
        assert_eq!(ran.field("stdout"), format!("a b {}", host.home().display()));
        assert_eq!(ran.field("cmd"), json!(["echo", "a b", "$HOME"]));
        let ran = host.run("command", &json!({"argv": ["echo", "$HOME"], "expand_argument_vars": false}));
        assert_eq!(ran.field("stdout"), "$HOME");
        let ran = host.run("shell", &json!({"_raw_params": "cat; echo err >&2", "stdin": "in"}));
        assert_eq!((ran.field("stdout_lines"), ran.field("stderr")), (json!(["in"]), json!("err")));
        assert_eq!(host.fail("shell", &json!({"_raw_params": "exit 3"})), "non-zero return code");
        assert!(
            host.fail("command", &json!({"_raw_params": "no-such-program x"})).starts_with("Error executing command.")
        );
        host.write("made", "");
        let ran = host.run("shell", &json!({"_raw_params": "exit 1", "creates": "~/ma*"}));
        assert_eq!(ran.field("msg"), "Did not run command since '~/ma*' exists");
        let ran = host.run_as("shell", &json!({"_raw_params": "exit 1"}), Mode { check: true, diff: false });
        assert_eq!((ran.field("skipped"), ran.field("changed")), (json!(true), json!(false)));
    });
}

#[test]
fn directories_and_files_get_what_they_are_to_have() {
    on_each_shell(|host| {
        let ran = host.run_thrice("file", &json!({"path": "~/a b/-c\n", "state": "directory", "mode": "0750"}));
        assert_eq!(ran.field("mode"), "0750");
        assert_eq!(host.mode("a b"), 0o750);
        host.write("f", "x");
        let args = json!({"path": host.path("f"), "mode": "u=rw,g=,o=", "owner": "root"});
        let ran = host.run_thrice("file", &args);
        assert_eq!((ran.field("mode"), ran.field("state")), (json!("0600"), json!("file")));
        assert!(host.fail("file", &json!({"path": host.path("no"), "state": "file"})).contains("is absent"));
        let _ = host.run_thrice("file", &json!({"path": host.path("a b"), "state": "absent"}));
        assert!(!host.home().join("a b").exists());
        assert!(host.run("file", &json!({"path": "t", "state": "touch"})).changed());
        assert!(host.run("file", &json!({"path": "t", "state": "touch"})).changed());
        let keep = json!({"path": "t", "state": "touch", "access_time": "preserve", "modification_time": "preserve"});
        assert!(!host.run("file", &keep).changed());
        let then = json!({"path": "t", "modification_time": "202001020304.05"});
        let _ = host.run_thrice("file", &then);
    });
}

#[test]
fn recursion_reaches_everything_below() {
    on_each_shell(|host| {
        fs::create_dir_all(host.home().join("d/e")).unwrap();
        host.write("d/e/f", "");
        host.write("d/x", "");
        fs::set_permissions(host.home().join("d/x"), fs::Permissions::from_mode(0o700)).unwrap();
        let _ = host.run_thrice("file", &json!({"path": "d", "recurse": true, "mode": "u=rwX,g=rX,o="}));
        assert_eq!((host.mode("d/e"), host.mode("d/e/f"), host.mode("d/x")), (0o750, 0o640, 0o750));
    });
}

#[test]
fn links_lead_where_they_are_to() {
    on_each_shell(|host| {
        host.write("f", "x");
        let ran = host.run_thrice("file", &json!({"path": "l", "src": "f", "state": "link"}));
        assert_eq!((ran.field("dest"), ran.field("src"), ran.field("state")), (json!("l"), json!("f"), json!("link")));
        assert_eq!(fs::read_link(host.home().join("l")).unwrap().to_str(), Some("f"));
        fs::create_dir(host.home().join("dir")).unwrap();
        let again = json!({"path": "l", "src": host.path("dir"), "state": "link"});
        let _ = host.run_thrice("file", &again);
        assert!(host.fail("file", &json!({"path": "n", "src": "gone", "state": "link"})).contains("does not exist"));
        let _ = host
            .run_thrice("file", &json!({"path": "n", "src": "gone", "state": "link", "force": true, "follow": false}));
        let refused = host.fail("file", &json!({"path": "f", "src": "dir", "state": "link"}));
        assert!(refused.contains("refusing to convert from file to symlink"), "{refused}");
        let _ = host.run_thrice("file", &json!({"path": "h", "src": "f", "state": "hard"}));
    });
}

#[test]
fn copies_arrive_whole_and_once() {
    on_each_shell(|host| {
        let text = "line\n{{ not a template }}\n";
        fs::write(host.controller().join("f.conf"), text).unwrap();
        let args = json!({"src": "f.conf", "dest": "~/new dir/", "mode": "0640"});
        let ran = host.run_thrice("copy", &args);
        assert_eq!(host.read("new dir/f.conf"), text);
        assert_eq!((ran.field("mode"), ran.field("dest")), (json!("0640"), json!(host.path("new dir/f.conf"))));
        host.write("new dir/f.conf", "old\n");
        let ran = host.run("copy", &json!({"src": "f.conf", "dest": host.path("new dir"), "backup": true}));
        let backup = ran.field("backup_file");
        assert_eq!(fs::read_to_string(backup.as_str().unwrap()).unwrap(), "old\n");
        assert_eq!(host.mode("new dir/f.conf"), 0o640, "attributes are kept");
        assert_eq!((ran.diff[0].before.as_str(), ran.diff[0].after.as_str()), ("old\n", text));
        let _ = host.run_thrice("copy", &json!({"content": {"a": [1, "é"]}, "dest": "json"}));
        assert_eq!(host.read("json"), r#"{"a": [1, "\u00e9"]}"#);
        assert!(host.fail("copy", &json!({"content": "", "dest": "no/where"})).contains("does not exist"));
        let invalid = host.fail("copy", &json!({"content": "x", "dest": "json", "validate": "grep -q y %s"}));
        assert_eq!((invalid.as_str(), host.read("json").len()), ("failed to validate", 20));
        assert!(!host.run("copy", &json!({"content": "other", "dest": "json", "force": false})).changed());
        let left: Vec<_> = fs::read_dir(host.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".opsctl")), "{left:?}");
    });
}

#[test]
fn a_link_is_replaced_unless_it_is_followed() {
    on_each_shell(|host| {
        host.write("real", "old");
        symlink("real", host.home().join("link")).unwrap();
        let _ = host.run_thrice("copy", &json!({"content": "new", "dest": "link", "follow": true}));
        assert_eq!((host.read("real"), host.home().join("link").is_symlink()), ("new".to_owned(), true));
        let _ = host.run_thrice("copy", &json!({"content": "own", "dest": "link"}));
        assert_eq!((host.read("real"), host.home().join("link").is_symlink()), ("new".to_owned(), false));
    });
}

#[test]
fn trees_and_files_of_the_host_are_copied() {
    on_each_shell(|host| {
        fs::create_dir_all(host.controller().join("tree/sub")).unwrap();
        fs::write(host.controller().join("tree/sub/f"), "deep").unwrap();
        let _ = host.run("copy", &json!({"src": "tree", "dest": "out", "directory_mode": "0711"}));
        assert_eq!((host.read("out/tree/sub/f"), host.mode("out/tree/sub")), ("deep".to_owned(), 0o711));
        assert!(!host.run("copy", &json!({"src": "tree", "dest": "out", "directory_mode": "0711"})).changed());
        let _ = host.run("copy", &json!({"src": "tree/", "dest": "flat"}));
        assert_eq!(host.read("flat/sub/f"), "deep");
        let _ = host.run_thrice("copy", &json!({"src": host.path("flat/sub/f"), "dest": "g", "remote_src": true}));
        assert_eq!(host.read("g"), "deep");
        fs::create_dir(host.controller().join("one")).unwrap();
        fs::write(host.controller().join("one/real"), "new").unwrap();
        host.write("target", "old");
        fs::create_dir(host.home().join("links")).unwrap();
        symlink("../target", host.home().join("links/real")).unwrap();
        let args = json!({"src": "one/", "dest": "links", "follow": true, "decrypt": false, "local_follow": false});
        let ran = host.run_thrice("copy", &args);
        assert_eq!((host.read("target"), host.home().join("links/real").is_symlink()), ("new".to_owned(), true));
        assert_eq!(ran.field("src"), format!("{}/one/", host.controller().display()));
    });
}

#[test]
fn directories_of_the_host_are_copied() {
    on_each_shell(|host| {
        fs::create_dir_all(host.home().join("src/sub")).unwrap();
        host.write("src/sub/f", "deep");
        host.write("src/x", "#!");
        fs::set_permissions(host.home().join("src/x"), fs::Permissions::from_mode(0o750)).unwrap();
        symlink("x", host.home().join("src/link")).unwrap();
        let copy = |source: &str, dest: &str, more: serde_json::Value| {
            let mut all = json!({"src": host.path(source), "dest": host.path(dest), "remote_src": true});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("copy", &copy("src", "new/", json!({"directory_mode": "0711"})));
        assert_eq!(
            (host.read("new/src/sub/f"), host.mode("new"), host.mode("new/src/x")),
            ("deep".into(), 0o711, 0o750)
        );
        assert!(host.home().join("new/src/link").is_symlink());
        assert_eq!(ran.field("dest"), host.path("new/src"));
        let _ = host.run_thrice("copy", &copy("src/", "flat", json!({"mode": "0700", "local_follow": true})));
        assert_eq!((host.read("flat/link"), host.mode("flat")), ("#!".to_owned(), 0o700));
        assert!(!host.home().join("flat/link").is_symlink());
        host.write("flat/sub/f", "other");
        host.write("flat/own", "stays");
        let _ = host.run_thrice("copy", &copy("src/", "flat", json!({})));
        assert_eq!((host.read("flat/sub/f"), host.read("flat/own")), ("deep".to_owned(), "stays".to_owned()));
        host.write("flat/sub/f", "other");
        assert!(!host.run("copy", &copy("src/", "flat", json!({"force": false}))).changed());
        assert!(host.fail("copy", &copy("src", "no/where", json!({}))).contains("does not exist"));
        assert!(host.fail("copy", &copy("src", "src/x", json!({}))).contains("is no directory"));
        assert!(host.fail("copy", &copy("gone", "x", json!({}))).starts_with("Source "));
    });
}

#[test]
fn lines_are_put_where_ansible_puts_them() {
    on_each_shell(|host| {
        host.write("f", "#Port 22\nHost x\nEnd");
        let put = |args: serde_json::Value| {
            let mut all = json!({"path": host.path("f")});
            all.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
            host.run_thrice("lineinfile", &all)
        };
        assert_eq!(put(json!({"regexp": "^#?Port", "line": "Port 2222"})).field("msg"), "line replaced");
        assert_eq!(put(json!({"line": "last"})).field("msg"), "line added");
        assert_eq!(host.read("f"), "Port 2222\nHost x\nEnd\nlast\n");
        put(json!({"line": "second", "insertafter": "^Port"}));
        put(json!({"line": "first", "insertbefore": "BOF"}));
        put(json!({"regexp": "^Host (x)y*$", "line": r"Host \1y", "backrefs": true}));
        assert_eq!(put(json!({"regexp": "^last", "state": "absent"})).field("found"), 1);
        assert_eq!(host.read("f"), "first\nPort 2222\nsecond\nHost xy\nEnd\n");
        put(json!({"line": "End", "mode": "0600"}));
        assert_eq!(host.mode("f"), 0o600);
        assert!(host.fail("lineinfile", &json!({"path": "no", "line": "x"})).contains("does not exist !"));
        let _ = host.run_thrice("lineinfile", &json!({"path": "sub/no", "line": "x", "create": true}));
        assert_eq!(host.read("sub/no"), "x\n");
    });
}

#[test]
fn stat_says_what_there_is() {
    on_each_shell(|host| {
        host.write("f", "hi\n");
        symlink("f", host.home().join("l")).unwrap();
        let stat = host.run("stat", &json!({"path": host.path("f"), "checksum_algorithm": "sha256"})).field("stat");
        assert_eq!(stat["checksum"], "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4");
        assert_eq!((&stat["isreg"], &stat["size"], &stat["rusr"]), (&json!(true), &json!(3), &json!(true)));
        let stat = host.run("stat", &json!({"path": "l"})).field("stat");
        assert_eq!((&stat["islnk"], &stat["lnk_target"]), (&json!(true), &json!("f")));
        assert_eq!(stat["lnk_source"], host.path("f"));
        assert_eq!(host.run("stat", &json!({"path": "no"})).field("stat"), json!({"exists": false}));
    });
}

/// Tests that something else's change is noticed: the shell script is asked to write over what it was not told of.
#[test]
fn a_file_changed_since_is_not_overwritten() {
    let host = TestHost::new(&["sh"]);
    host.write("f", "theirs");
    let words = ["f", "1 2 3 then", "644", "", "", "", "", "", "", ""];
    let mut command = std::process::Command::new("sh");
    command.args(["-c", crate::modules::actions::WRITE, "sh"]).args(words).current_dir(host.home());
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(91));
    assert!(String::from_utf8_lossy(&output.stderr).contains("changed by something else"));
    assert_eq!(host.read("f"), "theirs");
}
