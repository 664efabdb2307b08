//! Accounts of `MySQL`: what a server says of them, and the statements that make them what they are to be.

use sha1::{Digest as _, Sha1};

use super::grants::{self, Grants, Way, alterations};
use super::mysql::{name, text};
use crate::modules::files::copy::hex;
use crate::modules::{Args, ModuleError};

/// An account as the server has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// From which host.
    pub host: String,
    /// What checks the password.
    pub plugin: String,
    /// The hash, or what the plugin keeps.
    pub hash: String,
    /// Its privileges.
    pub grants: Grants,
    /// What its connections need: `NONE`, `SSL`, …
    pub tls: String,
}

/// The statements that ask for accounts of a user: all, or that of a host.
#[must_use]
pub fn asking(user: &str, host: &str) -> String {
    let at = format!("{}@{}", text(user), text(host));
    // The comment is for MariaDB alone, which keeps hashes of old in a column of their own.
    format!(
        "SELECT '@server', VERSION();\n\
         SELECT '@user', Host, plugin, authentication_string, ssl_type /*M!100000 , Password */ FROM mysql.user \
         WHERE User={};\nSELECT '@grants', {};\nSHOW GRANTS FOR {at};\n",
        text(user),
        text(host)
    )
}

/// The statements that ask for what accounts of several hosts may do.
#[must_use]
pub fn asking_grants(user: &str, hosts: &[String]) -> String {
    let one =
        |host: &String| format!("SELECT '@grants', {};\nSHOW GRANTS FOR {}@{};\n", text(host), text(user), text(host));
    format!("SELECT '@server', VERSION();\n{}", hosts.iter().map(one).collect::<String>())
}

/// What the server said.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Whether it is a `MariaDB`.
    pub maria: bool,
    /// Its accounts of the user.
    pub accounts: Vec<Account>,
}

impl Server {
    /// Reads rows.
    pub fn read(&mut self, rows: &[Vec<String>]) {
        let mut host = String::new();
        for row in rows {
            let field =
                |place: usize| row.get(place).map(String::as_str).filter(|field| *field != "NULL").unwrap_or_default();
            match field(0) {
                "@server" => self.maria = field(1).to_lowercase().contains("mariadb"),
                "@user" => {
                    let hash = if field(3).is_empty() || field(3) == "invalid" { field(5) } else { field(3) };
                    self.accounts.push(Account {
                        host: field(1).to_owned(),
                        plugin: field(2).to_owned(),
                        hash: hash.to_owned(),
                        grants: Grants::new(),
                        tls: field(4).to_owned(),
                    });
                }
                "@grants" => field(1).clone_into(&mut host),
                line => {
                    let account = self.accounts.iter_mut().find(|account| account.host == host);
                    if let (Some(account), Some((place, privileges))) = (account, grants::shown(line)) {
                        account.grants.entry(place).or_default().extend(privileges);
                    }
                }
            }
        }
    }
}

/// The hash that servers keep of a password.
#[must_use]
pub fn native_hash(password: &str) -> String {
    let twice = Sha1::digest(Sha1::digest(password.as_bytes()));
    format!("*{}", hex(&twice).to_uppercase())
}

fn is_hash(password: &str) -> bool {
    password.len() == 41
        && password.starts_with('*')
        && password[1..].chars().all(|character| character.is_ascii_hexdigit())
}

/// What an account is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    user: String,
    hash: Option<String>,
    plugin: Option<(String, Option<String>, Option<String>)>,
    grants: Option<Grants>,
    way: Way,
    tls: Option<String>,
    always: bool,
}

/// What becomes of an account.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Statements; may hold hashes.
    pub statements: Vec<String>,
    /// What is said of it.
    pub message: String,
    /// Whether the password is another.
    pub password: bool,
    /// What the reader is shown: lines without secrets.
    pub shown: Vec<String>,
}

