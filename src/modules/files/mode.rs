//! Permission bits as arguments give them: octal or symbolic.

use crate::template::Value;

/// Permission bits as they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Exactly these.
    Octal(u32),
    /// Computed from those there are: `u+x,g=r`.
    Symbolic(String),
}

/// What is said of a mode that is neither.
pub const BAD_MODE: &str = "mode must be in octal or symbolic form";

impl Mode {
    /// Reads the argument.
    ///
    /// # Errors
    /// When it is neither octal nor symbolic.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        if let Value::Int(mode) = value {
            // A number that is no text: YAML read `0644` as octal already.
            return u32::try_from(*mode).map(Self::Octal).map_err(|_| BAD_MODE);
        }
        let text = value.to_string();
        let text = text.trim();
        let digits = text.strip_prefix("0o").unwrap_or(text);
        if let Ok(mode) = u32::from_str_radix(digits, 8) {
            return Ok(Self::Octal(mode));
        }
        symbolic(text, 0, false, 0o022).map(|_| Self::Symbolic(text.to_owned()))
    }

    /// The bits that a file with `current` bits is to have.
    #[must_use]
    pub fn bits(&self, current: u32, directory: bool, umask: u32) -> u32 {
        match self {
            Self::Octal(mode) => *mode,
            Self::Symbolic(text) => symbolic(text, current, directory, umask).unwrap_or(current),
        }
    }
}

/// Bits as results show them.
#[must_use]
pub fn show(bits: u32) -> String {
    format!("0{bits:03o}")
}

fn symbolic(text: &str, current: u32, directory: bool, umask: u32) -> Result<u32, &'static str> {
    let mut mode = current & 0o7777;
    for clause in text.split(',') {
        let start = clause.find(['+', '-', '=']).ok_or(BAD_MODE)?;
        let (users, mut rest) = clause.split_at(start);
        let masked = users.is_empty();
        let users = if users.is_empty() || users == "a" { "ugo" } else { users };
        if !users.chars().all(|user| "ugo".contains(user)) {
            return Err(BAD_MODE);
        }
        while let Some(operator) = rest.chars().next() {
            let permissions = &rest[1..];
            let end = permissions.find(['+', '-', '=']).unwrap_or(permissions.len());
            let permissions = &permissions[..end];
            if !permissions.chars().all(|permission| "rwxXstugo".contains(permission)) {
                return Err(BAD_MODE);
            }
            for user in users.chars() {
                let bits = permission_bits(user, permissions, mode, directory || mode & 0o111 != 0);
                let bits = if masked { bits & !umask } else { bits };
                mode = match operator {
                    '+' => mode | bits,
                    '-' => mode & !bits,
                    _ => (mode & !user_mask(user)) | bits,
                };
            }
            rest = &rest[1 + end..];
        }
    }
    Ok(mode)
}

fn user_mask(user: char) -> u32 {
    match user {
        'u' => 0o4700,
        'g' => 0o2070,
        _ => 0o1007,
    }
}

fn permission_bits(user: char, permissions: &str, mode: u32, executable: bool) -> u32 {
    let shift = match user {
        'u' => 6,
        'g' => 3,
        _ => 0,
    };
    permissions.chars().fold(0, |bits, permission| {
        bits | match (permission, user) {
            ('r', _) => 4 << shift,
            ('w', _) => 2 << shift,
            ('x', _) => 1 << shift,
            ('X', _) if executable => 1 << shift,
            ('s', 'u') => 0o4000,
            ('s', 'g') => 0o2000,
            ('t', 'o') => 0o1000,
            ('u', _) => (mode >> 6 & 7) << shift,
            ('g', _) => (mode >> 3 & 7) << shift,
            ('o', _) => (mode & 7) << shift,
            _ => 0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(mode: &str, current: u32, directory: bool) -> u32 {
        Mode::parse(&Value::from(mode)).unwrap().bits(current, directory, 0o022)
    }

    /// Expectations from ansible-core 2.19 (`AnsibleModule._symbolic_mode_to_octal`).
    #[test]
    fn modes_mean_what_ansible_says() {
        for (mode, current, directory, wanted) in [
            ("0644", 0, false, 0o644),
            ("755", 0, false, 0o755),
            ("0o600", 0, false, 0o600),
            ("u=rw,g=r,o=r", 0o777, false, 0o644),
            ("u+x", 0o644, false, 0o744),
            ("a+X", 0o644, false, 0o644),
            ("a+X", 0o644, true, 0o755),
            ("u=rwX,g=rX,o=", 0o600, true, 0o750),
            ("+w", 0o444, false, 0o644),
            ("g=u", 0o740, false, 0o770),
            ("u+s,o+t", 0o755, true, 0o5755),
            ("u=rw-x+X,g=r-x+X,o=r-x+X", 0o777, false, 0o755),
        ] {
            assert_eq!(bits(mode, current, directory), wanted, "{mode} on {current:o}");
        }
        for bad in ["rw", "u=q", "z+x", ""] {
            assert_eq!(Mode::parse(&Value::from(bad)), Err(BAD_MODE), "{bad}");
        }
    }
}
