//! Archives, run for real. Expectations: ansible-core 2.19.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Mode, TestHost, on_each_shell};

/// A folder with a file, a directory and a link.
fn folder(at: &Path) {
    fs::create_dir_all(at.join("top/sub dir")).unwrap();
    fs::write(at.join("top/a"), "one\n").unwrap();
    fs::write(at.join("top/sub dir/b.txt"), "two\n").unwrap();
    fs::set_permissions(at.join("top/a"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("a", at.join("top/link")).unwrap();
}

fn pack(host: &TestHost, name: &str) -> String {
    let from = host.controller();
    if !from.join("top").exists() {
        folder(&from);
    }
    let mut command = Command::new(if name.ends_with("zip") { "zip" } else { "tar" });
    if name.ends_with("zip") {
        command.args(["-qry", name, "top"])
    } else {
        command.args(["-caf", name, "top"])
    };
    assert!(command.current_dir(&from).status().unwrap().success());
    name.to_owned()
}

#[test]
fn archives_of_the_controller_are_unpacked_once() {
    on_each_shell(|host| {
        for (name, handler) in [
            ("a.tar", "TarArchive"),
            ("a.tar.gz", "TgzArchive"),
            ("a.tar.bz2", "TarBzipArchive"),
            ("a.tar.xz", "TarXzArchive"),
            ("a.tar.zst", "TarZstdArchive"),
            ("a.zip", "ZipArchive"),
        ] {
            fs::create_dir(host.home().join("d")).unwrap();
            let args = json!({"src": pack(host, name), "dest": "~/d", "list_files": true, "creates": host.path("no")});
            let ran = host.run("unarchive", &args);
            assert!(ran.changed(), "{name}: {ran:?}");
            assert_eq!((ran.field("handler"), host.read("d/top/sub dir/b.txt").as_str()), (json!(handler), "two\n"));
            assert_eq!(fs::read_link(host.home().join("d/top/link")).unwrap(), Path::new("a"));
            let files = ran.field("files");
            assert!(files.as_array().unwrap().contains(&json!("top/sub dir/b.txt")), "{files}");
            assert!(!host.run("unarchive", &args).changed(), "{name}: again");
            fs::write(host.home().join("d/top/a"), "damaged").unwrap();
            assert!(host.run("unarchive", &args).changed(), "{name}: damaged");
            assert_eq!(host.read("d/top/a"), "one\n");
            fs::remove_dir_all(host.home().join("d")).unwrap();
        }
    });
}

#[test]
fn archives_of_the_host_are_looked_at_first() {
    on_each_shell(|host| {
        fs::create_dir(host.home().join("d")).unwrap();
        for name in ["a.tgz", "a.zip"] {
            pack(host, name);
            fs::copy(host.controller().join(name), host.home().join(name)).unwrap();
            let args =
                json!({"src": host.path(name), "dest": host.path("d"), "copy": false, "mode": "0700", "owner": "root"});
            let ran = host.run("unarchive", &args);
            assert!(
                ran.changed() && host.mode("d/top/a") == 0o700 && host.mode("d/top/sub dir/b.txt") == 0o700,
                "{ran:?}"
            );
            let again = host.run("unarchive", &args);
            assert_eq!((again.changed(), again.asked, again.changes), (false, 1, 0), "{name}: {again:?}");
            let soft =
                json!({"src": host.path(name), "dest": host.path("d"), "remote_src": true, "mode": "u=rwx,g=rx,o="});
            assert!(host.run("unarchive", &soft).changed());
            assert!(!host.run("unarchive", &soft).changed(), "{name}");
            fs::remove_dir_all(host.home().join("d/top")).unwrap();
        }
        let check = host.run_as(
            "unarchive",
            &json!({"src": host.path("a.zip"), "dest": host.path("d"), "remote_src": true}),
            Mode { check: true, diff: false },
        );
        assert!(check.changed() && !host.home().join("d/top").exists());
    });
}

#[test]
fn parts_of_archives_are_left_out_or_taken() {
    on_each_shell(|host| {
        for name in ["a.tar.gz", "a.zip"] {
            fs::create_dir(host.home().join("d")).unwrap();
            let args = json!({"src": pack(host, name), "dest": "d", "exclude": ["top/sub dir/b.txt"], "keep_newer": true, "list_files": true});
            let ran = host.run("unarchive", &args);
            assert!(
                host.home().join("d/top/a").exists() && !host.home().join("d/top/sub dir/b.txt").exists(),
                "{ran:?}"
            );
            assert!(!ran.field("files").as_array().unwrap().contains(&json!("top/sub dir/b.txt")));
            fs::remove_dir_all(host.home().join("d/top")).unwrap();
            let args = json!({"src": pack(host, name), "dest": "d", "include": ["top/sub dir/b.txt"]});
            let _ = host.run("unarchive", &args);
            assert!(!host.home().join("d/top/a").exists() && host.home().join("d/top/sub dir/b.txt").exists());
            fs::remove_dir_all(host.home().join("d")).unwrap();
        }
        fs::create_dir(host.home().join("d")).unwrap();
        let strip = json!({"src": pack(host, "a.tar"), "dest": "d", "extra_opts": ["--strip-components=1"], "list_files": true});
        let ran = host.run("unarchive", &strip);
        assert!(host.home().join("d/a").exists(), "{ran:?}");
        assert!(!host.run("unarchive", &strip).changed());
    });
}

#[test]
fn what_cannot_be_unpacked_says_why() {
    let mut host = TestHost::new(&["dash"]);
    host.write("empty", "");
    host.write("text", "no archive");
    host.write("here", "");
    let fail = |host: &TestHost, src: String, dest: &str| {
        host.fail("unarchive", &json!({"src": src, "dest": host.path(dest), "remote_src": true}))
    };
    assert_eq!(fail(&host, host.path("no"), ""), format!("Source '{}' does not exist", host.path("no")));
    assert!(fail(&host, host.path("empty"), "").ends_with("the file is 0 bytes"));
    assert!(fail(&host, host.path("text"), "").starts_with("Failed to find handler for"));
    assert_eq!(fail(&host, host.path("text"), "no"), format!("dest '{}' must be an existing dir", host.path("no")));
    let message = host.fail("unarchive", &json!({"src": "http://x/y", "dest": host.path("")}));
    assert!(message.contains("is only supported when remote_src is True"), "{message}");
    pack(&host, "a.zip");
    let ran = host.run("unarchive", &json!({"src": "a.zip", "dest": host.path(""), "creates": host.path("here")}));
    assert_eq!(
        (ran.field("skipped"), ran.field("msg")),
        (json!(true), json!(format!("skipped, since {} exists", host.path("here"))))
    );
    host.without = vec!["unzip"];
    let message = host.fail("unarchive", &json!({"src": "a.zip", "dest": host.path("")}));
    assert!(message.contains("Unable to find required 'unzip' binary"), "{message}");
}
