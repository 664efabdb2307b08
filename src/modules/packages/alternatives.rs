//! What `update-alternatives --display` says, on Debian and on Red Hat.

/// A program that may take a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative {
    /// Its path.
    pub path: String,
    /// Its priority.
    pub priority: i64,
    /// Its family; only Red Hat has them.
    pub family: String,
    /// What comes along with it.
    pub subcommands: Vec<Subcommand>,
}

/// What comes along with an alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subcommand {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Where it is linked.
    pub link: String,
}

/// A group of alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternatives {
    /// `auto` or `manual`; empty when there is no group.
    pub mode: String,
    /// The alternative that is taken.
    pub current: Option<String>,
    /// Where it is linked.
    pub link: Option<String>,
    /// All of them.
    pub list: Vec<Alternative>,
}

impl Alternatives {
    /// Reads the answer; `known` are subcommands whose links are known where the answer says none.
    #[must_use]
    pub fn parse(text: &str, known: &[Subcommand]) -> Self {
        let mut group = Self::default();
        let mut links: Vec<(&str, &str)> = Vec::new();
        for line in text.lines() {
            let inner = line.trim_start();
            if let Some((path, rest)) = line.split_once(" - ").filter(|_| line.starts_with('/')) {
                group.list.extend(alternative(path, rest));
            } else if let Some((_, mode)) = line.split_once(" - ").filter(|_| group.mode.is_empty()) {
                let mode = mode.strip_prefix("status is ").unwrap_or(mode);
                mode.trim_end_matches('.').trim_end_matches(" mode").clone_into(&mut group.mode);
            } else if let Some(path) = inner.strip_prefix("link currently points to ") {
                group.current = Some(path.to_owned());
            } else if let Some((name, at)) = slave(inner).and_then(|rest| rest.split_once(": ")) {
                // The links are told before the alternatives.
                let link = links.iter().find(|(known, _)| *known == name).map(|(_, link)| (*link).to_owned());
                let link = link.or_else(|| {
                    let known = links.is_empty().then(|| known.iter().find(|known| known.name == name));
                    known.flatten().map(|known| known.link.clone())
                });
                let entry = Subcommand { name: name.to_owned(), path: at.to_owned(), link: link.unwrap_or_default() };
                if let Some(last) = group.list.last_mut().filter(|_| at != "(null)") {
                    last.subcommands.push(entry);
                }
            } else if let Some((name, link)) = slave(inner).and_then(|rest| rest.split_once(" is ")) {
                links.push((name, link));
            } else if let Some((name, link)) = inner.strip_prefix("link ").and_then(|rest| rest.split_once(" is "))
                && !name.contains(' ')
                && group.link.is_none()
            {
                group.link = Some(link.to_owned());
            }
        }
        group
    }

    /// The alternative of a path.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<&Alternative> {
        self.list.iter().find(|alternative| alternative.path == path)
    }
}

fn slave(line: &str) -> Option<&str> {
    line.strip_prefix("slave ").or_else(|| line.strip_prefix("follower "))
}

/// The rest of an alternative's line: `priority 50`, on Red Hat after `family NAME`.
fn alternative(path: &str, rest: &str) -> Option<Alternative> {
    let (family, rest) = match rest.strip_prefix("family ").and_then(|rest| rest.split_once(' ')) {
        Some((family, rest)) => (family, rest),
        None => ("", rest),
    };
    let priority = rest.strip_prefix("priority ")?.trim().parse().ok()?;
    Some(Alternative { path: path.to_owned(), priority, family: family.to_owned(), subcommands: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_red_hat_are_read() {
        let debian = "editor - auto mode\n  link best version is /bin/nano\n  link currently points to /bin/nano\n  link editor is /usr/bin/editor\n  slave editor.1.gz is /usr/share/man/man1/editor.1.gz\n/bin/ed - priority -100\n  slave editor.1.gz: /usr/share/man/man1/ed.1.gz\n/bin/nano - priority 40\n";
        let group = Alternatives::parse(debian, &[]);
        assert_eq!((group.mode.as_str(), group.current.as_deref()), ("auto", Some("/bin/nano")));
        assert_eq!(group.link.as_deref(), Some("/usr/bin/editor"));
        assert_eq!(group.of("/bin/ed").unwrap().priority, -100);
        assert_eq!(group.of("/bin/ed").unwrap().subcommands[0].link, "/usr/share/man/man1/editor.1.gz");
        assert!(group.of("/bin/nano").unwrap().subcommands.is_empty());
        let red_hat = "java - status is manual.\n link currently points to /jdk/bin/java\n/jdk/bin/java - family java-11 priority 110\n slave jre: /jdk\n slave keytool: (null)\nCurrent `best' version is /jdk/bin/java.\n";
        let known = Subcommand { name: "jre".to_owned(), path: String::new(), link: "/etc/jre".to_owned() };
        let group = Alternatives::parse(red_hat, &[known]);
        let java = group.of("/jdk/bin/java").unwrap();
        assert_eq!((group.mode.as_str(), java.family.as_str(), java.priority), ("manual", "java-11", 110));
        assert_eq!(java.subcommands, [Subcommand { name: "jre".into(), path: "/jdk".into(), link: "/etc/jre".into() }]);
        assert_eq!(Alternatives::parse("", &[]), Alternatives::default());
    }
}
