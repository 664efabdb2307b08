//! Options and sections of INI files: what `ini_file` changes.

/// What is to be in an INI file, or not to be.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each argument of the module")]
pub struct IniChange {
    /// The section; none for what stands before the first one.
    pub section: Option<String>,
    /// The options, each with the values it may have, that tell sections of the same name apart.
    pub holding: Vec<(String, Vec<String>)>,
    /// The option; none for the section as a whole.
    pub option: Option<String>,
    /// Its values.
    pub values: Vec<String>,
    /// Whether it is to be there.
    pub present: bool,
    /// Whether other lines of the option go.
    pub exclusive: bool,
    /// Writes `=` without blanks.
    pub tight: bool,
    /// Leaves lines alone that differ in blanks only.
    pub ignore_spaces: bool,
    /// Writes an option without a value as its name alone.
    pub no_value: bool,
    /// Takes commented lines for the option too.
    pub inactive: bool,
}

/// What became of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IniText {
    /// The new text; none when nothing changes.
    pub text: Option<String>,
    /// What was done, in words.
    pub message: &'static str,
}

/// A line that sets an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setting<'a> {
    comment: bool,
    equals: bool,
    value: &'a str,
}

const BLANKS: [char; 2] = [' ', '\t'];

fn setting<'a>(option: &str, line: &'a str, inactive: bool) -> Option<Setting<'a>> {
    let line = line.strip_suffix('\n').unwrap_or(line).trim_start_matches(BLANKS);
    let read = |line: &'a str, comment: bool| {
        let rest = line.strip_prefix(option)?.trim_start_matches(BLANKS);
        match rest.strip_prefix('=') {
            Some(value) => Some(Setting { comment, equals: true, value: value.trim_start_matches(BLANKS) }),
            None => rest.is_empty().then_some(Setting { comment, equals: false, value: "" }),
        }
    };
    let commented = line.strip_prefix(['#', ';']).filter(|_| inactive);
    commented.and_then(|rest| read(rest.trim_start_matches(BLANKS), true)).or_else(|| read(line, false))
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.strip_suffix('\n').unwrap_or(line).trim_start_matches(BLANKS);
    line.is_empty() || line.starts_with(['#', ';'])
}

fn is_header(line: &str, section: &str) -> bool {
    let inner = line.strip_prefix('[').map(str::trim_start).and_then(|rest| rest.strip_prefix(section.trim()));
    inner.is_some_and(|rest| rest.trim_start().starts_with(']'))
}

/// The lines of one section, its header first.
struct Section<'a> {
    change: &'a IniChange,
    lines: Vec<String>,
    /// Which of them are as they are to be.
    settled: Vec<bool>,
    values: Vec<String>,
    changed: bool,
    message: &'static str,
}

impl IniChange {
    fn line(&self, option: &str, value: Option<&str>) -> String {
        match value {
            Some(value) if self.tight => format!("{option}={value}\n"),
            Some(value) => format!("{option} = {value}\n"),
            None => format!("{option}\n"),
        }
    }

    /// Changes a text.
    #[must_use]
    pub fn apply(&self, text: &str) -> IniText {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let mut changed = false;
        match lines.last_mut() {
            None => lines.push("\n".to_owned()),
            Some(last) if !last.ends_with('\n') => {
                last.push('\n');
                changed = true;
            }
            Some(_) => {}
        }
        let place = self.find(&lines);
        let Some((start, end)) = place else {
            if !self.present {
                return IniText { text: changed.then(|| lines.concat()), message: "OK" };
            }
            let message = self.add_section(&mut lines);
            return IniText { text: Some(lines.concat()), message };
        };
        let body: Vec<String> = lines[start..end].to_vec();
        let headed = self.section.is_some();
        let mut section = Section::new(self, body, headed);
        section.settle();
        changed |= section.changed;
        let message = section.message;
        let body = section.lines.split_off(usize::from(!headed).min(section.lines.len()));
        lines.splice(start..end, body);
        IniText { text: changed.then(|| lines.concat()), message }
    }

    /// Where the lines of the section stand; those before the first header without one.
    fn find(&self, lines: &[String]) -> Option<(usize, usize)> {
        let holds = |body: &[String]| {
            self.holding.iter().all(|(option, values)| {
                let fits =
                    |setting: Setting<'_>| values.is_empty() || values.iter().any(|value| value == setting.value);
                body.iter().any(|line| setting(option, line, true).is_some_and(fits))
            })
        };
        let end_after = |start: usize| {
            lines[start..].iter().position(|line| line.starts_with('[')).map_or(lines.len(), |found| start + found)
        };
        let Some(section) = &self.section else {
            let end = end_after(0);
            return holds(&lines[..end]).then_some((0, end));
        };
        let headers = lines.iter().enumerate().filter(|(_, line)| is_header(line, section));
        let ranges = headers.map(|(start, _)| (start, end_after(start + 1)));
        ranges.into_iter().find(|(start, end)| holds(&lines[*start..*end]))
    }

