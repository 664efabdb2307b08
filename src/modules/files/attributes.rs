//! Mode, owner, group, `SELinux` context and flags: as asked for, and what must be altered to have them.

use std::ffi::OsString;

use serde_json::{Map, Value as Json};

use crate::modules::{Args, ModuleError};
use crate::template::Value;

use super::look::{Look, PathState, Stat};
use super::mode::{self, Mode};

/// The attributes that a task asks for.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// Permissions.
    pub mode: Option<Mode>,
    /// Owner: name or number.
    pub owner: Option<String>,
    /// Group: name or number.
    pub group: Option<String>,
    /// User, role, type, level of the `SELinux` context.
    pub context: [Option<String>; 4],
    /// Flags of `chattr`.
    pub flags: Option<String>,
    /// Writes in place where the file cannot be replaced.
    pub unsafe_writes: bool,
}

/// What must be altered; empty texts stand for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// Octal.
    pub mode: String,
    /// A number.
    pub owner: String,
    /// A number.
    pub group: String,
    /// `user:role:type:level`, each may be empty.
    pub context: String,
    /// With `=`, `+` or `-` in front.
    pub flags: String,
    /// What was, for the diff.
    pub before: Map<String, Json>,
    /// What is to be, for the diff.
    pub after: Map<String, Json>,
}

