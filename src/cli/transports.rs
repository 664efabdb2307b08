//! Which transport each host takes and why, for people who want to know: `-v`.

use std::fmt::Write as _;

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr as _;

use crate::engine::{ConnectionKind, PlannedHost};
use crate::render::{host_set, sanitize_line};
use crate::transport::{Auto, Choice, Settings};

/// Columns that a line keeps within, as far as its reason allows.
const WIDTH: usize = 80;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A line a transport and reason (`-v`).
    Folded,
    /// A line a host (`-vv`).
    EachHost,
}

/// Says what connects to `hosts`, each line ended by a newline.
#[must_use]
pub fn describe(hosts: &[PlannedHost], ssh: &Auto, detail: Detail) -> String {
    let ways = hosts.iter().map(|host| (&*host.name, Way::of(host, ssh)));
    match detail {
        Detail::Folded => folded(ways),
        Detail::EachHost => each_host(ways),
    }
}

/// What connects to one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing needs to.
    Local,
    /// Something does, or cannot.
    Ssh(Choice),
}

impl Way {
    /// What `ssh` chooses for `host`.
    #[must_use]
    pub fn of(host: &PlannedHost, ssh: &Auto) -> Self {
        match host.connection {
            ConnectionKind::Local => Self::Local,
            ConnectionKind::Ssh => Self::Ssh(ssh.choose(&host.target)),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ssh(Choice::Native(_)) => "native",
            Self::Ssh(Choice::OpenSsh(_)) => "openssh",
            Self::Ssh(Choice::Neither(_)) => "none",
        }
    }

    /// Why it is not native.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Local | Self::Ssh(Choice::Native(_)) => None,
            Self::Ssh(Choice::OpenSsh(reason) | Choice::Neither(reason)) => Some(with_tilde(reason)),
        }
    }
}

/// Writes `~` where `text` names this user's home directory.
#[must_use]
pub fn with_tilde(text: &str) -> String {
    let home = std::env::home_dir().map(|home| home.display().to_string()).filter(|home| home.len() > 1);
    home.map_or_else(|| text.to_owned(), |home| text.replace(&format!("{home}/"), "~/"))
}

/// `USER@HOST`, and the port where it is not 22; hosts that lead there come first.
#[must_use]
pub fn jumps(settings: &Settings) -> Vec<String> {
    let mut jumps = settings.via.as_deref().map(jumps).unwrap_or_default();
    jumps.extend(settings.via.as_deref().map(place));
    jumps
}

fn place(settings: &Settings) -> String {
    let (user, host, port) = (&settings.user, &settings.hostname, settings.port);
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    if port == 22 { format!("{user}@{host}") } else { format!("{user}@{host}:{port}") }
}

