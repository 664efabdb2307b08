//! How a server of `MySQL` or `MariaDB` is asked and changed.

use std::sync::Arc;

use crate::modules::{Answer, Args, Content, ModuleError, Question, ScriptCall, actions, probes};
use crate::secret::Secret;

/// Puts the arguments that all modules about `MySQL` take after a module's own.
macro_rules! mysql_arguments {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            $crate::modules::Argument::text("login_user", "Who logs in; else what the file says, else the task's user."),
            $crate::modules::Argument::text("login_password", "The password; no process list shows it.").secret(),
            $crate::modules::Argument::text("login_host", "The server's host; `localhost` means its socket."),
            $crate::modules::Argument::int("login_port", "The server's port."),
            $crate::modules::Argument::text("login_unix_socket", "The server's socket."),
            $crate::modules::Argument::text("config_file", "An option file of the host.").default("~/.my.cnf"),
            $crate::modules::Argument::int("connect_timeout", "Seconds until the server must answer.").default("30"),
            $crate::modules::Argument::text("client_cert", "Certificate that the login is shown with.").aliases(&["ssl_cert"]),
            $crate::modules::Argument::text("client_key", "Key of that.").aliases(&["ssl_key"]),
            $crate::modules::Argument::text("ca_cert", "Authorities that the server's certificate is checked with.").aliases(&["ssl_ca"]),
            $crate::modules::Argument::of("check_hostname", $crate::modules::Kind::Bool, "Whether the certificate must name the host."),
        ]
    };
}
pub(crate) use mysql_arguments;

/// How a server is reached: options of the client, and the file of the host that they come after.
#[derive(Clone, Debug)]
pub struct Login {
    config: String,
    options: Secret,
}

impl Login {
    /// Reads the arguments.
    #[must_use]
    pub fn of(args: &Args) -> Self {
        Self::with(args, args.text("login_user"), args.text("login_password"))
    }

    /// The login of a server's first administrator, without a password.
    #[must_use]
    pub fn implicit(args: &Args) -> Self {
        Self::with(args, Some("root"), Some(""))
    }

    fn with(args: &Args, user: Option<&str>, password: Option<&str>) -> Self {
        let mut lines = vec!["[client]".to_owned()];
        let mut line = |name: &str, value: &str| lines.push(format!("{name}={}", quoted(value)));
        for (option, value) in [("user", user), ("password", password)] {
            if let Some(value) = value {
                line(option, value);
            }
        }
        for (argument, option) in [
            ("login_host", "host"),
            ("login_unix_socket", "socket"),
            ("client_cert", "ssl-cert"),
            ("client_key", "ssl-key"),
            ("ca_cert", "ssl-ca"),
        ] {
            if let Some(value) = args.text(argument) {
                line(option, value);
            }
        }
        if let Some(port) = args.int("login_port") {
            line("port", &port.to_string());
            // The client takes the socket for `localhost`, whatever the port.
            if port != 3306 && args.text("login_unix_socket").is_none() {
                line("protocol", "tcp");
            }
        }
        lines.push("[mysql]".to_owned());
        lines.push(format!("connect_timeout={}", args.int("connect_timeout").unwrap_or(30)));
        if args.maybe_bool("check_hostname") == Some(true) {
            lines.push("loose-ssl-verify-server-cert".to_owned());
        }
        Self { config: args.needed("config_file").to_owned(), options: Secret::new(lines.join("\n")) }
    }

    fn environment(&self) -> Vec<(String, Secret)> {
        vec![("CONFIG".to_owned(), Secret::new(self.config.clone())), ("OPTIONS".to_owned(), self.options.clone())]
    }

    /// The question what the server says to statements that only read.
    #[must_use]
    pub fn question(&self, sql: String) -> Question {
        let mut question = Question::new(&probes::MYSQL, [] as [&str; 0]);
        question.secrets = self.environment();
        question.secrets.push(("SQL".to_owned(), Secret::new(sql)));
        question
    }

    /// The call that gives the server statements.
    #[must_use]
    pub fn call(&self, statements: &[String]) -> ScriptCall {
        self.call_with(statements.iter().flat_map(|statement| [statement.as_str(), ";\n"]).collect(), &[])
    }

    /// The call that gives the server's client a text and options.
    #[must_use]
    pub fn call_with(&self, text: String, options: &[&str]) -> ScriptCall {
        let mut call = ScriptCall::new(actions::MYSQL, options);
        call.secrets = self.environment();
        call.input = Some(Content::Bytes(Arc::from(text.into_bytes())));
        call
    }

    /// The call that writes databases to a file, or reads them from one after `first`.
    #[must_use]
    pub fn file(&self, words: Vec<String>, first: &str) -> ScriptCall {
        let mut call = ScriptCall::new(actions::MYSQL_FILE, words);
        call.secrets = self.environment();
        call.secrets.push(("SQL".to_owned(), Secret::new(first.to_owned())));
        call
    }

    /// Why the server could not be asked.
    ///
    /// # Errors
    /// When the answer is none.
    pub fn rows(&self, answer: &Answer) -> Result<Vec<Vec<String>>, ModuleError> {
        let rows = rows(&answer.text());
        // The first statement always says something.
        if rows.is_empty() {
            let errors = answer.errors();
            return Err(self.unreachable(&errors));
        }
        Ok(rows)
    }

    /// The error of a server that cannot be reached.
    #[must_use]
    pub fn unreachable(&self, said: &str) -> ModuleError {
        ModuleError::new(format!(
            "unable to connect to database, check login_user and login_password are correct or {} has the credentials. \
             Exception message: {}",
            self.config,
            said.trim()
        ))
    }
}

/// A value of an option file.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// What the client says, row by row.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split('\t').map(unescaped).collect()).collect()
}

pub(super) fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(other) => text.push(other),
                None => {}
            },
            (other, false) => text.push(other),
        }
    }
    text
}

/// A text of SQL.
#[must_use]
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// A name of SQL.
#[must_use]
pub fn name(value: &str) -> String {
    format!("`{}`", value.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted() {
        assert_eq!(text(r"it's \ here"), r"'it''s \\ here'");
        assert_eq!(name("a`b"), "`a``b`");
        assert_eq!(quoted(r"a\b"), r#""a\\b""#);
        assert_eq!(rows("a\\tb\tc\\\\\n"), [["a\tb", "c\\"]]);
    }
}
