//! `ansible.cfg`: the settings that people rely on, from the file that Ansible would read, and from its variables.
//!
//! Settings without effect here are taken in silence; unknown to this list are only those that Ansible plugins bring.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::CliError;

/// What `ansible.cfg` and Ansible's variables set; none where neither does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnsibleConfig {
    /// The file, if one was read.
    pub file: Option<PathBuf>,
    /// Settings by `section.key`, as text: those of the file, then those of variables.
    settings: BTreeMap<&'static str, String>,
    /// Settings of the file that have no effect here and that somebody may rely on.
    pub ignored: Vec<&'static str>,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

/// Where a setting stands: in the file, and the variables that win over it.
struct Setting {
    name: &'static str,
    section: &'static str,
    key: &'static str,
    variables: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// A path, relative to the file.
    Path,
    /// Paths with colons between them.
    Paths,
    /// Paths or lists of hosts, with commas between them.
    Inventory,
}

macro_rules! settings {
    ($($name:ident $section:literal $key:literal $kind:ident [$($variable:literal)*];)*) => {
        const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name), section: $section, key: $key, variables: &[$($variable),*], kind: Kind::$kind,
        }),*];
    };
}

settings! {
    inventory "defaults" "inventory" Inventory ["ANSIBLE_INVENTORY"];
    remote_user "defaults" "remote_user" Text ["ANSIBLE_REMOTE_USER"];
    forks "defaults" "forks" Text ["ANSIBLE_FORKS"];
    roles_path "defaults" "roles_path" Paths ["ANSIBLE_ROLES_PATH"];
    collections_path "defaults" "collections_path" Paths ["ANSIBLE_COLLECTIONS_PATH" "ANSIBLE_COLLECTIONS_PATHS"];
    collections_path "defaults" "collections_paths" Paths [];
    host_key_checking "defaults" "host_key_checking" Text
        ["ANSIBLE_SSH_HOST_KEY_CHECKING" "ANSIBLE_HOST_KEY_CHECKING"];
    private_key_file "defaults" "private_key_file" Path ["ANSIBLE_PRIVATE_KEY_FILE"];
    vault_password_file "defaults" "vault_password_file" Path ["ANSIBLE_VAULT_PASSWORD_FILE"];
    vault_identity_list "defaults" "vault_identity_list" Text ["ANSIBLE_VAULT_IDENTITY_LIST"];
    timeout "defaults" "timeout" Text ["ANSIBLE_TIMEOUT"];
    gathering "defaults" "gathering" Text ["ANSIBLE_GATHERING"];
    hash_behaviour "defaults" "hash_behaviour" Text ["ANSIBLE_HASH_BEHAVIOUR"];
    ansible_managed "defaults" "ansible_managed" Text ["ANSIBLE_MANAGED_STR"];
    error_on_undefined_vars "defaults" "error_on_undefined_vars" Text ["ANSIBLE_ERROR_ON_UNDEFINED_VARS"];
    force_handlers "defaults" "force_handlers" Text ["ANSIBLE_FORCE_HANDLERS"];
    any_errors_fatal "defaults" "any_errors_fatal" Text ["ANSIBLE_ANY_ERRORS_FATAL"];
    strategy "defaults" "strategy" Text ["ANSIBLE_STRATEGY"];
    remote_port "defaults" "remote_port" Text ["ANSIBLE_REMOTE_PORT"];
    executable "defaults" "executable" Text ["ANSIBLE_EXECUTABLE"];
    verbosity "defaults" "verbosity" Text ["ANSIBLE_VERBOSITY"];
    no_log "defaults" "no_log" Text ["ANSIBLE_NO_LOG"];
    nocolor "defaults" "nocolor" Text ["ANSIBLE_NOCOLOR"];
    force_color "defaults" "force_color" Text ["ANSIBLE_FORCE_COLOR"];
    display_skipped_hosts "defaults" "display_skipped_hosts" Text ["ANSIBLE_DISPLAY_SKIPPED_HOSTS"];
    callbacks_enabled "defaults" "callback_whitelist" Text [];
    callbacks_enabled "defaults" "callbacks_enabled" Text ["ANSIBLE_CALLBACKS_ENABLED" "ANSIBLE_CALLBACK_WHITELIST"];
    tags_run "tags" "run" Text ["ANSIBLE_RUN_TAGS"];
    tags_skip "tags" "skip" Text ["ANSIBLE_SKIP_TAGS"];
    log_path "defaults" "log_path" Path ["ANSIBLE_LOG_PATH"];
    become "privilege_escalation" "become" Text ["ANSIBLE_BECOME"];
    become_method "privilege_escalation" "become_method" Text ["ANSIBLE_BECOME_METHOD"];
    become_user "privilege_escalation" "become_user" Text ["ANSIBLE_BECOME_USER"];
    become_exe "privilege_escalation" "become_exe" Text ["ANSIBLE_BECOME_EXE"];
    become_flags "privilege_escalation" "become_flags" Text ["ANSIBLE_BECOME_FLAGS"];
    become_ask_pass "privilege_escalation" "become_ask_pass" Text ["ANSIBLE_BECOME_ASK_PASS"];
    ssh_args "ssh_connection" "ssh_args" Text ["ANSIBLE_SSH_ARGS"];
    ssh_common_args "ssh_connection" "ssh_common_args" Text ["ANSIBLE_SSH_COMMON_ARGS"];
    ssh_extra_args "ssh_connection" "ssh_extra_args" Text ["ANSIBLE_SSH_EXTRA_ARGS"];
    retries "ssh_connection" "retries" Text ["ANSIBLE_SSH_RETRIES"];
    retries "connection" "retries" Text [];
    always_diff "diff" "always" Text ["ANSIBLE_DIFF_ALWAYS"];
}

