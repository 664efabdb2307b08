//! Key files: the public half at once, the private half when a server wants it. Each file is read once a run.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{PrivateKey, decode_secret_key};
use tokio::sync::{OnceCell, watch};
use zeroize::Zeroizing;

use super::passphrase::Passphrases;
use super::public::Public;

/// The longest key file that is read, in bytes; OpenSSH's own limit is larger than any key.
const LONGEST_FILE: u64 = 1024 * 1024;

/// The key files of a run.
#[derive(Debug, Default)]
pub(super) struct KeyFiles(Mutex<HashMap<PathBuf, Arc<OnceCell<Arc<KeyFile>>>>>);

impl KeyFiles {
    /// The file at `path`, which need not be there.
    pub(super) async fn at(&self, path: &Path) -> Arc<KeyFile> {
        let cell = {
            let mut files = self.0.lock().expect("nothing panics while it holds this lock");
            match files.get(path) {
                Some(cell) => Arc::clone(cell),
                None => Arc::clone(files.entry(path.to_owned()).or_default()),
            }
        };
        let read = || async {
            let path = path.to_owned();
            let read = tokio::task::spawn_blocking({
                let path = path.clone();
                move || read_public(&path)
            });
            let public = read.await.ok().flatten().map(Arc::new);
            Arc::new(KeyFile { path, public, private: OnceLock::new() })
        };
        Arc::clone(cell.get_or_init(read).await)
    }
}

/// A key file, by the name of its private half.
#[derive(Debug)]
pub(super) struct KeyFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its public half, from this file or its `.pub`; none when that takes a passphrase, or there is no such file.
    pub(super) public: Option<Arc<Public>>,
    private: OnceLock<watch::Receiver<Option<Unlocked>>>,
}

/// A private key, or why there is none.
pub(super) type Unlocked = Result<Arc<PrivateKey>, Locked>;

/// Why a private key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Locked {
    /// There is no such file.
    Missing,
    /// Others than its owner may read the file.
    TooOpen,
    /// The file is in no form that this client reads.
    Unreadable,
    /// Its private half never leaves a security key.
    SecurityKey,
    /// It is encrypted, and nobody gave the right passphrase.
    Encrypted,
}

impl KeyFile {
    /// The private key; the first caller has it read, and asks for a passphrase up to `prompts` times if it takes one.
    ///
    /// A caller that gives up does not end the question: others wait for the same answer.
    pub(super) async fn private(&self, passphrases: &Arc<Passphrases>, prompts: u32) -> Unlocked {
        let mut answer = self
            .private
            .get_or_init(|| {
                let (sender, receiver) = watch::channel(None);
                let (path, passphrases) = (self.path.clone(), Arc::clone(passphrases));
                tokio::spawn(async move {
                    let unlocked = unlock(&path, &passphrases, prompts).await;
                    // Nobody waits any more: as well.
                    let _ = sender.send(Some(unlocked));
                });
                receiver
            })
            .clone();
        let unlocked = answer.wait_for(Option::is_some).await;
        unlocked.ok().and_then(|unlocked| unlocked.clone()).unwrap_or(Err(Locked::Unreadable))
    }
}

/// Why only OpenSSH's client can use the private key at `path`; none when this client can, or nobody.
pub(super) fn only_openssh(path: &Path) -> Option<String> {
    let shown = path.display();
    let unreadable = || Some(format!("{shown} is a key in a form that only ssh reads"));
    let sealed = match read_private(path) {
        Ok(sealed) => sealed,
        Err(Locked::Unreadable) => return unreadable(),
        Err(_) => return None,
    };
    if let Some(key) = openssh(&sealed.text) {
        let public = Public::from_key(key.public_key().clone());
        let security_key = public.is_some_and(|public| public.is_security_key());
        return security_key.then(|| format!("{shown} is the key of a security key"));
    }
    let is_key = sealed.text.contains("-----BEGIN ") && !sealed.text.contains("-----BEGIN DSA ");
    if is_key && !sealed.encrypted && open(&sealed, None).is_err() {
        return unreadable();
    }
    None
}

async fn unlock(path: &Path, passphrases: &Passphrases, prompts: u32) -> Unlocked {
    let sealed = Arc::new(blocking(path, read_private).await?);
    if !sealed.encrypted {
        return blocking(path, move |_| open(&sealed, None)).await;
    }
    for attempt in 0..prompts {
        let Some(passphrase) = passphrases.ask(path, attempt).await else {
            break;
        };
        let sealed = Arc::clone(&sealed);
        match blocking(path, move |_| open(&sealed, Some(passphrase.expose()))).await {
            Err(Locked::Encrypted) => {}
            done => return done,
        }
    }
    Err(Locked::Encrypted)
}

