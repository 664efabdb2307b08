//! Messages as RFC 5322 and MIME have them: addresses, headers, parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::modules::ModuleError;

/// An address with who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who it is; empty where nothing says so.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Address {
    /// Reads `ann@example.com` or `Ann <ann@example.com>`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ModuleError> {
        let text = text.trim();
        let (name, address) = match text.rsplit_once('<') {
            Some((name, rest)) => (name.trim(), rest.trim_end().trim_end_matches('>')),
            None => ("", text),
        };
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '<' | '>');
        if address.is_empty() || !address.chars().all(plain) || name.contains(['\r', '\n']) {
            return Err(ModuleError::new(format!("`{}` is no address", text.escape_debug())));
        }
        Ok(Self { name: name.replace("\\\"", "\""), address: address.to_owned() })
    }

    /// As headers show it.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.name.is_empty() {
            return self.address.clone();
        }
        let name = match self.name.is_ascii() {
            true if self.name.chars().all(|letter| letter.is_ascii_alphanumeric() || " -_".contains(letter)) => {
                self.name.clone()
            }
            true => format!("\"{}\"", self.name.replace('\\', "\\\\").replace('"', "\\\"")),
            false => {
                encoded("utf-8", &self.name.chars().map(|letter| letter.to_string().into_bytes()).collect::<Vec<_>>())
            }
        };
        format!("{name} <{}>", self.address)
    }
}

/// How texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// All of Unicode.
    Utf8,
    /// The first 128 characters.
    Ascii,
    /// The first 256 characters.
    Latin1,
}

impl Charset {
    /// The one of that name.
    ///
    /// # Errors
    /// When it is not known here.
    pub fn of(name: &str) -> Result<Self, ModuleError> {
        match name.to_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "us-ascii" | "ascii" => Ok(Self::Ascii),
            "iso-8859-1" | "latin-1" | "latin1" => Ok(Self::Latin1),
            _ => Err(ModuleError::new(format!("charset {name} is not supported; utf-8, us-ascii and iso-8859-1 are"))),
        }
    }

    /// Its name in headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "us-ascii",
            Self::Latin1 => "iso-8859-1",
        }
    }

    fn letter(self, letter: char) -> Option<Vec<u8>> {
        let number = u32::from(letter);
        match self {
            Self::Utf8 => Some(letter.to_string().into_bytes()),
            Self::Ascii if number < 128 => Some(vec![u8::try_from(number).ok()?]),
            Self::Latin1 => Some(vec![u8::try_from(number).ok()?]),
            Self::Ascii => None,
        }
    }

    fn letters(self, text: &str) -> Result<Vec<Vec<u8>>, ModuleError> {
        let wrong = |letter: char| ModuleError::new(format!("{} has no `{letter}`", self.name()));
        text.chars().map(|letter| self.letter(letter).ok_or_else(|| wrong(letter))).collect()
    }

    /// The bytes of a text.
    ///
    /// # Errors
    /// When it has other characters.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, ModuleError> {
        Ok(self.letters(text)?.concat())
    }

    /// The value of a header: one line, or several where it is long.
    ///
    /// # Errors
    /// When it has other characters.
    pub fn header(self, text: &str) -> Result<String, ModuleError> {
        let line =
            text.split(['\r', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if line.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic())
            && line.len() < 900
            && !line.contains("=?")
        {
            return Ok(line);
        }
        Ok(encoded(self.name(), &self.letters(&line)?))
    }
}

/// Encoded words of RFC 2047, none longer than 75 characters, a line each.
fn encoded(charset: &str, letters: &[Vec<u8>]) -> String {
    const MOST: usize = 42;
    let mut words = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    for letter in letters {
        if bytes.len() + letter.len() > MOST {
            words.push(std::mem::take(&mut bytes));
        }
        bytes.extend(letter);
    }
    words.push(bytes);
    let word = |bytes: &Vec<u8>| format!("=?{charset}?B?{}?=", STANDARD.encode(bytes));
    words.iter().map(word).collect::<Vec<_>>().join("\n ")
}

/// A file of the host that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its path on the host.
    pub path: String,
    headers: String,
}

impl Part {
    /// A file as it is.
    #[must_use]
    pub fn attached(path: String) -> Self {
        let headers = "Content-Type: application/octet-stream\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n";
        let headers = format!("{headers}Content-disposition: attachment; {}\n", file_name(&path));
        Self { path, headers }
    }

    /// An image that the text shows.
    ///
    /// # Errors
    /// When its type cannot be told.
    pub fn inline(path: String, id: &str, kind: &str) -> Result<Self, ModuleError> {
        let kind = if kind.is_empty() { guess(&path) } else { Some(kind) };
        let Some(kind) = kind.filter(|kind| !kind.contains(['\r', '\n'])) else {
            let message = format!("Could not determine the MIME type of '{path}'; please set the mime_type suboption.");
            return Err(ModuleError::new(message));
        };
        if id.contains(['\r', '\n', '<', '>']) {
            return Err(ModuleError::new("cid is one line without `<` and `>`"));
        }
        let kind = kind.rsplit('/').next().unwrap_or_default();
        let headers = format!(
            "Content-Type: image/{kind}\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\nContent-ID: <{id}>\n\
             Content-Disposition: inline; {}\n",
            file_name(&path)
        );
        Ok(Self { path, headers })
    }
}

