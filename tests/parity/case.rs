//! The form of a case, and where all of them are.
//!
//! In every text `{name}` stands for what the sandbox of the run puts there: see `sandbox.rs`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One row of the table: what is on the client's and on the server's side, and what `ssh` makes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Case {
    pub name: String,
    /// What `ssh` does: `accepted`, or the class of its refusal as `opsctl` names it.
    pub ssh: String,
    /// The key that `ssh` logs in with.
    pub with: Option<String>,
    /// Whether native does it, or leaves it to OpenSSH.
    #[serde(default)]
    pub route: Route,
    /// Ways that are known to differ, and why; each must.
    #[serde(default)]
    pub known_difference: BTreeMap<String, String>,
    /// The name that is given to `ssh`.
    #[serde(default = "default_host")]
    pub host: String,
    /// The beginning of the configuration; what keeps the sandbox closed is appended.
    #[serde(default)]
    pub config: String,
    /// Whether that is appended.
    #[serde(default = "yes")]
    pub closed: bool,
    /// Further words for `ssh`, as `ansible_ssh_common_args` has them.
    #[serde(default)]
    pub args: String,
    /// `ansible_user`.
    pub user: Option<String>,
    /// `ansible_port`.
    pub port: Option<String>,
    /// `ansible_ssh_private_key_file`.
    pub private_key_file: Option<String>,
    /// The client's keys: file names, and which key they hold in which form.
    #[serde(default = "default_keys")]
    pub keys: BTreeMap<String, String>,
    /// `IdentityFile` lines that are appended.
    #[serde(default = "default_identities")]
    pub identities: Vec<String>,
    /// Certificates: file names, and what they certify.
    #[serde(default)]
    pub certificates: BTreeMap<String, String>,
    /// Other files.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Those of them that everybody may write.
    #[serde(default)]
    pub open_files: Vec<String>,
    /// The file `known_hosts`.
    #[serde(default = "default_known_hosts")]
    pub known_hosts: String,
    /// Whether `ssh-keygen -H` hashes it first.
    #[serde(default)]
    pub hashed: bool,
    /// Key files that an agent holds.
    pub agent: Option<Vec<String>>,
    /// Whether `SSH_AUTH_SOCK` names the agent.
    #[serde(default = "yes")]
    pub agent_in_environment: bool,
    /// The client's environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Whether the home directory of the user database and `/etc/ssh` are `home/` and `etc/` of the sandbox, and no
    /// configuration is named.
    #[serde(default)]
    pub default_places: bool,
    /// The host.
    #[serde(default)]
    pub server: ServerCase,
    /// The jump host.
    pub jump: Option<ServerCase>,
}

/// A server of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerCase {
    /// Lines of `authorized_keys`.
    pub authorized: Vec<String>,
    /// Keys it proves itself with.
    pub host_keys: Vec<String>,
    /// What certifies the first of them.
    pub certificate: Option<String>,
    /// Further lines of `sshd_config`.
    pub config: String,
}

impl Default for ServerCase {
    fn default() -> Self {
        Self {
            authorized: vec!["{pub:ed25519.id}".into()],
            host_keys: vec!["ed25519.host".into()],
            certificate: None,
            config: String::new(),
        }
    }
}

/// Who connects when nobody is told to.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    #[default]
    Native,
    OpenSsh,
}

/// Every case, in the order of the table.
pub fn all() -> Vec<Case> {
    let files = [
        ("addresses", include_str!("cases/addresses.yml")),
        ("agents", include_str!("cases/agents.yml")),
        ("algorithms", include_str!("cases/algorithms.yml")),
        ("certificates", include_str!("cases/certificates.yml")),
        ("config", include_str!("cases/config.yml")),
        ("default_places", include_str!("cases/default_places.yml")),
        ("host_certificates", include_str!("cases/host_certificates.yml")),
        ("jumps", include_str!("cases/jumps.yml")),
        ("keys", include_str!("cases/keys.yml")),
        ("known_hosts", include_str!("cases/known_hosts.yml")),
        ("openssh", include_str!("cases/openssh.yml")),
        ("words", include_str!("cases/words.yml")),
    ];
    let read = |(name, text)| serde_yaml::from_str(text).unwrap_or_else(|error| panic!("cases/{name}.yml: {error}"));
    files.into_iter().flat_map(|file| -> Vec<Case> { read(file) }).collect()
}

fn yes() -> bool {
    true
}

fn default_host() -> String {
    "web".into()
}

fn default_keys() -> BTreeMap<String, String> {
    BTreeMap::from([("id".into(), "ed25519.id".into())])
}

fn default_identities() -> Vec<String> {
    vec!["id".into()]
}

fn default_known_hosts() -> String {
    "[127.0.0.1]:{port} {pub:ed25519.host}\n".into()
}
