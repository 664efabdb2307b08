//! Parts of addresses.

/// The scheme in lower case; empty where there is none.
#[must_use]
pub fn scheme(url: &str) -> String {
    url.split_once(':').map_or_else(String::new, |(scheme, _)| scheme.to_lowercase())
}

/// An address with its login hidden.
#[must_use]
pub fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        None => url.to_owned(),
        Some((login, host)) => {
            let hidden = if login.contains(':') { "****:****" } else { "****" };
            format!("{scheme}://{hidden}@{host}{path}")
        }
    }
}

/// What stands after the last slash of an address's path.
#[must_use]
pub fn base(url: &str) -> &str {
    path(url).rsplit('/').next().unwrap_or_default()
}

fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    rest.find('/').map_or("", |start| &rest[start..])
}

/// Scheme and server of an address, without a login.
pub(super) fn authority(url: &str) -> (String, String) {
    let (url, _) = without_login(url);
    (scheme(&url), server(&url).to_lowercase())
}

/// An address without its login, and the login as `user:password`.
pub(super) fn without_login(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        None => (url.to_owned(), None),
        Some((login, host)) => (format!("{scheme}://{host}{}", &rest[end..]), Some(login.to_owned())),
    }
}

/// What names the server: host and port, with a login as it stands.
fn server(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

/// The host that an address names.
fn host(url: &str) -> &str {
    let authority = server(url);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether an address means the machine that asks.
#[must_use]
pub fn is_own(url: &str) -> bool {
    let host = host(url).to_lowercase();
    let address =
        host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback() || address.is_unspecified());
    address || host.is_empty() || host == "localhost" || host.ends_with(".localhost")
}

/// An address that may be relative to another one.
#[must_use]
pub fn join(from: &str, to: &str) -> String {
    if to.contains("://") {
        return to.to_owned();
    }
    let Some((scheme, rest)) = from.split_once("://") else { return to.to_owned() };
    if let Some(rest) = to.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if to.starts_with('/') {
        return format!("{scheme}://{authority}{to}");
    }
    let path = path(from);
    if to.is_empty() || to.starts_with(['?', '#']) {
        return format!("{scheme}://{authority}{path}{to}");
    }
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    let mut parts: Vec<&str> = Vec::new();
    let joined = format!("{folder}{to}");
    for part in joined.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{scheme}://{authority}/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations: `urllib.parse.urljoin` and ansible-core 2.19 (`mask_url`).
    #[test]
    fn addresses_are_joined_and_masked() {
        for (from, to, wanted) in [
            ("http://h:1/a/b?x", "/c", "http://h:1/c"),
            ("http://h/a/b", "c", "http://h/a/c"),
            ("http://h/a/b", "../c", "http://h/c"),
            ("http://h", "//o/c", "http://o/c"),
            ("http://h/a", "https://o/", "https://o/"),
            ("http://h/a?b", "?c", "http://h/a?c"),
        ] {
            assert_eq!(join(from, to), wanted);
        }
        assert_eq!(masked("http://u:p@h/x@y"), "http://****:****@h/x@y");
        assert_eq!(masked("http://u@h/"), "http://****@h/");
        assert_eq!(masked("http://h/a@b"), "http://h/a@b");
        assert_eq!((base("http://h/a/b.tar?x=/y"), base("http://h")), ("b.tar", ""));
    }

    #[test]
    fn addresses_of_the_machine_itself_are_known() {
        for own in ["http://localhost:80/", "http://u:p@127.0.0.2/", "http://[::1]:8/", "file:///x", "http://0.0.0.0"] {
            assert!(is_own(own), "{own}");
        }
        assert!(!is_own("http://example.org/") && !is_own("https://10.0.0.1/localhost"));
    }
}