    fn add_section(&self, lines: &mut Vec<String>) -> &'static str {
        if let Some(section) = &self.section {
            lines.push(format!("[{section}]\n"));
        }
        let mut values = self.values.clone();
        for (option, held) in &self.holding {
            if self.option.as_ref() != Some(option) {
                lines.extend(held.iter().map(|value| self.line(option, Some(value))));
                if held.is_empty() && self.no_value {
                    lines.push(self.line(option, None));
                }
            } else if !self.exclusive {
                let missing: Vec<String> = held.iter().filter(|value| !values.contains(value)).cloned().collect();
                values.extend(missing);
            }
        }
        match &self.option {
            Some(option) if !values.is_empty() => {
                lines.extend(values.iter().map(|value| self.line(option, Some(value))));
            }
            Some(option) if self.no_value => lines.push(self.line(option, None)),
            _ => return "only section added",
        }
        "section and option added"
    }
}

impl<'a> Section<'a> {
    fn new(change: &'a IniChange, mut lines: Vec<String>, headed: bool) -> Self {
        if !headed {
            lines.insert(0, "[]".to_owned());
        }
        let settled = vec![false; lines.len()];
        Self { change, lines, settled, values: change.values.clone(), changed: false, message: "OK" }
    }

    fn settle(&mut self) {
        let change = self.change;
        match (&change.option, change.present) {
            (Some(option), true) => {
                let bare = self.keep(option);
                if change.exclusive && !change.no_value {
                    self.replace(option);
                    self.drop_others(option);
                }
                self.insert(option, bare);
            }
            (Some(option), false) => self.remove(option),
            (None, false) => {
                self.lines.truncate(0);
                self.done("section removed");
            }
            (None, true) => {}
        }
    }

    fn done(&mut self, message: &'static str) {
        self.changed = true;
        self.message = message;
    }

    fn set(&mut self, place: usize, option: &str, line: String) {
        let inactive = setting(option, &self.lines[place], true);
        let differs = match inactive.filter(|old| self.change.ignore_spaces && !old.comment) {
            Some(old) => setting(option, &line, true).is_none_or(|new| new.value != old.value),
            None => self.lines[place] != line,
        };
        if differs {
            self.lines[place] = line;
            self.done("option changed");
        }
        self.settled[place] = true;
    }

    /// Sets lines that have one of the values; says whether the option stands there without any.
    fn keep(&mut self, option: &str) -> bool {
        let change = self.change;
        let mut bare = false;
        for place in 0..self.lines.len() {
            let Some(found) = setting(option, &self.lines[place], change.inactive) else { continue };
            if let Some(index) = self.values.iter().position(|value| value == found.value) {
                let value = self.values.remove(index);
                let named_only = value.is_empty() && change.no_value;
                bare |= named_only;
                self.set(place, option, change.line(option, Some(value.as_str()).filter(|_| !named_only)));
            } else if self.values.is_empty() && change.no_value {
                self.set(place, option, change.line(option, None));
                return true;
            }
        }
        bare
    }

    fn is_other(&self, place: usize, option: &str) -> bool {
        // A comment that names the option and sets nothing is a comment.
        let found = setting(option, &self.lines[place], self.change.inactive);
        !self.settled[place] && found.is_some_and(|found| found.equals || !found.comment)
    }

    fn replace(&mut self, option: &str) {
        for place in 0..self.lines.len() {
            if self.values.is_empty() {
                return;
            }
            if self.is_other(place, option) {
                let value = self.values.remove(0);
                self.set(place, option, self.change.line(option, Some(&value)));
            }
        }
    }

    fn drop_others(&mut self, option: &str) {
        for place in (1..self.lines.len()).rev() {
            if self.is_other(place, option) {
                self.lines.remove(place);
                self.settled.remove(place);
                self.done("option changed");
            }
        }
    }

    /// Puts what is missing after the last line that says something.
    fn insert(&mut self, option: &str, bare: bool) {
        let change = self.change;
        let new: Vec<String> = if self.values.is_empty() {
            let missing = change.no_value && !bare;
            missing.then(|| change.line(option, None)).into_iter().collect()
        } else {
            self.values.iter().map(|value| change.line(option, Some(value))).collect()
        };
        let place = self.lines.iter().rposition(|line| !is_blank_or_comment(line));
        if let (Some(place), false) = (place, new.is_empty()) {
            self.lines.splice(place + 1..=place, new);
            self.done("option added");
        }
    }

