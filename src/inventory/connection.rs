//! How a host is reached and which user its commands run as: the connection variables, old names included.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::shell_words::{self, Comments};
use super::template_reference;
use super::{ConnectionError, Host, HostVars, Inventory, Source};
use crate::secret::Secret;
use crate::vault::Vault;

/// How to reach a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionVars {
    /// Inventory name.
    pub host: Arc<str>,
    /// `ansible_host`, or the inventory name: an address or an `ssh_config` alias.
    pub address: String,
    /// `ansible_port`; none leaves it to `ssh_config`.
    pub port: Option<u16>,
    /// `ansible_user`; none leaves it to `ssh_config`.
    pub user: Option<String>,
    /// `ansible_connection`.
    pub connection: Connection,
    /// `ansible_password`. An error counts only once a password is needed: the variable often refers to a vault that is
    /// not at hand.
    pub password: Result<Option<Secret>, ConnectionError>,
    /// `ansible_ssh_private_key_file`, `~` expanded.
    pub private_key_file: Option<PathBuf>,
    /// Words of `ansible_ssh_args`, `ansible_ssh_common_args` and `ansible_ssh_extra_args`, in that order.
    pub ssh_args: Vec<String>,
    /// `ansible_ssh_executable`.
    pub ssh_executable: Option<String>,
    /// `ansible_become` and what belongs to it.
    pub privilege: Privilege,
    /// `ansible_shell_executable`: runs shell lines in the place of `sh`.
    pub shell_executable: Option<String>,
}

/// What carries commands to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// `ssh` or `smart`.
    Ssh,
    /// `local`: this machine.
    Local,
}

/// Which user commands run as on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// `ansible_become`; none when not set.
    pub enabled: Option<bool>,
    /// `ansible_become_method`; none when not set.
    pub method: Option<PrivilegeMethod>,
    /// `ansible_become_user`; none when not set.
    pub user: Option<String>,
    /// `ansible_become_password`. An error counts only once a user is changed: the variable often refers to a vault
    /// that is not at hand.
    pub password: Result<Option<Secret>, ConnectionError>,
    /// `ansible_become_flags` as words.
    pub flags: Vec<String>,
    /// `ansible_become_exe`.
    pub executable: Option<String>,
}

/// Program that changes the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PrivilegeMethod {
    /// `sudo`.
    Sudo,
    /// `su`.
    Su,
    /// `doas`.
    Doas,
}

impl PrivilegeMethod {
    /// The method's name, which is also its program's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Su => "su",
            Self::Doas => "doas",
        }
    }
}

/// Reads the connection variables of `host`.
pub(super) fn connection_vars(inventory: &Inventory, host: &Host) -> Result<ConnectionVars, ConnectionError> {
    connection_of(host.name(), &inventory.vars(host), &inventory.vault)
}

impl ConnectionVars {
    /// The names of all variables that say how a host is reached and which user commands run as.
    pub const NAMES: &[&str] = &[
        "ansible_ssh_host",
        "ansible_host",
        "ansible_ssh_port",
        "ansible_port",
        "ansible_ssh_user",
        "ansible_user",
        "ansible_connection",
        "ansible_ssh_password",
        "ansible_ssh_pass",
        "ansible_password",
        "ansible_ssh_private_key_file",
        "ansible_private_key_file",
        "ansible_ssh_args",
        "ansible_ssh_common_args",
        "ansible_ssh_extra_args",
        "ansible_ssh_host_key_checking",
        "ansible_host_key_checking",
        "ansible_ssh_executable",
        "ansible_shell_executable",
        "ansible_become",
        "ansible_become_method",
        "ansible_become_user",
        "ansible_become_pass",
        "ansible_become_password",
        "ansible_become_flags",
        "ansible_become_exe",
        "ansible_sudo",
        "ansible_su",
        "ansible_sudo_user",
        "ansible_sudo_pass",
        "ansible_sudo_password",
        "ansible_sudo_flags",
        "ansible_sudo_exe",
        "ansible_su_user",
        "ansible_su_pass",
        "ansible_su_password",
        "ansible_su_flags",
        "ansible_su_exe",
        "ansible_doas_user",
        "ansible_doas_pass",
        "ansible_doas_password",
        "ansible_doas_flags",
        "ansible_doas_exe",
    ];

    /// Reads them out of the variables of `host`.
    ///
    /// # Errors
    /// When a variable has no usable value, or asks for what is not supported.
    pub fn of(host: &Arc<str>, vars: &HostVars<'_>) -> Result<Self, ConnectionError> {
        connection_of(host, vars, &Vault::default())
    }
}