impl Wanted {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When privileges or a hash are none.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let password = args.text("password").filter(|password| !password.is_empty());
        let hash = match password {
            Some(hash) if args.bool("encrypted") && !is_hash(hash) => {
                return Err(ModuleError::new(
                    "encrypted was specified however it does not appear to be a valid hash expecting: \
                     *SHA1(SHA1(your_password))",
                ));
            }
            Some(hash) if args.bool("encrypted") => Some(hash.to_owned()),
            Some(password) => Some(native_hash(password)),
            None => None,
        };
        let way = match (args.bool("append_privs"), args.bool("subtract_privs")) {
            (true, _) => Way::Append,
            (_, true) => Way::Subtract,
            _ => Way::Replace,
        };
        let case = args.bool("column_case_sensitive");
        let text = |name: &str| args.text(name).map(str::to_owned);
        Ok(Self {
            user: args.needed("name").to_owned(),
            hash,
            plugin: text("plugin").map(|plugin| (plugin, text("plugin_hash_string"), text("plugin_auth_string"))),
            grants: args.value("priv").map(|value| grants::wanted(value, case, way != Way::Subtract)).transpose()?,
            way,
            tls: args.dict("tls_requires").map(requirement),
            always: args.needed("update_password") == "always",
        })
    }

    fn account(&self, host: &str) -> String {
        format!("{}@{}", text(&self.user), text(host))
    }

    fn identified(&self, password: bool) -> String {
        if let Some(hash) = self.hash.as_ref().filter(|_| password) {
            return format!(" IDENTIFIED WITH mysql_native_password AS {}", text(hash));
        }
        match &self.plugin {
            None => String::new(),
            Some((plugin, Some(hash), _)) => format!(" IDENTIFIED WITH {} AS {}", name(plugin), text(hash)),
            Some((plugin, None, Some(auth))) => match plugin.as_str() {
                "pam" => format!(" IDENTIFIED WITH pam USING {}", text(auth)),
                "ed25519" => format!(" IDENTIFIED WITH ed25519 USING PASSWORD({})", text(auth)),
                plugin => format!(" IDENTIFIED WITH {} BY {}", name(plugin), text(auth)),
            },
            Some((plugin, None, None)) => format!(" IDENTIFIED WITH {}", name(plugin)),
        }
    }

    /// What makes an account that is not there.
    #[must_use]
    pub fn create(&self, host: &str) -> Plan {
        let account = self.account(host);
        let mut plan = Plan { message: "User added".to_owned(), password: true, ..Plan::default() };
        let tls = self.tls.as_ref().map(|tls| format!(" REQUIRE {tls}")).unwrap_or_default();
        plan.statements.push(format!("CREATE USER {account}{}{tls}", self.identified(true)));
        plan.shown.push(format!("CREATE USER {account}"));
        for (place, privileges) in self.grants.iter().flatten() {
            let granted = grants::Alteration { place: place.clone(), revoked: Vec::new(), granted: privileges.clone() };
            plan.statements.extend(granted.statements(&account));
            plan.shown.extend(granted.statements(&account));
        }
        plan
    }

    /// What makes an account what it is to be.
    #[must_use]
    pub fn alter(&self, found: &Account) -> Plan {
        let account = self.account(&found.host);
        let mut plan = Plan { message: "User unchanged".to_owned(), ..Plan::default() };
        if let Some(hash) = self.hash.as_ref().filter(|hash| self.always && !hash.eq_ignore_ascii_case(&found.hash)) {
            plan.statements
                .push(format!("ALTER USER {account} IDENTIFIED WITH mysql_native_password AS {}", text(hash)));
            plan.password = true;
            plan.message = String::from("Password updated (new style)");
        }
        if let Some((plugin, hash, auth)) = self.plugin.as_ref().filter(|_| self.always) {
            let other = |wanted: &Option<String>| wanted.as_ref().is_some_and(|wanted| *wanted != found.hash);
            if *plugin != found.plugin || other(hash) || other(auth) {
                plan.statements.push(format!("ALTER USER {account}{}", self.identified(false)));
                plan.password = true;
            }
        }
        if plan.password {
            plan.shown.push(format!("ALTER USER {account} IDENTIFIED"));
        }
        for step in
            self.grants.iter().flat_map(|wanted| alterations(&found.grants, wanted, self.way, self.user == "root"))
        {
            plan.message = match (found.grants.contains_key(&step.place), step.granted.is_empty()) {
                (false, _) => "New privileges granted".to_owned(),
                (true, _) => {
                    format!("Privileges updated: granted {}, revoked {}", listed(&step.granted), listed(&step.revoked))
                }
            };
            plan.statements.extend(step.statements(&account));
            plan.shown.extend(step.statements(&account));
        }
        if let Some(tls) = self.tls.as_ref().filter(|tls| !is_required(tls, &found.tls)) {
            plan.message = String::from("TLS requires updated");
            plan.statements.push(format!("ALTER USER {account} REQUIRE {tls}"));
            plan.shown.push(format!("ALTER USER {account} REQUIRE {tls}"));
        }
        plan
    }
}

fn listed(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", "))
}

/// What connections need: `SSL`, `X509`, or names with their values.
fn requirement(dict: &crate::template::Dict) -> String {
    let named: Vec<(String, String)> =
        dict.iter().map(|(name, value)| (name.to_string().to_uppercase(), value.to_string())).collect();
    match named.iter().find(|(name, _)| name == "SSL" || name == "X509") {
        Some((name, value)) if *value != "False" => name.clone(),
        Some(_) => "NONE".to_owned(),
        None if named.is_empty() => "NONE".to_owned(),
        None => named.iter().map(|(name, value)| format!("{name} {}", text(value))).collect::<Vec<_>>().join(" AND "),
    }
}

fn is_required(wanted: &str, found: &str) -> bool {
    match found {
        "" => wanted == "NONE",
        "ANY" => wanted == "SSL",
        "X509" => wanted == "X509",
        _ => wanted.contains('\''),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_servers() {
        assert_eq!(native_hash("password"), "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
        assert!(is_hash("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19") && !is_hash("*24") && !is_hash("password"));
    }
}
