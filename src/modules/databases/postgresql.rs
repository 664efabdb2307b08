//! How a server of `PostgreSQL` is asked and changed.

use std::sync::Arc;

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::modules::files::copy::hex;
use crate::modules::flow::{self, Flow};
use crate::modules::{Answer, Args, Content, ModuleError, Question, ScriptCall, TaskResult, actions, probes};
use crate::secret::Secret;
use crate::template::Value;

/// Puts the arguments that all modules about `PostgreSQL` take after a module's own.
macro_rules! postgresql_arguments {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            $crate::modules::Argument::text("login_user", "Who logs in.").default("postgres").aliases(&["login"]),
            $crate::modules::Argument::text("login_password", "The password; no process list shows it.").secret(),
            $crate::modules::Argument::text("login_host", "The server's host; its socket unless told.").aliases(&["host"]),
            $crate::modules::Argument::text("login_unix_socket", "The directory of the server's socket.").aliases(&["unix_socket"]),
            $crate::modules::Argument::int("login_port", "The server's port.").default("5432").aliases(&["port"]),
            $crate::modules::Argument::text("ssl_mode", "How the connection is secured.")
                .default("prefer")
                .choices(&["allow", "disable", "prefer", "require", "verify-ca", "verify-full"]),
            $crate::modules::Argument::text("ca_cert", "Authorities that the server's certificate is checked with.").aliases(&["ssl_rootcert"]),
            $crate::modules::Argument::text("ssl_cert", "Certificate that the login is shown with."),
            $crate::modules::Argument::text("ssl_key", "Key of that."),
            $crate::modules::Argument::text("session_role", "The role that the login takes on."),
            $crate::modules::Argument::bool("trust_input", true, "No matter: names and texts are always quoted."),
        ]
    };
}
pub(crate) use postgresql_arguments;

/// How a server is reached.
#[derive(Clone, Debug)]
pub struct Login {
    environment: Vec<(String, Secret)>,
    role: Option<String>,
}

impl Login {
    /// Reads the arguments.
    #[must_use]
    pub fn of(args: &Args, database: &str) -> Self {
        let mut environment = vec![("PGDATABASE".to_owned(), Secret::new(database.to_owned()))];
        for (argument, variable) in [
            ("login_user", "PGUSER"),
            ("login_password", "PGPASSWORD"),
            ("login_host", "PGHOST"),
            ("login_unix_socket", "PGHOST"),
            ("ssl_mode", "PGSSLMODE"),
            ("ca_cert", "PGSSLROOTCERT"),
            ("ssl_cert", "PGSSLCERT"),
            ("ssl_key", "PGSSLKEY"),
        ] {
            if let Some(value) = args.text(argument).filter(|value| !value.is_empty()) {
                environment.push((variable.to_owned(), Secret::new(value.to_owned())));
            }
        }
        let port = args.int("login_port").unwrap_or(5432).to_string();
        environment.push(("PGPORT".to_owned(), Secret::new(port)));
        Self { environment, role: args.text("session_role").map(str::to_owned) }
    }

    fn statements(&self, statements: &[String]) -> String {
        self.role().iter().chain(statements).flat_map(|statement| [statement.as_str(), ";\n"]).collect()
    }

    /// Asks queries, each of whose rows is an object of JSON.
    ///
    /// # Errors
    /// Never; the type is that of a step.
    pub fn ask(&self, queries: &[String], next: impl FnOnce(Vec<Json>) -> Flow + Send + 'static) -> Flow {
        self.attempt(queries, |rows, _| next(rows))
    }

    /// Asks queries as [`Login::ask`] does; what follows is also told of the first error of a statement.
    ///
    /// # Errors
    /// Never; the type is that of a step.
    pub fn attempt(
        &self,
        queries: &[String],
        next: impl FnOnce(Vec<Json>, Option<String>) -> Flow + Send + 'static,
    ) -> Flow {
        flow::ask(self.question(self.statements(queries)), move |answer| {
            if answer.rc != 0 {
                return Err(unreachable_server(&answer));
            }
            let errors = answer.errors();
            let error = errors.split_once("ERROR:").map(|(_, said)| said.lines().next().unwrap_or_default().trim());
            let rows = answer.text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            next(rows, error.map(str::to_owned))
        })
    }