/// Key derivation takes a good part of a second, and files may lie on a slow disk.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> Result<T, Locked> + Send + 'static,
) -> Result<T, Locked> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || work(&path)).await.unwrap_or(Err(Locked::Unreadable))
}

/// The text of a private key file.
struct Sealed {
    text: Zeroizing<String>,
    encrypted: bool,
}

fn read_private(path: &Path) -> Result<Sealed, Locked> {
    let missing = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Locked::Missing,
        _ => Locked::Unreadable,
    };
    let file = File::open(path).map_err(missing)?;
    let metadata = file.metadata().map_err(missing)?;
    // As OpenSSH: what belongs to somebody else is theirs to protect.
    if metadata.uid() == rustix::process::getuid().as_raw() && metadata.mode() & 0o077 != 0 {
        return Err(Locked::TooOpen);
    }
    let text = read_text(file).ok_or(Locked::Unreadable)?;
    let encrypted = if text.contains(OPENSSH[0]) {
        openssh(&text).ok_or(Locked::Unreadable)?.is_encrypted()
    } else {
        text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")
    };
    if text.lines().any(|line| line.starts_with("DEK-Info:")) && !legacy_cipher_is_known(&text) {
        return Err(Locked::Unreadable);
    }
    Ok(Sealed { text, encrypted })
}

/// Of the encrypted forms that OpenSSL used to write, only the one that `ssh-keygen` chose for RSA can be read.
fn legacy_cipher_is_known(text: &str) -> bool {
    text.contains("DEK-Info: AES-128-CBC,") && text.contains("-----BEGIN RSA PRIVATE KEY-----")
}

fn open(sealed: &Sealed, passphrase: Option<&str>) -> Unlocked {
    if !sealed.text.contains("-----BEGIN ") {
        return Err(Locked::Unreadable);
    }
    let wrong = if passphrase.is_some() { Locked::Encrypted } else { Locked::Unreadable };
    let key = match (openssh(&sealed.text), passphrase) {
        (Some(key), Some(passphrase)) => key.decrypt(passphrase).map_err(|_| wrong)?,
        (Some(key), None) => key,
        (None, _) => decode_secret_key(&sealed.text, passphrase).map_err(|_| wrong)?,
    };
    match key.key_data() {
        KeypairData::SkEd25519(_) | KeypairData::SkEcdsaSha2NistP256(_) => Err(Locked::SecurityKey),
        KeypairData::Rsa(_) | KeypairData::Ecdsa(_) | KeypairData::Ed25519(_) => Ok(Arc::new(key)),
        _ => Err(Locked::Unreadable),
    }
}

/// What opens and closes a private key in OpenSSH's own format.
const OPENSSH: [&str; 2] = ["-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"];

/// The width of lines in OpenSSH's format, which the parser insists on and OpenSSH does not.
const LINE: usize = 70;

/// Reads OpenSSH's own format, which tells the public half of an encrypted key.
fn openssh(text: &str) -> Option<PrivateKey> {
    let (_, rest) = text.split_once(OPENSSH[0])?;
    let (body, _) = rest.split_once(OPENSSH[1])?;
    let mut pem = Zeroizing::new(String::with_capacity(text.len() + text.len() / LINE + 2));
    pem.push_str(OPENSSH[0]);
    for (index, character) in body.chars().filter(|character| !character.is_ascii_whitespace()).enumerate() {
        if index % LINE == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push('\n');
    pem.push_str(OPENSSH[1]);
    pem.push('\n');
    PrivateKey::from_openssh(pem.as_bytes()).ok()
}

/// Looks for a public half where OpenSSH does: in the file, in its `.pub`, in the envelope of a private key.
fn read_public(path: &Path) -> Option<Public> {
    let text = File::open(path).ok().and_then(read_text);
    if let Some(public) = text.as_deref().and_then(|text| public_line(text)) {
        return Some(public);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    let beside = File::open(beside).ok().and_then(read_text);
    if let Some(public) = beside.as_deref().and_then(|text| public_line(text)) {
        return Some(public);
    }
    Public::from_key(openssh(&text?)?.public_key().clone())
}

fn public_line(text: &str) -> Option<Public> {
    let lines = text.lines().take_while(|line| !line.starts_with("-----BEGIN"));
    lines.filter(|line| !line.starts_with('#')).find_map(Public::from_line)
}

fn read_text(file: File) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}
