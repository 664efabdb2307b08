use super::*;
use crate::secret::Secret;

fn connection(vars: &str) -> ConnectionVars {
    try_connection(vars).unwrap_or_else(|error| panic!("{vars}: {error}"))
}

fn try_connection(vars: &str) -> Result<ConnectionVars, ConnectionError> {
    let inventory = load("hosts", &format!("h {vars}\n"));
    inventory.connection(inventory.host("h").expect("a host"))
}

fn password(vars: &ConnectionVars) -> Option<String> {
    exposed(&vars.privilege.password)
}

fn exposed(password: &Result<Option<Secret>, ConnectionError>) -> Option<String> {
    password.as_ref().expect("a usable password").as_ref().map(|secret| secret.expose().to_owned())
}

fn error(vars: &str) -> String {
    let error = try_connection(vars).expect_err(vars);
    let text = format!("{error}\nhint: {}", error.hint());
    text.split_once("hosts:").map_or(text.clone(), |(_, text)| format!("hosts:{text}"))
}

#[test]
fn host_without_variables_is_left_to_ssh_config() {
    let vars = connection("");
    assert_eq!((vars.address.as_str(), vars.port, vars.user), ("h", None, None));
    assert_eq!(vars.connection, Connection::Ssh);
    assert!(vars.privilege.enabled.is_none() && vars.ssh_args.is_empty());
}

#[test]
fn connection_variables_are_read() {
    let text = "ansible_host=192.0.2.1 ansible_port=2222 ansible_user=ops ansible_ssh_private_key_file=/k \
                ansible_ssh_common_args='-o ProxyJump=\"a b\"' ansible_ssh_extra_args=-4 ansible_ssh_args=-C \
                ansible_become=yes ansible_become_method=su ansible_become_user=root ansible_become_password=s3cret";
    let vars = connection(text);
    assert_eq!((vars.address.as_str(), vars.port, vars.user.as_deref()), ("192.0.2.1", Some(2222), Some("ops")));
    assert_eq!(vars.ssh_args, ["-C", "-o", "ProxyJump=a b", "-4"]);
    assert_eq!(vars.private_key_file, Some("/k".into()));
    assert_eq!(vars.privilege.method, Some(PrivilegeMethod::Su));
    assert_eq!(password(&vars).as_deref(), Some("s3cret"));
    assert!(vars.privilege.enabled == Some(true) && !format!("{vars:?}").contains("s3cret"));
}

#[test]
fn older_names_still_count() {
    let vars = connection(
        "ansible_ssh_host=a ansible_ssh_port=22 ansible_ssh_user=u ansible_sudo=yes ansible_sudo_user=w ansible_sudo_pass=p",
    );
    assert_eq!((vars.address.as_str(), vars.port, vars.user.as_deref()), ("a", Some(22), Some("u")));
    assert_eq!(vars.privilege.enabled, Some(true));
    assert_eq!(vars.privilege.user.as_deref(), Some("w"));
    assert_eq!(password(&vars).as_deref(), Some("p"));
}

#[test]
fn either_older_name_turns_privilege_on() {
    let vars = connection("ansible_sudo=no ansible_su=yes");
    assert_eq!((vars.privilege.enabled, vars.privilege.method), (Some(true), Some(PrivilegeMethod::Su)));
}

#[test]
fn simple_references_are_resolved() {
    let vars = connection(
        "ansible_host='{{ inventory_hostname }}.{{ domain }}' domain='{{ base }}' base=example ansible_user=\"{{ nobody | default('ops') }}\" ansible_port='{{ p }}' p=23",
    );
    assert_eq!((vars.address.as_str(), vars.port, vars.user.as_deref()), ("h.example", Some(23), Some("ops")));
}

#[test]
fn simple_filters_are_applied() {
    let vars = connection(
        "ansible_port=\"{{ lookup('env', 'OPSCTL_NO_SUCH') | default('2200', true) | int }}\" ansible_user=\"{{ x | d('u') | trim }}\"",
    );
    assert_eq!((vars.port, vars.user.as_deref()), (Some(2200), Some("u")));
}

