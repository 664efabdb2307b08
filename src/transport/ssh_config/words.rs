//! Reads the words that stand on the command line of `ssh`.

use std::path::Path;

use super::Doubt;
use super::caller::Caller;
use super::expand::tilde;
use super::file::{Content, read_line};
use super::found::{Found, Held, Place, Side, shown};
use super::keywords::{Begin, Entry, Keyword, Rule, look_up};
use super::proxy_jump::{Hop, Jump};
use super::value::{Value, read};

/// What the words say, in their order.
#[derive(Debug, Default)]
pub(super) struct Words {
    given: Vec<Given>,
    /// `-F`: read instead of the user's and the system's files; `none` reads no file.
    pub(super) file: Option<String>,
}

#[derive(Debug)]
enum Given {
    /// Holds if nothing before it does.
    First(&'static Entry, Value),
    /// Holds, whatever stands before it.
    Last(&'static Entry, Value),
    /// `-J`, which no other way may precede.
    Jump(&'static Entry, Value),
    /// `-o` with a directive that `IgnoreUnknown` must cover.
    Unknown(String),
}

/// Options that change nothing for a command without a terminal: ours hold instead, or they change what is said.
const NEUTRAL: &str = "24qvtTxakgM";

impl Words {
    /// Reads the words of a host; none of them may be a name or a command.
    pub(super) fn read(words: &[String], caller: &Caller) -> Result<Self, Doubt> {
        let mut read = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut letters = match word.strip_prefix('-') {
                Some(letters) if !letters.is_empty() && letters != "-" => letters,
                _ => return Err(Doubt(format!("the word `{}` among the arguments for ssh", shown(word)))),
            };
            while let Some(letter) = letters.chars().next() {
                letters = &letters[letter.len_utf8()..];
                if NEUTRAL.contains(letter) || letter == '6' {
                    read.switch(letter);
                    continue;
                }
                let odd = || Doubt(format!("-{} among the arguments for ssh", shown(&letter.to_string())));
                if !"oplieFJScmE".contains(letter) {
                    return Err(odd());
                }
                let argument = if letters.is_empty() { words.next().ok_or_else(odd)? } else { letters };
                read.option(letter, argument, caller)?;
                letters = "";
            }
        }
        Ok(read)
    }

    /// What `ssh -J` says when it starts another `ssh` for the last host on the way.
    pub(super) fn of_hop(hop: &Hop, before: &[Hop], file: Option<String>) -> Self {
        let mut given = Vec::new();
        if let Some(user) = &hop.user {
            given.push(Given::First(entry("User"), Value::Word(user.clone())));
        }
        if let Some(port) = hop.port {
            given.push(Given::First(entry("Port"), Value::Number(u32::from(port))));
        }
        if !before.is_empty() {
            given.push(Given::Jump(entry("ProxyJump"), Value::Jump(Jump::Hops(before.to_vec()))));
        }
        Self { given, file }
    }

    fn switch(&mut self, letter: char) {
        let (name, value) = match letter {
            '4' => ("AddressFamily", Value::Word("inet".to_owned())),
            '6' => ("AddressFamily", Value::Word("inet6".to_owned())),
            'x' => ("ForwardX11", Value::Flag(false)),
            'a' => ("ForwardAgent", Value::Flag(false)),
            _ => return,
        };
        self.given.push(Given::Last(entry(name), value));
    }

    fn option(&mut self, letter: char, argument: &str, caller: &Caller) -> Result<(), Doubt> {
        let odd = || Doubt(format!("-{letter} {} among the arguments for ssh", shown(argument)));
        let value = |name: &'static str| {
            let entry = entry(name);
            let quotes = argument.contains(['"', '\'', '\\', '#', ' ', '\t']);
            let value = if quotes { None } else { read(entry.kind, argument, caller) };
            value.map(|value| (entry, value)).ok_or_else(odd)
        };
        let given = match letter {
            'o' => return self.directive(argument, caller),
            'F' => {
                self.file = Some(argument.to_owned());
                return Ok(());
            }
            // Ours stand behind them.
            'S' | 'E' => return Ok(()),
            'e' => return value("EscapeChar").map(|_| ()),
            'i' => {
                let path = tilde(argument, caller).map_err(|_| odd())?;
                // OpenSSH leaves out a file that it cannot look at.
                if !Path::new(&path).exists() {
                    return Ok(());
                }
                Given::First(entry("IdentityFile"), Value::Word(path))
            }
            'l' if !argument.is_empty() && !argument.contains(['%', '$']) => {
                Given::First(entry("User"), Value::Word(argument.to_owned()))
            }
            'p' => value("Port").map(|(entry, value)| Given::First(entry, value))?,
            'J' => value("ProxyJump").map(|(entry, value)| Given::Jump(entry, value))?,
            'c' => value("Ciphers").map(|(entry, value)| Given::Last(entry, value))?,
            'm' => value("MACs").map(|(entry, value)| Given::Last(entry, value))?,
            _ => return Err(odd()),
        };
        self.given.push(given);
        Ok(())
    }

    fn directive(&mut self, argument: &str, caller: &Caller) -> Result<(), Doubt> {
        let among = |what: &str| Doubt(format!("{what} among the arguments for ssh"));
        match read_line(argument, caller).map_err(|what| among(&what))? {
            Some(Content::Set(entry, value)) => self.given.push(Given::First(entry, value)),
            Some(Content::Unknown(keyword)) => self.given.push(Given::Unknown(keyword)),
            Some(_) => return Err(among("a `Host`, `Match` or `Include`")),
            None => {}
        }
        Ok(())
    }

    /// Tells `found` what the words say; they come before all files.
    pub(super) fn apply<'a>(&'a self, found: &mut Found<'a>) -> Result<(), Doubt> {
        for given in &self.given {
            match given {
                Given::First(entry, value) => {
                    let held = Held { entry, value, place: Place::Words };
                    if entry.rule == Rule::Newer && !found.ignores(&entry.names[0].to_ascii_lowercase()) {
                        return Err(held.doubt());
                    }
                    found.take(held, Side::User)?;
                }
                Given::Last(entry, value) => {
                    let Rule::Own(keyword) = entry.rule else { continue };
                    found.replace(keyword, Held { entry, value, place: Place::Words });
                }
                Given::Jump(entry, value) => {
                    let held = Held { entry, value, place: Place::Words };
                    if found.get(Keyword::ProxyJump).or(found.get(Keyword::ProxyCommand)).is_some() {
                        return Err(held.doubt_with("another way before it"));
                    }
                    found.replace(Keyword::ProxyJump, held);
                }
                Given::Unknown(keyword) if found.ignores(keyword) => {}
                Given::Unknown(keyword) => {
                    return Err(Doubt(format!("an unknown `{}` among the arguments for ssh", shown(keyword))));
                }
            }
        }
        Ok(())
    }
}