fn guess(path: &str) -> Option<&'static str> {
    let end = path.rsplit_once('.')?.1.to_lowercase();
    let kinds = [
        ("png", "image/png"),
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("gif", "image/gif"),
        ("svg", "image/svg+xml"),
        ("webp", "image/webp"),
        ("bmp", "image/bmp"),
        ("ico", "image/vnd.microsoft.icon"),
        ("tif", "image/tiff"),
        ("tiff", "image/tiff"),
    ];
    kinds.iter().find(|(known, _)| *known == end).map(|(_, kind)| *kind)
}

/// The parameter with a file's name; letters that are not ASCII as RFC 2231 has them.
fn file_name(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or_default();
    if base.chars().all(|letter| (letter.is_ascii_graphic() || letter == ' ') && !matches!(letter, '"' | '\\')) {
        return format!("filename=\"{base}\"");
    }
    let letter =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("filename*=utf-8''{}", base.bytes().map(letter).collect::<String>())
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its headers, in order; values may have several lines.
    pub headers: Vec<(String, String)>,
    /// What stands between its parts.
    pub boundary: String,
    /// The type of its text.
    pub kind: String,
    /// Its text, in base64.
    pub text: String,
    /// The files that go with it.
    pub parts: Vec<Part>,
}

impl Message {
    /// Its text without the files; and for each file the number of lines in front of it and its path, at last the number
    /// of the last lines. Lines that start with a dot have two.
    #[must_use]
    pub fn pieces(&self) -> (String, Vec<String>) {
        let boundary = &self.boundary;
        let mut piece = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\n");
        for (name, value) in &self.headers {
            piece.extend([name.as_str(), ": ", value, "\n"]);
        }
        piece.extend(["\nMultipart message\n--", boundary, "\nContent-Type: ", &self.kind]);
        piece.push_str("\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n");
        let bytes: Vec<char> = self.text.chars().collect();
        for line in bytes.chunks(76) {
            piece.extend(line.iter().chain(&['\n']));
        }
        let (mut all, mut words) = (String::new(), Vec::new());
        for part in &self.parts {
            piece.extend(["\n--", boundary, "\n", &part.headers, "\n"]);
            take(&mut piece, &mut all, &mut words);
            words.push(part.path.clone());
        }
        piece.extend(["\n--", boundary, "--\n"]);
        take(&mut piece, &mut all, &mut words);
        (all, words)
    }
}

fn take(piece: &mut String, all: &mut String, words: &mut Vec<String>) {
    words.push(piece.lines().count().to_string());
    for line in piece.lines() {
        all.extend([if line.starts_with('.') { "." } else { "" }, line, "\n"]);
    }
    piece.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let address = Address::parse("John Smith <john@example.com>").unwrap();
        assert_eq!(
            (address.shown().as_str(), address.address.as_str()),
            ("John Smith <john@example.com>", "john@example.com")
        );
        assert_eq!(Address::parse("root").unwrap().shown(), "root");
        assert_eq!(Address::parse("\"A, B\" <a@b>").unwrap().shown(), "\"A, B\" <a@b>");
        assert_eq!(Address::parse("Jörg <j@b>").unwrap().shown(), "=?utf-8?B?SsO2cmc=?= <j@b>");
        for bad in ["", "a b", "a@b>\r\nDATA", "x <a\n@b>"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_are_lines() {
        assert_eq!(Charset::Utf8.header("a\nBcc: x").unwrap(), "a Bcc: x");
        assert_eq!(Charset::Utf8.header("grün").unwrap(), "=?utf-8?B?Z3LDvG4=?=");
        assert_eq!(Charset::Latin1.header("grün").unwrap(), "=?iso-8859-1?B?Z3L8bg==?=");
        assert_eq!(Charset::Ascii.header("grün").unwrap_err().message, "us-ascii has no `ü`");
        assert!(Charset::Utf8.header(&"ü".repeat(60)).unwrap().lines().all(|line| line.len() <= 76));
        assert!(Charset::of("koi8-r").is_err() && Charset::of("UTF8").is_ok());
    }

    #[test]
    fn files_stand_between_pieces() {
        let message = Message {
            headers: vec![("Subject".to_owned(), "x".to_owned()), (".odd".to_owned(), "y".to_owned())],
            boundary: "=b=".to_owned(),
            kind: "text/plain".to_owned(),
            text: "eA==".to_owned(),
            parts: vec![Part::attached("/tmp/a b".to_owned()), Part::inline("/x/ü.PNG".to_owned(), "id", "").unwrap()],
        };
        let (text, words) = message.pieces();
        assert_eq!(words, ["19", "/tmp/a b", "8", "/x/ü.PNG", "2"]);
        assert_eq!(text.lines().count(), 19 + 8 + 2);
        assert!(text.contains("\n..odd: y\n") && text.contains("filename=\"a b\"") && text.ends_with("\n--=b=--\n"));
        assert!(text.contains("filename*=utf-8''%C3%BC%2EPNG") && text.contains("image/png\n"));
        assert!(
            Part::inline("/x/y".to_owned(), "id", "").is_err()
                && Part::inline("/x/y.png".to_owned(), "a\nb", "").is_err()
        );
    }
}
