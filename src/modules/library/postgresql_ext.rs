//! `postgresql_ext`: extensions of databases of `PostgreSQL`.

use crate::modules::databases::postgresql::{Login, name, postgresql_arguments, rows, text};
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct PostgresqlExt;

/// The module.
pub static MODULE: PostgresqlExt = PostgresqlExt;

static SPEC: Spec = Spec {
    name: "postgresql_ext",
    collections: &["community.postgresql", "community.general"],
    summary: "Adds extensions to databases of PostgreSQL, and removes them.",
    arguments: postgresql_arguments![
        Argument::text("ext", "The extension.").required().aliases(&["name"]),
        Argument::text("login_db", "The database.").required().aliases(&["db"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("schema", "The schema of what it brings."),
        Argument::text("version", "Its version; `latest` for the newest that the server has."),
        Argument::bool("cascade", false, "Whether what it needs comes along, or what needs it goes along."),
    ],
    returns: &[Return { name: "queries", about: "The statements." }],
    ..BLANK
};

impl Module for PostgresqlExt {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let login = Login::of(&args, args.needed("login_db"));
        let query = rows(&format!(
            "SELECT a.default_version AS newest, e.extversion AS version, n.nspname AS schema \
             FROM pg_available_extensions a LEFT JOIN pg_extension e ON e.extname = a.name \
             LEFT JOIN pg_namespace n ON n.oid = e.extnamespace WHERE a.name = {}",
            text(args.needed("ext"))
        ));
        login.clone().ask(&[query], move |found| {
            let extension = name(args.needed("ext"));
            let row = found.first().cloned().unwrap_or_default();
            let version = row["version"].as_str();
            let cascade = if args.bool("cascade") { " CASCADE" } else { "" };
            let wanted = match args.text("version") {
                Some("latest") => row["newest"].as_str(),
                other => other,
            };
            let mut statements = Vec::new();
            match (args.needed("state"), version) {
                ("absent", None) => {}
                ("absent", Some(_)) => statements.push(format!("DROP EXTENSION {extension}{cascade}")),
                (_, None) if found.is_empty() => {
                    return Err(ModuleError::new(format!("Extension {} is not available", args.needed("ext"))));
                }
                (_, None) => {
                    let mut statement = format!("CREATE EXTENSION {extension}");
                    statement.extend(args.text("schema").map(|schema| format!(" WITH SCHEMA {}", name(schema))));
                    statement.extend(wanted.map(|version| format!(" VERSION {}", text(version))));
                    statements.push(statement + cascade);
                }
                (_, Some(version)) => {
                    let other = wanted.filter(|wanted| *wanted != version);
                    statements.extend(other.map(|version| format!("ALTER EXTENSION {extension} UPDATE TO {}", text(version))));
                    let other = args.text("schema").filter(|schema| row["schema"] != *schema);
                    statements.extend(other.map(|schema| format!("ALTER EXTENSION {extension} SET SCHEMA {}", name(schema))));
                }
            }
            let result = TaskResult::ok().field("ext", args.needed("ext"));
            login.change(&extension, &statements, &statements, result)
        })
    }
}
