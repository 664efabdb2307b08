//! The words of a rule of iptables, in the order in which Ansible writes them.

use crate::modules::Args;
use crate::template::Value;

/// Stands for the option of ICMP types, which the two programs call by two names.
pub const ICMP: &str = "@icmp";

/// What becomes of packets: the jump that is given, or the one that options of logging stand for.
#[must_use]
pub fn jump(args: &Args) -> Option<&str> {
    let logs = args.is_given("log_prefix") || args.is_given("log_level");
    args.text("jump").or(logs.then_some("LOG"))
}

/// The words of the rule that the arguments describe, with that jump; none for a chain as a whole.
#[must_use]
pub fn rule(args: &Args, jump: Option<&str>) -> Vec<String> {
    let mut rule = Rule { args, words: Vec::new() };
    rule.options(&[("protocol", "-p"), ("source", "-s"), ("destination", "-d")]);
    for name in args.texts("match") {
        rule.push("-m", &name);
    }
    rule.tcp_flags();
    rule.maybe("-j", jump);
    if jump.is_some_and(|jump| jump.eq_ignore_ascii_case("tee")) {
        rule.options(&[("gateway", "--gateway")]);
    }
    rule.options(&[
        ("log_prefix", "--log-prefix"),
        ("log_level", "--log-level"),
        ("to_destination", "--to-destination"),
    ]);
    rule.matched(&["destination_ports"], "multiport");
    rule.csv("destination_ports", "--dports");
    rule.options(&[
        ("to_source", "--to-source"),
        ("goto", "-g"),
        ("in_interface", "-i"),
        ("out_interface", "-o"),
        ("fragment", "-f"),
        ("set_counters", "-c"),
        ("source_port", "--source-port"),
        ("destination_port", "--destination-port"),
        ("to_ports", "--to-ports"),
    ]);
    rule.marks(jump);
    match args.needed("syn") {
        "match" => rule.words.push("--syn".to_owned()),
        "negate" => rule.words.extend(["!".to_owned(), "--syn".to_owned()]),
        _ => {}
    }
    rule.states();
    rule.matched(&["src_range", "dst_range"], "iprange");
    rule.options(&[("src_range", "--src-range"), ("dst_range", "--dst-range")]);
    rule.matched(&["match_set"], "set");
    if args.is_given("match_set") {
        rule.options(&[("match_set", "--match-set")]);
        rule.words.extend(args.text("match_set_flags").map(str::to_owned));
    }
    rule.always_matched(&["limit", "limit_burst"], "limit");
    rule.options(&[("limit", "--limit"), ("limit_burst", "--limit-burst")]);
    rule.always_matched(&["uid_owner"], "owner");
    rule.options(&[("uid_owner", "--uid-owner")]);
    rule.always_matched(&["gid_owner"], "owner");
    rule.options(&[("gid_owner", "--gid-owner")]);
    if jump.is_none() && args.is_given("reject_with") {
        rule.push("-j", "REJECT");
    }
    rule.options(&[("reject_with", "--reject-with"), ("icmp_type", ICMP)]);
    rule.always_matched(&["comment"], "comment");
    rule.options(&[("comment", "--comment")]);
    rule.words
}

struct Rule<'a> {
    args: &'a Args,
    words: Vec<String>,
}

impl Rule<'_> {
    /// An option and its value; a `!` in front of the value goes before the option.
    fn push(&mut self, option: &str, value: &str) {
        match value.strip_prefix('!') {
            Some(value) => self.words.extend(["!", option, value.trim_start()].map(str::to_owned)),
            None => self.words.extend([option, value].map(str::to_owned)),
        }
    }

    fn maybe(&mut self, option: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(option, value);
        }
    }

    fn options(&mut self, options: &[(&str, &str)]) {
        for (name, option) in options {
            self.maybe(option, self.args.text(name));
        }
    }

    fn csv(&mut self, name: &str, option: &str) {
        let items = self.args.texts(name);
        if !items.is_empty() {
            self.words.extend([option.to_owned(), items.join(",")]);
        }
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| match self.args.value(name) {
            Some(Value::List(items)) => !items.is_empty(),
            value => value.is_some(),
        })
    }

    /// The match that the arguments need.
    fn always_matched(&mut self, names: &[&str], name: &str) {
        if self.has(names) {
            self.push("-m", name);
        }
    }

    /// The match that the arguments need, where `match` does not name it already.
    fn matched(&mut self, names: &[&str], name: &str) {
        if !self.args.texts("match").iter().any(|given| given == name) || name == "multiport" {
            self.always_matched(names, name);
        }
    }

    fn tcp_flags(&mut self) {
        let list = |name: &str| {
            let items = self.args.dict("tcp_flags")?.get(name)?.as_list()?;
            Some(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        };
        if let (Some(flags), Some(set)) = (list("flags"), list("flags_set")) {
            self.words.extend(["--tcp-flags".to_owned(), flags, set]);
        }
    }

    fn marks(&mut self, jump: Option<&str>) {
        let other = !jump.is_some_and(|jump| jump.eq_ignore_ascii_case("dscp"));
        for (name, option) in [("set_dscp_mark", "--set-dscp"), ("set_dscp_mark_class", "--set-dscp-class")] {
            if self.args.is_given(name) {
                self.options(&[(name, option)]);
                if other {
                    self.push("-j", "DSCP");
                }
            }
        }
    }

    fn states(&mut self) {
        let given = self.args.texts("match");
        let named = |name: &str| given.iter().any(|given| given == name);
        if named("state") && !named("conntrack") {
            self.csv("ctstate", "--state");
            return;
        }
        if !named("conntrack") {
            self.always_matched(&["ctstate"], "conntrack");
        }
        self.csv("ctstate", "--ctstate");
    }
}
