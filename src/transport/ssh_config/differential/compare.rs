//! Holds settings against what `ssh -G` prints.

use std::path::PathBuf;

use super::super::caller::Caller;
use super::super::pattern::matches;
use super::super::{AddressFamily, HostKeyChecking, Method, Settings};
use super::Printed;

/// Holds the settings against what `ssh` prints.
pub(super) fn compare(settings: &Settings, printed: &Printed, context: &str) {
    let one = |keyword: &str| printed.get(keyword).map(|values| values[0].as_str());
    let all = |keyword: &str| printed.get(keyword).cloned().unwrap_or_default();
    let yes = |flag: bool| if flag { "yes" } else { "no" };
    let seconds = |time: Option<std::time::Duration>| time.map_or(0, |time| time.as_secs()).to_string();
    let caller = Caller::current().unwrap();
    let check = |keyword: &str, ours: &str| assert_eq!(one(keyword), Some(ours), "{keyword} of {context}");
    check("hostname", &settings.hostname);
    check("port", &settings.port.to_string());
    check("user", &settings.user);
    check(
        "addressfamily",
        match settings.address_family {
            AddressFamily::Any => "any",
            AddressFamily::Inet => "inet",
            AddressFamily::Inet6 => "inet6",
        },
    );
    let timeout = one("connecttimeout").filter(|value| *value != "none").unwrap_or("0");
    assert_eq!(timeout, seconds(settings.connect_timeout), "connecttimeout of {context}");
    check("connectionattempts", &settings.connection_attempts.to_string());
    assert!(one("tcpkeepalive") == Some(yes(settings.tcp_keep_alive)), "tcpkeepalive of {context}");
    check("serveraliveinterval", &seconds(settings.alive_interval));
    check("serveralivecountmax", &settings.alive_count.to_string());
    check("rekeylimit", &format!("{} {}", settings.rekey_bytes.unwrap_or(0), seconds(settings.rekey_time)));
    check(
        "stricthostkeychecking",
        match (settings.host_keys.checking, one("stricthostkeychecking")) {
            (HostKeyChecking::Strict, Some("ask")) => "ask",
            (HostKeyChecking::Strict, _) => "true",
            (HostKeyChecking::AcceptNew, _) => "accept-new",
            (HostKeyChecking::Off, _) => "false",
        },
    );
    check("hashknownhosts", yes(settings.host_keys.hash));
    check("checkhostip", yes(settings.host_keys.check_ip));
    check("nohostauthenticationforlocalhost", yes(settings.host_keys.skip_localhost));
    assert_eq!(one("hostkeyalias"), settings.host_keys.alias.as_deref(), "hostkeyalias of {context}");
    check("userknownhostsfile", &joined(&settings.host_keys.user_files));
    let global = all("globalknownhostsfile").join(" ").replace("~/", &format!("{}/", caller.home));
    assert_eq!(global, joined(&settings.host_keys.global_files), "globalknownhostsfile of {context}");
    check("identitiesonly", yes(settings.authentication.identities_only));
    check("numberofpasswordprompts", &settings.authentication.password_prompts.to_string());
    compare_keys(settings, printed, &caller, context);
    compare_methods(settings, printed, context);
    compare_environment(settings, printed, &caller, context);
    compare_algorithms(settings, printed, context);
    compare_way(settings, printed, context);
    must_be_harmless(printed, context);
}

fn joined(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    if paths.is_empty() { "none".to_owned() } else { paths.join(" ") }
}

/// `ssh -G` prints these before it expands them.
fn compare_keys(settings: &Settings, printed: &Printed, caller: &Caller, context: &str) {
    let expanded = |keyword: &str| -> Vec<PathBuf> {
        let raw = printed.get(keyword).cloned().unwrap_or_default();
        let named = raw.iter().filter(|path| !path.eq_ignore_ascii_case("none"));
        let expand = |path: &String| {
            let path =
                if let Some(rest) = path.strip_prefix("~/") { format!("{}/{rest}", caller.home) } else { path.clone() };
            let path = path.replace("%h", &printed["hostname"][0]).replace("%r", &printed["user"][0]);
            PathBuf::from(path.replace("%p", &printed["port"][0]).replace("%d", &caller.home).replace("%%", "%"))
        };
        named.map(expand).collect()
    };
    let mut identities = expanded("identityfile");
    if identities.len() == 7 && identities[0] == caller.at_home(".ssh/id_rsa") {
        identities = ["id_rsa", "id_ecdsa", "id_ed25519"].map(|name| caller.at_home(&format!(".ssh/{name}"))).to_vec();
    }
    assert_eq!(identities, settings.authentication.identities, "identityfile of {context}");
    assert_eq!(expanded("certificatefile"), settings.authentication.certificates, "certificatefile of {context}");
}

