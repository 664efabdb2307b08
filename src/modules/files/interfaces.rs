//! `/etc/network/interfaces` and files like it.

/// Options that may stand several times.
pub const SEVERAL: [&str; 4] = ["pre-up", "up", "down", "post-up"];

/// A file of interfaces.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    text: String,
    /// The interface and address family that it belongs to.
    interface: Option<(String, Option<String>)>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Other,
    Interface,
    Option { name: String, value: String },
}

/// An interface: address family, method, and its options.
pub type Described = (String, Option<String>, Option<String>, Vec<(String, String)>);

impl Interfaces {
    /// Reads a text.
    ///
    /// # Errors
    /// With the line that stands where it means nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = Vec::new();
        // None before the first stanza; then the interface, if the stanza is one.
        let mut stanza: Option<Option<(String, Option<String>)>> = None;
        for (number, text) in text.split_inclusive('\n').enumerate() {
            let words: Vec<&str> = text.split_whitespace().collect();
            let mut line = Line { text: text.to_owned(), interface: None, what: What::Other };
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                [
                    "mapping" | "source" | "source-dir" | "source-directory" | "auto" | "no-auto-down" | "no-scripts",
                    ..,
                ] => {
                    stanza = Some(None);
                }
                [first, ..] if first.starts_with("allow-") => stanza = Some(None),
                ["iface", name, rest @ ..] => {
                    line.interface = Some(((*name).to_owned(), rest.first().map(|family| (*family).to_owned())));
                    line.what = What::Interface;
                    stanza = Some(line.interface.clone());
                }
                [name, ..] => match &stanza {
                    None => return Err(format!("misplaced option {text} in line {}", number + 1)),
                    Some(None) => {}
                    Some(interface) => {
                        let value = text.trim_start()[name.len()..].trim().to_owned();
                        line.interface.clone_from(interface);
                        line.what = What::Option { name: (*name).to_owned(), value };
                    }
                },
            }
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The interfaces; of those of one name the last.
    #[must_use]
    pub fn describe(&self) -> Vec<Described> {
        let mut all: Vec<Described> = Vec::new();
        for line in &self.lines {
            match (&line.what, &line.interface) {
                (What::Interface, Some((name, family))) => {
                    let method = line.text.split_whitespace().nth(3).map(str::to_owned);
                    all.retain(|(known, ..)| known != name);
                    all.push((name.clone(), family.clone(), method, Vec::new()));
                }
                (What::Option { name, value }, Some(_)) => {
                    let Some((.., options)) = all.last_mut() else { continue };
                    options.push((name.clone(), value.clone()));
                }
                _ => {}
            }
        }
        all
    }

    fn places(&self, interface: &str, family: Option<&str>) -> Vec<usize> {
        let fits = |line: &Line| {
            line.interface.as_ref().is_some_and(|(name, of)| {
                name == interface && family.is_none_or(|family| of.as_deref() == Some(family))
            })
        };
        (0..self.lines.len()).filter(|place| fits(&self.lines[*place])).collect()
    }

