//! Keeps secrets out of the record: values of secret-looking names, and known secrets wherever they turn up.
//!
//! Errs on the side of hiding too much. What it cannot know is a secret without a telling name, such as
//! `echo hunter2 | passwd --stdin`; such a value belongs in `--env NAME` or `--stdin`.

mod name;
mod scan;

use std::borrow::Cow;
use std::ffi::OsStr;

use memchr::memmem;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Whether the value of a variable of this name looks like a secret.
#[must_use]
pub fn is_secret_name(variable: &str) -> bool {
    name::of_variable(variable) == name::Value::Secret
}

/// Makes the words of a command line fit for the record.
#[must_use]
pub fn redact_argv<T: AsRef<OsStr>>(words: &[T]) -> Vec<String> {
    let mut scanner = scan::Scanner::default();
    words.iter().map(|word| scanner.word(&word.as_ref().to_string_lossy())).collect()
}

/// Makes a shell line, a header or a file's text fit for the record.
#[must_use]
pub fn redact_line(line: &str) -> String {
    scan::line(line)
}

/// Replaces known secrets wherever they stand.
#[must_use]
pub fn redact_text<'a>(text: &'a str, secrets: &[String]) -> Cow<'a, str> {
    match redact_bytes(text.as_bytes(), secrets) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Replaces known secrets wherever they stand in bytes; the longest first, so that one that contains another goes whole.
#[must_use]
pub fn redact_bytes<'a>(bytes: &'a [u8], secrets: &[String]) -> Cow<'a, [u8]> {
    let mut secrets: Vec<&[u8]> = secrets.iter().map(String::as_bytes).filter(|secret| !secret.is_empty()).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.into_iter().fold(Cow::Borrowed(bytes), |bytes, secret| match memmem::find(&bytes, secret) {
        Some(_) => Cow::Owned(replace(&bytes, secret)),
        None => bytes,
    })
}

/// Cuts the beginning of a secret off the end of bytes after which something was left out, and the end of one off the
/// beginning of what follows.
pub(super) fn redact_cut(head: &mut Vec<u8>, tail: &mut Vec<u8>, secrets: &[String]) {
    for secret in secrets.iter().map(String::as_bytes) {
        let longest = (1..secret.len()).rev();
        if let Some(length) = longest.clone().find(|length| head.ends_with(&secret[..*length])) {
            head.truncate(head.len() - length);
            head.extend(MASK.as_bytes());
        }
        if let Some(length) = longest.clone().find(|length| tail.starts_with(&secret[secret.len() - length..])) {
            tail.splice(..length, MASK.bytes());
        }
    }
}

