//! Files of repositories, as Python's `configparser` reads and writes them.

use crate::modules::ModuleError;

/// A file: its sections and their entries, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepoFile {
    sections: Vec<(String, Vec<(String, String)>)>,
}

impl RepoFile {
    /// Reads a file; comments are dropped.
    ///
    /// # Errors
    /// When a line belongs to no section.
    pub fn parse(text: &str) -> Result<Self, ModuleError> {
        let mut file = Self::default();
        // Whether the last entry may go on in the next line.
        let mut open = false;
        for (number, line) in text.lines().enumerate() {
            let bare = line.trim();
            if bare.starts_with(['#', ';']) {
                continue;
            }
            let entries = file.sections.last_mut().map(|(_, entries)| entries);
            let last = entries.and_then(|entries| entries.last_mut()).filter(|_| open);
            match last {
                Some((_, value)) if bare.is_empty() => value.push('\n'),
                Some((_, value)) if line.starts_with([' ', '\t']) => {
                    value.push('\n');
                    value.push_str(bare);
                }
                _ if bare.is_empty() => {}
                _ => {
                    let wrong = || ModuleError::new(format!("line {} of the file makes no sense: {bare}", number + 1));
                    open = file.take(bare).ok_or_else(wrong)?;
                }
            }
        }
        for (_, value) in file.sections.iter_mut().flat_map(|(_, entries)| entries) {
            value.truncate(value.trim_end_matches('\n').len());
        }
        Ok(file)
    }

    fn take(&mut self, line: &str) -> Option<bool> {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            self.sections.push((name.to_owned(), Vec::new()));
            return Some(false);
        }
        let (_, entries) = self.sections.last_mut()?;
        let (key, value) = line.split_once(['=', ':'])?;
        entries.push((key.trim().to_lowercase(), value.trim().to_owned()));
        Some(true)
    }

    /// The sections and their entries, in order.
    #[must_use]
    pub fn sections(&self) -> &[(String, Vec<(String, String)>)] {
        &self.sections
    }

    /// Takes a section away.
    pub fn remove(&mut self, name: &str) {
        self.sections.retain(|(section, _)| section != name);
    }

    /// Adds a section at the end.
    pub fn add(&mut self, name: &str, entries: Vec<(String, String)>) {
        self.sections.push((name.to_owned(), entries));
    }

    /// Whether it has no section.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        show(&self.sections, "\n\t")
    }

    /// The text with sections and entries sorted, to compare.
    #[must_use]
    pub fn dump(&self) -> String {
        let mut sections = self.sections.clone();
        sections.sort();
        for (_, entries) in &mut sections {
            entries.sort();
        }
        show(&sections, "\n")
    }
}

fn show(sections: &[(String, Vec<(String, String)>)], next_line: &str) -> String {
    let mut text = String::new();
    for (name, entries) in sections {
        text.extend(["[", name, "]\n"]);
        for (key, value) in entries {
            text.extend([key, " = ", &value.replace('\n', next_line), "\n"]);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_written_as_python_does() {
        let text = "# gone\n[b]\nName: x\nbaseurl = one\n\ttwo\n\n[a]\nenabled=1\n";
        let mut file = RepoFile::parse(text).unwrap();
        assert_eq!(file.text(), "[b]\nname = x\nbaseurl = one\n\ttwo\n\n[a]\nenabled = 1\n\n");
        assert_eq!(file.dump(), "[a]\nenabled = 1\n\n[b]\nbaseurl = one\ntwo\nname = x\n\n");
        file.remove("b");
        file.add("c", vec![("k".to_owned(), "1\n2".to_owned())]);
        assert_eq!(file.text(), "[a]\nenabled = 1\n\n[c]\nk = 1\n\t2\n\n");
        assert!(RepoFile::parse("x=1\n").is_err());
    }
}
