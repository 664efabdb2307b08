//! The modules about disks, projects and power, with clients of the test's own in front. Expectations are those of
//! ansible-core 2.19 and community.general 13.

use std::fs;

use serde_json::json;

use super::settings::command;
use super::{Mode, TestHost, on_each_shell};

#[test]
fn groups_of_volumes_are_made() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let (one, two) = (host.path("one"), host.path("two"));
        host.write("one", "");
        host.write("two", "");
        std::os::unix::fs::symlink("one", host.home().join("link")).unwrap();
        command(
            &mut host,
            "vgs",
            &format!("[ ! -e {state} ] || case $* in *lv_attr*) echo '-wi-------;';; *) echo '  data;1;1';; esac"),
        );
        command(
            &mut host,
            "pvs",
            &format!(
                "[ ! -e {state} ] || while read -r pv; do case $* in *vg_name*) echo \"  $pv;data;100;90;5;4\";; *) echo \"  $pv\";; esac; done <{state}"
            ),
        );
        command(
            &mut host,
            "vgcreate",
            &format!("echo \"vgcreate $*\" >>{log}; shift 3; for pv; do echo \"$pv\"; done >{state}"),
        );
        command(&mut host, "vgextend", &format!("echo \"vgextend $*\" >>{log}; echo \"$2\" >>{state}"));
        command(
            &mut host,
            "vgreduce",
            &format!("echo \"vgreduce $*\" >>{log}; grep -v \"$3\" {state} >{state}.new; mv {state}.new {state}"),
        );
        command(&mut host, "vgremove", &format!("rm {state}"));
        command(
            &mut host,
            "vgchange",
            &format!("case $1 in --help) echo --setautoactivation;; *) echo \"vgchange $*\" >>{log};; esac"),
        );
        command(&mut host, "pvcreate", &format!("echo \"pvcreate $*\" >>{log}"));
        let group = |pvs: &[&str]| json!({"vg": "data", "pvs": pvs});
        let _ = host.run_thrice("lvg", &group(&[&host.path("link")]));
        assert_eq!(host.read("log"), format!("pvcreate -f {one}\nvgcreate -s 4 data {one}\n"));
        let _ = host.run_thrice("lvg", &group(&[&two]));
        assert!(
            host.read("log").ends_with(&format!("vgextend data {two}\nvgreduce --force data {one}\n")),
            "{}",
            host.read("log")
        );
        assert!(host.run("lvg", &json!({"vg": "data", "state": "active"})).changed());
        assert!(host.read("log").ends_with("vgchange --setautoactivation y data\nvgchange --activate y data\n"));
        let _ = host.run_thrice("lvg", &json!({"vg": "data", "state": "absent", "force": true}));
    });
}

#[test]
fn volumes_are_made() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let state = host.path("state");
        command(&mut host, "lvm", "echo '  LVM version:     2.03.16(2) (2022-05-18)'");
        command(&mut host, "vgs", "case $* in *data) echo '  data;100.00;90.00;4.00';; *) exit 5;; esac");
        command(&mut host, "lvs", &format!("[ ! -e {state} ] || cat {state}"));
        command(&mut host, "lvcreate", &format!("echo '  web;10.00;-wi-a-----' >{state}"));
        command(&mut host, "lvextend", &format!("echo '  web;20.00;-wi-a-----' >{state}"));
        command(&mut host, "lvchange", &format!("echo '  web;20.00;-wi-------' >{state}"));
        command(&mut host, "lvremove", &format!("rm {state}"));
        for more in [
            json!({"size": 10}),
            json!({"size": "20m"}),
            json!({"active": false}),
            json!({"state": "absent", "force": true}),
        ] {
            let mut all = json!({"vg": "data", "lv": "web"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let _ = host.run_thrice("lvol", &all);
        }
        let lost = host.fail("lvol", &json!({"vg": "other", "lv": "web", "size": 1}));
        assert_eq!(lost, "Volume group other does not exist.");
    });
}

#[test]
fn partitions_are_made() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "case $* in --version) echo 'parted (GNU parted) 3.5'; exit;; esac\n\
             case $* in *' print') [ -e {state} ] && cat {state} || {{ echo 'Error: x: unrecognised disk label' >&2; printf 'BYT;\\n/x:100KiB:file:512:512:unknown::;\\n'; exit 1; }}; exit;; esac\n\
             echo \"$*\" >>{log}\n\
             case $* in\n\
             *mkpart*) printf 'BYT;\\n/x:100KiB:file:512:512:msdos::;\\n1:1KiB:99KiB:98KiB:::;\\n' >{state};;\n\
             *' set '*) printf 'BYT;\\n/x:100KiB:file:512:512:msdos::;\\n1:1KiB:99KiB:98KiB:::lvm;\\n' >{state};;\n\
             *' rm '*) printf 'BYT;\\n/x:100KiB:file:512:512:msdos::;\\n' >{state};;\nesac"
        );
        command(&mut host, "parted", &script);
        let _ = host.run_thrice("parted", &json!({"device": "/x", "number": 1, "state": "present"}));
        assert_eq!(host.read("log"), "-s -f -m -a optimal /x -- unit KiB mklabel msdos mkpart primary 0% 100%\n");
        let flags = json!({"device": "/x", "number": 1, "state": "present", "flags": ["lvm"]});
        let ran = host.run_thrice("parted", &flags);
        assert_eq!(ran.field("partitions")[0]["flags"], json!(["lvm"]));
        let _ = host.run_thrice("parted", &json!({"device": "/x", "number": 1, "state": "absent"}));
    });
}

