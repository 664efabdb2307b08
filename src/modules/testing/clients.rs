//! The modules that go through a host's own programs. Expectations are those of ansible-core 2.19 and its collections.

use std::fs;

use serde_json::json;

use super::settings::command;
use super::{Mode, TestHost, on_each_shell};

#[test]
fn pairs_of_ssh_keys_are_made() {
    on_each_shell(|host| {
        let key = |more: serde_json::Value| {
            let mut all = json!({"path": host.path("id"), "type": "ed25519"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("openssh_keypair", &key(json!({"comment": "a b"})));
        assert_eq!(
            (ran.field("size"), ran.field("type"), ran.field("comment")),
            (json!(256), json!("ed25519"), json!("a b"))
        );
        assert!(ran.field("fingerprint").as_str().unwrap().starts_with("SHA256:"), "{ran:?}");
        assert!(host.read("id.pub").starts_with(ran.field("public_key").as_str().unwrap()));
        assert_eq!((host.mode("id"), host.mode("id.pub")), (0o600, 0o644));
        let before = host.read("id");
        fs::remove_file(host.home().join("id.pub")).unwrap();
        let ran = host.run_thrice("openssh_keypair", &key(json!({"comment": "new", "mode": "0600"})));
        assert_eq!((ran.field("comment"), host.mode("id.pub")), (json!("new"), 0o600));
        assert!(host.run("openssh_keypair", &key(json!({"force": true}))).changed());
        assert_ne!(host.read("id"), before);
        let other = json!({"type": "ecdsa", "size": 384, "regenerate": "fail"});
        assert!(host.fail("openssh_keypair", &key(other)).starts_with("Key has wrong type and/or size."));
        let other = json!({"type": "ecdsa", "size": 384, "private_key_format": "auto", "backend": "opensshbin"});
        let _ = host.run_thrice("openssh_keypair", &key(other));
        host.write("id", "broken");
        let broken = host.fail("openssh_keypair", &key(json!({})));
        assert!(broken.starts_with("Unable to read the key."), "{broken}");
        let _ = host.run_thrice("openssh_keypair", &key(json!({"regenerate": "full_idempotence"})));
        let _ = host.run_thrice("openssh_keypair", &key(json!({"state": "absent"})));
        assert!(!host.home().join("id").exists() && !host.home().join("id.pub").exists());
        let small = host.fail("openssh_keypair", &key(json!({"type": "rsa", "size": 512})));
        assert!(small.starts_with("For RSA keys, the minimum size is 1024 bits"), "{small}");
        let lost = host.fail("openssh_keypair", &key(json!({"path": host.path("no/id")})));
        assert_eq!(lost, format!("The directory {} does not exist or the file is not a directory", host.path("no")));
    });
}

#[test]
fn settings_of_git_are_set() {
    on_each_shell(|host| {
        let setting = |more: serde_json::Value| {
            let mut all = json!({"name": "user.email", "scope": "file", "file": host.path("config"), "value": "a@b"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("git_config", &setting(json!({})));
        assert_eq!(ran.field("msg"), "setting changed");
        assert_eq!(host.read("config"), "[user]\n\temail = a@b\n");
        let _ = host.run_thrice("git_config", &setting(json!({"value": "c d", "add_mode": "add"})));
        assert_eq!(host.read("config"), "[user]\n\temail = a@b\n\temail = c d\n");
        let ran = host.run_thrice("git_config", &setting(json!({"state": "absent"})));
        assert!(ran.changed());
        let ran = host.run("git_config", &setting(json!({"state": "absent"})));
        assert_eq!((ran.changed(), ran.field("msg")), (false, json!("no setting to unset")));
        let _ = host.run_thrice("git_config", &json!({"name": "core.editor", "scope": "global", "value": "vi"}));
        assert!(host.read(".gitconfig").contains("editor = vi"));
        let init = std::process::Command::new("git").args(["init", "-q", &host.path("repo")]).output().unwrap();
        assert!(init.status.success(), "{init:?}");
        let local = json!({"name": "a.b", "scope": "local", "repo": host.path("repo"), "value": "1"});
        let _ = host.run_thrice("git_config", &local);
        assert!(host.read("repo/.git/config").contains("b = 1"));
        let nameless = host.fail("git_config", &setting(json!({"name": "nosection"})));
        assert!(nameless.contains("does not contain a section"), "{nameless}");
    });
}

#[test]
fn capabilities_are_set() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let store = host.path("caps");
        command(&mut host, "getcap", &format!("echo \"$2$(cat {store} 2>/dev/null)\""));
        command(
            &mut host,
            "setcap",
            &format!("printf ' %s' \"$1\" >{store}; case $2 in *no) echo bad >&2; exit 1;; esac"),
        );
        let capability =
            |capability: &str, state: &str| json!({"path": "/x", "capability": capability, "state": state});
        let ran = host.run_thrice("capabilities", &capability("cap_net_raw=ep", "present"));
        assert_eq!((ran.field("msg"), ran.field("state")), (json!("capabilities changed"), json!("present")));
        host.write("caps", " cap_chown,cap_net_raw=ep");
        assert!(!host.run("capabilities", &capability("CAP_CHOWN=ep", "present")).changed());
        let _ = host.run_thrice("capabilities", &capability("cap_chown", "absent"));
        assert_eq!(host.read("caps"), " cap_net_raw=ep");
        host.write("caps", " = cap_net_raw+ep");
        assert!(!host.run("capabilities", &json!({"key": "/x", "cap": "cap_net_raw+ep"})).changed());
        let refused = host.fail("capabilities", &capability("cap_chown", "present"));
        assert_eq!(refused, "Couldn't find operator (one of: ('=', '-', '+'))");
        host.write("caps", "");
        let refused = host.fail("capabilities", &json!({"path": "/no", "capability": "cap_chown=ep"}));
        assert_eq!(refused, "Unable to set capabilities of /no");
    });
}

#[test]
fn access_control_lists_are_set() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (list, log) = (host.path("list"), host.path("log"));
        let set = format!(
            "case $* in *--test*) grep -q 'user:ann:rw' {list} && echo 'f: *,*' || echo 'f: user::rw-,*'; exit;; esac\n\
             echo \"$*\" >>{log}\ncase $* in *-x*) grep -v ann {list} >{list}.new; mv {list}.new {list};; *) echo user:ann:rw >>{list};; esac"
        );
        command(&mut host, "setfacl", &set);
        command(&mut host, "getfacl", &format!("echo '# file'; cat {list}; echo"));
        host.write("list", "user::rw-\n");
        host.write("f", "");
        let path = host.path("f");
        let entry = |more: serde_json::Value| {
            let mut all =
                json!({"path": path, "entity": "ann", "etype": "user", "permissions": "rw", "state": "present"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice(
            "acl",
            &entry(json!({"recurse": true, "default": true, "follow": false,
            "recalculate_mask": "mask"})),
        );
        assert_eq!(ran.field("msg"), "user:ann:rw is present");
        assert_eq!(ran.field("acl"), json!(["user::rw-", "user:ann:rw"]));
        assert_eq!(host.read("log"), format!("-d -m user:ann:rw --recursive --mask --physical {path}\n"));
        let ran = host.run("acl", &json!({"path": path}));
        assert_eq!((ran.field("msg"), ran.changed()), (json!("current acl"), false));
        host.write("list", "user::rw-\n");
        let ran = host.run_thrice("acl", &json!({"path": path, "entry": "default:user:ann:rw", "state": "present"}));
        assert_eq!(ran.field("msg"), "user:ann:rw is present");
        let gone = host.run(
            "acl",
            &json!({"path": path, "entity": "bob", "etype": "group", "state": "absent",
            "recalculate_mask": "no_mask"}),
        );
        assert_eq!((gone.field("msg"), gone.changed()), (json!("group:bob is absent"), false));
        assert_eq!(host.fail("acl", &json!({"path": "/no/where"})), "Path not found or not accessible.");
        assert_eq!(
            host.fail("acl", &json!({"path": path, "state": "present"})),
            "'etype' MUST be set when 'state=present'."
        );
        let both = host.fail("acl", &json!({"path": path, "state": "present", "entry": "u:a:r", "etype": "user"}));
        assert!(both.starts_with("'entry' MUST NOT be set"), "{both}");
        command(&mut host, "nfs4_setfacl", "echo A::ann:rwtcy; echo A::ann:rwtcy");
        command(&mut host, "nfs4_getfacl", "echo A::ann:rwtcy");
        let nfs = entry(json!({"use_nfsv4_acls": true}));
        assert_eq!(host.run("acl", &nfs).field("acl"), json!(["A::ann:rwtcy"]));
    });
}

#[test]
fn patches_are_applied_and_taken_away() {
    if !std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join("patch").exists()) {
        return;
    }
    on_each_shell(|host| {
        let text = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n";
        fs::write(host.controller().join("p.patch"), text).unwrap();
        host.write("p.patch", text);
        host.write("f", "one\ntwo\n");
        let patch = |more: serde_json::Value| {
            let mut all = json!({"src": "p.patch", "dest": host.path("f")});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let _ = host.run_thrice("patch", &patch(json!({"backup": true, "binary": true})));
        assert_eq!((host.read("f"), host.read("f.~1~")), ("one\nTWO\n".to_owned(), "one\ntwo\n".to_owned()));
        let _ = host.run_thrice("patch", &patch(json!({"state": "absent", "ignore_whitespace": true})));
        assert_eq!(host.read("f"), "one\ntwo\n");
        let _ = host.run_thrice(
            "patch",
            &json!({"src": host.path("p.patch"), "basedir": host.path(""), "strip": 1,
            "remote_src": true}),
        );
        assert_eq!(host.read("f"), "one\nTWO\n");
        host.write("f", "else\n");
        let failed = host.fail("patch", &patch(json!({})));
        assert!(failed.contains("FAILED"), "{failed}");
        let missing = host.fail("patch", &patch(json!({"dest": host.path("no")})));
        assert_eq!(missing, format!("dest {} doesn't exist or not writable", host.path("no")));
    });
}

#[test]
fn programs_of_supervisord_are_as_wanted() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "case $1 in -c) [ \"$2\" = /dev/fd/3 ] && cat <&3 >{log}.config; shift 2;; esac\n\
             case $1 in -s) shift 2;; esac\n\
             [ \"$1\" = status ] || echo \"$*\" >>{log}\n\
             case $1 in\n\
             status) cat {state};;\n\
             start) sed -i \"s/^$2 .*/$2 RUNNING pid 1/\" {state}; echo \"$2: started\";;\n\
             stop) sed -i \"s/^$2 .*/$2 STOPPED x/\" {state}; echo \"$2: stopped\";;\n\
             restart) echo \"$2: started\";;\n\
             signal) echo \"$3: signalled\";;\n\
             add) echo \"$2 RUNNING pid 2\" >>{state}; echo \"$2: added process group\";;\n\
             remove) sed -i \"/^$2/d\" {state}; echo \"$2: removed process group\";;\n\
             esac"
        );
        command(&mut host, "supervisorctl", &script);
        host.write("state", "app STOPPED Not started\ngroup:a RUNNING pid 7\ngroup:b STOPPED x\n");
        let task = |name: &str, state: &str| json!({"name": name, "state": state});
        let ran = host.run_thrice("supervisorctl", &task("app", "started"));
        assert_eq!((ran.field("affected"), ran.field("name")), (json!(["app"]), json!("app")));
        let ran = host.run_thrice("supervisorctl", &task("group:", "stopped"));
        assert_eq!((ran.field("affected"), ran.field("name")), (json!(["group:a"]), json!("group")));
        assert!(host.run("supervisorctl", &task("app", "restarted")).changed());
        let signal = json!({"name": "app", "state": "signalled", "signal": "USR1", "server_url": "http://x"});
        assert!(host.run("supervisorctl", &signal).changed());
        let _ = host.run_thrice("supervisorctl", &task("fresh", "present"));
        let gone = json!({"name": "app", "state": "absent", "stop_before_removing": true});
        let _ = host.run_thrice("supervisorctl", &gone);
        let expected = "start app\nstop group:a\nupdate\nrestart app\nsignal USR1 app\nreread\nadd fresh\nstop app\nreread\nremove app\n";
        assert_eq!(host.read("log"), expected);
        let secret =
            json!({"name": "fresh", "state": "started", "server_url": "http://x", "username": "u", "password": "p%q"});
        let ran = host.run("supervisorctl", &secret);
        assert_eq!(host.read("log.config"), "[supervisorctl]\nserverurl=http://x\nusername=u\npassword=p%%q\n\n");
        assert!(!ran.trace.iter().any(|step| step.contains("p%")), "{ran:?}");
        assert_eq!(host.fail("supervisorctl", &task("none", "started")), "ERROR (no such process)");
        assert_eq!(host.fail("supervisorctl", &task("none", "restarted")), "ERROR (no such process)");
        let path = json!({"name": "a", "state": "started", "supervisorctl_path": "/no/ctl", "config": "/c"});
        let message = "Provided path to supervisorctl does not exist or isn't executable: /no/ctl";
        assert_eq!(host.fail("supervisorctl", &path), message);
        let check = Mode { check: true, diff: true };
        assert!(host.run_as("supervisorctl", &task("all", "stopped"), check).changed());
    });
}
