//! The keywords of plays, blocks, tasks and roles.

/// What plays, blocks, tasks and roles share.
pub const COMMON: &[&str] = &[
    "name",
    "vars",
    "tags",
    "become",
    "become_user",
    "become_method",
    "become_flags",
    "become_exe",
    "environment",
    "module_defaults",
    "ignore_errors",
    "ignore_unreachable",
    "no_log",
    "check_mode",
    "diff",
    "any_errors_fatal",
    "throttle",
    "timeout",
    "run_once",
    "connection",
    "port",
    "remote_user",
    "collections",
    "debugger",
];

/// What blocks, tasks and roles share beyond that.
pub const CONDITIONAL: &[&str] = &["when", "delegate_to", "delegate_facts"];

/// What only plays take.
pub const PLAY: &[&str] = &[
    "hosts",
    "gather_facts",
    "gather_subset",
    "gather_timeout",
    "fact_path",
    "roles",
    "tasks",
    "pre_tasks",
    "post_tasks",
    "handlers",
    "vars_files",
    "vars_prompt",
    "serial",
    "strategy",
    "order",
    "max_fail_percentage",
    "force_handlers",
    "import_playbook",
];

/// What only blocks take.
pub const BLOCK: &[&str] = &["block", "rescue", "always", "notify"];

/// What only tasks take.
pub const TASK: &[&str] = &[
    "action",
    "local_action",
    "args",
    "loop",
    "loop_control",
    "register",
    "changed_when",
    "failed_when",
    "until",
    "retries",
    "delay",
    "async",
    "poll",
    "notify",
];

/// What `loop_control` takes.
pub const LOOP_CONTROL: &[&str] =
    &["loop_var", "index_var", "label", "pause", "extended", "extended_allitems", "break_when"];

/// What a question of `vars_prompt` takes.
pub const PROMPT: &[&str] =
    &["name", "prompt", "default", "private", "confirm", "encrypt", "salt_size", "salt", "unsafe"];

/// What `include_role` and `import_role` take.
pub const ROLE_INCLUDE: &[&str] = &[
    "name",
    "role",
    "tasks_from",
    "vars_from",
    "defaults_from",
    "handlers_from",
    "apply",
    "public",
    "allow_duplicates",
    "rolespec_validate",
];

/// Actions that are part of the language.
pub const ACTIONS: &[&str] =
    &["include_tasks", "import_tasks", "include_role", "import_role", "import_playbook", "include", "meta"];

/// The words that `meta` takes.
pub const META: &[&str] = &[
    "flush_handlers",
    "noop",
    "clear_facts",
    "clear_host_errors",
    "end_host",
    "end_batch",
    "end_play",
    "end_role",
    "reset_connection",
    "refresh_inventory",
];

/// Plays' strategies.
pub const STRATEGIES: &[&str] = &["linear", "free", "host_pinned"];

/// Orders of hosts.
pub const ORDERS: &[&str] = &["inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle"];

/// Whether a text can name a variable.
pub fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic());
    starts && characters.all(|character| character == '_' || character.is_ascii_alphanumeric())
}