#[test]
fn other_templates_are_refused_by_name() {
    insta::assert_snapshot!(error("ansible_host=\"{{ hostvars['x'].y }}\""), @r"
    hosts:1: `ansible_host` of host `h` cannot be resolved: `hostvars['x'].y` is more than a reference to a variable
    hint: write the value itself, or a plain reference such as {{ other_variable }}
    ");
    insta::assert_snapshot!(error("ansible_user='{{ missing }}'"), @r"
    hosts:1: `ansible_user` of host `h` cannot be resolved: `missing` is not set
    hint: write the value itself, or a plain reference such as {{ other_variable }}
    ");
    insta::assert_snapshot!(error("ansible_user='{{ a }}' a='{{ b }}' b='{{ a }}'"), @r"
    hosts:1: `ansible_user` of host `h` cannot be resolved: `a` refers to itself
    hint: write the value itself, or a plain reference such as {{ other_variable }}
    ");
}

#[test]
fn what_is_not_supported_is_refused() {
    insta::assert_snapshot!(error("ansible_connection=winrm"), @r"
    hosts:1: connection `winrm` of host `h` is not supported
    hint: supported are ssh, smart and local
    ");
    insta::assert_snapshot!(error("ansible_become_method=runas"), @r"
    hosts:1: become method `runas` of host `h` is not supported
    hint: supported are sudo, su and doas
    ");
    insta::assert_snapshot!(error("ansible_port=70000"), @r"
    hosts:1: `ansible_port` of host `h` must be a number from 1 to 65535
    hint: correct the value, or remove it to leave it to ssh_config
    ");
    insta::assert_snapshot!(error("ansible_become=maybe"), @r"
    hosts:1: `ansible_become` of host `h` must be true or false
    hint: correct the value, or remove it to leave it to ssh_config
    ");
    insta::assert_snapshot!(error("ansible_ssh_args=\"-o 'x\""), @r"
    hosts:1: `ansible_ssh_args` of host `h` must be a line of arguments with its quotes closed
    hint: correct the value, or remove it to leave it to ssh_config
    ");
}

#[test]
fn what_ssh_would_read_as_an_option_is_refused() {
    insta::assert_snapshot!(error("ansible_host=-oProxyCommand=reboot"), @r"
    hosts:1: `ansible_host` of host `h` must be a host name or address, without blanks and without a leading dash
    hint: correct the value, or remove it to leave it to ssh_config
    ");
    insta::assert_snapshot!(error("ansible_user='-x y'"), @r"
    hosts:1: `ansible_user` of host `h` must be a user name, without blanks and without a leading dash
    hint: correct the value, or remove it to leave it to ssh_config
    ");
    let inventory = load("hosts", "-oProxyCommand=reboot\n");
    assert!(inventory.connection(inventory.hosts().next().expect("a host")).is_err());
}

#[test]
fn vaulted_value_is_refused_by_name() {
    let inventory = load("h.yml", "all:\n  hosts:\n    h:\n      ansible_host: !vault |\n        $ANSIBLE_VAULT;1.1\n");
    let error = inventory.connection(inventory.host("h").expect("a host")).expect_err("an error");
    assert!(error.to_string().contains("encrypted with Ansible Vault"), "{error}");
}

#[test]
fn unusable_become_password_is_no_error_until_it_is_needed() {
    let vars = connection("ansible_become_password='{{ vault_password }}'");
    assert!(vars.privilege.password.expect_err("an error").to_string().contains("`vault_password` is not set"));
}

#[test]
fn of_several_connection_passwords_the_one_that_ansible_takes_counts() {
    // Ansible's ssh plugin lists ansible_password, ansible_ssh_pass, ansible_ssh_password: the last that is set wins.
    for (vars, expected) in [
        ("", None),
        ("ansible_password=", None),
        ("ansible_password=p", Some("p")),
        ("ansible_password=12345", Some("12345")),
        ("ansible_ssh_pass=s ansible_password=p", Some("s")),
        ("ansible_password=p ansible_ssh_pass=s ansible_ssh_password=l", Some("l")),
        ("ansible_ssh_password='' ansible_password='{{ other }}' other=o", Some("o")),
    ] {
        let vars = connection(vars);
        assert_eq!(exposed(&vars.password).as_deref(), expected);
        assert_eq!(password(&vars), None, "it is no become password");
    }
    assert!(!format!("{:?}", connection("ansible_password=s3cret")).contains("s3cret"));
}

#[test]
fn unusable_connection_password_is_no_error_until_it_is_needed() {
    let vars = connection("ansible_password='{{ vault_password }}'");
    assert!(vars.password.expect_err("an error").to_string().contains("`vault_password` is not set"));
    let vault = "all:\n  hosts:\n    h:\n      ansible_ssh_pass: !vault |\n        $ANSIBLE_VAULT;1.1\n";
    let inventory = load("h.yml", vault);
    let vars = inventory.connection(inventory.host("h").expect("a host")).expect("variables");
    assert!(vars.password.expect_err("an error").to_string().contains("encrypted with Ansible Vault"));
}

#[test]
fn implicit_localhost_is_local_and_has_the_variables_of_all() {
    let inventory = load("hosts", "h\n[all:vars]\nx=1\nansible_connection=ssh\n");
    let localhost = inventory.host("localhost").expect("localhost");
    assert_eq!(inventory.connection(localhost).expect("vars").connection, Connection::Local);
    assert_eq!(var(&inventory, "localhost", "x"), serde_json::json!(1));
}

#[test]
fn localhost_is_the_host_that_the_inventory_has_for_it() {
    let inventory = load("hosts", "h\n127.0.0.1 ansible_port=2222\n");
    let selection = inventory.select(&HostPattern::parse("localhost").expect("a pattern"), None);
    assert_eq!(selection.hosts.join(" "), "127.0.0.1");
    let vars = inventory.connection(inventory.host("localhost").expect("a host")).expect("vars");
    assert_eq!((vars.connection, vars.port), (Connection::Ssh, Some(2222)));
}
