//! Checkouts of git: how one is, what its remote has, and which commands make it what it is to be.

use std::collections::BTreeMap;

use crate::modules::clients::{self, Clients};
use crate::modules::{Answer, ModuleError};

/// What a checkout is to be.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an argument of the task")]
pub struct Wanted {
    /// Branch, tag, commit or `HEAD`.
    pub version: String,
    /// Name of the remote.
    pub remote: String,
    /// Whether it has no files.
    pub bare: bool,
    /// How many commits are fetched.
    pub depth: Option<i64>,
    /// What is fetched besides.
    pub refspec: Option<String>,
    /// A repository that objects are taken from.
    pub reference: Option<String>,
    /// Where the git directory stands.
    pub separate: bool,
    /// Whether one branch alone is cloned.
    pub single_branch: bool,
    /// Whether local changes are thrown away.
    pub force: bool,
    /// Whether submodules are brought along.
    pub recursive: bool,
    /// Whether they follow their remotes.
    pub track_submodules: bool,
}

/// How a checkout is, and what its remote has.
#[derive(Clone, Debug, Default)]
pub struct State {
    clients: Clients,
    /// Object of each branch of the remote.
    heads: BTreeMap<String, String>,
    /// Object of each tag of the remote, and under `NAME^{}` the commit.
    tags: BTreeMap<String, String>,
    /// Object of each reference here.
    refs: BTreeMap<String, String>,
}

/// What a version names at the remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// The remote's own choice.
    Head,
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// A commit, or something that only a checkout knows.
    Other,
}

impl Names {
    /// What the action calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Branch => "branch",
            Self::Tag | Self::Other => "other",
        }
    }
}