    /// Sets an option, or without a value takes it away.
    ///
    /// # Errors
    /// When there is no such interface.
    pub fn set(
        &mut self,
        of: (&str, Option<&str>),
        option: &str,
        value: Option<&str>,
        present: bool,
    ) -> Result<(), String> {
        let (interface, family) = of;
        let places = self.places(interface, family);
        let Some(last) = places.last().copied() else { return Err(format!("Error: interface {interface} not found")) };
        let found = |line: &Line| match &line.what {
            What::Option { name, value } if name == option => Some(value.clone()),
            _ => None,
        };
        let there: Vec<(usize, String)> =
            places.iter().filter_map(|place| Some((*place, found(&self.lines[*place])?))).collect();
        let several = SEVERAL.contains(&option);
        if !present {
            let only = value.filter(|_| several);
            let gone: Vec<usize> = there
                .iter()
                .filter(|(_, value)| only.is_none_or(|only| only == value))
                .map(|(place, _)| *place)
                .collect();
            for place in gone.into_iter().rev() {
                self.lines.remove(place);
            }
            return Ok(());
        }
        let value = value.unwrap_or_default();
        match there.last() {
            None if option == "method" => self.set_method(&places, value),
            None => {
                let bare = places.iter().all(|place| self.lines[*place].what == What::Interface);
                self.insert(last, option, value, bare);
            }
            Some((place, _)) if several => {
                if there.iter().all(|(_, old)| old != value) {
                    self.insert(*place, option, value, false);
                }
            }
            Some((place, old)) if old != value => {
                let line = &mut self.lines[*place];
                let start = line.text.find(option).map_or(0, |start| start + option.len());
                let start = line.text[start..].find(old.as_str()).map_or(start, |found| start + found);
                line.text.replace_range(start..start + old.len(), value);
                line.what = What::Option { name: option.to_owned(), value: value.to_owned() };
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn set_method(&mut self, places: &[usize], value: &str) {
        for place in places {
            let line = &mut self.lines[*place];
            let method = line.text.split_whitespace().nth(3).map(str::to_owned);
            let (What::Interface, Some(method)) = (&line.what, method) else { continue };
            let end = line.text.trim_end().len();
            if line.text[..end].ends_with(&method) {
                line.text.replace_range(end - method.len()..end, value);
            }
        }
    }

    /// Puts an option after a line, indented as that is.
    fn insert(&mut self, after: usize, option: &str, value: &str, first: bool) {
        let line = &self.lines[after];
        let indent = line.text.len() - line.text.trim_start().len();
        let end = line.text.trim_end().len();
        let more = if first { "    " } else { "" };
        let ending = if line.text[end..].is_empty() { "\n" } else { &line.text[end..] };
        let text = format!("{}{more}{option} {value}{ending}", &line.text[..indent]);
        let what = What::Option { name: option.to_owned(), value: value.to_owned() };
        let new = Line { text, interface: line.interface.clone(), what };
        if !self.lines[after].text.ends_with('\n') {
            self.lines[after].text.push('\n');
        }
        self.lines.insert(after + 1, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "auto eth0\niface eth0 inet dhcp\n\tmtu 1500\n\tup ip route add a\n\niface eth1 inet static\n";

    fn set(option: &str, value: Option<&str>, present: bool) -> String {
        let mut file = Interfaces::parse(FILE).unwrap();
        file.set(("eth0", None), option, value, present).unwrap();
        file.text()
    }

    /// Expectations are what community.general 13's `interfaces_file` writes.
    #[test]
    fn options_are_set_and_taken_away() {
        assert_eq!(set("mtu", Some("9000"), true), FILE.replace("1500", "9000"));
        assert_eq!(set("mtu", Some("1500"), true), FILE);
        assert_eq!(set("metric", Some("1"), true), FILE.replace("add a\n", "add a\n\tmetric 1\n"));
        assert_eq!(set("up", Some("x y"), true), FILE.replace("add a\n", "add a\n\tup x y\n"));
        assert_eq!(set("up", Some("other"), false), FILE);
        assert_eq!(set("up", None, false), FILE.replace("\tup ip route add a\n", ""));
        assert_eq!(set("method", Some("manual"), true), FILE.replace("dhcp", "manual"));
        let mut file = Interfaces::parse(FILE).unwrap();
        file.set(("eth1", Some("inet")), "address", Some("10.0.0.2"), true).unwrap();
        assert_eq!(file.text(), format!("{FILE}    address 10.0.0.2\n"));
        assert!(file.set(("eth1", Some("inet6")), "address", Some("::1"), true).is_err());
        assert!(file.set(("eth9", None), "mtu", Some("1"), true).is_err());
        assert!(Interfaces::parse("mtu 1500\n").is_err());
    }
}
