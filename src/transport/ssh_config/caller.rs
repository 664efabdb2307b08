//! Who runs `ssh`, and where: what tokens, `~` and `${…}` stand for, whatever the host.

use std::ffi::OsString;
use std::path::PathBuf;

/// The local side of every connection of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    /// The user's name in the user database.
    pub(super) name: String,
    /// The user's number.
    pub(super) uid: u32,
    /// The home directory in the user database; OpenSSH does not ask HOME.
    pub(super) home: String,
    /// This machine's name.
    pub(super) machine: String,
    /// The environment, in its order.
    pub(super) environment: Vec<(OsString, OsString)>,
}

impl Caller {
    /// This process's; none when the user database does not know its user, as `ssh` then ends.
    pub(super) fn current() -> Option<Self> {
        let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok()??;
        Some(Self {
            name: user.name,
            uid: user.uid.as_raw(),
            home: user.dir.into_os_string().into_string().ok()?,
            machine: rustix::system::uname().nodename().to_str().ok()?.to_owned(),
            environment: std::env::vars_os().collect(),
        })
    }

    /// A variable's value, empty or not; none when it is not text.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.raw_variable(name)?.to_str()
    }

    /// Whether a variable is set.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw_variable(name).is_some()
    }

    fn raw_variable(&self, name: &str) -> Option<&OsString> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A path below the home directory.
    pub(super) fn at_home(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("{}/{path}", self.home.trim_end_matches('/')))
    }

    /// Where `~` of `Include` leads: OpenSSH's glob asks HOME first.
    pub(super) fn home_of_includes(&self) -> Option<&str> {
        if self.has("HOME") { self.variable("HOME") } else { Some(&self.home) }
    }

    /// A path as a person would write it.
    pub(super) fn shown(&self, path: &str) -> String {
        match path.strip_prefix(self.home.trim_end_matches('/')) {
            Some(rest) if rest.starts_with('/') && self.home.len() > 1 => format!("~{rest}"),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_the_home_directory_are_shown_with_a_tilde() {
        let caller = Caller { home: "/home/ann/".into(), ..Caller::default() };
        assert_eq!(caller.shown("/home/ann/.ssh/config"), "~/.ssh/config");
        assert_eq!(caller.shown("/home/anna/.ssh/config"), "/home/anna/.ssh/config");
        assert_eq!(caller.at_home(".ssh/config"), PathBuf::from("/home/ann/.ssh/config"));
    }

    #[test]
    fn this_process_has_a_user() {
        let caller = Caller::current().unwrap();
        assert!(caller.home.starts_with('/') && !caller.name.is_empty() && caller.has("PATH"));
    }
}
