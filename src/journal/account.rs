//! Who a user id belongs to.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// An entry of the passwd database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// Home directory; none when the entry has no absolute one.
    pub home: Option<PathBuf>,
}

impl Account {
    /// Looks `uid` up in `/etc/passwd`, then (LDAP and the like) by `getent`.
    #[must_use]
    pub fn of(uid: u32) -> Option<Self> {
        let local = std::fs::read("/etc/passwd").unwrap_or_default();
        find(&String::from_utf8_lossy(&local), uid).or_else(|| {
            let number = uid.to_string();
            let mut getent = Command::new("getent");
            let output = getent.args(["passwd", &number]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
            find(&String::from_utf8_lossy(&output.stdout), uid)
        })
    }
}

fn find(passwd: &str, uid: u32) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, number, _, _, home, ..] = fields[..] else { return None };
        (number.parse() == Ok(uid))
            .then(|| Account { name: name.to_owned(), home: home.starts_with('/').then(|| PathBuf::from(home)) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_with_the_users_number_is_taken() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nada:x:1000:1000:Ada,,,:/home/ada:/bin/sh\nodd:x:7:7::-:\n";
        let ada = Account { name: "ada".into(), home: Some("/home/ada".into()) };
        assert_eq!(find(passwd, 1000), Some(ada));
        assert_eq!(find(passwd, 7), Some(Account { name: "odd".into(), home: None }));
        assert_eq!(find(passwd, 10), None);
    }
}
