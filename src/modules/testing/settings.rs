//! The modules about files of settings, run for real. Expectations are those of ansible-core 2.19 and its collections.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::{Mode, TestHost, on_each_shell};
use crate::testing::write_program;

/// The login's name.
fn login() -> String {
    nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap().name
}

/// A command of the test's own, in front of all others.
pub(super) fn command(host: &mut TestHost, name: &str, script: &str) {
    let folder = host.controller().join("bin");
    fs::create_dir_all(&folder).unwrap();
    write_program(folder.join(name), format!("#!/bin/sh\n{script}\n"));
    host.commands = vec![folder];
}

#[test]
fn options_of_ini_files_are_set() {
    on_each_shell(|host| {
        let args =
            json!({"path": "conf.ini", "section": "drinks", "option": "fav", "value": "lemonade", "mode": "0600"});
        let ran = host.run_thrice("ini_file", &args);
        assert_eq!((ran.field("msg"), ran.field("path")), (json!("section and option added"), json!("conf.ini")));
        assert_eq!((host.read("conf.ini"), host.mode("conf.ini")), ("\n[drinks]\nfav = lemonade\n".to_owned(), 0o600));
        let args = json!({"dest": "conf.ini", "section": "drinks", "option": "fav", "values": ["a", "b"],
            "no_extra_spaces": true, "backup": true});
        let ran = host.run("ini_file", &args);
        let kept = ran.field("backup_file");
        assert_eq!(
            fs::read_to_string(host.home().join(kept.as_str().unwrap())).unwrap(),
            "\n[drinks]\nfav = lemonade\n"
        );
        assert_eq!(host.read("conf.ini"), "\n[drinks]\nfav=a\nfav=b\n");
        let loose = json!({"path": "conf.ini", "section": "drinks", "option": "fav", "value": "a", "exclusive": false,
            "ignore_spaces": true});
        assert!(!host.run("ini_file", &loose).changed());
        let held = json!({"path": "conf.ini", "section": "drinks", "option": "size", "value": "1",
            "section_has_values": [{"option": "fav", "value": "b"}], "modify_inactive_option": false});
        let _ = host.run_thrice("ini_file", &held);
        let gone = json!({"path": "conf.ini", "section": "drinks", "option": "fav", "value": "b", "exclusive": false,
            "state": "absent"});
        let _ = host.run_thrice("ini_file", &gone);
        let _ = host.run_thrice("ini_file", &json!({"path": "conf.ini", "option": "top", "allow_no_value": true}));
        assert_eq!(host.read("conf.ini"), "top\n\n[drinks]\nfav=a\nsize = 1\n");
        let missing = json!({"path": "no.ini", "option": "a", "value": "b", "create": false});
        assert_eq!(host.fail("ini_file", &missing), "Destination no.ini does not exist!");
        let valueless = host.fail("ini_file", &json!({"path": "no.ini", "option": "a"}));
        assert!(valueless.starts_with("Parameter 'value(s)' must be defined"), "{valueless}");
        symlink("conf.ini", host.home().join("link.ini")).unwrap();
        let args = json!({"path": "link.ini", "option": "top", "value": "2", "follow": true});
        let _ = host.run_thrice("ini_file", &args);
        assert!(host.home().join("link.ini").is_symlink() && host.read("conf.ini").starts_with("top = 2\n"));
        let _ = host.run("ini_file", &json!({"path": "link.ini", "option": "top", "value": "3"}));
        assert!(!host.home().join("link.ini").is_symlink() && host.read("conf.ini").starts_with("top = 2\n"));
    });
}

