//! The lines of apt's `.list` files, as `apt_repository` keeps them.

/// A file of sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it stands.
    pub path: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A line of such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether it names a source.
    pub valid: bool,
    /// Whether it is no comment.
    pub enabled: bool,
    /// The source, blanks made single.
    pub source: String,
    /// What follows a `#`.
    pub comment: String,
}

impl Line {
    /// Reads a line.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let (enabled, text) = text.strip_prefix('#').map_or((true, text), |rest| (false, rest));
        let (source, comment) = match text.find('#').filter(|place| *place > 0) {
            Some(place) => (&text[..place], text[place + 1..].trim()),
            None => (text, ""),
        };
        let words: Vec<&str> = source.split_whitespace().collect();
        let valid = matches!(words.first(), Some(&("deb" | "deb-src")));
        let source = if valid { words.join(" ") } else { source.trim().to_owned() };
        Self { valid, enabled, source, comment: comment.to_owned() }
    }

    fn text(&self) -> String {
        let sign = if self.enabled { "" } else { "# " };
        let comment = if self.comment.is_empty() { String::new() } else { format!(" # {}", self.comment) };
        format!("{sign}{}{comment}\n", self.source)
    }
}

impl SourceFile {
    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(Line::text).collect()
    }
}

/// Reads the answer of the probe: the files, and the name of the release.
#[must_use]
pub fn parse(text: &str) -> (Vec<SourceFile>, String) {
    let mut files: Vec<SourceFile> = Vec::new();
    let mut codename = String::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("@file ") {
            trim(files.last_mut());
            files.push(SourceFile { path: path.to_owned(), lines: Vec::new() });
        } else if let Some(name) = line.strip_prefix("@codename ") {
            name.clone_into(&mut codename);
        } else if let Some(file) = files.last_mut() {
            file.lines.push(Line::parse(line));
        }
    }
    trim(files.last_mut());
    (files, codename)
}

/// The probe ends each file with a line of its own.
fn trim(file: Option<&mut SourceFile>) {
    if let Some(file) = file.filter(|file| file.lines.last().is_some_and(|line| line.source.is_empty())) {
        file.lines.pop();
    }
}

/// Adds a source: enables it where it stands, else writes it to `path`.
pub fn add(files: &mut Vec<SourceFile>, source: &str, path: &str) {
    let mut found = false;
    for line in files.iter_mut().flat_map(|file| &mut file.lines).filter(|line| line.valid && line.source == source) {
        line.enabled = true;
        found = true;
    }
    if found {
        return;
    }
    let line = Line { valid: true, enabled: true, source: source.to_owned(), comment: String::new() };
    match files.iter_mut().find(|file| file.path == path) {
        Some(file) => file.lines.push(line),
        None => files.push(SourceFile { path: path.to_owned(), lines: vec![line] }),
    }
}

/// Takes a source away wherever it stands.
pub fn remove(files: &mut [SourceFile], source: &str) {
    for file in files {
        file.lines.retain(|line| !(line.valid && line.enabled && line.source == source));
    }
}

/// The name of the file for a source: made of its address.
#[must_use]
pub fn file_name(source: &str) -> String {
    let mut rest = String::new();
    let mut inside = false;
    for letter in source.chars() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if !inside => rest.push(letter),
            _ => {}
        }
    }
    let address = rest.split_whitespace().find(|word| !matches!(*word, "deb" | "deb-src")).unwrap_or_default();
    let address = address.split_once("://").map_or(address, |(_, address)| address);
    let address = address.split_once('@').map_or(address, |(_, address)| address);
    let words: Vec<&str> =
        address.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}.list", words.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_added_enabled_and_removed() {
        let (mut files, codename) =
            parse("@file /a.list\n# about\n#deb  http://x  y main # old\ndeb http://z y main\n\n@codename bookworm\n");
        assert_eq!(codename, "bookworm");
        add(&mut files, "deb http://x y main", "/b.list");
        add(&mut files, "deb http://new y main", "/b.list");
        remove(&mut files, "deb http://z y main");
        assert_eq!(files[0].text(), "# about\ndeb http://x y main # old\n");
        assert_eq!((files[1].path.as_str(), files[1].text().as_str()), ("/b.list", "deb http://new y main\n"));
    }

    #[test]
    fn files_are_named_for_the_address() {
        for (source, expected) in [
            (
                "deb [arch=amd64 signed-by=/x] https://user:pw@download.docker.com/linux/debian b stable",
                "download_docker_com_linux_debian.list",
            ),
            ("deb-src http://deb.debian.org/debian sid main", "deb_debian_org_debian.list"),
        ] {
            assert_eq!(file_name(source), expected);
        }
    }
}
