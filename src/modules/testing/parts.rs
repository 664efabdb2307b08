//! Templates and parts of files, run for real.

use std::fs;

use serde_json::json;

use super::{Mode, on_each_shell};

#[test]
fn templates_are_rendered_once() {
    on_each_shell(|host| {
        let text = "# {{ ansible_managed }}: {{ template_path }}\n{% if true %}\n{{ 1 + 1 }}\n{% endif %}\n";
        fs::write(host.controller().join("a.j2"), text).unwrap();
        let args = json!({"src": "a.j2", "dest": "~/a", "mode": "0600"});
        let ran = host.run_thrice("template", &args);
        assert_eq!(host.read("a"), "# Ansible managed: a.j2\n2\n");
        assert_eq!((ran.field("mode"), host.mode("a")), (json!("0600"), 0o600));
        fs::create_dir(host.home().join("d")).unwrap();
        let _ = host.run_thrice("template", &json!({"src": "a.j2", "dest": "d"}));
        assert_eq!(host.read("d/a.j2"), host.read("a"));
        fs::write(host.controller().join("b.j2"), "[[ 'é' ]]{{ x }}\n").unwrap();
        let args = json!({"src": "b.j2", "dest": "b", "variable_start_string": "[[", "variable_end_string": "]]",
            "newline_sequence": "\\r\\n", "output_encoding": "latin-1"});
        let _ = host.run_thrice("template", &args);
        assert_eq!(fs::read(host.home().join("b")).unwrap(), b"\xe9{{ x }}\r\n");
        assert!(host.fail("template", &json!({"src": "b.j2", "dest": "c"})).contains("'x' is undefined"));
    });
}

#[test]
fn blocks_stand_between_their_markers() {
    on_each_shell(|host| {
        host.write("f", "one\ntwo\nend");
        let args = json!({"path": "f", "block": "a\nb", "insertafter": "^one$", "prepend_newline": true});
        let ran = host.run_thrice("blockinfile", &args);
        assert_eq!(ran.field("msg"), "Block inserted");
        let block = "# BEGIN ANSIBLE MANAGED BLOCK\na\nb\n# END ANSIBLE MANAGED BLOCK\n";
        assert_eq!(host.read("f"), format!("one\n\n{block}two\nend"));
        let _ = host.run_thrice("blockinfile", &json!({"path": "f", "block": "x", "marker": "; {mark}"}));
        assert_eq!(host.read("f"), format!("one\n\n{block}two\nend\n; BEGIN\nx\n; END\n"));
        let ran = host.run_thrice("blockinfile", &json!({"path": "f", "state": "absent"}));
        assert_eq!(ran.field("msg"), "Block removed");
        assert_eq!(host.read("f"), "one\n\ntwo\nend\n; BEGIN\nx\n; END\n");
        assert!(host.fail("blockinfile", &json!({"path": "no", "block": "x"})).ends_with("does not exist !"));
        let ran = host.run_thrice("blockinfile", &json!({"path": "new", "block": "x", "create": true}));
        assert_eq!(ran.field("msg"), "File created");
    });
}

#[test]
fn matches_are_replaced_everywhere() {
    on_each_shell(|host| {
        host.write("f", "a=1\n[x]\na=2\n[y]\na=3\n");
        let args =
            json!({"path": "f", "regexp": r"^(a)=\d$", "replace": r"\1 = 0", "after": r"\[x\]", "before": r"\[y\]"});
        let ran = host.run_thrice("replace", &args);
        assert_eq!((ran.field("msg"), ran.field("rc")), (json!("1 replacements made"), json!(0)));
        assert_eq!(host.read("f"), "a=1\n[x]\na = 0\n[y]\na=3\n");
        let ran = host.run_thrice("replace", &json!({"path": "f", "regexp": "^a=.*\n"}));
        assert_eq!(ran.field("msg"), "2 replacements made");
        assert_eq!(host.read("f"), "[x]\na = 0\n[y]\n");
        let ran = host.run("replace", &json!({"path": "f", "regexp": "a", "after": "gone"}));
        assert!(!ran.changed());
        assert!(host.fail("replace", &json!({"path": "no", "regexp": "x"})).ends_with("does not exist !"));
    });
}

#[test]
fn files_are_read_whole() {
    on_each_shell(|host| {
        fs::write(host.home().join("f"), b"\0\xff\n").unwrap();
        let ran = host.run("slurp", &json!({"src": "~/f"}));
        assert_eq!((ran.field("content"), ran.field("encoding")), (json!("AP8K"), json!("base64")));
        assert_eq!(host.fail("slurp", &json!({"src": "/no/where"})), "File not found: /no/where");
        assert!(host.fail("slurp", &json!({"src": "."})).starts_with("Source is a directory"));
    });
}

#[test]
fn files_come_to_the_controller_once() {
    on_each_shell(|host| {
        host.write("f", "text\n");
        let args = json!({"src": host.path("f"), "dest": "got/", "flat": true});
        let checked = host.run_as("fetch", &args, Mode { check: true, diff: false });
        assert_eq!(checked.field("skipped"), true);
        assert!(host.run("fetch", &args).changed() && !host.run("fetch", &args).changed());
        assert_eq!(fs::read_to_string(host.controller().join("got/f")).unwrap(), "text\n");
        let ran = host.run("fetch", &json!({"src": host.path("f"), "dest": "all"}));
        let place = format!("{}/all/testhost{}", host.controller().display(), host.path("f"));
        assert_eq!(ran.field("dest"), place);
        let gone = json!({"src": "/no/where", "dest": "x", "fail_on_missing": false});
        assert!(!host.run("fetch", &gone).changed());
        assert_eq!(
            host.fail("fetch", &json!({"src": "/no", "dest": "x"})),
            "the remote file does not exist, not transferring, ignored"
        );
    });
}

#[test]
fn lines_and_scripts_run() {
    on_each_shell(|host| {
        let ran = host.run("raw", &json!({"_raw_params": "echo a; echo b"}));
        assert_eq!(ran.field("stdout_lines"), json!(["a", "b"]));
        assert_eq!(host.fail("raw", &json!({"_raw_params": "exit 4"})), "non-zero return code");
        fs::write(host.controller().join("s.sh"), "#!/no/such\necho \"$1-$2\"\n").unwrap();
        let args = json!({"_raw_params": "s.sh 'a b' c", "executable": "/bin/sh"});
        assert_eq!(host.run("script", &args).field("stdout"), "a b-c\n");
        let ran = host.run("script", &json!({"_raw_params": "s.sh", "creates": "~"}));
        assert_eq!(ran.field("msg"), "~ exists, matching creates option");
    });
}

#[test]
fn temporary_files_are_made_for_their_owner_alone() {
    on_each_shell(|host| {
        let ran = host.run("tempfile", &json!({"path": "~", "state": "directory", "prefix": "a b"}));
        let made = ran.field("path").as_str().unwrap().to_owned();
        assert!(made.starts_with(&host.path("a b")), "{made}");
        assert_eq!(host.mode(&made), 0o700);
        assert_eq!((ran.field("state"), ran.field("mode")), (json!("directory"), json!("0700")));
        assert!(host.fail("tempfile", &json!({"prefix": "a/b"})).contains("valid file name component"));
        assert!(!host.fail("tempfile", &json!({"path": "/no/where"})).is_empty());
    });
}