    /// The question what the server says to a text for its client.
    #[must_use]
    pub fn question(&self, text: String) -> Question {
        let mut question = Question::new(&probes::POSTGRESQL, [] as [&str; 0]);
        question.secrets.clone_from(&self.environment);
        question.secrets.push(("SQL".to_owned(), Secret::new(text)));
        question
    }

    /// The statement that takes on the role, if there is one.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        self.role.as_ref().map(|role| format!("SET ROLE {}", name(role)))
    }

    /// Makes a change with statements, which `shown` tells without secrets.
    ///
    /// # Errors
    /// Never; the type is that of a step.
    pub fn change(&self, what: &str, statements: &[String], shown: &[String], result: TaskResult) -> Flow {
        let queries = Value::list(shown.iter().map(|statement| Value::text(statement.as_str())).collect());
        let result = result.field("queries", queries);
        if statements.is_empty() {
            return flow::done(result);
        }
        flow::change_and_end(
            vec![flow::diff_lines(what, &[], shown)],
            self.call(statements),
            "The server refused",
            result,
        )
    }

    /// The call that gives the server statements.
    #[must_use]
    pub fn call(&self, statements: &[String]) -> ScriptCall {
        self.call_with(self.statements(statements))
    }

    /// The call that gives the server's client a text.
    #[must_use]
    pub fn call_with(&self, text: String) -> ScriptCall {
        let mut call = ScriptCall::new(actions::POSTGRESQL, [] as [&str; 0]);
        call.secrets.clone_from(&self.environment);
        call.input = Some(Content::Bytes(Arc::from(text.into_bytes())));
        call
    }

    /// The call that writes a database to a file, or reads it from one.
    #[must_use]
    pub fn file(&self, words: Vec<String>) -> ScriptCall {
        let mut call = ScriptCall::new(actions::POSTGRESQL_FILE, words);
        call.secrets.clone_from(&self.environment);
        call
    }
}

fn unreachable_server(answer: &Answer) -> ModuleError {
    ModuleError::new(format!("unable to connect to database: {}", answer.errors().trim()))
}

/// A query whose rows are objects of JSON.
#[must_use]
pub fn rows(select: &str) -> String {
    format!("SELECT row_to_json(r) FROM ({select}) r")
}

/// A name of SQL.
#[must_use]
pub fn name(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// A text of SQL.
#[must_use]
pub fn text(value: &str) -> String {
    let quoted = value.replace('\'', "''");
    // Whatever the server takes a backslash for.
    if value.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// Whether a role has a password: what the server keeps against a plain text, or against what it would keep.
#[must_use]
pub fn is_password(user: &str, password: &str, kept: Option<&str>) -> bool {
    let Some(kept) = kept else { return password.is_empty() };
    if password == kept {
        return true;
    }
    if let Some(rest) = kept.strip_prefix("SCRAM-SHA-256$") {
        return scram(password, rest).unwrap_or(false);
    }
    kept == format!("md5{}", hex(&md5::Md5::digest(format!("{password}{user}"))))
}

/// `ITERATIONS:SALT$STORED:SERVER` against a password.
fn scram(password: &str, kept: &str) -> Option<bool> {
    let (first, keys) = kept.split_once('$')?;
    let (rounds, salt) = first.split_once(':')?;
    let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
    let stored = decode(keys.split(':').next()?)?;
    // A host may say any number; servers of today say 4096.
    let rounds: u32 = rounds.parse().ok().filter(|rounds| (1..=1_000_000).contains(rounds))?;
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &decode(salt)?, rounds, &mut salted);
    let mut mac = Hmac::<Sha256>::new_from_slice(&salted).ok()?;
    mac.update(b"Client Key");
    let key = Sha256::digest(mac.finalize().into_bytes());
    Some(key.as_slice() == stored.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted() {
        assert_eq!(
            (name("a\"b"), text("it's"), text("a\\b")),
            ("\"a\"\"b\"".into(), "'it''s'".into(), "E'a\\\\b'".into())
        );
    }

    #[test]
    fn passwords_are_told_from_what_servers_keep() {
        assert!(is_password("app", "", None) && !is_password("app", "x", None));
        assert!(is_password("app", "md5aa", Some("md5aa")));
        assert!(is_password("app", "secret", Some("md56a422f785c9e20873908ce25d1736ae2")));
        // RFC 7677, section 3: the password `pencil`.
        let kept = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        assert!(is_password("user", "pencil", Some(kept)) && !is_password("user", "pen", Some(kept)));
    }
}