#[test]
fn limits_of_sessions_are_set() {
    on_each_shell(|host| {
        host.write("limits", "# x\n* soft core 0 # none\njoe\thard\tnofile\t100\n");
        let limit = |more: serde_json::Value| {
            let mut all = json!({"domain": "joe", "limit_type": "hard", "limit_item": "nofile", "value": "200", "dest": "limits"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        assert!(!host.run("pam_limits", &limit(json!({"use_min": true}))).changed());
        let ran = host.run_thrice("pam_limits", &limit(json!({"use_max": true, "comment": "more", "backup": true})));
        assert_eq!(ran.field("msg"), "joe\thard\tnofile\t200\t#more\n");
        assert!(ran.field("backup_file").is_string());
        let ran = host.run_thrice("pam_limits", &limit(json!({"domain": "@dev", "value": "unlimited"})));
        assert_eq!(ran.field("msg"), "@dev\thard\tnofile\tunlimited\n");
        let limits = "# x\n* soft core 0 # none\njoe\thard\tnofile\t200\t#more\n@dev\thard\tnofile\tunlimited\n";
        assert_eq!(host.read("limits"), limits);
        let both = host.fail("pam_limits", &limit(json!({"use_max": true, "use_min": true})));
        assert_eq!(both, "Cannot use use_min and use_max at the same time.");
        let wrong = host.fail("pam_limits", &limit(json!({"value": "many"})));
        assert!(wrong.contains("Value of 'many' for item 'nofile' is invalid"), "{wrong}");
        let wrong = host.fail("pam_limits", &limit(json!({"limit_item": "nice", "value": "-21"})));
        assert!(wrong.contains("in the range -20 to 19"), "{wrong}");
    });
}

#[test]
fn hosts_become_known() {
    on_each_shell(|host| {
        let key = |path: &str, more: serde_json::Value| {
            let mut all = json!({"name": "One.lan", "key": "one.lan ssh-ed25519 AAA", "path": path});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("known_hosts", &key("known", json!({})));
        assert_eq!((ran.field("name"), ran.field("state")), (json!("One.lan"), json!("present")));
        assert_eq!(host.read("known"), "one.lan ssh-ed25519 AAA\n");
        let _ = host.run_thrice("known_hosts", &key("known", json!({"hash_host": true})));
        assert!(host.read("known").starts_with("|1|"), "{}", host.read("known"));
        let other = json!({"host": "two", "key": "two ssh-rsa B", "path": host.path("known")});
        let _ = host.run_thrice("known_hosts", &other);
        let _ = host.run_thrice("known_hosts", &json!({"name": "one.lan", "path": "known", "state": "absent"}));
        assert_eq!(host.read("known"), "two ssh-rsa B\n");
        let gone = json!({"name": "two", "path": "never", "state": "absent"});
        assert!(!host.run("known_hosts", &gone).changed());
        let refused = host.fail("known_hosts", &json!({"name": "three", "key": "two ssh-rsa B", "path": "known"}));
        assert_eq!(refused, "Host parameter does not match hashed host field in supplied key");
        let refused = host.fail("known_hosts", &json!({"name": "three", "path": "known"}));
        assert_eq!(refused, "No key specified when adding a host");
        let refused = host.fail("known_hosts", &key("no/known", json!({})));
        assert_eq!(refused, "Failed to write to file 'no/known'.");
    });
}

#[test]
fn rules_of_sudo_are_set() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        command(&mut host, "visudo", "grep -q BAD && { echo 'syntax error' ; exit 1; }; exit 0");
        let rule = |more: serde_json::Value| {
            let mut all = json!({"name": "web", "user": "ann", "commands": ["/bin/ls", "/bin/ps a"],
                "sudoers_path": host.path("")});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let _ = host.run_thrice("sudoers", &rule(json!({})));
        assert_eq!(host.read("web"), "ann ALL=NOPASSWD: /bin/ls, /bin/ps a\n");
        assert_eq!(host.mode("web"), 0o440);
        let full = json!({"group": "ops", "user": null, "host": "h1", "runas": "bob", "noexec": true, "setenv": true,
            "nopassword": false, "defaults": ["!targetpw", "env_keep+=X"], "validation": "required"});
        let _ = host.run_thrice("sudoers", &rule(full));
        let wanted =
            "Defaults:%ops !targetpw\nDefaults:%ops env_keep+=X\n%ops h1=(bob)NOEXEC:SETENV: /bin/ls, /bin/ps a\n";
        assert_eq!(host.read("web"), wanted);
        let refused = host.fail("sudoers", &rule(json!({"commands": ["BAD"]})));
        assert_eq!(refused, "Failed to validate sudoers rule:\nsyntax error\n");
        let _ = host.run_thrice("sudoers", &rule(json!({"commands": ["BAD"], "validation": "absent"})));
        let _ = host.run_thrice("sudoers", &json!({"name": "web", "state": "absent", "sudoers_path": host.path("")}));
        assert!(!host.home().join("web").exists());
    });
}

#[test]
fn keys_may_log_in() {
    on_each_shell(|host| {
        let key = |more: serde_json::Value| {
            let mut all = json!({"user": login(), "key": "ssh-ed25519 AAA a@b", "path": host.path("ssh/keys")});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("authorized_key", &key(json!({})));
        assert_eq!((ran.field("keyfile"), ran.field("exclusive")), (json!(host.path("ssh/keys")), json!(false)));
        assert_eq!((host.read("ssh/keys"), host.mode("ssh/keys")), ("ssh-ed25519 AAA a@b\n".to_owned(), 0o600));
        assert_eq!(host.mode("ssh"), 0o700);
        let more = json!({"key": "ssh-rsa BBB", "key_options": "no-pty", "comment": "it", "follow": true});
        let _ = host.run_thrice("authorized_key", &key(more));
        assert_eq!(host.read("ssh/keys"), "ssh-ed25519 AAA a@b\nno-pty ssh-rsa BBB it\n");
        let _ = host.run_thrice("authorized_key", &key(json!({"state": "absent"})));
        host.write("pub", "ssh-rsa CCC c\n");
        let source = json!({"key": format!("file://{}", host.path("pub")), "exclusive": true});
        let _ = host.run_thrice("authorized_key", &key(source));
        assert_eq!(host.read("ssh/keys"), "ssh-rsa CCC c\n");
        let missing = host.fail("authorized_key", &key(json!({"key": "file:///no/where"})));
        assert_eq!(missing, "Path to a key file not found: /no/where");
        let refused = host.fail("authorized_key", &key(json!({"key": "nonsense"})));
        assert_eq!(refused, "invalid key specified: nonsense");
        let unknown = host.fail("authorized_key", &key(json!({"user": "no-such-user"})));
        assert!(unknown.starts_with("Failed to lookup user no-such-user"), "{unknown}");
        let elsewhere = json!({"path": host.path("a/b/keys"), "manage_dir": false});
        let _ = host.run_thrice("authorized_key", &key(elsewhere));
        assert_eq!(host.mode("a/b"), 0o755);
        let check = Mode { check: true, diff: false };
        let ran = host.run_as("authorized_key", &json!({"user": "no-such-user", "key": "ssh-rsa A"}), check);
        let message = ran.result.unwrap_err().message;
        assert_eq!(message, "Either user must exist or you must provide full path to key file in check mode");
    });
}

#[test]
fn keys_come_from_addresses() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let shown =
            "for word; do last=$word; done; case $last in *bad*) echo no >&2; exit 22;; esac; echo ssh-rsa $# x";
        command(&mut host, "curl", shown);
        let key = |key: &str, validate: bool| {
            json!({"user": login(), "key": key, "path": host.path("keys"), "manage_dir": false,
                "validate_certs": validate})
        };
        let _ = host.run_thrice("authorized_key", &key("https://example.com/a.keys", true));
        assert_eq!(host.read("keys"), "ssh-rsa 5 x\n");
        let _ = host.run_thrice("authorized_key", &key("https://example.com/a.keys", false));
        assert_eq!(host.read("keys"), "ssh-rsa 5 x\nssh-rsa 6 x\n");
        let refused = host.fail("authorized_key", &key("https://example.com/bad", true));
        assert_eq!(refused, "Error getting key from: https://example.com/bad: no");
    });
}

