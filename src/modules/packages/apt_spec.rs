//! What `apt` takes and returns.

use crate::modules::{Argument, Kind, Return};

/// The arguments of `apt`.
pub const ARGUMENTS: &[Argument] = &[
    Argument::list(
        "package",
        "Packages: `nginx`, `nginx=1.22.*`, `nginx>=1.20`, `nginx*`; `*` with `latest` means all.",
    )
    .aliases(&["name", "pkg"]),
    Argument::text("state", "What is wanted of them.").default("present").choices(&[
        "absent",
        "build-dep",
        "fixed",
        "latest",
        "present",
        // Taken away in 2.9, still written.
        "installed",
        "removed",
    ]),
    Argument::of("update_cache", Kind::Bool, "Fetches the lists first.").aliases(&["update-cache"]),
    Argument::int("cache_valid_time", "Seconds for which fetched lists are good enough; implies `update_cache`.")
        .default("0"),
    Argument::int("update_cache_retries", "How often fetching the lists is tried.").default("5"),
    Argument::int("update_cache_retry_max_delay", "The longest pause between tries, in seconds.").default("12"),
    Argument::text("upgrade", "Upgrades all packages: `dist` and `full` may remove some, `yes` and `safe` do not.")
        .default("no")
        .choices(&["dist", "full", "no", "safe", "yes"]),
    Argument::text("deb", "A package file on the host, or its address."),
    Argument::bool("purge", false, "Removes configuration too."),
    Argument::bool("autoremove", false, "Removes packages that nobody needs any more."),
    Argument::bool("autoclean", false, "Deletes package files that cannot be fetched any more."),
    Argument::bool("clean", false, "Deletes fetched package files."),
    Argument::text("default_release", "The release that packages come from.").aliases(&["default-release"]),
    Argument::of("install_recommends", Kind::Bool, "Whether recommended packages come along; else as the host has it.")
        .aliases(&["install-recommends"]),
    Argument::bool("force", false, "Answers every doubt with yes (`--force-yes`)."),
    Argument::bool("allow_unauthenticated", false, "Takes packages that nobody signed.")
        .aliases(&["allow-unauthenticated"]),
    Argument::bool("allow_downgrade", false, "Goes back to older versions.").aliases(&[
        "allow-downgrade",
        "allow_downgrades",
        "allow-downgrades",
    ]),
    Argument::bool("allow_change_held_packages", false, "Alters packages that are held."),
    Argument::text("dpkg_options", "Options of dpkg, with commas between them.").default("force-confdef,force-confold"),
    Argument::bool("only_upgrade", false, "Upgrades what is installed and installs nothing else."),
    Argument::bool("fail_on_autoremove", false, "Fails where packages would have to be removed."),
    Argument::bool("force_apt_get", false, "No matter: `apt-get` is always used."),
    Argument::bool("auto_install_module_deps", true, "No matter: nothing needs to be installed."),
    Argument::int("policy_rc_d", "What `/usr/sbin/policy-rc.d` answers meanwhile; 101 keeps services from starting."),
    Argument::int("lock_timeout", "Seconds to wait for the lock of dpkg.").default("60"),
];

/// What `apt` returns.
pub const RETURNS: &[Return] = &[
    Return { name: "cache_updated", about: "Whether the lists were fetched." },
    Return { name: "cache_update_time", about: "When they last were, in seconds since 1970." },
    Return { name: "stdout", about: "What apt-get said." },
    Return { name: "stderr", about: "What apt-get said on its standard error." },
];
