//! `os-release`, and versions in the words of release files.

/// The assignments of an `os-release` file; names in lower case.
#[derive(Debug, Default)]
pub struct OsRelease {
    entries: Vec<(String, String)>,
}

impl OsRelease {
    /// Reads a file, if there is one.
    pub fn parse(text: Option<&str>) -> Self {
        let lines = text.unwrap_or_default().lines().map(str::trim).filter(|line| !line.starts_with('#'));
        let entry = |line: &str| {
            let (name, value) = line.split_once('=')?;
            Some((name.to_lowercase(), unquote(value)))
        };
        Self { entries: lines.filter_map(entry).collect() }
    }

    /// The value of a name, also an empty one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The normalised `ID`.
    pub fn id(&self) -> String {
        let id = self.get("id").unwrap_or_default().to_lowercase().replace(' ', "_");
        match id.as_str() {
            "ol" => "oracle".to_owned(),
            "opensuse-leap" => "opensuse".to_owned(),
            _ => id,
        }
    }

    /// The name in the version: `(bookworm)`, or what follows a comma.
    pub fn codename(&self) -> Option<String> {
        let version = self.get("version")?;
        let no_digits = |name: &&str| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_digit());
        let inner = version.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(name, _)| name);
        let after = || version.split_once(',').map(|(_, rest)| rest.trim_start());
        inner.filter(no_digits).or_else(|| after().filter(no_digits)).map(str::to_owned)
    }
}

fn unquote(value: &str) -> String {
    let (mut plain, mut quote) = (String::new(), None);
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (character, Some(open)) if character == open => quote = None,
            ('\\', None | Some('"')) => plain.extend(characters.next()),
            (character, _) => plain.push(character),
        }
    }
    plain
}

/// The version in words such as `CentOS Linux release 7.9.2009 (Core)`; empty when there is none.
pub fn words_version(text: &str) -> String {
    let text = text.split('(').next().unwrap_or_default();
    let version = |word: &&str| {
        let mut bytes = word.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_digit()) && word.ends_with(|last: char| last.is_ascii_digit())
    };
    text.split_whitespace().rfind(version).unwrap_or_default().to_owned()
}

/// The most precise version, the first of several such.
pub fn best_version(versions: &[String]) -> String {
    let dots = |version: &str| version.matches('.').count();
    versions.iter().fold(String::new(), |best, version| {
        if best.is_empty() || dots(version) > dots(&best) { version.clone() } else { best }
    })
}
