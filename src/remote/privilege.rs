//! Raising privilege: which command line does it, and how its password prompt is recognised.

use super::encode::quote;
use super::program;
use crate::inventory::PrivilegeMethod as Method;
use crate::secret::Secret;

/// Another user to run as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// How; `doas` takes passwords only from a terminal, so its rules must say `nopass`.
    pub method: Method,
    /// Who; `root` unless told.
    pub user: String,
    /// The password for `method`, when there is one.
    pub password: Option<Secret>,
    /// Replaces the program's name (`ansible_become_exe`).
    pub executable: Option<String>,
    /// Replaces the default flags (`ansible_become_flags`), as shell words.
    pub flags: Option<String>,
}

/// A command line that raises privilege, with what tells its stages apart.
#[derive(Clone, Debug)]
pub(super) struct Escalation {
    /// For the login shell; starts the boot line as the other user.
    pub line: String,
    /// Printed on stdout once the other user's shell runs.
    pub up: String,
    /// Printed on stderr when the password is wanted.
    pub prompt: String,
    /// Whether the program's own prompt must follow `prompt` before the password is sent.
    pub needs_native_prompt: bool,
}

impl Privilege {
    /// Builds the command line. Both tokens are random, so that no banner can look like them.
    pub(super) fn escalation(&self) -> Escalation {
        let up = format!("opsctl-up-{}", program::random_hex());
        let prompt = format!("opsctl-password-{}", program::random_hex());
        let inner = format!("/bin/sh -c {}", quote(&format!("echo {up};exec {}", program::boot_words())));
        let user = quote(&self.user);
        let line = match self.method {
            Method::Sudo => self.sudo_line(&prompt, &user, &inner),
            Method::Su => {
                let flags = self.flags.as_deref().unwrap_or("");
                let raise = format!("{} {flags} {user} -c {}", self.program("su"), quote(&inner));
                format!("exec /bin/sh -c {}", quote(&format!("printf %s {prompt} >&2;exec {raise}")))
            }
            Method::Doas => {
                let flags = self.flags.as_deref().unwrap_or("-n");
                format!("exec {} {flags} -u {user} {inner}", self.program("doas"))
            }
        };
        Escalation { line, up, prompt, needs_native_prompt: self.method == Method::Su }
    }

    fn sudo_line(&self, prompt: &str, user: &str, inner: &str) -> String {
        let flags = self.flags.as_deref().unwrap_or("-H");
        let asking = if self.password.is_some() { format!("-S -p {prompt}") } else { "-n".to_owned() };
        format!("exec {} {flags} {asking} -u {user} {inner}", self.program("sudo"))
    }

    fn program(&self, default: &str) -> String {
        self.executable.clone().unwrap_or_else(|| default.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn privilege(method: Method, password: Option<&str>) -> Privilege {
        let password = password.map(|text| Secret::new(text.into()));
        Privilege { method, user: "root".into(), password, executable: None, flags: None }
    }

    #[test]
    fn the_password_is_in_no_command_line() {
        for method in [Method::Sudo, Method::Su, Method::Doas] {
            let privilege = privilege(method, Some("hunter2"));
            assert!(!privilege.escalation().line.contains("hunter2"));
            assert!(!format!("{privilege:?}").contains("hunter2"));
        }
    }

    #[test]
    fn without_a_password_sudo_never_asks() {
        assert!(privilege(Method::Sudo, None).escalation().line.starts_with("exec sudo -H -n -u 'root' "));
    }

    #[test]
    fn the_raised_shell_announces_itself() {
        let escalation = privilege(Method::Sudo, None).escalation();
        let line = escalation.line.replace("exec sudo -H -n -u 'root' ", "");
        let output = std::process::Command::new("sh").arg("-c").arg(line).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), escalation.up);
    }
}
