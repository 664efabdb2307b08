//! Privileges of `PostgreSQL` as statements.
//!
//! Pure: arguments in, statements out.

use super::postgresql::{name, text};
use crate::modules::{Args, ModuleError};

/// Privileges there are.
const PRIVILEGES: [&str; 17] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
    "CREATE",
    "CONNECT",
    "TEMPORARY",
    "TEMP",
    "EXECUTE",
    "USAGE",
    "ALL",
    "SET",
    "ALTER_SYSTEM",
    "MAINTAIN",
];

/// What default privileges are of, and which.
const DEFAULTS: [(&str, &[&str]); 5] = [
    ("TABLES", &["ALL", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"]),
    ("SEQUENCES", &["ALL", "SELECT", "UPDATE", "USAGE"]),
    ("FUNCTIONS", &["ALL", "EXECUTE"]),
    ("TYPES", &["ALL", "USAGE"]),
    ("SCHEMAS", &["CREATE", "USAGE"]),
];

/// Roles that every server has.
const IMPLICIT: [&str; 4] = ["PUBLIC", "CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"];

/// Privileges on things of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    kind: String,
    schema: Option<String>,
    rights: Vec<String>,
    objects: Vec<String>,
    all_in_schema: bool,
    targets: Vec<String>,
    present: bool,
    grant: Option<bool>,
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

fn refuse<T>(message: String) -> Result<T, ModuleError> {
    Err(ModuleError::new(message))
}

impl Privileges {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When they make no sense together.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let kind = args.needed("type");
        let given = |name: &str| args.text(name).filter(|value| !value.is_empty());
        let in_schema = matches!(kind, "table" | "sequence" | "function" | "procedure" | "type" | "default_privs");
        let schema = match given("schema") {
            Some(_) if !in_schema => return refuse(format!("Argument \"schema\" is not allowed for type \"{kind}\".")),
            Some("not-specified") => None,
            _ if !in_schema || args.text("objs") == Some("schemas") => None,
            schema => Some(schema.unwrap_or("public").to_owned()),
        };
        let objects = match given("objs") {
            Some(objects) => objects,
            None if kind == "database" => args.needed("login_db"),
            None => return refuse(format!("Argument \"objs\" is required for type \"{kind}\".")),
        };
        let all_in_schema = objects == "ALL_IN_SCHEMA";
        if all_in_schema && !matches!(kind, "table" | "sequence" | "function" | "procedure") {
            return refuse(format!(
                "Argument \"objs\": ALL_IN_SCHEMA can be used only for type: table, sequence, function or procedure, \
                 {kind} was passed."
            ));
        }
        let privileges: Vec<String> = match (given("privs"), kind == "group") {
            (Some(_), true) => return refuse("Argument \"privs\" is not allowed for type \"group\".".to_owned()),
            (None, false) => return refuse(format!("Argument \"privs\" is required for type \"{kind}\".")),
            (privileges, _) => privileges.map(|list| split(&list.to_uppercase())).unwrap_or_default(),
        };
        if let Some(other) = privileges.iter().find(|privilege| !PRIVILEGES.contains(&privilege.as_str())) {
            return refuse(format!("Invalid privileges specified: {other}"));
        }
        let objects = match kind {
            "default_privs" => defaults(objects, &privileges)?,
            "function" | "procedure" if !all_in_schema => {
                split(objects).iter().map(|object| object.replace(':', ",")).collect()
            }
            _ => split(objects),
        };
        if let Some(object) = objects
            .iter()
            .find(|object| matches!(kind, "function" | "procedure") && !all_in_schema && !object.contains('('))
        {
            return refuse(format!("Illegal function / procedure signature: \"{object}\"."));
        }
        Ok(Self {
            kind: kind.to_owned(),
            schema,
            rights: privileges,
            objects,
            all_in_schema,
            targets: given("target_roles").filter(|_| kind == "default_privs").map(split).unwrap_or_default(),
            present: args.needed("state") == "present",
            grant: args.maybe_bool("grant_option"),
        })
    }

    /// A query of the lists that say who may what; `tag` names its row.
    #[must_use]
    pub fn state(&self, tag: &str) -> String {
        let names: Vec<String> =
            self.objects.iter().map(|object| text(object.split('(').next().unwrap_or(object))).collect();
        let of = |table: &str, column: &str, list: &str| {
            format!("SELECT oid, {list}::text AS l FROM {table} WHERE {column} IN ({})", names.join(","))
        };
        let inside = |table: &str, column: &str, list: &str, space: &str, only: &str| {
            let only_these =
                if self.all_in_schema { String::new() } else { format!(" AND c.{column} IN ({})", names.join(",")) };
            let schema =
                self.schema.as_ref().map(|schema| format!(" AND n.nspname = {}", text(schema))).unwrap_or_default();
            format!(
                "SELECT c.oid, c.{list}::text AS l FROM {table} c JOIN pg_namespace n ON n.oid = c.{space} \
                 WHERE true{schema}{only_these}{only}"
            )
        };
        let lists = match self.kind.as_str() {
            "table" => {
                inside("pg_class", "relname", "relacl", "relnamespace", " AND c.relkind IN ('r','p','v','m','f')")
            }
            "sequence" => inside("pg_class", "relname", "relacl", "relnamespace", " AND c.relkind = 'S'"),
            "function" | "procedure" => inside("pg_proc", "proname", "proacl", "pronamespace", ""),
            "type" => inside("pg_type", "typname", "typacl", "typnamespace", ""),
            "schema" => of("pg_namespace", "nspname", "nspacl"),
            "language" => of("pg_language", "lanname", "lanacl"),
            "tablespace" => of("pg_tablespace", "spcname", "spcacl"),
            "foreign_data_wrapper" => of("pg_foreign_data_wrapper", "fdwname", "fdwacl"),
            "foreign_server" => of("pg_foreign_server", "srvname", "srvacl"),
            "parameter" => of("pg_parameter_acl", "parname", "paracl"),
            "default_privs" => {
                let schema = self.schema.as_ref().map(|schema| {
                    format!(" JOIN pg_namespace n ON n.oid = a.defaclnamespace WHERE n.nspname = {}", text(schema))
                });
                // Rows that become empty go and come back under another number.
                let rows = "SELECT 0 AS oid, concat_ws('/', defaclrole, defaclnamespace, defaclobjtype, defaclacl) AS l FROM pg_default_acl a";
                format!("{rows}{}", schema.unwrap_or_default())
            }
            "group" => format!(
                "SELECT 0 AS oid, concat_ws('/', m.roleid, m.grantor, m.member, m.admin_option) AS l FROM pg_auth_members m \
                 JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname IN ({})",
                names.join(",")
            ),
            _ => of("pg_database", "datname", "datacl"),
        };
        format!(
            "SELECT json_build_object('k', {}, 'l', (SELECT json_agg(s.l ORDER BY s.oid, s.l) FROM ({lists}) s))",
            text(tag)
        )
    }

    /// What is granted or revoked, as SQL names it.
    fn what(&self) -> String {
        if self.kind == "group" {
            return self.objects.iter().map(|object| name(object)).collect::<Vec<_>>().join(",");
        }
        let privileges = self.rights.join(",");
        if self.kind == "default_privs" {
            return privileges;
        }
        let (privileges, kind) = (privileges.replace('_', " "), self.kind.replace('_', " "));
        let schema = self.schema.as_ref().map(|schema| name(schema));
        if self.all_in_schema {
            return format!("{privileges} ON ALL {}S IN SCHEMA {}", kind.to_uppercase(), schema.unwrap_or_default());
        }
        let object = |object: &String| {
            let bare = match object.split_once('(') {
                Some((function, rest)) if matches!(kind.as_str(), "function" | "procedure") => {
                    format!("{}({rest}", name(function))
                }
                _ => name(object),
            };
            schema.as_ref().map_or_else(|| bare.clone(), |schema| format!("{schema}.{bare}"))
        };
        let objects: Vec<String> = self.objects.iter().map(object).collect();
        format!("{privileges} ON {kind} {}", objects.join(","))
    }

    /// The statements for roles, each as SQL names it.
    #[must_use]
    pub fn statements(&self, roles: &[String]) -> Vec<String> {
        let (who, what) = (roles.join(","), self.what());
        if self.kind == "default_privs" {
            return self.defaults(&who, &what);
        }
        if !self.present {
            return vec![format!("REVOKE {what} FROM {who}")];
        }
        let option = if self.kind == "group" { "ADMIN OPTION" } else { "GRANT OPTION" };
        let with = if self.grant == Some(true) { format!(" WITH {option}") } else { String::new() };
        let mut statements = vec![format!("GRANT {what} TO {who}{with}")];
        if self.grant == Some(false) {
            statements.push(format!("REVOKE {option} FOR {what} FROM {who}"));
        }
        statements
    }

    fn defaults(&self, who: &str, what: &str) -> Vec<String> {
        let targets: Vec<String> = self.targets.iter().map(|role| name(role)).collect();
        let targets = if targets.is_empty() { String::new() } else { format!(" FOR ROLE {}", targets.join(",")) };
        let schema = self.schema.as_ref().map(|schema| format!(" IN SCHEMA {}", name(schema))).unwrap_or_default();
        let begin = format!("ALTER DEFAULT PRIVILEGES{targets}{schema}");
        let revoke = |object: &str| format!("{begin} REVOKE ALL ON {object} FROM {who}");
        if !self.present {
            return ["TABLES", "FUNCTIONS", "SEQUENCES", "TYPES"].iter().map(|object| revoke(object)).collect();
        }
        let with = if self.grant == Some(true) { " WITH GRANT OPTION" } else { "" };
        let grant = |object: &String| format!("{begin} GRANT {what} ON {object} TO {who}{with}");
        self.objects.iter().map(|object| revoke(object)).chain(self.objects.iter().map(grant)).collect()
    }
}

fn defaults(objects: &str, privileges: &[String]) -> Result<Vec<String>, ModuleError> {
    let objects = match objects {
        "ALL_DEFAULT" => split("TABLES,SEQUENCES,FUNCTIONS,TYPES"),
        objects => split(&objects.to_uppercase()),
    };
    for object in &objects {
        let Some((_, valid)) = DEFAULTS.iter().find(|(name, _)| name == object) else {
            return refuse(format!("Invalid Object set specified: {object}"));
        };
        if !privileges.iter().all(|privilege| valid.contains(&privilege.as_str())) {
            return refuse(format!("Invalid priv specified. Valid privileges for {object}: {}", valid.join(", ")));
        }
    }
    Ok(objects)
}

/// A role as SQL names it, if it is one that every server has.
#[must_use]
pub fn implicit(role: &str) -> Option<String> {
    let role = role.to_uppercase();
    IMPLICIT.contains(&role.as_str()).then_some(role)
}
