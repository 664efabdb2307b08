//! The module `synchronize` with an rsync of the test's own. Expectations are those of ansible.posix.

use std::fs;

use serde_json::{Value as Json, json};

use super::settings::command;
use super::{Mode, Ran, TestHost, on_each_shell};

/// A host whose rsync prints its words, one a line, and what it would say of a changed file.
fn host(shell: &[&str], says: &str) -> TestHost {
    let mut host = TestHost::new(shell);
    command(&mut host, "rsync", &format!("for one; do echo \"[$one]\"; done\n{says}"));
    fs::create_dir_all(host.controller().join("files/site")).unwrap();
    host
}

fn run(host: &TestHost, more: &Json) -> Ran {
    let mut all = json!({"src": "site/", "dest": "/srv/site"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    host.run("synchronize", &all)
}

fn words(host: &TestHost, more: &Json) -> Vec<String> {
    let text = run(host, more).field("msg");
    text.as_str().unwrap().lines().map(|line| line.trim_matches(['[', ']']).to_owned()).collect()
}

#[test]
fn directories_go_to_hosts_and_come_from_them() {
    on_each_shell(|shell| {
        let host = host(&shell.shell_words(), "");
        let local = host.controller().join("files/site/").display().to_string();
        let pushed = words(&host, &json!({}));
        assert_eq!(
            pushed,
            [
                "--rsync-path=sudo -u root rsync",
                "--rsh=ssh -S none -o BatchMode=yes -i \"/keys/my id\" -o Port=2222",
                "--delay-updates",
                "-F",
                "--compress",
                "--archive",
                "--out-format=%i %n%L",
                &local,
                "tester@testhost:/srv/site",
            ]
        );
        let pulled =
            words(&host, &json!({"mode": "pull", "src": "/var/log", "dest": "~/logs", "set_remote_user": false}));
        assert_eq!(pulled[pulled.len() - 2..], ["testhost:/var/log".to_owned(), host.path("logs")]);
        let all = words(
            &host,
            &json!({"delete": true, "existing_only": true, "checksum": true, "copy_links": true, "compress": false,
                "recursive": false, "links": false, "perms": false, "times": false, "owner": false, "group": false,
                "dirs": true, "partial": true, "delay_updates": false, "rsync_timeout": 5, "rsync_path": "/opt/rsync",
                "rsync_opts": ["--exclude=.git", "--chmod=a b"], "link_dest": ["/old"]}),
        );
        assert_eq!(
            all[2..all.len() - 3],
            [
                "-F",
                "--timeout=5",
                "--delete-after",
                "--existing",
                "--checksum",
                "--copy-links",
                "--archive",
                "--no-recursive",
                "--no-links",
                "--no-perms",
                "--no-times",
                "--no-owner",
                "--no-group",
                "--dirs",
                "--exclude=.git",
                "--chmod=a b",
                "--partial",
                "-vv",
                "--link-dest=/old",
            ]
        );
        assert_eq!(all[0], "--rsync-path=/opt/rsync");
        let plain = words(&host, &json!({"archive": false, "recursive": true, "times": true}));
        assert!(plain.contains(&"--recursive".to_owned()) && plain.contains(&"--times".to_owned()));
        assert!(!plain.contains(&"--archive".to_owned()) && !plain.contains(&"--perms".to_owned()));
        let reached = json!({"dest_port": 22, "private_key": "/k", "ssh_args": "-C", "use_ssh_args": true,
            "ssh_connection_multiplexing": true, "verify_host": true});
        assert_eq!(words(&host, &reached)[1], "--rsh=ssh -o BatchMode=yes -i /k -o Port=22 -J jump -C");
        let own = words(&host, &json!({"rsync_opts": ["--rsh=mine"]}));
        assert!(!own.iter().any(|word| word.starts_with("--rsh=ssh")), "{own:?}");
        let daemon = words(&host, &json!({"dest": "rsync://there/m"}));
        assert_eq!((daemon.last().unwrap().as_str(), daemon[0].as_str()), ("rsync://there/m", "--delay-updates"));
    });
}

#[test]
fn what_rsync_says_is_the_result() {
    on_each_shell(|shell| {
        let changing = host(&shell.shell_words(), "echo '<<CHANGED>>>f+++++++++ a'");
        let ran = run(&changing, &json!({}));
        assert!(ran.changed());
        assert!(ran.field("cmd").as_str().unwrap().starts_with("rsync --rsync-path="));
        assert_eq!(ran.field("stdout_lines").as_array().unwrap().last().unwrap(), ">f+++++++++ a");
        assert_eq!(run(&changing, &json!({"quiet": true})).field("msg"), Json::Null);
        let failing = host(&shell.shell_words(), "echo 'no route' >&2; exit 12");
        let ran = failing.run_as("synchronize", &json!({"src": "a", "dest": "/b"}), Mode::default());
        assert_eq!(
            (ran.field("failed"), ran.field("rc"), ran.field("msg")),
            (json!(true), json!(12), json!("no route\n"))
        );
        let both = json!({"src": "rsync://a/b", "dest": "rsync://c/d"});
        assert_eq!(failing.fail("synchronize", &both), "either src or dest must be a localhost");
    });
}
