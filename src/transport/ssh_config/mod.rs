//! Reads `ssh_config` as OpenSSH's client does, and tells whether native can do for a host exactly what it says.
//!
//! Where there is any doubt (an unknown directive, a file that ssh would refuse, a `Match exec`), the answer is
//! OpenSSH: it says itself what is wrong.

mod algorithms;
mod caller;
mod condition;
mod effective;
mod expand;
mod file;
mod found;
mod glob;
mod judge;
mod kerberos;
mod keywords;
mod line;
mod pattern;
mod proxy_jump;
mod settings;
mod syntax;
mod value;
mod words;

pub use settings::{AddressFamily, Algorithms, Authentication, HostKeyChecking, HostKeySettings, Method, Settings};

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Target, openssh};
use caller::Caller;
use effective::{Subject, connected_name};
use file::{File, Guard, Side, load};
use found::{Found, Reading};
use judge::Role;
use keywords::Keyword;
use proxy_jump::{Hop, Jump};
use value::Value;
use words::Words;

/// Who can connect to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Native can, with these settings.
    Native(Box<Settings>),
    /// Only OpenSSH's client can, or knows best what is wrong; the reason in one line, with the directive's place.
    OpenSsh(String),
}

/// Why a host is left to OpenSSH, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Doubt(String);

/// Where the system's configuration is.
const SYSTEM_FILE: &str = "/etc/ssh/ssh_config";

/// Hosts on the way to hosts on the way; OpenSSH goes on until it runs out of processes.
const HOPS: usize = 16;

/// The configuration of one run: files are read once.
#[derive(Debug)]
pub struct SshConfig {
    caller: Option<Caller>,
    system_file: PathBuf,
    files: Mutex<HashMap<Option<String>, Loaded>>,
    hops: Mutex<HashMap<Way, Result<Arc<Settings>, Doubt>>>,
    kerberos: OnceLock<bool>,
    odd_identity: OnceLock<Option<&'static str>>,
}

/// Hosts on the way, and what `-F` names.
type Way = (Vec<Hop>, Option<String>);

/// Files in the order in which they are read, or why ssh would not go on.
type Loaded = Result<Arc<[(Arc<File>, Side)]>, Doubt>;