fn connection_of(host: &Arc<str>, vars: &HostVars<'_>, vault: &Vault) -> Result<ConnectionVars, ConnectionError> {
    let reader = Reader { host, vars, vault };
    Ok(ConnectionVars {
        host: Arc::clone(host),
        address: reader.address()?,
        port: reader.port()?,
        user: reader.word(&["ansible_ssh_user", "ansible_user"], USER)?,
        connection: reader.connection()?,
        password: reader.password(&["ansible_ssh_password", "ansible_ssh_pass", "ansible_password"]),
        private_key_file: reader.text(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?.map(expand_home),
        ssh_args: reader.ssh_args()?,
        ssh_executable: reader.text(&["ansible_ssh_executable"])?,
        privilege: reader.privilege()?,
        shell_executable: reader.text(&["ansible_shell_executable"])?,
    })
}

/// What `ansible_host` must be.
const ADDRESS: &str = "a host name or address, without blanks and without a leading dash";

/// What `ansible_user` must be.
const USER: &str = "a user name, without blanks and without a leading dash";

struct Reader<'a> {
    host: &'a Arc<str>,
    vars: &'a HostVars<'a>,
    vault: &'a Vault,
}

/// A variable's name, its resolved value and its origin.
type Found<'a, T> = (&'a str, T, &'a Source);

