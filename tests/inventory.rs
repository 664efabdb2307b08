//! `opsctl inventory` as its users run it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../src/testing.rs"]
mod testing;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use insta::assert_snapshot;
use serde_json::{Value, json};
use testing::write_program;

fn opsctl(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("opsctl").unwrap();
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn stdout(arguments: &[&str]) -> String {
    let output = opsctl(arguments).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// Exit code and standard error of a command that is expected to fail.
fn failure(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    format!("{}\n{}", output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn file(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn list_prints_the_json_of_ansible_inventory() {
    let listed = stdout(&["inventory", "list", "-i", "inventories/demo.yml", "-l", "db"]);
    let json: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(json["all"]["children"], serde_json::json!(["ungrouped", "web", "db"]));
    assert_eq!(json["db"], serde_json::json!({"hosts": ["db1", "db2"]}));
    assert_eq!(json["_meta"]["hostvars"]["db1"], serde_json::json!({"ansible_connection": "local", "role": "primary"}));
    assert!(json["_meta"]["hostvars"].get("web01").is_none());
}

#[test]
fn list_as_yaml_is_an_inventory_again() {
    let directory = tempfile::tempdir().unwrap();
    let yaml = stdout(&["inventory", "list", "--format", "yaml", "-i", "inventories/staging"]);
    let again = file(directory.path(), "again.yml", &yaml);
    let json = |source| stdout(&["inventory", "list", "-i", source]).parse::<serde_json::Value>().unwrap();
    assert_eq!(json(&again), json("inventories/staging"));
}

#[test]
fn list_as_a_table_has_a_line_for_each_host() {
    assert_snapshot!(stdout(&["inventory", "list", "db:bastion", "--format", "table", "-i", "inventories/staging"]), @r"
    HOST                 ADDRESS              USER    PORT  GROUPS
    db1.staging.example  db1.staging.example  deploy  2222  db,staging
    db2.staging.example  192.0.2.22           deploy        db,staging
    bastion              198.51.100.10                      ungrouped
    ");
}

#[test]
fn table_shows_the_other_hosts_when_one_cannot_be_reached_as_written() {
    let directory = tempfile::tempdir().unwrap();
    let source = file(directory.path(), "hosts", "a ansible_password=hunter2 ansible_port=x\nb\n");
    let output = opsctl(&["inventory", "list", "--format", "table", "-i", &source]).output().unwrap();
    assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"
    HOST  ADDRESS  USER  PORT  GROUPS
    a     ?        ?        ?  ungrouped
    b     b                    ungrouped
    ");
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(warning.contains("`ansible_port` of host `a` must be") && !warning.contains("hunter2"), "{warning}");
}

#[test]
fn graph_draws_the_tree_of_ansible_inventory() {
    assert_snapshot!(stdout(&["inventory", "graph", "-i", "inventories/staging"]), @r"
    @all:
      |--@ungrouped:
      |  |--bastion
      |--@staging:
      |  |--@web:
      |  |  |--web1.staging.example
      |  |  |--web2.staging.example
      |  |  |--web3.staging.example
      |  |  |--web4.staging.example
      |  |--@db:
      |  |  |--db1.staging.example
      |  |  |--db2.staging.example
    ");
    assert_snapshot!(stdout(&["inventory", "graph", "db", "--vars", "-i", "inventories/demo.yml"]), @r"
    @db:
      |--db1
      |  |--{ansible_connection = local}
      |  |--{role = primary}
      |--db2
      |  |--{ansible_connection = local}
      |  |--{role = replica}
    ");
}

#[test]
fn show_tells_where_each_variable_comes_from() {
    assert_snapshot!(stdout(&["inventory", "show", "web1.staging.example", "--transport", "openssh", "-i", "inventories/staging"]), @r"
    web1.staging.example  (groups: staging, web)

    CONNECTION
    transport   openssh (it was asked for)
    address     web1.staging.example
    user        deploy
    the rest    as `ssh -G` has it

    VARIABLE                 VALUE                 FROM
    ansible_ssh_common_args  -o ProxyJump=bastion  inventories/staging/hosts.ini:20
    ansible_user             deploy                inventories/staging/hosts.ini:19
    canary                   true                  inventories/staging/host_vars/web1.staging.example.yml:1
    timezone                 Europe/Berlin         inventories/staging/group_vars/all.yml:1
    ");
}

#[test]
fn show_has_a_form_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    let hosts = "[web]\nh ansible_host=192.0.2.1 ansible_port=2222 ansible_ssh_private_key_file=/k api_token=hunter2 \
                 tags='[1, 2]'\nl ansible_connection=local\n";
    let source = file(directory.path(), "hosts", hosts);
    let shown = |host: &str| -> Value {
        let arguments = ["inventory", "show", host, "-i", &source, "--format", "json"];
        let output = opsctl(&arguments).env("OPSCTL_TRANSPORT", "openssh").output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let host = shown("h");
    assert_eq!((&host["host"], &host["groups"]), (&json!("h"), &json!(["web"])));
    let connection = json!({
        "transport": "openssh", "reason": "it was asked for", "address": "192.0.2.1", "port": 2222, "user": null,
        "identity_files": ["/k"], "jump_hosts": [], "host_key_files": [],
    });
    assert_eq!(host["connection"], connection);
    let from = format!("{source}:2");
    assert_eq!(host["variables"]["api_token"], json!({"value": "***", "from": from}));
    assert_eq!(host["variables"]["tags"], json!({"value": [1, 2], "from": from}));
    assert_eq!(shown("l")["connection"]["transport"], "local");
}

#[test]
fn show_tells_why_a_host_cannot_be_reached_and_shows_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let source = file(directory.path(), "hosts", "a ansible_port=x\nb ansible_password='{{ vault }}'\n");
    for (host, reason) in [("a", "`ansible_port` of host `a` must be"), ("b", "`vault` is not set")] {
        let output = opsctl(&["inventory", "show", host, "-i", &source]).output().unwrap();
        assert!(output.status.success());
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(stdout.contains("VARIABLE") && stderr.contains(reason), "{stdout}{stderr}");
    }
}

#[test]
fn a_group_is_no_host() {
    assert_snapshot!(failure(&mut opsctl(&["inventory", "show", "web", "-i", "inventories/staging"])), @"
    2
    error: `web` is a group
    hint: `opsctl inventory list web` shows its hosts
    ");
}

#[test]
fn show_hides_passwords() {
    let directory = tempfile::tempdir().unwrap();
    let source = file(
        directory.path(),
        "hosts",
        "h ansible_become_password=hunter2 ansible_become_pass=hunter2 api_token=hunter2\n",
    );
    let shown = stdout(&["inventory", "show", "h", "-i", &source]);
    assert!(shown.contains("***") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn show_and_graph_hide_what_the_record_hides() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "hosts", "[web]\na db_password_old=hunter2 apiToken2=hunter2 plain=seen\n");
    for arguments in [&["inventory", "show", "a", "-i", &path][..], &["inventory", "graph", "--vars", "-i", &path]] {
        let shown = stdout(arguments);
        assert!(shown.contains("seen") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn check_counts_what_is_there() {
    assert_snapshot!(stdout(&["inventory", "check", "-i", "inventories/staging"]), @"7 hosts in 5 groups from 4 files, 0 warnings");
    assert_snapshot!(stdout(&["inventory", "check", "-i", "inventories/cloud.sh"]), @"2 hosts in 3 groups from 2 files, 0 warnings");
}

#[test]
fn check_reports_every_host_that_cannot_be_reached_as_written() {
    let directory = tempfile::tempdir().unwrap();
    let source = file(directory.path(), "hosts", "a ansible_port=x\nb ansible_host={{missing}}\nc\n");
    let report = failure(opsctl(&["inventory", "check", "-i", &source]).env("NO_COLOR", "1"));
    assert_snapshot!(report.replace(&source, "hosts"), @r"
    2
    error: hosts:1: `ansible_port` of host `a` must be a number from 1 to 65535
    hint: correct the value, or remove it to leave it to ssh_config
    error: hosts:2: `ansible_host` of host `b` cannot be resolved: `missing` is not set
    hint: write the value itself, or a plain reference such as {{ other_variable }}
    ");
}

#[test]
fn unknown_host_names_the_nearest() {
    assert_snapshot!(failure(&mut opsctl(&["inventory", "show", "dbb1", "-i", "inventories/demo.yml"])), @r"
    2
    error: host `dbb1` is not in the inventory
    hint: did you mean `db1`?
    ");
}

#[test]
fn without_an_inventory_it_says_how_to_name_one() {
    if !Path::new("/etc/ansible/hosts").exists() {
        assert_snapshot!(failure(&mut opsctl(&["inventory", "list"])), @r"
        2
        error: no inventory is named
        hint: give one with -i FILE, set OPSCTL_INVENTORY, or write `inventory: FILE` into opsctl.yml
        ");
    }
}

#[test]
fn empty_name_of_an_inventory_is_an_error() {
    assert_snapshot!(failure(&mut opsctl(&["inventory", "list", "-i", ""])), @r"
    2
    error: the name of an inventory is empty
    hint: a variable of the shell that is not set may stand behind -i
    ");
}

#[test]
fn environment_names_the_inventory() {
    for name in ["OPSCTL_INVENTORY", "ANSIBLE_INVENTORY"] {
        opsctl(&["inventory", "list"]).env(name, "inventories/demo.yml").assert().success();
    }
    let both = opsctl(&["inventory", "graph"])
        .env("OPSCTL_INVENTORY", "inventories/demo.yml,inventories/staging")
        .output()
        .unwrap();
    let text = String::from_utf8(both.stdout).unwrap();
    assert!(text.contains("bastion") && text.contains("web03"), "{text}");
}

#[test]
fn hanging_program_ends_at_the_limit_of_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("slow").display().to_string();
    write_program(&source, "#!/bin/sh\nexec sleep 600\n");
    let report = failure(opsctl(&["inventory", "list", "-i", &source]).env("OPSCTL_INVENTORY_TIMEOUT", "0.2"));
    assert!(report.starts_with("2\n") && report.contains("did not end within"), "{report}");
}

#[test]
fn alias_bomb_is_refused_fast_and_small() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = String::from("a0: &a0 {vars: {x: 1}}\n");
    for level in 1..40 {
        let before = level - 1;
        let aliases: Vec<String> = (0..9).map(|n| format!("k{n}: *a{before}")).collect();
        writeln!(text, "a{level}: &a{level} {{vars: {{{}}}}}", aliases.join(", ")).unwrap();
    }
    let source = file(directory.path(), "bomb.yml", &text);
    let start = Instant::now();
    // 64 MB of address space hold the program and what it needs to refuse.
    let program = assert_cmd::cargo::cargo_bin("opsctl");
    let line = format!("ulimit -v 65536; exec '{}' inventory list -i '{source}'", program.display());
    let report = failure(Command::new("/bin/sh").args(["-c", &line]));
    assert!(report.starts_with("2\n") && report.contains("aliases expand to more than"), "{report}");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn reader_that_goes_away_is_no_error() {
    let program = assert_cmd::cargo::cargo_bin("opsctl");
    for (format, first) in [("json", "{\n"), ("yaml", "all:\n")] {
        let list = format!("'{}' inventory list --format {format} -i 'h[1:50000],'", program.display());
        let line = format!("{list} | head -n 1; exit 0");
        Command::new("/bin/sh").args(["-c", &line]).assert().success().stdout(first).stderr("");
    }
}