/// The user that stands before the host's name.
pub(super) fn user(value: &Value) -> Held<'_> {
    Held { entry: entry("User"), value, place: Place::Words }
}

fn entry(name: &str) -> &'static Entry {
    match look_up(name) {
        Some(Begin::Directive(entry)) => entry,
        _ => unreachable!("{name} is in the table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(words: &[&str]) -> Result<Words, Doubt> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Words::read(&words, &Caller { home: "/h".into(), ..Caller::default() })
    }

    #[test]
    fn options_are_read_as_getopt_reads_them() {
        let words =
            read_all(&["-4vqp2222", "-l", "ops", "-oPort=1", "-F", "a", "-Fb", "-S/x", "-o", "User = x"]).unwrap();
        assert_eq!(words.file.as_deref(), Some("b"));
        let mut found = Found::new();
        words.apply(&mut found).unwrap();
        assert_eq!(found.number(Keyword::Port), Some(2222));
        assert_eq!(found.word(Keyword::User), Some("ops"));
        assert_eq!(found.word(Keyword::AddressFamily), Some("inet"));
    }

    #[test]
    fn the_last_of_some_and_the_first_of_others_holds() {
        let words = read_all(&["-o", "ForwardAgent=yes", "-a", "-c", "aes128-ctr", "-caes256-ctr", "-64"]).unwrap();
        let mut found = Found::new();
        words.apply(&mut found).unwrap();
        assert_eq!(found.flag(Keyword::ForwardAgent), Some(false));
        assert_eq!(found.word(Keyword::Ciphers), Some("aes256-ctr"));
        assert_eq!(found.word(Keyword::AddressFamily), Some("inet"));
    }

    #[test]
    fn what_native_cannot_do_is_a_doubt() {
        for words in [
            &["-A"][..],
            &["-X"],
            &["-C"],
            &["-D", "1080"],
            &["-L", "1:a:1"],
            &["-W", "a:1"],
            &["-N"],
            &["-f"],
            &["-n"],
            &["-s"],
            &["-K"],
            &["-I", "x"],
            &["-b", "a"],
            &["-P", "x"],
            &["-y"],
            &["-G"],
            &["-V"],
            &["-o"],
            &["-p"],
            &["-p", "ssh"],
            &["-p", "0"],
            &["-J", "a b"],
            &["-c", "x"],
            &["-m", ""],
            &["-e", "xx"],
            &["host"],
            &["--"],
            &["-"],
            &["-o", "Match all"],
            &["-o", "Port"],
            &["-o", "Port=x"],
            &["-é"],
            &["-l", ""],
            &["-i", "~bob/x"],
        ] {
            assert!(read_all(words).is_err(), "{words:?}");
        }
        for words in
            [&["-J", "a", "-J", "b"][..], &["-o", "ProxyCommand=x", "-J", "b"], &["-o", "Nonsense=1"], &["-oTag=x"]]
        {
            assert!(read_all(words).unwrap().apply(&mut Found::new()).is_err(), "{words:?}");
        }
        let words = read_all(&["-o", "IgnoreUnknown=non*", "-o", "Nonsense=1"]).unwrap();
        assert!(words.apply(&mut Found::new()).is_ok());
    }
}
