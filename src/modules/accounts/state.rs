//! How a user is, as the probe `user_state` says.

/// A user of a host, if there is one, and what else counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct UserState {
    /// Programs that are there: `useradd`, `usermod`, …
    pub tools: Vec<String>,
    /// All groups.
    pub groups: Vec<Group>,
    /// The user's entry.
    pub user: Option<User>,
    /// Whether the password is locked.
    pub locked: bool,
    /// Whether the password is the wanted one, a lock aside.
    pub same_password: bool,
    /// Days: changed, minimum, maximum, warning, inactive, expires.
    pub shadow: Vec<Option<i64>>,
    /// Whether the home is there.
    pub home: bool,
    /// The home of whoever asks: what `~` stands for.
    pub tilde: String,
    /// Whether the home's parent is there.
    pub parent: bool,
    /// The SSH key's path.
    pub key: String,
    /// Whether the private key is there.
    pub private: bool,
    /// Whether the public key is there.
    pub public: bool,
    /// The public key.
    pub public_key: Option<String>,
    /// What `ssh-keygen -l` says of the key.
    pub fingerprint: Option<String>,
}

/// An entry of the user database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Number.
    pub uid: i64,
    /// Number of the primary group.
    pub gid: i64,
    /// Comment.
    pub comment: String,
    /// Home.
    pub home: String,
    /// Login shell.
    pub shell: String,
}

/// An entry of the group database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Number.
    pub gid: i64,
    /// Members, those of whom it is the primary group aside.
    pub members: Vec<String>,
}

impl UserState {
    /// Reads the probe's answer; what it does not know is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut state = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "tool" => state.tools.push(rest.to_owned()),
                "group" => state.groups.extend(Group::parse(rest)),
                "passwd" => state.user = state.user.or_else(|| User::parse(rest)),
                "shadow" => state.shadow = rest.split(':').map(|field| field.parse().ok()).collect(),
                "locked" => state.locked = true,
                "same_password" => state.same_password = true,
                "home" => state.home = true,
                "tilde" => rest.clone_into(&mut state.tilde),
                "parent" => state.parent = true,
                "key" => rest.clone_into(&mut state.key),
                "private" => state.private = true,
                "public" => state.public = true,
                "public_key" => state.public_key = Some(rest.trim().to_owned()),
                "fingerprint" => state.fingerprint = Some(rest.trim().to_owned()),
                _ => {}
            }
        }
        state
    }

    /// A group by its number or name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        let number = name.parse::<i64>().ok();
        let numbered = self.groups.iter().find(|group| number == Some(group.gid));
        numbered.or_else(|| self.groups.iter().find(|group| group.name == name))
    }

    /// The groups that name the user.
    #[must_use]
    pub fn memberships(&self, user: &str) -> Vec<&str> {
        let member = |group: &&Group| group.members.iter().any(|member| member == user);
        self.groups.iter().filter(member).map(|group| group.name.as_str()).collect()
    }

    /// Whether a program is there.
    #[must_use]
    pub fn has_tool(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool == name)
    }

    /// A field of the shadow entry, in days.
    #[must_use]
    pub fn days(&self, index: usize) -> Option<i64> {
        self.shadow.get(index).copied().flatten()
    }
}

impl User {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [_, _, uid, gid, comment, home, shell, ..] = fields.as_slice() else { return None };
        Some(Self {
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            comment: (*comment).to_owned(),
            home: (*home).to_owned(),
            shell: (*shell).to_owned(),
        })
    }
}

impl Group {
    /// Reads an entry.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, rest @ ..] = fields.as_slice() else { return None };
        let members = rest.first().copied().unwrap_or_default().split(',').filter(|member| !member.is_empty());
        Some(Self { name: (*name).to_owned(), gid: gid.parse().ok()?, members: members.map(str::to_owned).collect() })
    }
}