    fn remove(&mut self, option: &str) {
        let change = self.change;
        let before = self.lines.len();
        self.lines.retain(|line| {
            let found = setting(option, line, false);
            !found.is_some_and(|found| change.exclusive || change.values.iter().any(|value| value == found.value))
        });
        if self.lines.len() != before {
            self.done("option changed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(section: &str, option: &str, values: &[&str]) -> IniChange {
        IniChange {
            section: Some(section.to_owned()).filter(|section| !section.is_empty()),
            option: Some(option.to_owned()).filter(|option| !option.is_empty()),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            present: true,
            exclusive: true,
            inactive: true,
            ..IniChange::default()
        }
    }

    fn applied(change: &IniChange, text: &str) -> (Option<String>, &'static str) {
        let done = change.apply(text);
        (done.text, done.message)
    }

    /// Expectations are what community.general 13's `ini_file` writes.
    #[test]
    fn options_are_set() {
        let text = "a = 0\n[one]\n; x = 1\ny=2\n\n# end\n[two]\nx = 3\n";
        for (change, text, wanted, message) in [
            (change("one", "x", &["5"]), text, text.replace("; x = 1", "x = 5"), "option changed"),
            (change("one", "z", &["5"]), text, text.replace("y=2\n", "y=2\nz = 5\n"), "option added"),
            (change("two", "x", &["3"]), text, String::new(), "OK"),
            (change("new", "x", &["3"]), text, format!("{text}[new]\nx = 3\n"), "section and option added"),
            (change("new", "", &[]), "", "\n[new]\n".to_owned(), "only section added"),
            (change("", "b", &["1"]), text, text.replace("a = 0\n", "a = 0\nb = 1\n"), "option added"),
            (change("", "b", &["1"]), "", "b = 1\n\n".to_owned(), "option added"),
            (
                IniChange { tight: true, ..change("one", "y", &["7"]) },
                text,
                text.replace("y=2", "y=7"),
                "option changed",
            ),
            (change("two", "x", &["3", "4"]), text, text.to_owned() + "x = 4\n", "option added"),
            (
                IniChange { inactive: false, ..change("one", "x", &["5"]) },
                text,
                text.replace("y=2\n", "y=2\nx = 5\n"),
                "option added",
            ),
        ] {
            let wanted = Some(wanted).filter(|wanted| !wanted.is_empty());
            assert_eq!(applied(&change, text), (wanted, message), "{change:?}");
        }
        let spaces = IniChange { ignore_spaces: true, ..change("one", "y", &["2"]) };
        assert_eq!(applied(&spaces, text), (None, "OK"));
        let bare = IniChange { no_value: true, ..change("one", "skip", &[]) };
        assert_eq!(applied(&bare, "[one]\n"), (Some("[one]\nskip\n".to_owned()), "option added"));
        assert_eq!(applied(&bare, "[one]\nskip\n"), (None, "OK"));
    }

    #[test]
    fn options_and_sections_are_removed() {
        let text = "[one]\nx = 1\nx = 2\n[two]\nx = 3\n";
        let absent = |change| IniChange { present: false, ..change };
        let without = "[one]\n[two]\nx = 3\n".to_owned();
        assert_eq!(applied(&absent(change("one", "x", &[])), text), (Some(without), "option changed"));
        let only = IniChange { exclusive: false, ..absent(change("one", "x", &["2"])) };
        assert_eq!(applied(&only, text), (Some(text.replace("x = 2\n", "")), "option changed"));
        let section = absent(change("one", "", &[]));
        assert_eq!(applied(&section, text), (Some("[two]\nx = 3\n".to_owned()), "section removed"));
        assert_eq!(applied(&section, "[two]\n"), (None, "OK"));
        assert_eq!(applied(&section, "[two]"), (Some("[two]\n".to_owned()), "OK"));
    }

    #[test]
    fn sections_of_one_name_are_told_apart() {
        let text = "[Peer]\nIps = 1\nKey = a\n[Peer]\nIps = 2\nKey = b\n";
        let holding = vec![("Ips".to_owned(), vec!["2".to_owned()])];
        let second = IniChange { holding, ..change("Peer", "Key", &["c"]) };
        assert_eq!(applied(&second, text), (Some(text.replace("Key = b", "Key = c")), "option changed"));
        let holding = vec![("Ips".to_owned(), vec!["3".to_owned()])];
        let third = IniChange { holding, ..change("Peer", "Key", &["c"]) };
        let wanted = format!("{text}[Peer]\nIps = 3\nKey = c\n");
        assert_eq!(applied(&third, text), (Some(wanted), "section and option added"));
    }
}
