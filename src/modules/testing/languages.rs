//! The modules that drive package managers of languages, with clients of the test's own in front. Expectations are those
//! of community.general 13.

use serde_json::json;

use super::settings::command;
use super::{TestHost, on_each_shell};

#[test]
fn packages_of_node_are_installed() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "pwd >>{log}\necho \"$*\" >>{log}\ncase $* in\n\
             *list*--json*) cat {state} 2>/dev/null; exit 1;;\n\
             *install*) echo '{{\"dependencies\": {{\"a b\": {{\"version\": \"1\"}}}}}}' >{state};;\n\
             *outdated*) [ -e {state}.new ] || echo \"a b 1 2\";;\n\
             *update*) : >{state}.new;;\nesac"
        );
        command(&mut host, "npm", &script);
        let _ = host.run_thrice("npm", &json!({"name": "a b", "path": "~/new dir"}));
        assert!(host.read("log").ends_with(&format!("install a b\n{}\nlist --json --long\n", host.path("new dir"))));
        let latest = json!({"name": "a b", "path": "~/new dir", "state": "latest", "executable": "npm -q"});
        let _ = host.run_thrice("npm", &latest);
        assert!(host.read("log").contains("-q update a b\n") && host.read("log").contains("-q outdated a b\n"));
        host.write("file", "");
        let file = host.fail("npm", &json!({"path": host.path("file")}));
        assert_eq!(file, format!("path {} is not a directory", host.path("file")));
        host.without = vec!["npm"];
        host.commands.clear();
        let none = host.fail("npm", &json!({"path": host.path("newer")}));
        assert_eq!(none, "Failed to find required executable \"npm\" in paths");
    });
}

#[test]
fn packages_of_ruby_are_installed() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "echo \"$GEM_HOME: $*\" >>{log}\ncase $* in\n\
             *--version) echo 3.3.15;;\n\
             *environment) echo '  - USER INSTALLATION DIRECTORY: /u';;\n\
             *list*--remote*) echo 'a (2.0)';;\n\
             *list*) cat {state} 2>/dev/null; exit 0;;\n\
             *uninstall*) rm {state};;\n\
             *install*) case $* in *2.0*) echo 'a (2.0, 1.0)';; *) echo 'a (1.0)';; esac >{state};;\nesac"
        );
        command(&mut host, "gem", &script);
        let gems = json!({"name": "a", "user_install": false, "install_dir": host.path("gems")});
        let _ = host.run_thrice("gem", &gems);
        assert!(
            host.read("log").contains(&format!("{0}: list --norc ^a$\n", host.path("gems"))),
            "{}",
            host.read("log")
        );
        let ran = host.run_thrice("gem", &json!({"name": "a", "state": "latest", "repository": "http://r"}));
        assert_eq!(ran.field("version"), "2.0");
        assert!(host.read("log").contains(": list --norc --remote --source http://r ^a$\n"));
        let _ = host.run_thrice("gem", &json!({"name": "a", "state": "absent", "executable": "gem -q"}));
        assert!(host.read("log").contains("-q uninstall --norc --all --executable a\n"));
        let own = json!({"name": "a", "override_platform_install_dir": true, "norc": false});
        let _ = host.run_thrice("gem", &own);
        assert!(
            host.read("log").contains("install --no-user-install --install-dir /u --bindir /u/bin --no-document a\n")
        );
    });
}

#[test]
fn packages_of_suse_are_installed() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "echo \"$*\" >>{log}\n\
             one() {{ echo \"<$1><solvable name='vim' status='installed' edition='9'/></$1>\"; }}\n\
             case $* in\n\
             *' search '*) [ -e {state} ] || {{ echo '<message>none</message>'; exit 104; }}; one solvable-list;;\n\
             *' refresh') echo '<stream/>';;\n\
             *' remove '*--dry-run*) one to-remove;;\n\
             *--dry-run*) [ -e {state} ] && echo '<stream/>' || one to-install;;\n\
             *' install '*) [ -e {log}.once ] || {{ : >{log}.once; one to-upgrade; exit 103; }}; : >{state}; one to-install;;\n\
             *' remove '*) rm {state}; one to-remove;;\nesac"
        );
        command(&mut host, "zypper", &script);
        let ran = host.run_thrice("zypper", &json!({"name": "vim"}));
        assert!(ran.field("stdout").as_str().unwrap().contains("to-install"), "{ran:?}");
        assert_eq!(host.read("log").matches("xmlout --quiet install --type package --auto").count(), 2);
        let _ = host.run_thrice("zypper", &json!({"name": "vim", "state": "latest"}));
        let _ = host.run_thrice("zypper", &json!({"name": "vim", "state": "absent"}));
        let fresh = json!({"name": "vim", "state": "latest", "update_cache": true});
        assert!(host.run("zypper", &fresh).changed());
        assert!(host.read("log").contains("--quiet refresh\n"));
    });
}

#[test]
fn repositories_of_suse_are_added() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "echo \"$*\" >>{log}\ncase $* in\n\
             --version) echo zypper 1.14.59;;\n\
             *' repos') [ -e {state} ] || exit 6; echo \"<repo alias='a' name='A' enabled='1' autorefresh='1' gpgcheck='1'><url>http://r/$(cat {state})</url></repo>\";;\n\
             *' addrepo '*) echo x >{state};;\n\
             *' removerepo '*) rm {state};;\nesac"
        );
        command(&mut host, "zypper", &script);
        command(&mut host, "rpm", "echo 15");
        host.write("a.repo", "[a]\nname=A\nbaseurl=http://r/x\n");
        let file = json!({"repo": "~/a.repo"});
        assert!(host.run("zypper_repository", &file).changed());
        assert!(!host.run("zypper_repository", &file).changed());
        let other = json!({"name": "a", "repo": "http://r/y/"});
        assert!(host.run("zypper_repository", &other).changed());
        assert!(host.read("log").contains("removerepo http://r/x\n"));
        let gone = json!({"name": "a", "state": "absent"});
        assert!(host.run("zypper_repository", &gone).changed());
        assert!(!host.run("zypper_repository", &gone).changed());
    });
}

#[test]
fn snaps_are_installed() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "echo \"$*\" >>{log}\ncase $1 in\n\
             version) echo 'snap 2.60';;\n\
             list) echo 'Name Version Rev Tracking Publisher Notes'; cat {state} 2>/dev/null; exit 0;;\n\
             info) for one; do [ \"$one\" = info ] || echo \"name: $one\"; done;;\n\
             get) cat {state}.options;;\n\
             set) echo '{{\"a\": {{\"b\": \"1\"}}}}' >{state}.options;;\n\
             install) echo 'foo 1 5 latest/edge x -' >{state};;\n\
             remove) rm {state};;\nesac"
        );
        command(&mut host, "snap", &script);
        let _ = host.run_thrice("snap", &json!({"name": "foo", "channel": "edge"}));
        host.write("state.options", "{}");
        let _ = host.run_thrice("snap", &json!({"name": "foo", "channel": "edge", "options": ["a.b=1"]}));
        assert!(host.read("log").contains("get -d foo\n") && host.read("log").contains("set foo a.b=1\n"));
        let _ = host.run_thrice("snap", &json!({"name": "foo", "state": "absent"}));
    });
}