impl<'a> Reader<'a> {
    /// The first of `names` that is set to something; Ansible lets older names win, so they come first.
    fn find(&self, names: &[&'a str]) -> Result<Option<Found<'a, Value>>, ConnectionError> {
        for name in names {
            let Some(var) = self.vars.get(name) else { continue };
            let value = template_reference::resolve(&var.value, self.host, self.vars, self.vault);
            let value = value.map_err(|reason| ConnectionError::Template {
                host: Arc::clone(self.host),
                variable: (*name).to_owned(),
                origin: var.source.clone(),
                reason,
            })?;
            if !value.is_null() && value != "" {
                return Ok(Some((name, value, &var.source)));
            }
        }
        Ok(None)
    }

    fn text(&self, names: &[&'a str]) -> Result<Option<String>, ConnectionError> {
        Ok(self.find_text(names)?.map(|(_, text, _)| text))
    }

    fn find_text(&self, names: &[&'a str]) -> Result<Option<Found<'a, String>>, ConnectionError> {
        match self.find(names)? {
            None => Ok(None),
            Some((name, Value::String(text), source)) => Ok(Some((name, text, source))),
            Some((name, Value::Number(number), source)) => Ok(Some((name, number.to_string(), source))),
            Some((name, _, source)) => Err(self.value_error(name, source, "a text")),
        }
    }

    /// Where to connect to: never something that ssh would read as an option.
    fn address(&self) -> Result<String, ConnectionError> {
        if let Some(address) = self.word(&["ansible_ssh_host", "ansible_host"], ADDRESS)? {
            return Ok(address);
        }
        if is_word(self.host) {
            return Ok(self.host.to_string());
        }
        let origin = Source { file: Arc::from("inventory"), line: None };
        Err(self.value_error("inventory_hostname", &origin, ADDRESS))
    }

    fn word(&self, names: &[&'a str], expected: &'static str) -> Result<Option<String>, ConnectionError> {
        match self.find_text(names)? {
            Some((name, text, source)) if !is_word(&text) => Err(self.value_error(name, source, expected)),
            found => Ok(found.map(|(_, text, _)| text)),
        }
    }

    fn boolean(&self, names: &[&'a str]) -> Result<Option<bool>, ConnectionError> {
        let Some((name, value, source)) = self.find(names)? else { return Ok(None) };
        let text = match &value {
            Value::Bool(value) => return Ok(Some(*value)),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.to_lowercase(),
            _ => String::new(),
        };
        match text.trim() {
            "y" | "yes" | "on" | "1" | "true" | "t" => Ok(Some(true)),
            "n" | "no" | "off" | "0" | "false" | "f" => Ok(Some(false)),
            _ => Err(self.value_error(name, source, "true or false")),
        }
    }

    fn words(&self, names: &[&'a str]) -> Result<Vec<String>, ConnectionError> {
        let Some((name, value, source)) = self.find(names)? else { return Ok(Vec::new()) };
        let expected = "a line of arguments with its quotes closed";
        match &value {
            Value::String(text) => {
                shell_words::split(text, Comments::Keep).map_err(|_| self.value_error(name, source, expected))
            }
            // An INI inventory makes a number of `-4`.
            Value::Number(number) => Ok(vec![number.to_string()]),
            _ => Err(self.value_error(name, source, expected)),
        }
    }

    fn port(&self) -> Result<Option<u16>, ConnectionError> {
        let Some((name, value, source)) = self.find(&["ansible_ssh_port", "ansible_port"])? else { return Ok(None) };
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let port = number.and_then(|number| u16::try_from(number).ok()).filter(|port| *port > 0);
        port.map(Some).ok_or_else(|| self.value_error(name, source, "a number from 1 to 65535"))
    }

    fn connection(&self) -> Result<Connection, ConnectionError> {
        let Some((name, value, source)) = self.find(&["ansible_connection"])? else { return Ok(Connection::Ssh) };
        let Value::String(connection) = value else { return Err(self.value_error(name, source, "a text")) };
        match connection.strip_prefix("ansible.builtin.").unwrap_or(&connection) {
            "ssh" | "smart" => Ok(Connection::Ssh),
            "local" => Ok(Connection::Local),
            _ => Err(ConnectionError::Connection {
                host: Arc::clone(self.host),
                name: connection,
                origin: source.clone(),
            }),
        }
    }

    fn password(&self, names: &[&'a str]) -> Result<Option<Secret>, ConnectionError> {
        Ok(self.text(names)?.map(Secret::new))
    }

    fn ssh_args(&self) -> Result<Vec<String>, ConnectionError> {
        let mut words = Vec::new();
        for name in ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"] {
            words.extend(self.words(&[name])?);
        }
        if self.boolean(&["ansible_ssh_host_key_checking", "ansible_host_key_checking"])? == Some(false) {
            words.extend(["-o".to_owned(), "StrictHostKeyChecking=no".to_owned()]);
        }
        Ok(words)
    }

    fn privilege(&self) -> Result<Privilege, ConnectionError> {
        let (sudo, su) = (self.boolean(&["ansible_sudo"])?, self.boolean(&["ansible_su"])?);
        let older = if su == Some(true) { Some(PrivilegeMethod::Su) } else { sudo.and(Some(PrivilegeMethod::Sudo)) };
        let method = self.method()?.or(older);
        let of = Self::method_names(method.unwrap_or(PrivilegeMethod::Sudo));
        Ok(Privilege {
            enabled: self.boolean(&["ansible_become"])?.or(sudo.max(su)),
            method,
            user: self.text(&[of.user, "ansible_become_user"])?,
            password: self.password(&[of.pass, of.password, "ansible_become_pass", "ansible_become_password"]),
            flags: self.words(&[of.flags, "ansible_become_flags"])?,
            executable: self.text(&[of.exe, "ansible_become_exe"])?,
        })
    }

    fn method(&self) -> Result<Option<PrivilegeMethod>, ConnectionError> {
        let Some((name, value, source)) = self.find(&["ansible_become_method"])? else { return Ok(None) };
        let Value::String(method) = value else { return Err(self.value_error(name, source, "a text")) };
        match method.strip_prefix("ansible.builtin.").unwrap_or(&method) {
            "sudo" => Ok(Some(PrivilegeMethod::Sudo)),
            "su" => Ok(Some(PrivilegeMethod::Su)),
            "doas" | "community.general.doas" => Ok(Some(PrivilegeMethod::Doas)),
            _ => Err(ConnectionError::Method { host: Arc::clone(self.host), name: method, origin: source.clone() }),
        }
    }

    fn method_names(method: PrivilegeMethod) -> MethodNames {
        macro_rules! names {
            ($method:literal) => {
                MethodNames {
                    user: concat!("ansible_", $method, "_user"),
                    pass: concat!("ansible_", $method, "_pass"),
                    password: concat!("ansible_", $method, "_password"),
                    flags: concat!("ansible_", $method, "_flags"),
                    exe: concat!("ansible_", $method, "_exe"),
                }
            };
        }
        match method {
            PrivilegeMethod::Sudo => names!("sudo"),
            PrivilegeMethod::Su => names!("su"),
            PrivilegeMethod::Doas => names!("doas"),
        }
    }

    fn value_error(&self, variable: &str, source: &Source, expected: &'static str) -> ConnectionError {
        let (variable, origin) = (variable.to_owned(), source.clone());
        ConnectionError::Value { host: Arc::clone(self.host), variable, origin, expected }
    }
}

/// Whether a program takes the text as one argument that is no option.
fn is_word(text: &str) -> bool {
    !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Variables of one become method.
struct MethodNames {
    user: &'static str,
    pass: &'static str,
    password: &'static str,
    flags: &'static str,
    exe: &'static str,
}

fn expand_home(path: String) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