/// Directories of programs for Python; what they hold would change what a playbook means.
const PLUGINS: &[&str] = &[
    "library",
    "module_utils",
    "action_plugins",
    "filter_plugins",
    "test_plugins",
    "lookup_plugins",
    "connection_plugins",
    "strategy_plugins",
    "vars_plugins",
    "inventory_plugins",
];

/// Settings that somebody may rely on and that have no effect here. Those that only say how Ansible itself works
/// (`pipelining`, `nocows`, `control_path`, …) are taken in silence.
const IGNORED: &[(&str, &str)] = &[
    ("defaults", "stdout_callback"),
    ("defaults", "interpreter_python"),
    ("defaults", "fact_caching"),
    ("defaults", "fact_path"),
    ("defaults", "jinja2_extensions"),
    ("defaults", "private_role_vars"),
    ("defaults", "module_set_locale"),
    ("defaults", "error_on_undefined_vars"),
    ("defaults", "display_ok_hosts"),
    ("defaults", "enable_task_debugger"),
    ("defaults", "task_timeout"),
    ("defaults", "max_diff_size"),
    ("defaults", "vars_plugins_enabled"),
    ("defaults", "vault_encrypt_identity"),
    ("defaults", "duplicate_dict_key"),
    ("inventory", "unparsed_is_failed"),
    ("inventory", "any_unparsed_is_failed"),
    ("ssh_connection", "ssh_executable"),
    ("selinux", "special_context_filesystems"),
];