#[test]
fn file_systems_are_mounted_and_stand_in_fstab() {
    on_each_shell(|host| {
        let mut host = TestHost::new(&host.shell_words());
        let log = format!(
            "echo \"${{0##*/}} $*\" >>{}; case $* in *bad*) echo no such >&2; exit 32;; esac",
            host.path("log")
        );
        command(&mut host, "mount", &log);
        command(&mut host, "umount", &log);
        host.write("fstab", "# mine\nproc /proc proc defaults 0 0\n");
        let point = host.path("mnt/a b");
        let mount = |more: serde_json::Value| {
            let mut all = json!({"path": point, "src": "/dev/x", "fstype": "ext4", "fstab": host.path("fstab"),
                "state": "mounted"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("mount", &mount(json!({"state": "present", "opts": "ro", "backup": true})));
        let line = format!("/dev/x {} ext4 ro 0 0\n", point.replace(' ', "\\040"));
        assert_eq!(host.read("fstab"), format!("# mine\nproc /proc proc defaults 0 0\n{line}"));
        assert_eq!(
            (ran.field("name"), ran.field("boot"), ran.field("opts")),
            (json!(point), json!("yes"), json!("ro"))
        );
        let kept = ran.field("backup_file");
        assert_eq!(fs::read_to_string(kept.as_str().unwrap()).unwrap(), "# mine\nproc /proc proc defaults 0 0\n");
        let more = json!({"opts": "ro", "dump": "1", "passno": "2", "boot": false});
        assert!(host.run("mount", &mount(more)).changed());
        assert_eq!(host.read("log"), format!("mount -T {} {point}\n", host.path("fstab")));
        assert!(host.read("fstab").ends_with(" ext4 ro,noauto 1 2\n") && host.home().join("mnt/a b").is_dir());
        assert!(!host.run("mount", &json!({"path": point, "state": "unmounted"})).changed());
        let again = json!({"path": point, "state": "remounted", "opts": "noexec"});
        assert!(host.run("mount", &again).changed());
        assert!(host.read("log").ends_with(&format!("mount -o remount,noexec {point}\n")));
        let _ = host.run_thrice("mount", &json!({"path": point, "state": "absent", "fstab": host.path("fstab")}));
        assert!(!host.home().join("mnt/a b").exists());
        let before = host.read("fstab");
        let secret = json!({"src": "//bad/x", "opts": "password=geheim", "opts_no_log": true, "state": "ephemeral"});
        assert!(host.fail("mount", &mount(secret)).starts_with("Error mounting"));
        assert!(host.read("log").ends_with(&format!("mount -t ext4 -o password=geheim //bad/x {point}\n")));
        let path = host.path("bad/new");
        let refused = host.fail("mount", &mount(json!({"path": path})));
        assert_eq!(refused, format!("Error mounting {path}: no such"));
        assert_eq!(host.read("fstab"), before);
        assert!(!host.home().join("bad").exists());
        let _ = host.run_thrice("mount", &mount(json!({"path": "/proc", "state": "absent_from_fstab"})));
        assert_eq!(host.read("fstab"), "# mine\n");
        let ran =
            host.run_as("mount", &mount(json!({"path": "/proc", "opts": "noauto"})), Mode { check: true, diff: true });
        assert_eq!(ran.warnings, ["Ignore the 'boot' due to 'opts' contains 'noauto'."]);
        assert!(ran.changed(), "{ran:?}");
        let taken = host.fail("mount", &mount(json!({"path": "/proc", "state": "ephemeral"})));
        assert!(taken.starts_with("Ephemeral mount point is already mounted"), "{taken}");
    });
}

#[test]
fn options_of_interfaces_are_set() {
    on_each_shell(|host| {
        host.write("interfaces", "auto eth0\niface eth0 inet dhcp\n  mtu 1500\n");
        let args = json!({"dest": "interfaces", "iface": "eth0", "option": "mtu", "value": "9000", "backup": true,
            "address_family": "inet", "mode": "0640"});
        let ran = host.run_thrice("interfaces_file", &args);
        assert_eq!(host.read("interfaces"), "auto eth0\niface eth0 inet dhcp\n  mtu 9000\n");
        let eth0 = &ran.field("ifaces")["eth0"];
        assert_eq!((&eth0["mtu"], &eth0["method"], &eth0["up"]), (&json!("9000"), &json!("dhcp"), &json!([])));
        assert_eq!(host.mode("interfaces"), 0o640);
        let gone = json!({"dest": "interfaces", "iface": "eth0", "option": "mtu", "state": "absent"});
        let _ = host.run_thrice("interfaces_file", &gone);
        let refused =
            host.fail("interfaces_file", &json!({"dest": "interfaces", "iface": "x", "option": "a", "value": "b"}));
        assert_eq!(refused, "Error: interface x not found");
        let refused = host.fail("interfaces_file", &json!({"dest": "interfaces", "iface": "x", "option": "a"}));
        assert_eq!(refused, "Value must be set if option is defined and state is 'present'");
    });
}
