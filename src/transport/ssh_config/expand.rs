//! Expands `%` tokens, `${…}` and `~`, as OpenSSH does.
//!
//! Pure. What OpenSSH would refuse, and tokens that not every version knows, are errors in words.

use sha1::Digest as _;

use super::caller::Caller;

/// What the tokens stand for.
pub(super) struct Tokens<'a> {
    /// The local side.
    pub(super) caller: &'a Caller,
    /// `%h`.
    pub(super) hostname: &'a str,
    /// `%n`.
    pub(super) original: &'a str,
    /// `%p`.
    pub(super) port: u16,
    /// `%r`.
    pub(super) user: &'a str,
    /// Whether no host is on the way; what `%C` stands for otherwise depends on the version.
    pub(super) direct: bool,
    /// `%k`.
    pub(super) key_alias: &'a str,
}

impl Tokens<'_> {
    fn token(&self, token: char) -> Option<String> {
        let machine = &self.caller.machine;
        Some(match token {
            'C' if self.direct => self.hash(""),
            'd' => self.caller.home.clone(),
            'h' => self.hostname.to_owned(),
            'i' => self.caller.uid.to_string(),
            'k' => self.key_alias.to_owned(),
            'L' => machine.split('.').next().unwrap_or_default().to_owned(),
            'l' => machine.clone(),
            'n' => self.original.to_owned(),
            'p' => self.port.to_string(),
            'r' => self.user.to_owned(),
            'u' => self.caller.name.clone(),
            _ => return None,
        })
    }

    /// `%C`; newer versions add the last host on the way.
    fn hash(&self, jump: &str) -> String {
        let text = format!("{}{}{}{}{jump}", self.caller.machine, self.hostname, self.port, self.user);
        sha1::Sha1::digest(text).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"))
    }

    /// Expands a path in each way in which some version does.
    pub(super) fn path_by_versions(&self, text: &str, jump: &str) -> Result<[String; 2], String> {
        let text = tilde(text, self.caller)?;
        let with = |jump: &str| {
            let token = |token| if token == 'C' { Some(self.hash(jump)) } else { self.token(token) };
            expand(&text, token, Some(self.caller))
        };
        Ok([with("")?, with(jump)?])
    }

    /// Expands `~`, tokens and variables of a path.
    pub(super) fn path(&self, text: &str) -> Result<String, String> {
        let text = tilde(text, self.caller)?;
        expand(&text, |token| self.token(token), Some(self.caller))
    }
}

/// Expands `%h` of `Hostname`.
pub(super) fn hostname(text: &str, original: &str) -> Result<String, String> {
    expand(text, |token| (token == 'h').then(|| original.to_owned()), None)
}

/// Expands tokens, and variables of `variables`, if given.
fn expand(text: &str, token: impl Fn(char) -> Option<String>, variables: Option<&Caller>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '$']) {
        expanded.push_str(&rest[..at]);
        let (sign, behind) = rest[at..].split_at(1);
        rest = behind;
        if sign == "%" {
            let letter = rest.chars().next().ok_or("a `%` at its end")?;
            rest = &rest[letter.len_utf8()..];
            match letter {
                '%' => expanded.push('%'),
                letter => expanded.push_str(&token(letter).ok_or_else(|| format!("a token %{letter}"))?),
            }
            continue;
        }
        let Some((caller, inside)) = variables.zip(rest.strip_prefix('{')) else {
            expanded.push('$');
            continue;
        };
        let (name, behind) = inside.split_once('}').ok_or("a `${` without `}`")?;
        let value = caller.variable(name).filter(|_| !name.is_empty());
        expanded.push_str(value.ok_or_else(|| format!("a variable {name} that is not set"))?);
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Expands a leading `~`; that of another user is an error.
pub(super) fn tilde(text: &str, caller: &Caller) -> Result<String, String> {
    let Some(rest) = text.strip_prefix('~') else { return Ok(text.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err("another user's home".to_owned());
    }
    let slash = if caller.home.ends_with('/') { "" } else { "/" };
    Ok(format!("{}{slash}{}", caller.home, rest.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tokens<T>(use_them: impl FnOnce(&Tokens<'_>) -> T) -> T {
        let caller = Caller {
            name: "ann".into(),
            uid: 1000,
            home: "/home/ann".into(),
            machine: "desk.example".into(),
            environment: vec![("KEYS".into(), "/keys".into())],
        };
        use_them(&Tokens {
            caller: &caller,
            hostname: "db.example",
            original: "DB",
            port: 22,
            user: "ops",
            direct: true,
            key_alias: "alias",
        })
    }

    #[test]
    fn paths_are_expanded() {
        with_tokens(|tokens| {
            for (text, expected) in [
                ("~/.ssh/%r@%h:%p", "/home/ann/.ssh/ops@db.example:22"),
                ("~", "/home/ann/"),
                ("~//x", "/home/ann/x"),
                ("%d/%n/%u/%i/%l/%L/%k/%%", "/home/ann/DB/ann/1000/desk.example/desk/alias/%"),
                ("${KEYS}/$KEYS/a$", "/keys/$KEYS/a$"),
                ("a~", "a~"),
                // SHA-1 of `desk.exampledb.example22ops`.
                ("%C", "891b05dc2f6ed47ed9baa915cd1025d1e9e6f76f"),
            ] {
                assert_eq!(tokens.path(text).as_deref(), Ok(expected), "{text}");
            }
            for text in ["%", "%j", "%T", "%é", "${NO}", "${}", "${KEYS", "~bob/x"] {
                assert!(tokens.path(text).is_err(), "{text}");
            }
        });
    }

    #[test]
    fn hostname_knows_one_token() {
        assert_eq!(hostname("%h.example%%${X}", "Db").unwrap(), "Db.example%${X}");
        assert!(hostname("%n", "db").is_err());
    }
}