fn replace(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut rest = 0;
    for position in memmem::find_iter(bytes, secret) {
        clean.extend(&bytes[rest..position]);
        clean.extend(MASK.as_bytes());
        rest = position + secret.len();
    }
    clean.extend(&bytes[rest..]);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> String {
        redact_argv(words).join(" ")
    }

    #[test]
    fn values_of_secret_looking_names_are_hidden_in_words() {
        let cases: &[(&[&str], &str)] = &[
            (&["exec", "--env", "DB_PASSWORD=x y", "--", "id"], "exec --env DB_PASSWORD=*** -- id"),
            (&["--env=DB_PASSWORD=x"], "--env=DB_PASSWORD=***"),
            (
                &["-e", "ansible_ssh_pass=x", "-e", "ansible_become_password=y"],
                "-e ansible_ssh_pass=*** -e ansible_become_password=***",
            ),
            (&["tool", "--password", "hunter2", "-v"], "tool --password *** -v"),
            (&["tool", "--token=abc", "--api-key", "k"], "tool --token=*** --api-key ***"),
            (&["-e", r#"{"user":"a","password":"x"}"#], r#"-e {"user":"a","password":***"#),
            (&["-e", "db_pass: x y"], "-e db_pass: ***"),
            (&["curl", "-H", "Authorization: Bearer abc.def", "https://h/"], "curl -H Authorization: *** https://h/"),
            (
                &["curl", "-u", "ada:pw", "https://ada:p@w@h:8/x?token=t&a=1"],
                "curl -u ada:*** https://ada:***@h:8/x?token=***",
            ),
            (&["git", "clone", "https://ghp_1@github.com/a/b"], "git clone https://***@github.com/a/b"),
            (&["mysql", "-u", "root", "-phunter2", "db"], "mysql -u root -p*** db"),
            (&["sshpass", "-p", "x", "ssh", "h"], "sshpass -p *** ssh h"),
            (&["printf", "-----BEGIN RSA PRIVATE KEY-----\nMII"], "printf ***"),
        ];
        for (words, expected) in cases {
            assert_eq!(argv(words), *expected);
        }
    }

    #[test]
    fn a_shell_line_in_one_word_is_read_as_the_shell_would() {
        let cases = [
            ("PGPASSWORD=x psql -c 'select 1'", "PGPASSWORD=*** psql -c 'select 1'"),
            ("A=1 TOKEN='a b' run; echo \"$X\"", "A=1 TOKEN=*** run; echo \"$X\""),
            ("curl -H 'Authorization: Basic abc' u | jq .", "curl -H 'Authorization: ***' u | jq ."),
            ("sh -c 'mysql -pX db' && ls -p x", "sh -c 'mysql -p*** db' && ls -p x"),
            ("export SECRET=a;id", "export SECRET=***;id"),
            ("x --password \"a b\" y", "x --password *** y"),
            ("x --password=$(cat f) y", "x --password=***(cat f) y"),
            ("bearer abc", "bearer ***"),
        ];
        for (line, expected) in cases {
            assert_eq!(redact_line(line), expected);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let words = [
            "exec",
            "--passthrough",
            "web",
            "--become-password-file",
            "/etc/pw",
            "-K",
            "--ask-become-pass",
            "-p",
            "22",
            "--sort-key",
            "PWD=/srv",
            "ssh://deploy@host/",
            "mkdir",
            "-pv",
            "a:b",
            "path=/x",
            "--",
            "--compass=1",
        ];
        assert_eq!(redact_argv(&words), words);
        assert_eq!(redact_line("ls -l | awk '{print $1}' > /tmp/x"), "ls -l | awk '{print $1}' > /tmp/x");
    }

    #[test]
    fn known_secrets_are_replaced_anywhere_and_the_longest_first() {
        let secrets = ["hunter2".to_owned(), "hunter2long".to_owned(), String::new()];
        assert_eq!(redact_text("a hunter2long,hunter2.", &secrets), "a ***,***.");
        assert_eq!(redact_bytes(b"\xffhunter2\xff", &secrets), &b"\xff***\xff"[..]);
        assert!(matches!(redact_text("nothing", &secrets), Cow::Borrowed(_)));
    }

    #[test]
    fn half_a_secret_at_a_cut_is_hidden_too() {
        let (mut head, mut tail) = (b"out: hunt".to_vec(), b"er2 end".to_vec());
        redact_cut(&mut head, &mut tail, &["hunter2".to_owned()]);
        assert_eq!((&head[..], &tail[..]), (&b"out: ***"[..], &b"*** end"[..]));
    }

    proptest::proptest! {
        #[test]
        fn a_secret_behind_a_telling_name_never_gets_through(secret in "[a-z0-9!#%+,./:=?@^_~-]{6,20}") {
            // Distinct from everything else in the lines below.
            let secret = format!("Zq{secret}");
            for text in [
                format!("DB_PASSWORD={secret} run"), format!("run --token {secret}"), format!("run --token={secret}"),
                format!("curl -H 'Authorization: Bearer {secret}' x"), format!("{{\"password\": \"{secret}\"}}"),
            ] {
                let line = redact_line(&text);
                proptest::prop_assert!(!line.contains(&secret) && !line.contains("Zq"), "{line}");
            }
            let words = ["run".to_owned(), "--password".to_owned(), secret.clone(), format!("API_KEY={secret} '")];
            proptest::prop_assert!(!redact_argv(&words).concat().contains("Zq"));
        }
    }
}