fn compare_methods(settings: &Settings, printed: &Printed, context: &str) {
    let on = |keyword: &str| !matches!(printed[keyword][0].as_str(), "no" | "false");
    let methods = &settings.authentication.methods;
    let preferred = printed.get("preferredauthentications").map(|values| values[0].as_str());
    for (method, name, keyword) in [
        (Method::PublicKey, "publickey", "pubkeyauthentication"),
        (Method::KeyboardInteractive, "keyboard-interactive", "kbdinteractiveauthentication"),
        (Method::Password, "password", "passwordauthentication"),
    ] {
        let expected = on(keyword) && preferred.is_none_or(|list| list.split(',').any(|known| known == name));
        assert_eq!(methods.contains(&method), expected, "{keyword} of {context}");
    }
}

fn compare_environment(settings: &Settings, printed: &Printed, caller: &Caller, context: &str) {
    let all = |keyword: &str| printed.get(keyword).cloned().unwrap_or_default();
    let patterns = all("sendenv");
    let text = |text: &std::ffi::OsString| text.to_str().unwrap().to_owned();
    let sent = caller.environment.iter().map(|(name, value)| (text(name), text(value)));
    let sent = sent.filter(|(name, _)| patterns.iter().any(|pattern| matches(name, pattern)));
    let pairs = all("setenv");
    let pairs = pairs.iter().map(|pair| pair.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap());
    assert_eq!(sent.chain(pairs).collect::<Vec<_>>(), settings.environment, "sendenv and setenv of {context}");
}

fn compare_algorithms(settings: &Settings, printed: &Printed, context: &str) {
    for (keyword, ours) in [
        ("ciphers", &settings.algorithms.ciphers),
        ("macs", &settings.algorithms.macs),
        ("kexalgorithms", &settings.algorithms.kex),
        ("hostkeyalgorithms", &settings.algorithms.host_key),
        ("pubkeyacceptedalgorithms", &settings.algorithms.public_key),
        ("casignaturealgorithms", &settings.algorithms.ca_signature),
    ] {
        if let Some(ours) = ours {
            assert_eq!(printed[keyword][0], ours.join(","), "{keyword} of {context}");
        }
    }
}

/// The last host on the way is what `ssh -G` prints; what it resolves to is another configuration's affair.
fn compare_way(settings: &Settings, printed: &Printed, context: &str) {
    match (printed.get("proxyjump"), &settings.via) {
        (None, None) => {}
        (Some(values), Some(via)) => {
            let last = values[0].rsplit(',').next().unwrap();
            let host = last.rsplit('@').next().unwrap();
            let host = host
                .strip_prefix('[')
                .and_then(|host| host.split_once(']'))
                .map_or_else(|| host.split(':').next().unwrap(), |(host, _)| host);
            assert_eq!(host, via.original, "proxyjump of {context}");
        }
        (theirs, ours) => panic!("proxyjump of {context}: {theirs:?}, {ours:?}"),
    }
}

/// Where ssh would do more than native, native must not have been chosen.
fn must_be_harmless(printed: &Printed, context: &str) {
    for (keyword, harmless) in [
        ("compression", "no"),
        ("hostbasedauthentication", "no"),
        ("canonicalizehostname", "false"),
        ("verifyhostkeydns", "false"),
        ("tunnel", "false"),
        ("sessiontype", "default"),
        ("stdinnull", "no"),
        ("forkafterauthentication", "no"),
    ] {
        assert_eq!(printed[keyword], [harmless], "{keyword} of {context}");
    }
    let absent = ["proxycommand", "localforward", "remoteforward", "dynamicforward", "bindaddress", "bindinterface"];
    for keyword in absent.into_iter().chain(["pkcs11provider", "revokedhostkeys", "knownhostscommand"]) {
        let values = printed.get(keyword).filter(|values| values[0] != "none");
        assert_eq!(values, None, "{keyword} of {context}");
    }
}
