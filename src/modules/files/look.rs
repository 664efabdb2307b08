//! What paths of a host are: the probe `look` and its answer.

use std::ffi::OsString;

use crate::modules::{Answer, ModuleError, Question, TaskResult, probes};
use crate::template::Value;

use super::{attributes::Attributes, mode, paths};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct LookCall {
    /// The checksum program: `sha1sum`; empty for none.
    pub checksum: String,
    /// `a` for the flags of `lsattr`, `m` for MIME types, `d` to count a directory's entries.
    pub options: String,
    /// Reads the content of the first of them that is a file, when it is not larger.
    pub content: usize,
    /// Looked up: the owner asked for.
    pub owner: String,
    /// Looked up: the group asked for.
    pub group: String,
    /// The paths.
    pub paths: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The login's umask.
    pub umask: u32,
    /// The login's user and group.
    pub login: (u32, u32),
    /// Number of the owner asked for, if there is one.
    pub uid: Option<u32>,
    /// Number of the group asked for, if there is one.
    pub gid: Option<u32>,
    /// Whether `SELinux` is in use.
    pub selinux: bool,
    /// The paths, in the order of the call.
    pub paths: Vec<PathState>,
    /// What the first file of them holds, when it was asked for and is small enough.
    pub content: Option<Vec<u8>>,
}

/// What a path is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathState {
    /// The path with `~` and variables expanded.
    pub name: String,
    /// Itself; none when nothing is there.
    pub stat: Option<Stat>,
    /// Where it leads, for symbolic links.
    pub link: Option<Leads>,
    /// `SELinux` context; empty without.
    pub context: String,
    /// What `lsattr -v` says: version and flags.
    pub flags: String,
    /// The checksum of the file; empty for everything else.
    pub checksum: String,
    /// MIME type and encoding, as `file` says.
    pub mime: String,
    /// Whether a directory holds anything, when asked for.
    pub is_filled: Option<bool>,
    /// What the login may do: `r`, `w`, `x`; `D` when the directory above is there, `W` when that may be written.
    pub access: String,
}

/// Where a symbolic link leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leads {
    /// As the link says.
    pub target: String,
    /// The real path; empty when it cannot be known.
    pub real: String,
    /// What is there; none when nothing is.
    pub stat: Option<Stat>,
}

/// The numbers of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Type and permission bits.
    pub bits: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Hard links.
    pub nlink: u64,
    /// Inode.
    pub inode: u64,
    /// Device.
    pub dev: u64,
    /// Blocks.
    pub blocks: u64,
    /// Size of a block for input and output.
    pub block_size: u64,
    /// Device type, for devices.
    pub rdev: (u64, u64),
    /// Times of access, modification, change, in seconds since 1970.
    pub times: [f64s; 3],
    /// The time of modification as the host writes it.
    pub mtime_text: String,
    /// The time of access as the host writes it.
    pub atime_text: String,
    /// Name of the owner; its number where it has none.
    pub owner: String,
    /// Name of the group; its number where it has none.
    pub group: String,
}

/// Seconds and billionths, so that states can be compared.
#[expect(non_camel_case_types, reason = "stands in for a primitive")]
pub type f64s = (i64, u32);

impl LookCall {
    /// Looks at paths and nothing else.
    pub fn at<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// With SHA-1 checksums.
    #[must_use]
    pub fn sha1(self) -> Self {
        Self { checksum: "sha1sum".to_owned(), ..self }
    }

    /// With the content of the first path that is a file.
    #[must_use]
    pub fn content(self, limit: usize) -> Self {
        Self { content: limit, ..self }
    }

    /// With what `attributes` must know.
    #[must_use]
    pub fn attributes(mut self, attributes: &Attributes) -> Self {
        self.owner = attributes.owner.clone().unwrap_or_default();
        self.group = attributes.group.clone().unwrap_or_default();
        if attributes.flags.is_some() {
            self.options.push('a');
        }
        self
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> Question {
        let mut words: Vec<OsString> = vec![
            self.checksum.as_str().into(),
            self.options.as_str().into(),
            self.content.to_string().into(),
            self.owner.as_str().into(),
            self.group.as_str().into(),
        ];
        words.extend(self.paths.iter().map(Into::into));
        let mut question = Question::new(&probes::LOOK, words);
        question.limit = question.limit.max(self.content + 64 * 1024);
        question
    }
}

/// Fields that end with NUL.
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Reads fields from bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field.
    ///
    /// # Errors
    /// When there is none.
    pub fn text(&mut self) -> Result<String, ModuleError> {
        let end = memchr::memchr(0, self.rest)
            .ok_or_else(|| ModuleError::new("the host's answer is not complete; its `stat` may be missing"))?;
        let (field, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(String::from_utf8_lossy(field).into_owned())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl Look {
    /// Reads the answer to `call`.
    ///
    /// # Errors
    /// When the probe failed or its answer makes no sense.
    pub fn read(call: &LookCall, answer: &Answer) -> Result<Self, ModuleError> {
        if answer.rc != 0 {
            return Err(ModuleError::new(format!("the host could not be asked: {}", answer.errors().trim())));
        }
        let mut fields = Fields::new(&answer.stdout);
        let umask = u32::from_str_radix(fields.text()?.trim(), 8).unwrap_or(0o022);
        let login = fields.text()?;
        let (user, group) = login.trim().split_once(' ').unwrap_or_default();
        let login = (user.parse().unwrap_or_default(), group.parse().unwrap_or_default());
        let uid = fields.text()?.trim().parse().ok();
        let gid = fields.text()?.trim().parse().ok();
        let selinux = !fields.text()?.is_empty();
        let paths = call.paths.iter().map(|_| PathState::read(&mut fields)).collect::<Result<_, _>>()?;
        let content = (fields.text()? == "1").then(|| fields.rest().to_vec());
        Ok(Self { umask, login, uid, gid, selinux, paths, content })
    }
}

impl PathState {
    /// Reads one path's fields.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn read(fields: &mut Fields<'_>) -> Result<Self, ModuleError> {
        let name = fields.text()?;
        let stat = Stat::read(&fields.text()?);
        let target = fields.text()?;
        let beyond = Stat::read(&fields.text()?);
        let real = fields.text()?;
        let link = stat.as_ref().is_some_and(Stat::is_link).then_some(Leads { target, real, stat: beyond });
        Ok(Self {
            name,
            stat,
            link,
            context: fields.text()?,
            flags: fields.text()?,
            checksum: fields.text()?,
            mime: fields.text()?,
            is_filled: Some(fields.text()?).filter(|text| !text.is_empty()).map(|text| text != "0"),
            access: fields.text()?,
        })
    }

    /// Whether something is there, a broken link as well.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.stat.is_some()
    }

    /// What is there beyond links.
    #[must_use]
    pub fn followed(&self) -> Option<&Stat> {
        match &self.link {
            Some(link) => link.stat.as_ref(),
            None => self.stat.as_ref(),
        }
    }

    /// Whether it is a directory, also through links.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.followed().is_some_and(Stat::is_directory)
    }

