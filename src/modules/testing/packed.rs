//! `archive`, run for real. Expectations are those of community.general 13.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{Mode, TestHost, on_each_shell};

fn tree(host: &TestHost) {
    let home = host.home();
    let _ = fs::remove_dir_all(home.join("src"));
    fs::create_dir_all(home.join("src/sub dir")).unwrap();
    for (name, text) in [("src/a.txt", "one\n"), ("src/b.log", "two\n"), ("src/sub dir/it's", "three\n")] {
        host.write(name, text);
    }
    symlink("a.txt", home.join("src/link")).unwrap();
}

fn here(command: &str, archive: &str) -> Vec<String> {
    let output = Command::new("sh").args(["-c", command, "sh", archive]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut names: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    names.sort();
    names
}

fn has(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(program).exists())
}

#[test]
fn directories_are_packed_once() {
    on_each_shell(|host| {
        tree(host);
        for (format, program, list) in [
            ("gz", "gzip", "tar -tzf \"$1\""),
            ("bz2", "bzip2", "tar -tjf \"$1\""),
            ("xz", "xz", "tar -tJf \"$1\""),
            ("zstd", "zstd", "zstd -dcq \"$1\" | tar -tf -"),
            ("tar", "tar", "tar -tf \"$1\""),
        ] {
            if !has(program) {
                continue;
            }
            let dest = host.path(&format!("out.{format}"));
            let args = json!({"path": host.path("src"), "dest": dest, "format": format, "mode": "0600"});
            let ran = host.run_thrice("archive", &args);
            let names = ["src/a.txt", "src/b.log", "src/link", "src/sub dir/", "src/sub dir/it's"];
            assert_eq!(here(list, &dest), names, "{format}");
            assert_eq!(host.mode(&format!("out.{format}")), 0o600);
            assert_eq!((ran.field("dest_state"), ran.field("state")), (json!("archive"), json!("file")));
            assert_eq!(ran.field("arcroot"), format!("{}/", host.path("").trim_end_matches('/')));
            assert_eq!(ran.field("archived").as_array().unwrap().len(), 5, "{ran:?}");
            let again = host.run("archive", &args);
            assert_eq!(again.field("archived"), ran.field("archived"));
        }
        host.write("src/a.txt", "more\n");
        let args = json!({"path": host.path("src"), "dest": host.path("out.gz"), "mode": "0600"});
        assert!(host.run_thrice("archive", &args).changed());
        assert!(
            host.run_thrice("archive", &json!({"path": host.path("src"), "dest": host.path("out.gz"), "mode": "0644"}))
                .changed()
        );
    });
}

#[test]
fn zips_are_made_once() {
    if !has("zip") || !has("unzip") {
        return;
    }
    on_each_shell(|host| {
        tree(host);
        let args = |more: Json| {
            let mut all = json!({"path": host.path("src"), "dest": host.path("x.zip"), "format": "zip"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("archive", &args(json!({})));
        assert_eq!(ran.field("archived").as_array().unwrap().len(), 4, "{ran:?}");
        let list = "unzip -Z1 \"$1\"";
        let names = ["src/a.txt", "src/b.log", "src/link", "src/sub dir/", "src/sub dir/it's"];
        assert_eq!(here(list, &host.path("x.zip")), names);
        let _ = host.run_thrice("archive", &args(json!({"exclusion_patterns": ["*.log", "*'s"]})));
        assert_eq!(here(list, &host.path("x.zip")), ["src/a.txt", "src/link", "src/sub dir/"]);
        let _ = host.run_thrice("archive", &args(json!({"path": host.path("src/a.txt")})));
        assert_eq!(here(list, &host.path("x.zip")), ["a.txt"]);
        let _ = host.run_thrice("archive", &args(json!({"exclusion_patterns": ["*"]})));
        assert_eq!(fs::read(host.home().join("x.zip")).unwrap().len(), 22);
    });
}

#[test]
fn what_is_packed_can_be_chosen() {
    on_each_shell(|host| {
        tree(host);
        let list = "tar -tzf \"$1\"";
        let dest = host.path("out.tgz");
        let args = json!({"path": [host.path("src/*")], "dest": dest, "exclude_path": [host.path("src/b*")]});
        let ran = host.run_thrice("archive", &args);
        assert_eq!(here(list, &dest), ["a.txt", "link", "sub dir/it's"]);
        assert_eq!(ran.field("expanded_exclude_paths"), json!([host.path("src/b.log")]));
        assert_eq!(ran.field("expanded_paths").as_array().unwrap().len(), 4);
        let args =
            json!({"path": host.path("src"), "dest": dest, "exclusion_patterns": ["src/sub*/*", "src/[ab].t?t"]});
        let _ = host.run_thrice("archive", &args);
        assert_eq!(here(list, &dest), ["src/b.log", "src/link", "src/sub dir/"]);
        let args = json!({"path": [host.path("src/a.txt"), host.path("none"), "~/src/sub dir"], "dest": "~/out.tgz"});
        let ran = host.run_thrice("archive", &args);
        assert_eq!((ran.field("dest_state"), ran.field("missing")), (json!("incomplete"), json!([host.path("none")])));
        assert_eq!(here(list, &dest), ["src/a.txt", "src/sub dir/it's"]);
        let args = json!({"path": host.path("src/a.txt"), "dest": dest, "force_archive": true});
        let _ = host.run_thrice("archive", &args);
        assert_eq!(here(list, &dest), ["a.txt"]);
        let inside = json!({"path": host.path("src"), "dest": host.path("src/in.tgz")});
        let _ = host.run_thrice("archive", &inside);
        assert!(!here(list, &host.path("src/in.tgz")).iter().any(|name| name.contains("in.tgz")));
        assert_eq!(
            host.fail("archive", &json!({"path": host.path("no*"), "dest": dest})),
            "Error, no source paths were found"
        );
        let refused = host.fail("archive", &json!({"path": host.path("src"), "dest": host.path("no/x.tgz")}));
        assert_eq!(
            refused,
            format!("Error when writing tar.gz archive at {}: no such directory", host.path("no/x.tgz"))
        );
    });
}

#[test]
fn what_was_packed_may_be_taken_away() {
    on_each_shell(|host| {
        tree(host);
        let single = json!({"path": host.path("src/a.txt"), "remove": true, "format": "gz"});
        let ran = host.run_thrice("archive", &single);
        assert_eq!((ran.field("dest_state"), ran.field("dest")), (json!("compress"), json!(host.path("src/a.txt.gz"))));
        assert_eq!(here("gzip -dc \"$1\"", &host.path("src/a.txt.gz")), ["one"]);
        assert!(!host.home().join("src/a.txt").exists());
        let again = host.run("archive", &single);
        assert_eq!(
            (again.field("dest_state"), again.field("missing")),
            (json!("compress"), json!([host.path("src/a.txt")]))
        );
        let globbed = json!({"path": host.path("src/b*"), "dest": host.path("b.tgz"), "remove": true});
        let check = host.run_as("archive", &globbed, Mode { check: true, diff: true });
        assert!(check.changed() && host.home().join("src/b.log").exists());
        assert!(host.run("archive", &globbed).changed());
        assert!(!host.home().join("src/b.log").exists());
        let whole = json!({"path": host.path("src"), "dest": host.path("src.tgz"), "remove": true});
        assert!(host.run_thrice("archive", &whole).changed());
        assert!(!host.home().join("src").exists());
        assert_eq!(
            here("tar -tzf \"$1\"", &host.path("src.tgz")),
            ["src/a.txt.gz", "src/link", "src/sub dir/", "src/sub dir/it's"]
        );
    });
}
