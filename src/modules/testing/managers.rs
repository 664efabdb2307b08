//! Modules that drive the managers of packages, containers and settings of other systems: their scripts with programs
//! that stand in for the real ones.

use serde_json::json;

use super::settings::command;
use super::{TestHost, on_each_shell};

#[test]
fn packages_of_homebrew_come_and_go() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (there, taps, trusted) = (host.path("there"), host.path("taps"), host.path("trusted"));
        let brew = format!(
            "list() {{ while read -r name; do printf '%s\"%s\"' \"$comma\" \"$name\"; comma=,; done; }}\n\
             echo \"$HOMEBREW_NO_AUTO_UPDATE $*\" >>{there}.log\n\
             case $1 in\n\
             info) printf '{{\"formulae\": ['; shift 2; comma=\n\
             for name; do grep -qx \"$name\" {there} && in='[1]' || in='[]'\n\
             printf '%s{{\"name\": \"%s\", \"full_name\": \"%s\", \"tap\": null, \"installed\": %s}}' \"$comma\" \"$name\" \"$name\" \"$in\"; comma=,; done\n\
             echo ']}}';;\n\
             --version) echo 'Homebrew 4.6.1';;\n\
             install) [ \"$2\" = --cask ] && shift; shift; [ \"$SUDO_ASKPASS\" ] && \"$SUDO_ASKPASS\" >{there}.asked; for name; do echo \"$name\" >>{there}; done;;\n\
             uninstall) shift 2; for name; do grep -vx \"$name\" {there} >{there}.new; mv {there}.new {there}; done;;\n\
             list) grep -qx \"$3\" {there};;\n\
             outdated) ;;\n\
             tap) if [ \"$2\" ]; then echo \"$2\" >>{taps}; else cat {taps}; fi;;\n\
             untap) grep -vx \"$2\" {taps} >{taps}.new; mv {taps}.new {taps};;\n\
             trust) if [ \"$2\" = --tap ]; then shift 2; for name; do echo \"$name\" >>{trusted}; done; else printf '{{\"taps\": ['; list <{trusted}; echo ']}}'; fi;;\n\
             untrust) : >{trusted};;\n\
             esac"
        );
        command(&mut host, "brew", &brew);
        for name in ["there", "taps", "trusted"] {
            host.write(name, "");
        }
        let ran = host.run_thrice("homebrew", &json!({"name": ["git", "jq"]}));
        assert_eq!(ran.field("changed_pkgs"), json!(["git", "jq"]));
        let _ = host.run_thrice("homebrew", &json!({"name": "jq", "state": "absent"}));
        assert_eq!(host.read("there"), "git\n");
        assert!(host.read("there.log").lines().all(|line| line.starts_with("1 ")));

        let _ = host.run_thrice("homebrew_cask", &json!({"name": "alfred", "sudo_password": "it's $HOME"}));
        assert_eq!((host.read("there").as_str(), host.read("there.asked").as_str()), ("git\nalfred\n", "it's $HOME\n"));
        assert!(!host.read("there.log").contains("it's"), "no argument holds the password");
        let _ = host.run_thrice("homebrew_cask", &json!({"name": "alfred", "state": "absent"}));
        assert_eq!(host.read("there"), "git\n");

        let ran = host.run_thrice("homebrew_tap", &json!({"name": ["a/b", "c/d"], "trust": true}));
        assert_eq!(ran.field("msg"), "added: 2, unchanged: 0, trusted: 2, already trusted: 0");
        let ran = host.run_thrice("homebrew_tap", &json!({"name": "a/b", "state": "absent", "trust": false}));
        assert_eq!(ran.field("msg"), "untrusted: 1, already untrusted: 0, removed: 1, unchanged: 0");
        assert_eq!(host.read("taps"), "c/d\n");
    });
}

#[test]
fn file_systems_of_zfs_are_made_and_set() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let set = host.path("set");
        command(&mut host, "zpool", "echo ok");
        let zfs = format!(
            "case $1 in\n\
             list) [ -e {set} ] || {{ echo missing >&2; exit 1; }};;\n\
             get) [ -e {set} ] && cat {set};;\n\
             create) printf 'type\\tfilesystem\\t-\\n%s\\t%s\\tlocal\\n' \"${{4%%=*}}\" \"${{4#*=}}\" >{set};;\n\
             set) printf '%s\\t%s\\tlocal\\n' \"${{2%%=*}}\" \"${{2#*=}}\" >>{set};;\n\
             destroy) rm {set};;\n\
             esac"
        );
        command(&mut host, "zfs", &zfs);
        let args = |state: &str, more: serde_json::Value| json!({"name": "tank/a", "state": state, "extra_zfs_properties": more});
        let _ = host.run_thrice("zfs", &args("present", json!({"atime": false})));
        let ran = host.run_thrice("zfs", &args("present", json!({"atime": false, "note": "a b"})));
        assert_eq!(ran.field("note"), "a b");
        assert!(host.read("set").ends_with("note\ta b\tlocal\n"));
        let _ = host.run_thrice("zfs", &args("absent", json!({})));
        assert!(!host.home().join("set").exists());
    });
}