fn folded<'a>(ways: impl Iterator<Item = (&'a str, Way)>) -> String {
    let mut groups: IndexMap<(&'static str, Option<String>), Vec<&str>> = IndexMap::new();
    for (host, way) in ways {
        groups.entry((way.name(), way.reason())).or_default().push(host);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // Those that need a person's eye come last.
    let order = ["native", "local", "openssh", "none"];
    groups.sort_by_key(|((name, _), hosts)| (order.iter().position(|one| one == name), usize::MAX - hosts.len()));
    groups.iter().map(|((name, reason), hosts)| line(name, hosts, reason.as_deref())).collect()
}

/// The hosts by name if all of it fits into one line, else their number; a reason that is too long for it goes below.
fn line(name: &str, hosts: &[&str], reason: Option<&str>) -> String {
    let reason = reason.map(|reason| format!("({})", sanitize_line(reason))).unwrap_or_default();
    let count = if hosts.len() == 1 { "1 host".to_owned() } else { format!("{} hosts", with_commas(hosts.len())) };
    let fits = |text: &String| text.width() <= WIDTH;
    let heads = [sanitize_line(&host_set(hosts)).into_owned(), count].map(|hosts| format!("{name}: {hosts}"));
    let whole = heads.iter().map(|head| format!("{head} {reason}").trim_end().to_owned()).find(fits);
    let below = || {
        let [by_name, by_number] = &heads;
        let head = if fits(by_name) { by_name } else { by_number };
        format!("{head}\n  {reason}")
    };
    whole.unwrap_or_else(below) + "\n"
}

fn each_host<'a>(ways: impl Iterator<Item = (&'a str, Way)>) -> String {
    let mut text = String::new();
    for (host, way) in ways {
        let detail = match &way {
            Way::Ssh(Choice::Native(settings)) => {
                let ways = [vec![place(settings)], jumps(settings)].concat();
                format!(" {}", ways.join(" via "))
            }
            other => other.reason().map(|reason| format!(" ({reason})")).unwrap_or_default(),
        };
        let line = format!("{host}: {}{detail}", way.name());
        writeln!(text, "{}", sanitize_line(&line)).expect("a String takes every write");
    }
    text
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;

    /// What a host without any configuration has.
    pub fn settings(hostname: &str) -> Settings {
        let mut settings = Settings::plain(hostname);
        settings.host_keys.user_files = vec!["/u/known_hosts".into()];
        settings.host_keys.global_files = vec!["/etc/ssh/ssh_known_hosts".into()];
        settings.authentication.identities = vec!["/u/id_ed25519".into()];
        settings
    }

    fn native(host: &str) -> Way {
        Way::Ssh(Choice::Native(Box::new(settings(host))))
    }

    fn openssh(reason: &str) -> Way {
        Way::Ssh(Choice::OpenSsh(reason.into()))
    }

    #[test]
    fn hosts_are_folded_by_transport_and_reason() {
        let names: Vec<String> = (1..=10_000).map(|number| format!("r{}n{number}", number % 7)).collect();
        let mut ways: Vec<(&str, Way)> = names.iter().map(|name| (name.as_str(), native(name))).collect();
        ways[17].1 = openssh("ProxyCommand at /etc/ssh/ssh_config:12");
        ways[24].1 = openssh("ProxyCommand at /etc/ssh/ssh_config:12");
        ways[5].1 = Way::Ssh(Choice::Neither("ssh takes no password from opsctl".into()));
        ways[6].1 = Way::Local;
        let long = "Match exec at /home/somebody/.ssh/config.d/a-file-with-a-rather-long-name.conf:112".to_owned();
        ways.extend([("web01", openssh(&long)), ("web02", openssh(&long))]);
        let text = folded(ways.into_iter());
        insta::assert_snapshot!(text, @"
        native: 9,996 hosts
        local: r0n7
        openssh: r4n[18,25] (ProxyCommand at /etc/ssh/ssh_config:12)
        openssh: web[01-02]
          (Match exec at /home/somebody/.ssh/config.d/a-file-with-a-rather-long-name.conf:112)
        none: r6n6 (ssh takes no password from opsctl)
        ");
    }

    #[test]
    fn names_give_way_to_their_number_before_the_line_gets_too_long() {
        let names: Vec<String> = (1..=9).map(|number| format!("database-{}-{number}", "x".repeat(number))).collect();
        let ways = |reason: &'static str| names.iter().map(move |name| (name.as_str(), openssh(reason)));
        let text = folded(ways("ProxyCommand at ~/.ssh/config:12"));
        assert_eq!(text, "openssh: 9 hosts (ProxyCommand at ~/.ssh/config:12)\n");
        assert_eq!(folded(ways("it was asked for").take(2)).lines().next().unwrap().len(), 54);
    }

    #[test]
    fn each_host_has_a_line_with_where_it_leads() {
        let bastion = Arc::new(Settings { port: 2222, ..settings("bastion") });
        let inner = Settings { via: Some(bastion), ..settings("fe80::1") };
        let far = Settings { via: Some(Arc::new(inner)), ..settings("10.0.0.9") };
        let ways = [
            ("web1", native("10.0.0.1")),
            ("far", Way::Ssh(Choice::Native(Box::new(far)))),
            ("db\u{1b}", openssh("Match exec")),
            ("here", Way::Local),
        ];
        insta::assert_snapshot!(each_host(ways.into_iter()), @r"
        web1: native ops@10.0.0.1
        far: native ops@10.0.0.9 via ops@bastion:2222 via ops@[fe80::1]
        db\x1b: openssh (Match exec)
        here: local
        ");
    }

    #[test]
    fn numbers_are_grouped() {
        let texts = [0, 999, 1_000, 9_998, 1_234_567].map(with_commas);
        assert_eq!(texts, ["0", "999", "1,000", "9,998", "1,234,567"]);
    }
}