#[test]
fn projects_of_php_are_installed() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let log = host.path("log");
        fs::create_dir(host.home().join("app")).unwrap();
        command(&mut host, "php", "exec \"$@\"");
        let script = format!(
            "echo \"$*\" >>{log}\ncase $* in\n\
             *help*) echo '{{\"definition\": {{\"options\": {{\"dry-run\": {{}}, \"no-dev\": {{}}}}}}}}';;\n\
             *config*a*) echo '{{}}' >{app}/composer.json;;\n\
             *) [ -e {log}.done ] && echo 'Nothing to install, update or remove' >&2 || echo Installing >&2\n\
             case $* in *--dry-run*) ;; *) : >{log}.done;; esac;;\nesac",
            app = host.path("app")
        );
        command(&mut host, "composer", &script);
        let install = json!({"working_dir": "~/app"});
        let check = host.run_as("composer", &install, Mode { check: true, diff: true });
        assert!(check.changed(), "{check:?}");
        assert!(host.run("composer", &install).changed() && !host.run("composer", &install).changed());
        assert!(host.read("log").contains(&format!("--working-dir={} install --no-dev --dry-run\n", host.path("app"))));
        let config = json!({"working_dir": "~/app", "command": "config", "arguments": "a b"});
        assert!(host.run("composer", &config).changed() && !host.run("composer", &config).changed());
        let project = json!({"working_dir": "~/app", "command": "create-project", "arguments": "a/b ."});
        assert!(!host.run("composer", &project).changed());
        host.without = vec!["php"];
        host.commands.clear();
        assert_eq!(host.fail("composer", &install), "Failed to find required executable \"php\" in paths");
    });
}

#[test]
fn checkouts_of_subversion_are_updated() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let (state, log) = (host.path("state"), host.path("log"));
        let script = format!(
            "case $* in '--version --quiet') echo 1.14.2; exit;; esac\n\
             case $* in *--password-from-stdin*) [ \"$(cat)\" = 's3 cret' ] || exit 9; env | grep -q s3 && exit 8;; esac\n\
             case $* in *' info -r'*) echo 'Revision: 13'; exit;; *' info '*) [ -e {state} ] && cat {state} && exit; exit 1;; *' status '*) exit;; esac\n\
             echo \"$*\" >>{log}\n\
             case $* in *checkout*) mkdir -p {dest}; printf 'URL: https://s/r\\nRevision: 12\\n' >{state};;\n\
             *update*) echo 'U    a'; printf 'URL: https://s/r\\nRevision: 13\\n' >{state};; esac",
            dest = host.path("wc")
        );
        command(&mut host, "svn", &script);
        let checkout = json!({"repo": "https://s/r", "dest": "~/wc", "username": "ann", "password": "s3 cret"});
        let ran = host.run("subversion", &checkout);
        assert_eq!(ran.field("after"), json!(["Revision: 12", "URL: https://s/r"]));
        assert!(!ran.trace.iter().any(|step| step.contains("s3")), "{ran:?}");
        let ran = host.run_thrice("subversion", &checkout);
        assert_eq!(ran.field("after"), json!(["Revision: 13", "URL: https://s/r"]));
        let start = "--non-interactive --no-auth-cache --trust-server-cert --username ann --password-from-stdin";
        assert!(host.read("log").starts_with(&format!("{start} checkout -r HEAD https://s/r {}\n", host.path("wc"))));
        fs::create_dir(host.home().join("dir")).unwrap();
        fs::remove_file(host.home().join("state")).unwrap();
        let other = host.fail("subversion", &json!({"repo": "https://s/r", "dest": host.path("dir")}));
        assert!(other.starts_with("ERROR: "), "{other}");
    });
}

#[test]
fn what_turns_a_host_off_is_found() {
    on_each_shell(|host| {
        fs::create_dir(host.home().join("bin")).unwrap();
        host.write("bin/shutdown", "");
        let args = json!({"search_paths": ["/no where", "~/bin"], "delay": 60, "msg": "it's late"});
        let ran = host.run_as("shutdown", &args, Mode { check: true, diff: true });
        let expected = format!("{}/bin/shutdown -h 1 'it'\"'\"'s late'", host.home().display());
        assert_eq!((ran.field("shutdown"), ran.field("shutdown_command")), (json!(true), json!(expected)));
    });
}
