//! Keys of `ssh-keygen`, and one host with its settings and files.

use std::path::{Path, PathBuf};
use std::process::Command;

use russh::keys::{Certificate, PublicKey, PublicKeyOrCertificate};
use tempfile::TempDir;

use super::super::{HostKeys, Peer, Trust};
use crate::transport::ssh_config::{HostKeyChecking, HostKeySettings, Settings};
use crate::transport::{ConnectError, HostKeyPolicy};

/// A directory with a user's `known_hosts` (`known`), a global one (`global`) and keys by name.
pub(super) struct Bench {
    pub(super) dir: TempDir,
    pub(super) settings: Settings,
    pub(super) peer: Peer,
}

impl Bench {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let host_keys = HostKeySettings {
            checking: HostKeyChecking::Strict,
            user_files: vec![dir.path().join("known")],
            global_files: vec![dir.path().join("global")],
            alias: None,
            hash: false,
            check_ip: false,
            skip_localhost: false,
        };
        let peer = Peer { hostname: "db".into(), port: 22, ip: Some("192.0.2.1".parse().unwrap()) };
        Self { dir, settings: settings(host_keys), peer }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs `ssh-keygen` in the directory.
    pub(super) fn keygen(&self, words: &[&str]) -> String {
        let ran = Command::new("ssh-keygen").args(words).current_dir(&self.dir).output().expect("ssh-keygen is there");
        assert!(ran.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    /// The public half, as `type base64`, of the key `name`; it is made if need be. Names begin with their type.
    pub(super) fn key(&self, name: &str) -> String {
        if !self.path(name).exists() {
            let kind = name.split('-').next().unwrap();
            let bits = match kind {
                "rsa" => ["-b", "2048"].as_slice(),
                "short" => ["-b", "1024"].as_slice(),
                "ecdsa384" => ["-b", "384"].as_slice(),
                _ => &[],
            };
            let kind = match kind {
                "short" => "rsa",
                "ecdsa384" => "ecdsa",
                kind => kind,
            };
            self.keygen(&[&["-q", "-t", kind, "-N", "", "-C", "", "-f", name], bits].concat());
        }
        let text = std::fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn shown(&self, name: &str) -> PublicKeyOrCertificate {
        PublicKey::from_openssh(&self.key(name)).unwrap().into()
    }

    pub(super) fn fingerprint(&self, name: &str) -> String {
        self.key(name);
        self.keygen(&["-lf", &format!("{name}.pub")]).split_whitespace().nth(1).unwrap().to_owned()
    }

    /// Signs the key `name` with `authority` and shows the certificate.
    pub(super) fn certificate(&self, name: &str, authority: &str, words: &[&str]) -> PublicKeyOrCertificate {
        self.key(name);
        self.key(authority);
        let public = format!("{name}.pub");
        self.keygen(&[&["-q", "-s", authority, "-I", "test"], words, &[&public]].concat());
        let path = self.path(&format!("{name}-cert.pub"));
        Certificate::from_openssh(&std::fs::read_to_string(path).unwrap()).unwrap().into()
    }

    /// Writes a file of known hosts; `{name}` stands for a key.
    pub(super) fn write(&self, file: &str, text: &str) {
        let mut parts = text.split('{');
        let mut filled = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            filled += &(self.key(name) + rest);
        }
        std::fs::write(self.path(file), filled).unwrap();
    }

    pub(super) fn known(&self) -> String {
        std::fs::read_to_string(self.path("known")).unwrap_or_default()
    }

    pub(super) fn check(&self, shown: &PublicKeyOrCertificate) -> Result<Trust, ConnectError> {
        self.check_with(&HostKeyPolicy::Strict, shown)
    }

    pub(super) fn check_with(
        &self,
        policy: &HostKeyPolicy,
        shown: &PublicKeyOrCertificate,
    ) -> Result<Trust, ConnectError> {
        HostKeys::default().check(&self.settings, policy, &self.peer, shown)
    }
}

pub(super) fn settings(host_keys: HostKeySettings) -> Settings {
    Settings { original: "DB".into(), host_keys, ..Settings::plain("db") }
}

/// In one word what a check came to.
pub(super) fn word(verdict: &Result<Trust, ConnectError>) -> &'static str {
    use crate::event::FailureKind as Kind;
    match verdict {
        Ok(Trust::Full) => "full",
        Ok(Trust::NoPasswords) => "no passwords",
        Err(error) => match error.kind {
            Kind::HostKeyUnknown => "unknown",
            Kind::HostKeyChanged if error.message.contains("revoked") => "revoked",
            Kind::HostKeyChanged if error.message.contains("IP address") => "other address",
            Kind::HostKeyChanged => "changed",
            Kind::Protocol => "unusable",
            Kind::Local => "local",
            _ => "?",
        },
    }
}

pub(super) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