    /// Whether it is a file, also through links.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.followed().is_some_and(Stat::is_file)
    }

    /// Whether the directory above is there.
    #[must_use]
    pub fn has_parent(&self) -> bool {
        self.access.contains('D')
    }

    /// The state with the link followed: another path, and what is there.
    #[must_use]
    pub fn follow(&self) -> Self {
        match &self.link {
            Some(link) => Self { name: link.real.clone(), stat: link.stat.clone(), link: None, ..self.clone() },
            None => self.clone(),
        }
    }

    /// `file`, `directory`, `link`, `hard` or `absent`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.stat {
            None => "absent",
            Some(stat) if stat.is_link() => "link",
            Some(stat) if stat.is_directory() => "directory",
            Some(stat) if stat.nlink > 1 => "hard",
            Some(_) => "file",
        }
    }

    /// What a writer passes along, so that it notices what happened since; empty when nothing was there.
    #[must_use]
    pub fn guard(&self) -> String {
        let stat = self.stat.as_ref();
        stat.map_or_else(String::new, |stat| format!("{} {} {} {}", stat.dev, stat.inode, stat.size, stat.mtime_text))
    }

    /// Adds what results say about their path: owner, group, mode, size, state.
    #[must_use]
    pub fn describe(&self, mut result: TaskResult) -> TaskResult {
        let (Some(stat), Some(_)) = (&self.stat, self.followed()) else { return result };
        for (name, value) in [
            ("uid", Value::from(i64::from(stat.uid))),
            ("gid", Value::from(i64::from(stat.gid))),
            ("owner", stat.owner.as_str().into()),
            ("group", stat.group.as_str().into()),
            ("mode", mode::show(stat.permissions()).into()),
            ("state", self.state().into()),
        ] {
            result = result.field(name, value);
        }
        if !self.context.is_empty() {
            result = result.field("secontext", self.context.as_str());
        }
        result.field("size", i64::try_from(stat.size).unwrap_or(i64::MAX))
    }

    /// The path of the directory above.
    #[must_use]
    pub fn parent(&self) -> &str {
        paths::parent(&self.name)
    }
}

impl Stat {
    /// Reads the fields of one `stat` call; none where they make no sense.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let numbers: Vec<&str> = parts.next()?.split(' ').collect();
        let [access, modification, change] = [parts.next()?, parts.next()?, parts.next()?];
        let (owner, group) = (parts.next()?, parts.next()?);
        let number = |index: usize| numbers.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        let hex =
            |index: usize| numbers.get(index).and_then(|text| u64::from_str_radix(text, 16).ok()).unwrap_or_default();
        let id = |index: usize| u32::try_from(number(index)).unwrap_or(u32::MAX);
        let seconds = |index: usize| numbers.get(index).and_then(|text| text.parse().ok()).unwrap_or_default();
        let named = |name: &str, id: u32| if name == "UNKNOWN" { id.to_string() } else { name.to_owned() };
        Some(Self {
            bits: u32::try_from(hex(0)).ok()?,
            uid: id(1),
            gid: id(2),
            size: number(3),
            nlink: number(4),
            inode: number(5),
            dev: number(6),
            blocks: number(7),
            block_size: number(8),
            rdev: (hex(9), hex(10)),
            times: [
                (seconds(11), fraction(access)),
                (seconds(12), fraction(modification)),
                (seconds(13), fraction(change)),
            ],
            mtime_text: modification.to_owned(),
            atime_text: access.to_owned(),
            owner: named(owner, id(1)),
            group: named(group, id(2)),
        })
    }

    /// The permission bits.
    #[must_use]
    pub fn permissions(&self) -> u32 {
        self.bits & 0o7777
    }

    /// The type: the upper bits.
    #[must_use]
    pub fn kind(&self) -> u32 {
        self.bits & 0o170_000
    }

    /// Whether it is a symbolic link.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.kind() == 0o120_000
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.kind() == 0o040_000
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind() == 0o100_000
    }
}

/// The billionths of `2026-11-24 16:50:15.123456789 +0000`.
fn fraction(time: &str) -> u32 {
    let digits = time.split_once('.').map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
    digits.get(..9).unwrap_or(digits).parse().unwrap_or_default()
}
