//! Dumps: what is there stays until the new one is whole.

use std::fs;
use std::process::Command;

use crate::modules::actions;
use crate::modules::testing::on_each_shell;
use crate::testing::write_program;

/// Runs a script that dumps `app` into `dump.gz`, with clients that work, and a gzip that does `gzip`.
fn dump(shell: &[&str], script: &str, gzip: &str) -> (bool, String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let (bin, data) = (folder.path().join("bin"), folder.path().join("data"));
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&data).unwrap();
    let clients = ["mysqldump", "mysql", "pg_dump", "pg_restore", "psql"].map(|name| (name, "echo new"));
    for (name, line) in clients.into_iter().chain([("gzip", gzip)]) {
        write_program(bin.join(name), format!("#!/bin/sh\n{line}\n"));
    }
    let file = data.join("dump.gz");
    fs::write(&file, "old\n").unwrap();
    let path = std::env::join_paths(std::iter::once(bin).chain(["/usr/bin".into(), "/bin".into()])).unwrap();
    let run = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", script, "sh", "dump"])
        .arg(&file)
        .arg("app")
        .env("PATH", path)
        .output()
        .unwrap();
    (run.status.success(), fs::read_to_string(&file).unwrap(), fs::read_dir(&data).unwrap().count())
}

#[test]
fn a_dump_that_cannot_be_packed_leaves_the_one_before() {
    on_each_shell(|host| {
        for script in [actions::MYSQL_FILE, actions::POSTGRESQL_FILE] {
            let shell = host.shell_words();
            assert_eq!(dump(&shell, script, "cat"), (true, "new\n".to_owned(), 1), "{shell:?}");
            assert_eq!(dump(&shell, script, "cat; exit 1"), (false, "old\n".to_owned(), 1), "{shell:?}");
        }
    });
}
