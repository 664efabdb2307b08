use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::Config;
use super::load::{Sources, load};
use crate::cli::CliError;

/// A machine with its own `/etc` and home; `local` stands for `./opsctl.yml`.
struct Machine {
    dir: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home").to_str().unwrap().to_owned();
        Self { dir, variables: vec![("HOME", home)] }
    }

    fn with(self, path: &str, text: &str) -> Self {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn system(self, text: &str) -> Self {
        self.with("etc/opsctl/config.yml", text)
    }

    fn user(self, text: &str) -> Self {
        self.with("home/.config/opsctl/config.yml", text)
    }

    fn local(self, text: &str) -> Self {
        self.with("work/opsctl.yml", text)
    }

    fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn load(&self) -> Result<Config, CliError> {
        let variables = self.variables.clone();
        let find = move |name: &str| variables.iter().find(|one| one.0 == name).map(|one| OsString::from(&one.1));
        let mut sources = Sources::new(find, &self.dir.path().join("etc"));
        for (path, _) in &mut sources.files {
            if path == Path::new("opsctl.yml") {
                *path = self.dir.path().join("work/opsctl.yml");
            }
        }
        load(&sources)
    }

    /// The error's text, the machine's directory cut.
    fn error(&self) -> String {
        let error = self.load().unwrap_err();
        assert_eq!(error.code.number(), 2);
        error.to_string().replace(&format!("{}/", self.dir.path().display()), "")
    }

    fn open_to_all(self, path: &str) -> Self {
        fs::set_permissions(self.dir.path().join(path), fs::Permissions::from_mode(0o777)).unwrap();
        self
    }
}

#[test]
fn without_files_and_variables_the_defaults_hold() {
    assert_eq!(Machine::new().load().unwrap(), Config::default());
    assert_eq!(Machine { variables: Vec::new(), ..Machine::new() }.load().unwrap(), Config::default());
}

#[test]
fn each_key_comes_from_the_strongest_source_that_sets_it() {
    let machine = Machine::new()
        .system("forks: 1\nretries: 1\ntimeout: 1\nconnect_timeout: 1\n")
        .user("forks: 2\nretries: 2\ntimeout: 2\n")
        .local("forks: 3\nretries: 3\n")
        .variable("OPSCTL_FORKS", "4");
    let config = machine.load().unwrap();
    assert_eq!((config.forks, config.retries), (4, 3));
    assert_eq!((config.timeout, config.connect_timeout), (Some(Duration::from_secs(2)), Duration::from_secs(1)));
    let origin = |key: &str| config.origins[key].to_string().replace(machine.dir.path().to_str().unwrap(), "");
    assert_eq!(origin("forks"), "OPSCTL_FORKS");
    assert_eq!(origin("retries"), "/work/opsctl.yml:2:10");
    assert!(!config.origins.contains_key("color"));
}

#[test]
fn every_key_can_be_set_in_a_file() {
    let text = "inventory: [prod, 'a,b,']\nforks: 8\nconnect_timeout: 2.5\ntimeout: 5m\nretries: 2\n\
                transport: openssh\nbecome_method: doas\ncolor: never\n\
                journal:\n  dir: /var/log/opsctl\n  store_output: no\n  output_limit: 1M\n";
    let machine = Machine::new().local(text);
    let config = machine.load().unwrap();
    assert_eq!(config.inventory, [machine.dir.path().join("work/prod").to_str().unwrap(), "a,b,"]);
    assert_eq!(config.journal.dir.as_deref(), Some(Path::new("/var/log/opsctl")));
    let shown: Vec<String> = super::key::KEYS[1..].iter().map(|key| (key.show)(&config)).collect();
    let expected =
        ["8", "2.5 s", "300 s", "2", "openssh", "doas", "never", "/var/log/opsctl", "false", "1048576 bytes"];
    assert_eq!(shown, expected);
    assert_eq!(config.origins.len(), super::key::KEYS.len());
}

