//! All modules: one file and one line each.

use super::Module;

/// Declares the modules and lists them.
macro_rules! modules {
    ($($file:ident),* $(,)?) => {
        $(mod $file;)*
        /// All modules, by name.
        pub static MODULES: &[&dyn Module] = &[$(&$file::MODULE),*];
    };
}

modules! {
    acl,
    add_host,
    apk,
    alternatives,
    apache2_module,
    apt,
    apt_key,
    apt_repository,
    assert,
    async_status,
    authorized_key,
    blockinfile,
    capabilities,
    command,
    copy,
    cron,
    cronvar,
    deb822_repository,
    debconf,
    debug,
    dnf,
    docker_compose,
    docker_compose_v2,
    docker_container,
    docker_container_info,
    docker_image,
    docker_image_build,
    docker_image_pull,
    docker_login,
    docker_network,
    docker_volume,
    dpkg_selections,
    fail,
    fetch,
    file,
    filesystem,
    firewalld,
    gather_facts,
    getent,
    git_config,
    group,
    group_by,
    hostname,
    import_playbook,
    import_role,
    import_tasks,
    include_role,
    include_tasks,
    include_vars,
    ini_file,
    interfaces_file,
    iptables,
    known_hosts,
    lineinfile,
    locale_gen,
    make,
    meta,
    modprobe,
    mount,
    mysql_db,
    mysql_user,
    mysql_variables,
    openssh_keypair,
    openssl_dhparam,
    openssl_privatekey,
    package,
    pam_limits,
    patch,
    pause,
    package_facts,
    ping,
    pip,
    postgresql_db,
    postgresql_ext,
    postgresql_user,
    rabbitmq_plugin,
    rabbitmq_user,
    rabbitmq_vhost,
    raw,
    reboot,
    replace,
    rpm_key,
    script,
    seboolean,
    sefcontext,
    selinux,
    seport,
    service,
    service_facts,
    set_fact,
    set_stats,
    setup,
    shell,
    slurp,
    stat,
    sudoers,
    supervisorctl,
    sysctl,
    systemd,
    tempfile,
    template,
    timezone,
    ufw,
    user,
    validate_argument_spec,
    wait_for,
    wait_for_connection,
    yum_repository,
}

/// Finds a module by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Module> {
    let (collection, short) = name.rsplit_once('.').map_or((None, name), |(left, right)| (Some(left), right));
    MODULES.iter().copied().find(|module| {
        let spec = module.spec();
        let named = spec.name == short || spec.aliases.contains(&short);
        named && collection.is_none_or(|collection| spec.collections.contains(&collection))
    })
}