impl AnsibleConfig {
    /// Reads the file that Ansible would, and its variables.
    ///
    /// # Errors
    /// When a named file cannot be read, or a file is no configuration.
    pub fn of_process() -> Result<Self, CliError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::load(&variable, Path::new("."), Path::new("/etc"))
    }

    /// The same for an environment; `current` and `system` stand for the working directory and `/etc`.
    ///
    /// # Errors
    /// When a named file cannot be read, or a file is no configuration.
    pub fn load(variable: &dyn Fn(&str) -> Option<String>, current: &Path, system: &Path) -> Result<Self, CliError> {
        let mut config = Self::default();
        if let Some(path) = config.find(variable, current, system) {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))
                .map_err(CliError::usage)?;
            config.take(&path, &text).map_err(CliError::usage)?;
            config.file = Some(path);
        }
        for setting in SETTINGS {
            if let Some(value) = setting.variables.iter().find_map(|name| variable(name)) {
                let value = placed(setting.kind, &value, current);
                config.settings.insert(setting.name, value);
            }
        }
        Ok(config)
    }

    fn find(&mut self, variable: &dyn Fn(&str) -> Option<String>, current: &Path, system: &Path) -> Option<PathBuf> {
        if let Some(named) = variable("ANSIBLE_CONFIG") {
            let path = expand(&named);
            let path = if path.is_dir() { path.join("ansible.cfg") } else { path };
            // As Ansible does: a name that leads nowhere is passed over.
            if path.exists() {
                return Some(path);
            }
        }
        let here = current.join("ansible.cfg");
        if here.is_file() {
            let mode = std::fs::metadata(current).map_or(0, |metadata| metadata.permissions().mode());
            if mode & 0o002 == 0 {
                return Some(here);
            }
            self.warnings.push(format!("{} is left out: everybody can write to its directory", here.display()));
        }
        let home = variable("HOME").map(|home| Path::new(&home).join(".ansible.cfg"));
        home.into_iter().chain([system.join("ansible/ansible.cfg")]).find(|path| path.is_file())
    }

    fn take(&mut self, path: &Path, text: &str) -> Result<(), anyhow::Error> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let entries = entries(path, text)?;
        for (section, key, value) in &entries {
            let value = interpolate(value, section, &entries);
            if section == "defaults" && PLUGINS.contains(&key.as_str()) {
                let found = value.split(':').map(|part| directory.join(expand(part.trim()))).find(|path| path.is_dir());
                if let Some(found) = found {
                    self.warnings.push(format!("{key} {} is for Python and has no effect", found.display()));
                }
            }
            self.ignored.extend(
                IGNORED.iter().find(|ignored| **ignored == (section.as_str(), key.as_str())).map(|(_, key)| *key),
            );
            let known = SETTINGS.iter().find(|setting| setting.section == section && setting.key == key);
            if let Some(setting) = known {
                self.settings.insert(setting.name, placed(setting.kind, &value, directory));
            }
        }
        Ok(())
    }

    /// A setting as text: `inventory`, `remote_user`, `ssh_common_args`, …
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// A setting that is a boolean.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" => Some(false),
            _ => None,
        }
    }

    /// A setting that is a list with commas; empty when it is not set.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let parts = self.text(name).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A setting that is a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }

    /// `roles_path`, or where Ansible looks unless told.
    #[must_use]
    pub fn roles_path(&self) -> Vec<PathBuf> {
        let default = "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles";
        paths(self.text("roles_path").unwrap_or(default))
    }

    /// `collections_path`, or where Ansible looks unless told.
    #[must_use]
    pub fn collections_path(&self) -> Vec<PathBuf> {
        paths(self.text("collections_path").unwrap_or("~/.ansible/collections:/usr/share/ansible/collections"))
    }

    /// `inventory`: sources, each a path or a list of hosts.
    #[must_use]
    pub fn inventory(&self) -> Vec<String> {
        match self.text("inventory") {
            Some(text) if text.ends_with(',') => vec![text.to_owned()],
            Some(text) => text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
            None => Vec::new(),
        }
    }
}

fn paths(text: &str) -> Vec<PathBuf> {
    text.split(':').map(str::trim).filter(|part| !part.is_empty()).map(expand).collect()
}

/// Sections, keys and values, as Python's `configparser` reads them.
fn entries(path: &Path, text: &str) -> Result<Vec<(String, String, String)>, anyhow::Error> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut section = None;
    for (number, line) in text.lines().enumerate() {
        // Only `;` starts a comment within a line.
        let line = line.find(" ;").map_or(line, |at| &line[..at]);
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = Some(name.0.to_owned());
        } else if let Some((_, _, value)) = found.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            value.push('\n');
            value.push_str(trimmed);
        } else if let Some(section) = &section {
            let at = trimmed.find(['=', ':']);
            let (key, value) = at.map_or((trimmed, ""), |at| (&trimmed[..at], &trimmed[at + 1..]));
            found.push((section.clone(), key.trim().to_lowercase(), value.trim().to_owned()));
        } else {
            return Err(anyhow!("{}:{}: a setting before the first [section]", path.display(), number + 1));
        }
    }
    Ok(found)
}

