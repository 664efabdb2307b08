//! Reads `ProxyJump` and `-J`: the hosts on the way.
//!
//! Pure. OpenSSH passes what stands here through a shell, so only characters that mean nothing there are taken.

use super::value::port;

/// The hosts on the way, first to last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Jump {
    /// None: the connection is direct.
    None,
    /// These; there is at least one.
    Hops(Vec<Hop>),
}

/// A host on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Hop {
    /// The user, if one is named.
    pub(super) user: Option<String>,
    /// The host: a name or an address.
    pub(super) host: String,
    /// The port, if one is named.
    pub(super) port: Option<u16>,
}

impl Jump {
    /// Reads a comma list of `[user@]host[:port]`; none when OpenSSH may read it in another way.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("none") {
            return Some(Self::None);
        }
        // Older versions take a remark for a part of `none`, and of all hosts but the last.
        let text = match text.split_once('#') {
            Some((host, _)) if !text.contains(',') && !host.trim_end().eq_ignore_ascii_case("none") => host.trim_end(),
            _ => text,
        };
        let hops = text.split(',').map(Hop::read).collect::<Option<Vec<_>>>()?;
        let several = hops.len() > 1;
        // An address in brackets is a pattern to the shell that passes on all but the last.
        let odd = |hop: &Hop| hop.host.eq_ignore_ascii_case("none") || (several && hop.host.contains(':'));
        (!hops.iter().any(odd)).then_some(Self::Hops(hops))
    }
}

impl Hop {
    fn read(text: &str) -> Option<Self> {
        let (text, is_uri) = match text.strip_prefix("ssh://") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (user, place) = match text.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, text),
        };
        let (host, port_text) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, behind) = rest.split_once(']')?;
                let address = host.parse::<std::net::IpAddr>().is_ok();
                (host, if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) }.filter(|_| address))
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let plain = |text: &str, more: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || more.contains(c))
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c))
        };
        let fits =
            plain(host, if place.starts_with('[') { ":" } else { "" }) && user.is_none_or(|user| plain(user, "_"));
        let odd_uri = is_uri && (place.starts_with('[') || host.contains("..") || host.ends_with('.'));
        if !fits || odd_uri || (place.starts_with('[') && host.parse::<std::net::IpAddr>().is_err()) {
            return None;
        }
        let port = match port_text {
            Some(text) => Some(u16::try_from(port(text)?).ok()?),
            None => None,
        };
        Some(Self { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(user: Option<&str>, host: &str, port: Option<u16>) -> Hop {
        Hop { user: user.map(str::to_owned), host: host.to_owned(), port }
    }

    #[test]
    fn jumps_are_read() {
        assert_eq!(Jump::read("None"), Some(Jump::None));
        assert_eq!(Jump::read("a # words"), Some(Jump::Hops(vec![hop(None, "a", None)])));
        assert_eq!(Jump::read("[::1]:22"), Some(Jump::Hops(vec![hop(None, "::1", Some(22))])));
        assert_eq!(
            Jump::read("ann@a.example:2222,b,ssh://c"),
            Some(Jump::Hops(vec![
                hop(Some("ann"), "a.example", Some(2222)),
                hop(None, "b", None),
                hop(None, "c", None)
            ]))
        );
    }

    #[test]
    fn what_a_shell_or_openssh_may_read_otherwise_is_not_taken() {
        for text in [
            "",
            ",a",
            "a,",
            "@a",
            "a:",
            "a:0",
            "a:x",
            "::1",
            "[::1",
            "[a]",
            "[::1]x",
            "-a",
            "-u@a",
            "a b",
            "a,b # c",
            "a # b,c",
            "none # a",
            "%r@a",
            "$x",
            "a;b",
            "\"a\"",
            "a,none",
            "[::1],a",
            "ssh://a/b",
            "ssh://[::1]",
            "ssh://a..b",
            "ssh://",
            "a@b@c",
            "~a",
            "é",
        ] {
            assert_eq!(Jump::read(text), None, "{text}");
        }
    }
}