impl State {
    /// Reads the answer of the probe.
    ///
    /// # Errors
    /// When git is missing, the checkout is broken, or the remote does not answer.
    pub fn read(answer: &Answer) -> Result<Self, ModuleError> {
        if answer.rc == 127 {
            return Err(clients::missing("git"));
        }
        let clients = Clients::read(answer);
        if clients.text("kind") == "bad" {
            return Err(ModuleError::new(
                "Current repo does not have a valid reference to a separate Git dir or it refers to the invalid path",
            ));
        }
        if clients.text("kind").is_empty() {
            return Err(clients::refused(answer));
        }
        for name in ["remote", "top"] {
            if let Some(said) = clients.find(name).filter(|said| said.rc != 0) {
                return Err(clients::refused(said));
            }
        }
        let mut state = Self { clients, ..Self::default() };
        let remote = state.clients.text("remote");
        for (object, name) in remote.lines().filter_map(|line| line.split_once('\t')) {
            if let Some(name) = name.strip_prefix("refs/heads/") {
                state.heads.insert(name.to_owned(), object.to_owned());
            } else if let Some(name) = name.strip_prefix("refs/tags/") {
                state.tags.insert(name.to_owned(), object.to_owned());
            }
        }
        let refs = state.clients.text("refs");
        state.refs = refs
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(object, name)| (name.to_owned(), object.to_owned()))
            .collect();
        Ok(state)
    }

    /// A line that the probe said; empty for none.
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        self.clients.text(name).trim_end().to_owned()
    }

    /// Whether there is a checkout.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.clients.text("kind") == "there"
    }

    /// Whether files were changed here.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        self.clients.text("status").lines().any(|line| !line.starts_with("??"))
    }

    /// Whether the remote's URL is another.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        let (url, repo) = (self.line("url"), self.line("repo"));
        let plain = |url: &str| url.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        !url.is_empty() && url != repo && plain(&url) != plain(&repo)
    }

    /// What a version names.
    #[must_use]
    pub fn names(&self, version: &str) -> Names {
        match version {
            "HEAD" => Names::Head,
            branch if self.heads.contains_key(branch) => Names::Branch,
            tag if self.tags.contains_key(tag) => Names::Tag,
            _ => Names::Other,
        }
    }

    /// The branch that `HEAD` means here: the one that is checked out, or the remote's.
    #[must_use]
    pub fn branch(&self, remote: &str) -> String {
        let branch = self.line("branch");
        if !branch.is_empty() {
            return branch;
        }
        let default = self.line("default");
        default.strip_prefix(&format!("{remote}/")).unwrap_or(&default).to_owned()
    }

    /// The commit that the remote has for a version.
    ///
    /// # Errors
    /// When it has none.
    pub fn remote_head(&self, wanted: &Wanted) -> Result<String, ModuleError> {
        let version = wanted.version.as_str();
        let found = match self.names(version) {
            Names::Head if self.exists() => self.heads.get(&self.branch(&wanted.remote)).cloned(),
            Names::Head => self.line("top").split_whitespace().next().map(str::to_owned),
            Names::Branch => self.heads.get(version).cloned(),
            Names::Tag => self.tags.get(&format!("{version}^{{}}")).or_else(|| self.tags.get(version)).cloned(),
            Names::Other => {
                Some(Some(self.line("wanted")).filter(|known| !known.is_empty()).unwrap_or(version.to_owned()))
            }
        };
        found.ok_or_else(|| ModuleError::new(format!("Could not determine remote revision for {version}")))
    }

    /// Whether nothing is left to do: all that the remote has is here, and the version is checked out.
    #[must_use]
    pub fn is_current(&self, wanted: &Wanted) -> bool {
        let Ok(commit) = self.remote_head(wanted) else { return false };
        let head = self.line("branch");
        let stands = match self.names(&wanted.version) {
            _ if wanted.bare => true,
            Names::Head => head == self.branch(&wanted.remote),
            Names::Branch => head == wanted.version,
            Names::Tag | Names::Other => head.is_empty(),
        };
        stands
            && commit == self.line("head")
            && !self.is_modified()
            && !self.is_moved()
            && wanted.refspec.is_none()
            && self.has_all(wanted)
            && self.has_submodules(wanted)
    }

    /// Whether all branches and tags of the remote are here; of a shallow one, whether the version is.
    fn has_all(&self, wanted: &Wanted) -> bool {
        if wanted.depth.is_some() {
            return true;
        }
        let folder = if wanted.bare { "refs/heads".to_owned() } else { format!("refs/remotes/{}", wanted.remote) };
        let has = |name: String, object: &String| self.refs.get(&name) == Some(object);
        // A clone of a single branch fetches no other.
        let all = wanted.bare || self.clients.text("fetches").lines().any(|line| line.starts_with("+refs/heads/*:"));
        let tags = self.tags.iter().filter(|(tag, _)| !tag.ends_with("^{}"));
        (!all || self.heads.iter().all(|(branch, object)| has(format!("{folder}/{branch}"), object)))
            && tags.into_iter().all(|(tag, object)| has(format!("refs/tags/{tag}"), object))
    }

    fn has_submodules(&self, wanted: &Wanted) -> bool {
        if !wanted.recursive || wanted.bare || self.clients.find("submodules").is_none() {
            return true;
        }
        let status = self.clients.said("submodules");
        !wanted.track_submodules && status.rc == 0 && status.text().lines().all(|line| line.starts_with(' '))
    }

    /// The words of `git clone`, without repository and place; and what is to be warned of.
    #[must_use]
    pub fn clone_words(&self, wanted: &Wanted) -> (Vec<String>, Option<&'static str>) {
        let named = matches!(self.names(&wanted.version), Names::Branch | Names::Tag);
        let mut words =
            if wanted.bare { vec!["--bare".to_owned()] } else { vec!["--origin".to_owned(), wanted.remote.clone()] };
        let branch = ["--branch".to_owned(), wanted.version.clone()];
        let mut warning = None;
        if let Some(depth) = wanted.depth {
            let shallow = ["--depth".to_owned(), depth.to_string()];
            if wanted.version == "HEAD" || wanted.refspec.is_some() {
                words.extend(shallow);
            } else if named {
                words.extend(shallow.into_iter().chain(branch.clone()));
            } else {
                warning = Some(
                    "Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in \
                     combination with refspec.",
                );
            }
        }
        if let Some(reference) = &wanted.reference {
            words.extend(["--reference".to_owned(), reference.clone()]);
        }
        if wanted.single_branch {
            words.push("--single-branch".to_owned());
            words.extend(branch.into_iter().filter(|_| named));
        }
        if wanted.separate {
            words.push(format!("--separate-git-dir={}", self.line("separate")));
        }
        (words, warning)
    }

    /// The words of `git fetch`.
    #[must_use]
    pub fn fetch_words(&self, wanted: &Wanted) -> Vec<String> {
        let (version, remote) = (&wanted.version, &wanted.remote);
        let mut words = Vec::new();
        let mut refspecs = Vec::new();
        if let Some(depth) = wanted.depth {
            let current = self.branch(remote);
            match (&wanted.refspec, self.names(version)) {
                (Some(refspec), _) => refspecs.push(refspec.clone()),
                (None, Names::Head) => refspecs.push(current),
                (None, Names::Branch) => {
                    if current != *version {
                        refspecs.push(format!("+refs/heads/{version}:refs/heads/{version}"));
                    }
                    refspecs.push(format!("+refs/heads/{version}:refs/remotes/{remote}/{version}"));
                }
                (None, Names::Tag) => refspecs.push(format!("+refs/tags/{version}:refs/tags/{version}")),
                (None, Names::Other) => {}
            }
            if !refspecs.is_empty() {
                words.extend(["--depth".to_owned(), depth.to_string()]);
            }
        }
        if refspecs.is_empty() {
            if wanted.bare {
                refspecs.extend(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"].map(str::to_owned));
            } else {
                words.push("--tags".to_owned());
            }
            refspecs.extend(wanted.refspec.clone());
        }
        words.extend(wanted.force.then(|| "--force".to_owned()));
        words.push(remote.clone());
        words.extend(refspecs);
        words
    }
}