#[test]
fn every_key_can_be_set_by_its_variable() {
    let values = ["a,b,", "8", "3", "10s", "1", "auto", "su", "always", "/j", "off", "64K"];
    let names = super::key::KEYS.iter().map(|key| key.variable);
    let machine = names.zip(values).fold(Machine::new(), |machine, (name, value)| machine.variable(name, value));
    let config = machine.load().unwrap();
    assert_eq!(config.origins.len(), super::key::KEYS.len());
    assert_eq!(config.inventory, ["a,b,"]);
    assert!(!config.journal.store_output);
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_name() {
    insta::assert_snapshot!(Machine::new().local("forks: 4\nconnect_timout: 3\n").error(), @r"
    work/opsctl.yml:2:1: unknown key `connect_timout`
      2 | connect_timout: 3
        | ^
    hint: did you mean `connect_timeout`?
    ");
    insta::assert_snapshot!(Machine::new().local("store_output: no\n").error(), @r"
    work/opsctl.yml:1:1: unknown key `store_output`
      1 | store_output: no
        | ^
    hint: did you mean `journal.store_output`?
    ");
    insta::assert_snapshot!(Machine::new().user("journal:\n  path: /x\n").error(), @r"
    home/.config/opsctl/config.yml:2:3: unknown key `journal.path`
      2 |   path: /x
        |   ^
    hint: known keys: dir, store_output, output_limit
    ");
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_place() {
    insta::assert_snapshot!(Machine::new().local("forks: 0\n").error(), @r"
    work/opsctl.yml:1:8: `forks` must be a whole number from 1
      1 | forks: 0
        |        ^
    ");
    for text in [
        "forks: [1]",
        "forks: many",
        "timeout: -1",
        "timeout:",
        "retries: 1.5",
        "transport: telnet",
        "become_method: yes",
        "journal: /x",
        "journal: {store_output: maybe}",
        "inventory: {a: b}",
        "inventory: []",
        "- forks",
        "forks: 1\nforks: 2",
        "forks: 'a",
    ] {
        assert!(Machine::new().local(text).error().starts_with("work/opsctl.yml"), "{text}");
    }
}

#[test]
fn none_takes_a_time_limit_back() {
    let machine = Machine::new().system("timeout: 5m\n").local("timeout: none\n");
    assert_eq!(machine.load().unwrap().timeout, None);
}

#[test]
fn a_wrong_variable_is_refused_by_its_name() {
    let error = Machine::new().variable("OPSCTL_RETRIES", "few").error();
    assert_eq!(error, "OPSCTL_RETRIES must be a whole number from 0, not `few`");
}

#[test]
fn an_empty_file_and_an_empty_variable_set_nothing() {
    let machine = Machine::new().local("# nothing\n").variable("OPSCTL_FORKS", "");
    assert_eq!(machine.load().unwrap(), Config::default());
}

#[test]
fn a_file_that_everybody_could_have_written_is_refused() {
    insta::assert_snapshot!(Machine::new().local("forks: 4\n").open_to_all("work/opsctl.yml").error(), @r"
    configuration work/opsctl.yml is refused: everybody can write to it
    hint: chmod o-w work/opsctl.yml
    ");
    insta::assert_snapshot!(Machine::new().local("forks: 4\n").open_to_all("work").error(), @r"
    configuration work/opsctl.yml is refused: everybody can write to its directory work
    hint: chmod o-w work, or name the file: OPSCTL_CONFIG=work/opsctl.yml
    ");
}

#[test]
fn a_named_file_replaces_the_local_one_and_may_lie_anywhere() {
    let machine = Machine::new().local("retries: 9\n").with("open/mine.yml", "forks: 5\n").open_to_all("open");
    let path = machine.dir.path().join("open/mine.yml").to_str().unwrap().to_owned();
    let config = machine.variable("OPSCTL_CONFIG", &path).load().unwrap();
    assert_eq!((config.forks, config.retries), (5, Config::default().retries));
}

#[test]
fn a_named_file_that_is_missing_is_an_error() {
    let error = Machine::new().variable("OPSCTL_CONFIG", "/nowhere/opsctl.yml").error();
    assert!(error.starts_with("cannot read configuration /nowhere/opsctl.yml"), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let machine = Machine::new();
    fs::create_dir_all(machine.dir.path().join("work/opsctl.yml")).unwrap();
    assert!(machine.error().starts_with("cannot read configuration work/opsctl.yml"));
    let machine = Machine::new();
    let path = machine.dir.path().join("work/opsctl.yml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"forks: \xff").unwrap();
    assert!(machine.error().starts_with("cannot read configuration work/opsctl.yml"));
}
