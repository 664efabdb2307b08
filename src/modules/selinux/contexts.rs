//! Contexts of files, as `semanage fcontext -l` lists them.

/// The word of `semanage` and its list for each kind of file.
const KINDS: &[(&str, &str)] = &[
    ("a", "all files"),
    ("b", "block device"),
    ("c", "character device"),
    ("d", "directory"),
    ("f", "regular file"),
    ("l", "symbolic link"),
    ("p", "named pipe"),
    ("s", "socket"),
];

/// A context; `<<none>>` has its type alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The user.
    pub user: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The type.
    pub label: String,
    /// The level.
    pub level: Option<String>,
}

impl Context {
    /// `user:role:type:level`.
    #[must_use]
    pub fn show(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "None".to_owned());
        format!("{}:{}:{}:{}", part(&self.user), part(&self.role), self.label, part(&self.level))
    }
}

/// The context of a target of that kind; the last one listed counts.
#[must_use]
pub fn find(list: &str, target: &str, kind: &str) -> Option<Context> {
    let word = KINDS.iter().find(|(name, _)| *name == kind)?.1;
    let line = |line: &str| {
        let rest = line.strip_prefix(target)?.strip_prefix(' ')?.trim_start().strip_prefix(word)?;
        let context = rest.strip_prefix(' ')?.trim();
        if context.eq_ignore_ascii_case("<<none>>") {
            return Some(Context { label: "<<none>>".to_owned(), ..Context::default() });
        }
        let mut parts = context.splitn(4, ':').map(str::to_owned);
        Some(Context { user: parts.next(), role: parts.next(), label: parts.next()?, level: parts.next() })
    };
    list.lines().filter_map(line).next_back()
}

/// What a path is treated as; the last one listed counts.
#[must_use]
pub fn substitute<'a>(list: &'a str, target: &str) -> Option<&'a str> {
    let pair =
        |line: &'a str| line.split_once(" = ").filter(|(path, _)| *path == target).map(|(_, other)| other.trim());
    list.lines().filter_map(pair).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_and_substitutes_are_found() {
        let list = "SELinux fcontext     type      Context\n\n/srv/web(/.*)?      all files          system_u:object_r:httpd_sys_content_t:s0:c1,c2 \n\
            /dev/x   character device   <<None>>\n\nSELinux Local fcontext Equivalence \n\n/opt/www = /var/www\n";
        let context = find(list, "/srv/web(/.*)?", "a").unwrap();
        assert_eq!(context.show(), "system_u:object_r:httpd_sys_content_t:s0:c1,c2");
        assert_eq!(find(list, "/dev/x", "c").unwrap().label, "<<none>>");
        assert_eq!(find(list, "/srv/web(/.*)?", "d"), None);
        assert_eq!(substitute(list, "/opt/www"), Some("/var/www"));
    }
}