#[test]
fn packages_of_freebsd_come_and_go() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (there, notes) = (host.path("there"), host.path("notes"));
        let pkg = format!(
            "case $1 in --*) shift;; esac\n\
             case $* in\n\
             -v) echo 1.20.9;;\n\
             update) ;;\n\
             'info -g -e '*) grep -qx \"$4\" {there};;\n\
             'info -g -A '*) cat {notes};;\n\
             'install -g -y '*) shift 3; for name; do echo \"$name\" >>{there}; done;;\n\
             'delete -y '*) grep -vx \"$3\" {there} >{there}.new; mv {there}.new {there};;\n\
             'annotate -y -A '*) echo \"$5 : $(cat)\" >>{notes};;\n\
             *) echo \"what is $*\" >&2; exit 1;;\n\
             esac"
        );
        command(&mut host, "pkg", &pkg);
        host.write("there", "");
        host.write("notes", "");
        let ran =
            host.run_thrice("pkgng", &json!({"name": ["git", "jq"], "annotation": "+why=asked", "rootdir": "/mnt"}));
        assert_eq!(ran.field("msg"), "installed 2 packages, added 2 annotations.");
        let _ = host.run_thrice("pkgng", &json!({"name": "jq", "state": "absent"}));
        assert_eq!(host.read("there"), "git\n");
        let failed = host.fail("pkgng", &json!({"name": "jq", "use_globs": false}));
        assert!(failed.contains("pkg failed: what is install -y jq"), "{failed}");
    });
}

#[test]
fn containers_of_podman_are_made_and_deleted() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let made = host.path("made");
        let podman = format!(
            "case $1-$2 in\n\
             version-*) echo 5.0.1;;\n\
             image-inspect) echo '[{{\"Id\": \"i\"}}]';;\n\
             container-inspect) [ -e {made} ] || {{ echo 'no such container' >&2; exit 125; }}; cat {made};;\n\
             run-*) printf '[{{\"Image\": \"i\", \"State\": {{\"Running\": true}}, \"Config\": {{\"CreateCommand\": [\"podman\"' >{made}\n\
             for word; do printf ', \"%s\"' \"$word\" >>{made}; done; echo ']}}}}]' >>{made}; echo id;;\n\
             rm-*) rm {made};;\n\
             esac"
        );
        command(&mut host, "podman", &podman);
        let args = |port: &str| json!({"name": "web", "image": "nginx", "publish": port, "env": {"A": "b c"}});
        let ran = host.run_thrice("podman_container", &args("80:80"));
        assert_eq!((ran.field("actions"), ran.field("stdout")), (json!(["started web"]), json!("id\n")));
        let ran = host.run_thrice("podman_container", &args("81:80"));
        assert_eq!(ran.field("actions"), json!(["recreated web"]));
        let _ = host.run_thrice("podman_container", &json!({"name": "web", "state": "absent"}));
    });
}

#[test]
fn users_of_mongodb_come_and_go_and_no_argument_holds_a_password() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (there, log) = (host.path("there"), host.path("log"));
        let mongosh = format!(
            "echo \"$* $SCRIPT\" >>{log}\nshift 3\n\
             if grep -q '\"dropUser\"' \"$1\"; then rm {there}; fi\n\
             if grep -q '\"createUser\"' \"$1\"; then grep -q '\"pwd\":\"secret \\$x\"' \"$1\" && echo bob >{there}; fi\n\
             if [ -e {there} ]; then echo '@said [{{\"users\":[{{\"user\":\"bob\",\"roles\":[]}}],\"ok\":1}}]'; else echo '@said [{{\"users\":[],\"ok\":1}}]'; fi"
        );
        command(&mut host, "mongosh", &mongosh);
        let mark = host.path("mark");
        let args = json!({"database": "admin", "name": "bob", "password": "secret $x", "update_password": "on_create", "create_for_localhost_exception": mark});
        let ran = host.run_thrice("mongodb_user", &args);
        assert!(ran.changed() && host.home().join("mark").exists());
        let _ = host.run_thrice("mongodb_user", &json!({"database": "admin", "name": "bob", "state": "absent"}));
        assert!(!host.read("log").contains("secret"));
    });
}

#[test]
fn settings_of_dconf_are_set() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let store = host.path("store");
        command(&mut host, "dbus-run-session", "exec \"$@\"");
        command(&mut host, "dbus-send", "exit 1");
        command(&mut host, "busctl", "exit 1");
        let dconf = format!(
            "case $1 in\nread) cat {store} 2>/dev/null;;\nwrite) printf '%s\\n' \"$3\" >{store};;\nreset) rm {store};;\nesac\nexit 0"
        );
        command(&mut host, "dconf", &dconf);
        let args = |value: &str| json!({"key": "/a/b", "value": value});
        let _ = host.run_thrice("dconf", &args("'a b'"));
        assert!(!host.run("dconf", &args("\"a b\"")).changed());
        assert_eq!(host.run("dconf", &json!({"key": "/a/b", "state": "read"})).field("value"), "'a b'");
        let _ = host.run_thrice("dconf", &json!({"key": "/a/b", "state": "absent"}));
    });
}
