//! Which names look as if their value were a secret.

/// Parts that make any name secret, wherever they stand in it.
const ANYWHERE: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey"];

/// Words that make a name secret when they stand alone between separators or humps.
const WORDS: [&str; 12] =
    ["pass", "pwd", "pw", "passcode", "passin", "passout", "creds", "auth", "authorization", "cookie", "jwt", "psk"];

/// What the value of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Plain,
    Secret,
}

/// Judges the name of a variable or a header.
pub(super) fn of_variable(name: &str) -> Value {
    if matches!(name, "PWD" | "OLDPWD") {
        return Value::Plain;
    }
    if name.eq_ignore_ascii_case("key") { Value::Secret } else { judge(&words(name)) }
}

/// Judges the name of an option (`--api-key`).
pub(super) fn of_option(name: &str) -> Value {
    let words = words(name.trim_start_matches('-'));
    // `--ask-become-pass` and `--no-password` take no value.
    let is_switch = words.first().is_some_and(|word| matches!(word.as_str(), "ask" | "no" | "prompt"));
    if is_switch { Value::Plain } else { judge(&words) }
}

fn judge(words: &[String]) -> Value {
    let Some(last) = words.last() else { return Value::Plain };
    // The value says where the secret is, not what it is.
    if matches!(last.as_str(), "file" | "path" | "dir" | "directory" | "command" | "cmd" | "prompt") {
        return Value::Plain;
    }
    let joined = words.concat();
    let by_word = words.iter().any(|word| {
        WORDS.contains(&word.as_str())
            || (word.ends_with("pass") && !matches!(word.as_str(), "bypass" | "compass"))
            || (word.ends_with("pwd") && word != "oldpwd")
    });
    let by_key = last == "key" && words.len() > 1 && !matches!(words[0].as_str(), "public" | "sort" | "partition");
    let by_ansible = words[0] == "ansible" && joined.contains("pass");
    if by_word || by_key || by_ansible || ANYWHERE.iter().any(|part| joined.contains(part)) {
        return Value::Secret;
    }
    Value::Plain
}

/// Splits at everything that is no letter or digit and at humps: `dbPassword_2` is `db`, `password`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let hump = before.is_lowercase() && character.is_uppercase();
        if hump || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let word = words.last_mut().expect("it starts with one and only grows");
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_by_their_words() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "SSHPASS",
            "dbPassword",
            "ansible_ssh_pass",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "api-key",
            "ENCRYPTION_KEY",
            "X-Auth",
            "Authorization",
            "Cookie",
            "KEY",
            "apiKey",
        ] {
            assert_eq!(of_variable(name), Value::Secret, "{name}");
        }
        for name in ["PATH", "PWD", "author", "compass", "passthrough", "public_key", "keyboard", "", "password_file"] {
            assert_eq!(of_variable(name), Value::Plain, "{name}");
        }
        assert_eq!(of_option("--become-password-file"), Value::Plain);
        assert_eq!(of_option("--ask-pass"), Value::Plain);
        assert_eq!(of_option("-password"), Value::Secret);
    }
}