/// `%(name)s` of the same section, and `%%`.
fn interpolate(value: &str, section: &str, entries: &[(String, String, String)]) -> String {
    let mut value = value.to_owned();
    for (_, name, found) in entries.iter().filter(|(other, ..)| other == section) {
        value = value.replace(&format!("%({name})s"), found);
    }
    value.replace("%%", "%")
}

/// A value with its paths relative to where it was written.
fn placed(kind: Kind, value: &str, directory: &Path) -> String {
    let one = |part: &str| {
        let part = part.trim();
        let here = std::env::current_dir().unwrap_or_default();
        let part = part.replace("{{CWD}}", &here.to_string_lossy());
        let path = expand(&part);
        let path = if path.is_absolute() || directory == Path::new(".") { path } else { directory.join(path) };
        path.to_string_lossy().into_owned()
    };
    match kind {
        Kind::Text => value.to_owned(),
        Kind::Path => one(value),
        Kind::Paths => value.split(':').filter(|part| !part.trim().is_empty()).map(one).collect::<Vec<_>>().join(":"),
        Kind::Inventory if value.trim_end().ends_with(',') => value.trim().to_owned(),
        Kind::Inventory => {
            value.split(',').filter(|part| !part.trim().is_empty()).map(one).collect::<Vec<_>>().join(",")
        }
    }
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> AnsibleConfig {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ansible.cfg"), text).unwrap();
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let mut config = AnsibleConfig::load(&variable, directory.path(), &directory.path().join("etc")).unwrap();
        let root = directory.path().to_string_lossy().into_owned();
        for value in config.settings.values_mut() {
            *value = value.replace(&root, "ROOT");
        }
        config
    }

    #[test]
    fn a_file_is_read_as_configparser_reads_it() {
        let config = load(
            "[defaults]\ninventory = hosts, more\nroles_path = roles:/x ; why\nremote_user: joe\n# c\n\
             Forks=7\nbase = /b\nprivate_key_file = %(base)s/key\nhost_key_checking = False\n\
             [ssh_connection]\nssh_args = -o A=1\n  -o B=2\n",
            &[],
        );
        assert_eq!(config.inventory(), ["ROOT/hosts", "ROOT/more"]);
        assert_eq!(config.text("roles_path"), Some("ROOT/roles:/x"));
        assert_eq!(config.text("remote_user"), Some("joe"));
        assert_eq!(config.number("forks"), Some(7));
        assert_eq!(config.text("private_key_file"), Some("/b/key"));
        assert_eq!(config.boolean("host_key_checking"), Some(false));
        assert_eq!(config.text("ssh_args"), Some("-o A=1\n-o B=2"));
    }

    #[test]
    fn variables_win_over_the_file() {
        let config = load("[defaults]\nforks = 7\nremote_user = joe\n", &[("ANSIBLE_FORKS", "9")]);
        assert_eq!(config.number("forks"), Some(9));
        assert_eq!(config.text("remote_user"), Some("joe"));
    }

    #[test]
    fn a_file_where_everybody_writes_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ansible.cfg"), "[defaults]\nforks = 7\n").unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let config = AnsibleConfig::load(&|_| None, directory.path(), &directory.path().join("etc")).unwrap();
        assert_eq!(config.number("forks"), None);
        assert_eq!(config.warnings.len(), 1);
    }

    #[test]
    fn what_has_no_effect_is_noted_unless_it_says_how_ansible_works() {
        let config = load(
            "[defaults]\nstdout_callback = yaml\ncallback_whitelist = timer, profile_tasks\nnocows = 1\n\
             [ssh_connection]\npipelining = true\n",
            &[],
        );
        assert_eq!(config.ignored, ["stdout_callback"]);
        assert_eq!(config.list("callbacks_enabled"), ["timer", "profile_tasks"]);
    }

    #[test]
    fn a_setting_outside_of_sections_is_refused() {
        assert!(entries(Path::new("a.cfg"), "forks = 7\n").is_err());
    }
}