impl SshConfig {
    /// The user's and the system's; files are read when the first host needs them.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Caller::current(), SYSTEM_FILE.into())
    }

    fn new(caller: Option<Caller>, system_file: PathBuf) -> Self {
        Self {
            caller,
            system_file,
            files: Mutex::default(),
            hops: Mutex::default(),
            kerberos: OnceLock::new(),
            odd_identity: OnceLock::new(),
        }
    }

    /// What `ssh` would do for `target`.
    #[must_use]
    pub fn resolve(&self, target: &Target) -> Resolution {
        match self.answer(target) {
            Ok(settings) => Resolution::Native(Box::new(settings)),
            Err(Doubt(reason)) => Resolution::OpenSsh(reason.replace(char::is_control, "?")),
        }
    }

    fn answer(&self, target: &Target) -> Result<Settings, Doubt> {
        if let Some(program) = &target.ssh_executable {
            return Err(Doubt(format!("ansible_ssh_executable is {program}")));
        }
        if target.private_key_file.as_ref().is_some_and(|path| path.to_str().is_none()) {
            return Err(Doubt("ansible_ssh_private_key_file is not UTF-8".to_owned()));
        }
        let caller = self.caller()?;
        let words = Words::read(&openssh::target_arguments(target), caller)?;
        let (user, host) = match target.address.rsplit_once('@') {
            Some((user, host)) => (Some(Value::Word(user.to_owned())), host),
            None => (None, target.address.as_str()),
        };
        let request = Request { words, user, host, role: Role::Destination };
        self.resolve_request(&request, caller, 0)
    }

    fn caller(&self) -> Result<&Caller, Doubt> {
        self.caller.as_ref().ok_or_else(|| Doubt("this user is not in the user database".to_owned()))
    }

    fn resolve_request(&self, request: &Request<'_>, caller: &Caller, depth: usize) -> Result<Settings, Doubt> {
        let files = self.files(request.words.file.as_deref(), caller)?;
        let mut found = Found::new();
        request.words.apply(&mut found)?;
        if let Some(value) = &request.user {
            found.take(words::user(value), Side::User)?;
        }
        let original = request.host;
        let mut reading = Reading { found: &mut found, caller, original, settled: None, wants_final: false };
        for (file, side) in files.iter() {
            reading.file(file, *side)?;
        }
        let wants_final = reading.wants_final;
        let hostname = connected_name(&found, original)?;
        if wants_final {
            let mut reading = Reading { found: &mut found, caller, original, settled: Some(&hostname), wants_final };
            for (file, side) in files.iter() {
                reading.file(file, *side)?;
            }
        }
        let subject = Subject { found: &found, original, hostname: &hostname, role: request.role };
        let mut settings = self.settings(&subject, caller)?;
        if let Some(held) = found.get(Keyword::ProxyJump)
            && let Value::Jump(Jump::Hops(hops)) = held.value
        {
            let file = request.words.file.as_deref();
            let loops = || held.doubt_with("a loop");
            if depth >= HOPS || is_itself(hops, &settings) {
                return Err(loops());
            }
            if file.is_some_and(|file| !passes_a_shell(file)) {
                return Err(held.doubt_with("a name for -F that a shell may change"));
            }
            settings.via = Some(self.hop(hops, file, caller, depth + 1)?);
        }
        Ok(settings)
    }

    /// The last host on the way, which carries those before it.
    fn hop(&self, hops: &[Hop], file: Option<&str>, caller: &Caller, depth: usize) -> Result<Arc<Settings>, Doubt> {
        let key = (hops.to_vec(), file.map(str::to_owned));
        if let Some(known) = self.hops.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let (last, before) = hops.split_last().expect("there is at least one");
        let words = Words::of_hop(last, before, file.map(str::to_owned));
        let request = Request { words, user: None, host: &last.host, role: Role::Hop };
        let resolved = self.resolve_request(&request, caller, depth).map(Arc::new);
        self.hops.lock().unwrap_or_else(PoisonError::into_inner).insert(key, resolved.clone());
        resolved
    }

    /// The files to read, each read once a run.
    fn files(&self, named: Option<&str>, caller: &Caller) -> Loaded {
        let key = named.map(str::to_owned);
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(key).or_insert_with(|| self.load(named, caller)).clone()
    }

    fn load(&self, named: Option<&str>, caller: &Caller) -> Loaded {
        let mut files = Vec::new();
        match named {
            Some(name) if name.eq_ignore_ascii_case("none") => {}
            Some(name) => {
                let file = load(Path::new(name), Side::User, Guard::Trusted, caller)?;
                files
                    .push((file.ok_or_else(|| Doubt(format!("-F {} names no file", found::shown(name))))?, Side::User));
            }
            None => {
                let user = load(&caller.at_home(".ssh/config"), Side::User, Guard::Checked, caller)?;
                let system = load(&self.system_file, Side::System, Guard::Checked, caller)?;
                files.extend(user.map(|file| (file, Side::User)));
                files.extend(system.map(|file| (file, Side::System)));
            }
        }
        Ok(files.into())
    }

    /// Whether Kerberos credentials may exist; looked at once a run.
    fn kerberos(&self, caller: &Caller) -> bool {
        *self.kerberos.get_or_init(|| kerberos::may_exist(caller))
    }

    /// A default key that only OpenSSH can use; looked at once a run.
    fn odd_identity(&self, caller: &Caller) -> Option<&'static str> {
        const NAMES: &[&str] = &["id_ecdsa_sk", "id_ed25519_sk", "id_xmss", "id_mldsa44_ed25519"];
        *self.odd_identity.get_or_init(|| {
            NAMES.iter().copied().find(|name| caller.at_home(&format!(".ssh/{name}")).symlink_metadata().is_ok())
        })
    }
}

/// One start of `ssh`.
struct Request<'a> {
    words: Words,
    /// The user that stands before the host.
    user: Option<Value>,
    host: &'a str,
    role: Role,
}

/// Whether the last host on the way is the host itself, which OpenSSH refuses.
fn is_itself(hops: &[Hop], settings: &Settings) -> bool {
    hops.last().is_some_and(|hop| {
        hop.host == settings.hostname
            && hop.port.unwrap_or(22) == settings.port
            && hop.user.as_ref().is_none_or(|user| *user == settings.user)
    })
}

/// Whether OpenSSH can pass a path through a shell unquoted.
fn passes_a_shell(path: &str) -> bool {
    !path.starts_with('-') && path.bytes().all(|c| c.is_ascii_alphanumeric() || b"/._-+@:,".contains(&c))
}

/// Reads a text as a file of `ssh_config` and settles for a host what it says, for tests that look for texts on which
/// this fails; opens nothing.
#[doc(hidden)]
pub fn parse_text(text: &[u8]) {
    let caller = Caller {
        name: "ann".to_owned(),
        uid: 1000,
        home: "/home/ann".to_owned(),
        machine: "desk.example".to_owned(),
        environment: vec![("KEYS".into(), "/keys".into())],
    };
    // What is known already is not looked for.
    let config = SshConfig {
        kerberos: OnceLock::from(false),
        odd_identity: OnceLock::from(None),
        ..SshConfig::new(None, PathBuf::new())
    };
    let Ok(file) = file::read_text(text, "text", &caller) else { return };
    let files = Ok([(Arc::new(file), Side::User)].into());
    config.files.lock().unwrap_or_else(PoisonError::into_inner).insert(None, files);
    let request = Request { words: Words::default(), user: None, host: "host", role: Role::Destination };
    let _ = config.resolve_request(&request, &caller, 0);
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;
