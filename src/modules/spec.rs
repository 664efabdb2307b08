//! What a module is called, takes and returns: checked when a playbook is loaded, shown by `opsctl doc`.

/// A module's interface.
#[derive(Debug)]
pub struct Spec {
    /// Its short name: `copy`.
    pub name: &'static str,
    /// The collections whose full name means it: `ansible.builtin`, `community.general`, …
    pub collections: &'static [&'static str],
    /// Other short names: `yum` for `dnf`.
    pub aliases: &'static [&'static str],
    /// One sentence.
    pub summary: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
    /// How arguments depend on each other.
    pub rules: &'static [Rule],
    /// What free-form text means.
    pub free_form: FreeForm,
    /// Whether arguments that are not listed are taken too (`set_fact`, `add_host`).
    pub open: bool,
    /// The modules that further arguments are handed on to, one of which is chosen on the host or by `use`.
    pub hands_to: &'static [&'static str],
    /// What it does in check mode.
    pub check_mode: CheckMode,
    /// What its result holds besides `changed`, `failed`, `msg`.
    pub returns: &'static [Return],
}

/// A [`Spec`] to be filled in with `..BLANK`.
pub const BLANK: Spec = Spec {
    name: "",
    collections: &["ansible.builtin", "ansible.legacy"],
    aliases: &[],
    summary: "",
    arguments: &[],
    rules: &[],
    free_form: FreeForm::None,
    open: false,
    hands_to: &[],
    check_mode: CheckMode::Full,
    returns: &[],
};

/// What free-form text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeForm {
    /// Nothing: only `k=v`.
    None,
    /// A command; `creates=`, `chdir=` and the like may stand in it (`command`, `shell`, `script`).
    Command,
    /// All of it is one argument, `_raw_params` (`raw`, `meta`, `include_tasks`).
    Raw,
}

/// What a module does in check mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    /// It predicts.
    Full,
    /// It is skipped.
    Skipped,
}

/// An argument of a module.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its type.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// Its value when it is not given, as it would be written.
    pub default: Option<&'static str>,
    /// The values it may have; empty means any.
    pub choices: &'static [&'static str],
    /// One sentence.
    pub about: &'static str,
    /// Whether its value must appear nowhere.
    pub secret: bool,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text; numbers and booleans become text.
    Text,
    /// A path on the host; `~` and `$NAME` are expanded there.
    Path,
    /// A boolean, also as `yes`, `no`, `1`, …
    Bool,
    /// An integer, also as text.
    Int,
    /// A float, also as text.
    Float,
    /// Permission bits: octal as text or number, or symbolic.
    Mode,
    /// Anything.
    Raw,
    /// A list; a text becomes one, split at commas.
    List(&'static Kind),
    /// A list of dictionaries with these entries.
    DictList(&'static [Argument]),
    /// A dictionary with any entries; also JSON or `k=v` text.
    Dict,
    /// A dictionary with these entries.
    Entries(&'static [Argument]),
    /// Bytes: a number, or text such as `1M`.
    Bytes,
    /// JSON text; anything else becomes it.
    Json,
}

/// How arguments depend on each other.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At most one of these.
    Exclusive(&'static [&'static str]),
    /// At least one of these.
    OneOf(&'static [&'static str]),
    /// All of these or none.
    Together(&'static [&'static str]),
    /// When the argument has the value, all of these.
    If(&'static str, &'static str, &'static [&'static str]),
    /// When the argument has the value, at least one of these.
    IfOneOf(&'static str, &'static str, &'static [&'static str]),
    /// When the argument is given, all of these.
    By(&'static str, &'static [&'static str]),
}

/// A field of a result.
#[derive(Clone, Copy, Debug)]
pub struct Return {
    /// Its name.
    pub name: &'static str,
    /// One sentence: what it is and when it is there.
    pub about: &'static str,
}

impl Argument {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, aliases: &[], kind, required: false, default: None, choices: &[], about, secret: false }
    }

    /// An argument of any kind.
    #[must_use]
    pub const fn of(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self::new(name, kind, about)
    }

    /// Text.
    #[must_use]
    pub const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, about)
    }

    /// A path on the host.
    #[must_use]
    pub const fn path(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Path, about)
    }

    /// A boolean.
    #[must_use]
    pub const fn bool(name: &'static str, default: bool, about: &'static str) -> Self {
        Self { default: Some(if default { "true" } else { "false" }), ..Self::new(name, Kind::Bool, about) }
    }

    /// An integer.
    #[must_use]
    pub const fn int(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Int, about)
    }

    /// A list of texts.
    #[must_use]
    pub const fn list(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::List(&Kind::Text), about)
    }

    /// Makes it required.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Sets its default.
    #[must_use]
    pub const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Sets its other names.
    #[must_use]
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Sets the values it may have.
    #[must_use]
    pub const fn choices(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    /// Keeps its value out of everything shown.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

impl Spec {
    /// Whether the items of a loop may be made ready before the first one runs: those of modules that change the run
    /// itself may not, since later items see what earlier ones set.
    #[must_use]
    pub fn asks_ahead(&self) -> bool {
        const ALONE: [&str; 7] =
            ["async_status", "group_by", "include_vars", "pause", "reboot", "setup", "wait_for_connection"];
        !self.open && !ALONE.contains(&self.name)
    }

    /// Finds an argument by its name or another name for it.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().find(|argument| argument.name == name || argument.aliases.contains(&name))
    }
}
