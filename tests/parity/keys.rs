//! Keys and certificates: made by `ssh-keygen` once, when a case first names them.
//!
//! A key's name is its type, a dot and a word that tells it from others: `ed25519.id`, `rsa2048.host`.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use super::common::{require, run};
use tempfile::TempDir;

/// The passphrase of keys that have one.
const PASSPHRASE: &str = "correct horse";

/// All keys of the table.
pub struct KeyStore {
    directory: TempDir,
    keygen: String,
    keys: Mutex<HashMap<String, Arc<OnceLock<()>>>>,
    names: Mutex<HashMap<String, String>>,
}

impl KeyStore {
    pub fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("opsctl-keys-").tempdir().unwrap();
        let keygen = require("ssh-keygen", "openssh-client");
        Self { directory, keygen, keys: Mutex::default(), names: Mutex::default() }
    }

    /// The private key called `name`.
    pub fn private(&self, name: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        let made = Arc::clone(self.keys.lock().unwrap().entry(name.to_owned()).or_default());
        made.get_or_init(|| self.generate(name, &path));
        path
    }

    /// The public key called `name`, as type and base64.
    pub fn public(&self, name: &str) -> String {
        let path = self.private(name).with_file_name(format!("{name}.pub"));
        fs::read_to_string(path).unwrap().trim().to_owned()
    }

    /// The name of the key with a fingerprint, or the fingerprint.
    pub fn name_of(&self, fingerprint: &str) -> String {
        self.names.lock().unwrap().get(fingerprint).cloned().unwrap_or_else(|| fingerprint.to_owned())
    }

    /// Puts each known public key's name into the place of its base64.
    pub fn with_names(&self, text: &str) -> String {
        let names: Vec<String> = self.names.lock().unwrap().values().cloned().collect();
        names.iter().fold(text.to_owned(), |text, name| {
            let public = self.public(name);
            text.replace(public.split(' ').nth(1).unwrap(), name)
        })
    }

    fn generate(&self, name: &str, path: &Path) {
        let kind = name.split('.').next().unwrap();
        let bits: String = kind.chars().filter(char::is_ascii_digit).collect();
        let kind = kind.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let mut command = Command::new(&self.keygen);
        match kind {
            "ed" => command.args(["-t", "ed25519"]),
            kind => command.args(["-t", kind, "-b", &bits]),
        };
        run(command.args(["-q", "-N", "", "-C", "", "-f"]).arg(path)).expect(0);
        let shown = run(Command::new(&self.keygen).args(["-l", "-f"]).arg(path)).expect(0).text();
        let fingerprint = shown.split(' ').nth(1).unwrap().to_owned();
        self.names.lock().unwrap().insert(fingerprint, name.to_owned());
    }

    /// Writes the key that `words` describe to `path`: its name, and then what is odd about it.
    ///
    /// `pem` and `pkcs8` are forms, `locked` has a passphrase, `private` and `public` are one half alone, `open` may be
    /// read by all, `beside:NAME` has another key's public half beside it, `broken` is no key at all.
    pub fn place(&self, words: &str, path: &Path) {
        let (name, odd) = words.split_once(' ').unwrap_or((words, ""));
        fs::copy(self.private(name), path).unwrap();
        let public = PathBuf::from(format!("{}.pub", path.display()));
        fs::write(&public, self.public(name) + "\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        for word in odd.split_whitespace() {
            match word {
                "pem" => self.change(path, &["-m", "PEM", "-N", ""]),
                "pkcs8" => self.change(path, &["-m", "PKCS8", "-N", ""]),
                "locked" => self.change(path, &["-N", PASSPHRASE]),
                "private" => fs::remove_file(&public).unwrap(),
                "public" => fs::remove_file(path).unwrap(),
                "open" => fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap(),
                "broken" => fs::write(path, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n").unwrap(),
                other => match other.split_once(':') {
                    Some(("beside", name)) => fs::write(&public, self.public(name) + "\n").unwrap(),
                    _ => panic!("unknown word about a key: {other}"),
                },
            }
        }
    }

    fn change(&self, path: &Path, words: &[&str]) {
        run(Command::new(&self.keygen).args(["-q", "-p"]).args(words).args(["-f"]).arg(path)).expect(0);
    }

    /// Writes the certificate that `words` describe to `path`: `ca=NAME key=NAME`, and then `host`, `for=NAMES`,
    /// `valid=INTERVAL`, `sign=ALGORITHM`.
    pub fn certify(&self, words: &str, path: &Path) {
        let mut command = Command::new(&self.keygen);
        command.args(["-q", "-I", "certified"]);
        let mut key = None;
        for word in words.split_whitespace() {
            match word.split_once('=').unwrap_or((word, "")) {
                ("ca", name) => command.arg("-s").arg(self.private(name)),
                ("key", name) => {
                    key = Some(self.public(name));
                    &mut command
                }
                ("host", _) => command.arg("-h"),
                ("for", names) => command.args(["-n", names]),
                ("valid", interval) => command.args(["-V", interval]),
                ("sign", algorithm) => command.args(["-t", algorithm]),
                (other, _) => panic!("unknown word about a certificate: {other}"),
            };
        }
        let subject = format!("{}.subject", path.display());
        fs::write(format!("{subject}.pub"), key.expect("a certificate has a key=") + "\n").unwrap();
        run(command.arg(format!("{subject}.pub"))).expect(0);
        fs::remove_file(format!("{subject}.pub")).unwrap();
        fs::rename(format!("{subject}-cert.pub"), path).unwrap();
    }
}
