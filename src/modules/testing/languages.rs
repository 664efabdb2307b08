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