impl Attributes {
    /// Reads the arguments that all modules about files take.
    ///
    /// # Errors
    /// When the mode is neither octal nor symbolic.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let text = |name: &str| args.text(name).map(str::to_owned);
        let mode = args.value("mode").filter(|value| value.as_str() != Some("preserve"));
        Ok(Self {
            mode: Self::mode_of(mode)?,
            owner: text("owner"),
            group: text("group"),
            context: ["seuser", "serole", "setype", "selevel"].map(text),
            flags: text("attributes"),
            unsafe_writes: args.bool("unsafe_writes"),
        })
    }

    /// Reads a mode.
    ///
    /// # Errors
    /// When it is neither octal nor symbolic.
    pub fn mode_of(value: Option<&Value>) -> Result<Option<Mode>, ModuleError> {
        value.map(Mode::parse).transpose().map_err(ModuleError::new)
    }

    /// Whether the task asks for none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mode.is_none() && self.owner.is_none() && self.group.is_none() && self.flags.is_none() && {
            self.context.iter().all(Option::is_none)
        }
    }

    /// The number of the owner asked for.
    ///
    /// # Errors
    /// When the host knows no such user.
    pub fn uid(&self, look: &Look) -> Result<Option<u32>, ModuleError> {
        let Some(owner) = &self.owner else { return Ok(None) };
        let missing = || ModuleError::new(format!("chown failed: failed to look up user {owner}"));
        look.uid.map(Some).ok_or_else(missing)
    }

    /// The number of the group asked for.
    ///
    /// # Errors
    /// When the host knows no such group.
    pub fn gid(&self, look: &Look) -> Result<Option<u32>, ModuleError> {
        let Some(group) = &self.group else { return Ok(None) };
        let missing = || ModuleError::new(format!("chgrp failed: failed to look up group {group}"));
        look.gid.map(Some).ok_or_else(missing)
    }

    /// What must be altered at a path that is there.
    ///
    /// # Errors
    /// When the host knows no such user or group.
    pub fn fix(&self, look: &Look, state: &PathState) -> Result<Fix, ModuleError> {
        let mut fix = Fix::default();
        let Some(stat) = &state.stat else { return Ok(fix) };
        self.fix_context(look, state, &mut fix);
        if let Some(uid) = self.uid(look)?.filter(|uid| *uid != stat.uid) {
            fix.owner = uid.to_string();
            fix.differs("owner", stat.uid.into(), uid.into());
        }
        if let Some(gid) = self.gid(look)?.filter(|gid| *gid != stat.gid) {
            fix.group = gid.to_string();
            fix.differs("group", stat.gid.into(), gid.into());
        }
        self.fix_mode(look, stat, &mut fix);
        self.fix_flags(state, &mut fix);
        Ok(fix)
    }

    fn fix_mode(&self, look: &Look, stat: &Stat, fix: &mut Fix) {
        let Some(mode) = &self.mode else { return };
        let wanted = mode.bits(stat.permissions(), stat.is_directory(), look.umask);
        if stat.is_link() {
            return;
        }
        if wanted != stat.permissions() {
            fix.differs("mode", mode::show(stat.permissions()).into(), mode::show(wanted).into());
        }
        // A new owner takes the special bits away.
        if wanted != stat.permissions() || !fix.owner.is_empty() || !fix.group.is_empty() {
            fix.mode = format!("{wanted:o}");
        }
    }

    fn fix_context(&self, look: &Look, state: &PathState, fix: &mut Fix) {
        if !look.selinux || self.context.iter().all(Option::is_none) {
            return;
        }
        let current: Vec<&str> = state.context.splitn(4, ':').collect();
        let differs = |(part, wanted): (usize, &Option<String>)| {
            wanted.as_deref().is_some_and(|wanted| wanted != "_default" && current.get(part) != Some(&wanted))
        };
        if self.context.iter().enumerate().any(differs) {
            fix.context = self.context_text();
            fix.differs("secontext", state.context.as_str().into(), fix.context.clone().into());
        }
    }

    /// The context as scripts take it.
    #[must_use]
    pub fn context_text(&self) -> String {
        let parts = self.context.iter().map(|part| part.as_deref().filter(|part| *part != "_default"));
        let parts: Vec<&str> = parts.map(Option::unwrap_or_default).collect();
        if parts.iter().all(|part| part.is_empty()) { String::new() } else { parts.join(":") }
    }

    fn fix_flags(&self, state: &PathState, fix: &mut Fix) {
        let Some(flags) = &self.flags else { return };
        let (sign, names) = match flags.chars().next() {
            Some(sign @ ('+' | '-')) => (sign, &flags[1..]),
            _ => ('=', flags.as_str()),
        };
        let current = state.flags.split_whitespace().nth(1).unwrap_or_default().replace('-', "");
        if !names.is_empty() && (current != names || sign == '-') {
            fix.flags = format!("{sign}{names}");
            fix.differs("attributes", current.into(), fix.flags.clone().into());
        }
    }

    /// Whether a new file of the login does not have them anyway.
    #[must_use]
    pub fn differ_from_new(&self, look: &Look) -> bool {
        let default = 0o666 & !look.umask;
        let mode = self.mode.as_ref().is_some_and(|mode| mode.bits(default, false, look.umask) != default);
        let owner = look.uid.is_some_and(|uid| uid != look.login.0) || look.gid.is_some_and(|gid| gid != look.login.1);
        mode || owner || self.flags.is_some() || self.context.iter().any(Option::is_some) && look.selinux
    }

    /// The attributes of something new, as scripts take them: all that are asked for.
    ///
    /// # Errors
    /// When the host knows no such user or group.
    pub fn new_fix(&self, look: &Look, directory: bool) -> Result<Fix, ModuleError> {
        let number = |id: Option<u32>| id.map(|id| id.to_string()).unwrap_or_default();
        let default = if directory { 0o777 } else { 0o666 } & !look.umask;
        let mode = self.mode.as_ref().map(|mode| format!("{:o}", mode.bits(default, directory, look.umask)));
        let flags = self.flags.as_deref().unwrap_or_default();
        let sign = if flags.is_empty() || flags.starts_with(['+', '-']) { "" } else { "=" };
        Ok(Fix {
            mode: mode.unwrap_or_default(),
            owner: number(self.uid(look)?),
            group: number(self.gid(look)?),
            context: if look.selinux { self.context_text() } else { String::new() },
            flags: format!("{sign}{flags}"),
            ..Fix::default()
        })
    }
}

impl Fix {
    fn differs(&mut self, name: &str, before: Json, after: Json) {
        self.before.insert(name.to_owned(), before);
        self.after.insert(name.to_owned(), after);
    }

    /// Whether there is nothing to alter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.mode, &self.owner, &self.group, &self.context, &self.flags].iter().all(|part| part.is_empty())
    }

    /// Mode, owner, group, context, flags.
    #[must_use]
    pub fn words(&self) -> [OsString; 5] {
        [&self.mode, &self.owner, &self.group, &self.context, &self.flags].map(Into::into)
    }
}
