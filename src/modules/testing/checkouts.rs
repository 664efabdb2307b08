//! The modules about checkouts, run for real. Expectations are those of ansible-core 2.19.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::{Mode, Ran, TestHost, on_each_shell};

/// Runs git in a directory below the login directory; gives what it printed.
fn git(host: &TestHost, folder: &str, words: &[&str]) -> String {
    let identity =
        ["-c", "user.name=tester", "-c", "user.email=tester@example.org", "-c", "protocol.file.allow=always"];
    let output = Command::new("git")
        .args(identity)
        .args(words)
        .current_dir(host.home().join(folder))
        .env("HOME", host.home())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Commits a text as the file `f`; gives the commit.
fn commit(host: &TestHost, text: &str) -> String {
    host.write("origin/f", text);
    git(host, "origin", &["add", "f"]);
    git(host, "origin", &["commit", "-qm", text]);
    git(host, "origin", &["rev-parse", "HEAD"])
}

/// A repository with two commits, a branch and a tag; gives the commits.
fn origin(host: &TestHost) -> [String; 2] {
    std::fs::create_dir(host.home().join("origin")).unwrap();
    host.write(".gitconfig", "[protocol \"file\"]\n\tallow = always\n");
    git(host, "origin", &["init", "-qb", "main"]);
    let one = commit(host, "one");
    git(host, "origin", &["tag", "-a", "v1", "-m", "v1"]);
    git(host, "origin", &["branch", "old"]);
    [one, commit(host, "two")]
}

fn args(host: &TestHost, more: &Json) -> Json {
    let mut all = json!({"repo": host.path("origin"), "dest": "~/deep/w"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn commits(ran: &Ran) -> (Json, Json) {
    (ran.field("before"), ran.field("after"))
}

#[test]
fn checkouts_are_cloned_and_follow() {
    on_each_shell(|host| {
        let [one, two] = origin(host);
        let thrice = |more: Json| host.run_thrice("git", &args(host, &more));
        let only = host.run("git", &args(host, &json!({"clone": false})));
        assert_eq!((only.changed(), commits(&only)), (true, (Json::Null, json!(two))));
        assert!(!host.home().join("deep").exists());
        let ran = thrice(json!({}));
        assert_eq!(commits(&ran), (Json::Null, json!(two)));
        assert_eq!(host.read("deep/w/f"), "two");
        let three = commit(host, "three");
        let ran = thrice(json!({}));
        assert_eq!(commits(&ran), (json!(two), json!(three)));
        assert_eq!(ran.field("remote_url_changed"), false);
        let ran = thrice(json!({"version": "old", "umask": "0077"}));
        assert_eq!((ran.changed(), host.read("deep/w/f")), (true, "one".to_owned()));
        assert_eq!(git(host, "deep/w", &["branch", "--show-current"]), "old");
        let ran = host.run("git", &args(host, &json!({"version": "v1"})));
        assert!(!ran.changed() && commits(&ran).1 == json!(one));
        let _ = thrice(json!({"version": two[..12]}));
        assert_eq!(host.read("deep/w/f"), "two");
        commit(host, "four");
        assert!(!host.run("git", &args(host, &json!({"update": false}))).changed());
        host.write("deep/w/f", "mine");
        let refused = host.fail("git", &args(host, &json!({})));
        assert_eq!(
            refused,
            format!("Local modifications exist in the destination: {} (force=no).", host.path("deep/w"))
        );
        let ran = thrice(json!({"force": true, "version": "main"}));
        assert!(ran.field("msg").as_str().unwrap().starts_with("Local modifications exist"));
        assert_eq!(host.read("deep/w/f"), "four");
        git(host, "", &["clone", "-q", "--bare", "origin", "moved"]);
        let ran = thrice(json!({"repo": host.path("moved"), "version": "main"}));
        assert_eq!((ran.field("remote_url_changed"), ran.changed()), (json!(true), true));
        assert!(
            host.fail("git", &args(host, &json!({"version": "nowhere"}))).starts_with("Failed to checkout nowhere")
        );
    });
}

#[test]
fn clones_are_shallow_bare_single_and_apart() {
    on_each_shell(|host| {
        let [one, two] = origin(host);
        let thrice = |more: Json| host.run_thrice("git", &args(host, &more));
        let ran = thrice(json!({"dest": "~/shallow", "depth": 1, "version": "old", "remote": "upstream"}));
        assert_eq!(commits(&ran).1, json!(one));
        assert_eq!(git(host, "shallow", &["rev-list", "--count", "HEAD"]), "1");
        let ran = thrice(json!({"dest": "~/shallow", "depth": 1, "version": "main", "remote": "upstream"}));
        assert_eq!(commits(&ran).1, json!(two));
        let ran = host.run("git", &args(host, &json!({"dest": "~/whole", "depth": 1, "version": one})));
        assert!(ran.warnings[0].starts_with("Ignoring depth argument."));
        let _ = thrice(json!({"dest": "~/bare", "bare": true, "reference": host.path("origin/.git")}));
        assert!(host.home().join("bare/objects/info/alternates").exists());
        let _ = thrice(json!({"dest": "~/single", "single_branch": true, "version": "old"}));
        assert_eq!(git(host, "single", &["branch", "-r"]), "origin/old");
        let _ = thrice(json!({"dest": "~/apart", "separate_git_dir": "~/apart.git"}));
        assert!(host.read("apart/.git").contains(&host.path("apart.git")));
        let _ = thrice(json!({"dest": "~/joined"}));
        let ran = thrice(json!({"dest": "~/joined", "separate_git_dir": "~/joined.git"}));
        assert_eq!(ran.field("git_dir_before"), host.path("joined/.git"));
        assert_eq!(ran.field("git_dir_now"), host.path("joined.git"));
        let refspec = json!({"dest": "~/spec", "refspec": "+refs/heads/old:refs/heads/seen"});
        assert!(host.run("git", &args(host, &refspec)).changed());
        assert_eq!(git(host, "spec", &["rev-parse", "seen"]), one);
        assert!(!host.run("git", &args(host, &refspec)).changed());
        let archive = |more: Json| {
            let mut all = json!({"dest": "~/joined", "archive": "~/out.tar", "archive_prefix": "p/"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            host.run("git", &args(host, &all))
        };
        assert!(archive(json!({})).changed() && !archive(json!({})).changed());
        assert!(host.read("out.tar").starts_with("pax_global_header") && host.read("out.tar").contains("p/f"));
        assert!(archive(json!({"version": "v1", "update": false})).changed());
    });
}

#[test]
fn submodules_come_along_and_signatures_are_checked() {
    on_each_shell(|host| {
        let [_, two] = origin(host);
        std::fs::create_dir(host.home().join("top")).unwrap();
        git(host, "top", &["init", "-qb", "master"]);
        git(host, "top", &["submodule", "--quiet", "add", &host.path("origin"), "sub"]);
        git(host, "top", &["commit", "-qm", "sub"]);
        let top = |more: Json| {
            let mut all = json!({"repo": host.path("top"), "dest": "~/w", "key_file": "~/.ssh/id", "ssh_opts": "-v",
                "accept_hostkey": true});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let ran = host.run_thrice("git", &top(json!({})));
        assert_eq!((ran.field("submodules_changed"), host.read("w/sub/f")), (json!(true), "two".to_owned()));
        assert_eq!(git(host, "w/sub", &["rev-parse", "HEAD"]), two);
        commit(host, "three");
        assert!(!host.run("git", &top(json!({}))).changed());
        let track = top(json!({"track_submodules": true}));
        assert!(host.run("git", &track).changed());
        assert_eq!(host.read("w/sub/f"), "three");
        let ran = host.run("git", &top(json!({"dest": "~/plain", "recursive": false, "executable": "git"})));
        assert!(ran.changed() && !host.home().join("plain/sub/f").exists());
        let signed = top(json!({"verify_commit": true, "gpg_allowlist": ["AB"], "recursive": false, "force": true}));
        let refused = host.fail("git", &signed);
        assert_eq!(refused, "Failed to verify GPG signature of commit/tag \"HEAD\"");
        let newcomers = json!({"repo": host.path("top"), "dest": "~/w", "key_file": "~/.ssh/id", "ssh_opts": "-v",
            "accept_newhostkey": true});
        let asked = host.run_as("git", &newcomers, Mode::default());
        let words = " -i ~/.ssh/id -o IdentitiesOnly=yes";
        assert!(
            asked.trace[0].contains("-v -o StrictHostKeyChecking=accept-new -o BatchMode=yes")
                && asked.trace[0].contains(words),
            "{asked:?}"
        );
        for (more, message) in [
            (json!({"umask": 22}), "umask must be defined as a quoted octal integer"),
            (json!({"umask": "99"}), "umask must be an octal integer"),
            (json!({"dest": null}), "the destination directory must be specified unless clone=no"),
            (json!({"archive": "x.rar"}), "Unable to get file extension from archive file name : x.rar"),
            (json!({"executable": "/no/git"}), "Failed to find required executable \"git\" in paths"),
        ] {
            assert_eq!(host.fail("git", &top(more)), message);
        }
        assert!(host.fail("git", &top(json!({"repo": host.path("none"), "dest": "~/x"}))).contains("does not"));
    });
}
