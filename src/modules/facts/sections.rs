//! The answer of the probe: sections that each start with a line of U+0001 and a name.

/// The sections of an answer, in order.
#[derive(Debug, Default)]
pub struct Sections {
    sections: Vec<(String, String)>,
}

impl Sections {
    /// Takes an answer apart. What is no UTF-8 is replaced.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\n').unwrap_or(&text);
        let section = |part: &str| {
            let (name, body) = part.split_once('\n').unwrap_or((part, ""));
            (name.to_owned(), body.to_owned())
        };
        Self { sections: text.trim_start_matches('\u{1}').split("\n\u{1}").map(section).collect() }
    }

    /// Whether there is a section of this name.
    pub fn has(&self, name: &str) -> bool {
        self.sections.iter().any(|(other, _)| other == name)
    }

    /// A section's text; empty when it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.sections.iter().find(|(other, _)| other == name).map_or("", |(_, text)| text)
    }

    /// A file's content without the blanks around it; none when it is missing, unreadable or empty.
    pub fn file(&self, path: &str) -> Option<&str> {
        Some(self.get(&format!("file {path}")).trim()).filter(|text| !text.is_empty())
    }

    /// Whether a file is there, if only empty.
    pub fn has_file(&self, path: &str) -> bool {
        self.has(&format!("file {path}"))
    }

    /// The value of a `name=value` line in a section; none when it is missing or empty.
    pub fn pair(&self, section: &str, name: &str) -> Option<&str> {
        pair(self.get(section).lines(), name)
    }

    /// Whether a section holds this line.
    pub fn lists(&self, section: &str, line: &str) -> bool {
        self.get(section).lines().any(|other| other == line)
    }

    /// All sections.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sections.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// The value of a `name=value` line; none when it is missing or empty.
pub fn pair<'a>(mut lines: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::trim).filter(|value| !value.is_empty())
}

/// The blocks of a section, each started by a line `[name`.
pub fn blocks(text: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix('['), blocks.last_mut()) {
            (Some(name), _) => blocks.push((name, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    blocks.into_iter()
}
