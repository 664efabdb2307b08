//! `iptables`: rules, chains and policies of the kernel's packet filter.

use crate::modules::clients::{self, Clients};
use crate::modules::firewalls::iptables::{ICMP, jump, rule};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext,
    TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Iptables;

/// The module.
pub static MODULE: Iptables = Iptables;

static SPEC: Spec = Spec {
    name: "iptables",
    summary: "Adds and removes rules of the kernel's packet filter; they are gone after the next start.",
    arguments: ARGUMENTS,
    rules: &[
        Rule::Exclusive(&["set_dscp_mark", "set_dscp_mark_class"]),
        Rule::Exclusive(&["flush", "policy"]),
        Rule::By("set_dscp_mark", &["jump"]),
        Rule::By("set_dscp_mark_class", &["jump"]),
        Rule::If("jump", "TEE", &["gateway"]),
        Rule::If("jump", "tee", &["gateway"]),
        Rule::If("flush", "false", &["chain"]),
    ],
    returns: &[
        Return { name: "rule", about: "The words of the rule." },
        Return { name: "chain", about: "The chain." },
        Return { name: "table", about: "The table." },
        Return { name: "ip_version", about: "`ipv4`, `ipv6` or `both`." },
        Return { name: "state", about: "What was wanted of it." },
        Return { name: "flush", about: "Whether rules were thrown away." },
        Return { name: "chain_management", about: "Whether the chain itself is made and removed." },
        Return { name: "wait", about: "How long the lock was waited for." },
    ],
    ..BLANK
};

const ARGUMENTS: &[Argument] = &[
    Argument::text("table", "The table.").default("filter").choices(&["filter", "nat", "mangle", "raw", "security"]),
    Argument::text("state", "Whether the rule is there.").default("present").choices(&["absent", "present"]),
    Argument::text("action", "Where a new rule goes: the end or the top.").default("append").choices(&["append", "insert"]),
    Argument::text("rule_num", "With `insert`: the place of the new rule."),
    Argument::text("ip_version", "Which rules.").default("ipv4").choices(&["ipv4", "ipv6", "both"]),
    Argument::text("chain", "The chain: `INPUT`, …"),
    Argument::text("protocol", "`tcp`, `udp`, `icmp`, …; `!` in front means all others, here and below."),
    Argument::text("wait", "Seconds that the lock is waited for."),
    Argument::text("source", "Address or network of the sender."),
    Argument::text("to_source", "With `SNAT`: the new source."),
    Argument::text("destination", "Address or network of the receiver."),
    Argument::text("to_destination", "With `DNAT`: the new destination."),
    Argument::list("match", "Matches to load: `conntrack`, …"),
    Argument::of("tcp_flags", Kind::Entries(TCP_FLAGS), "Flags that are looked at, and those that must be set."),
    Argument::text("jump", "What becomes of the packet: `ACCEPT`, `DROP`, a chain, …"),
    Argument::text("gateway", "With `TEE`: where copies go."),
    Argument::text("log_prefix", "Text in front of logged packets; the jump is `LOG`."),
    Argument::text("log_level", "Level of logged packets; the jump is `LOG`.").choices(&[
        "0", "1", "2", "3", "4", "5", "6", "7", "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug",
    ]),
    Argument::text("goto", "The chain to go on in."),
    Argument::text("in_interface", "Interface it came by."),
    Argument::text("out_interface", "Interface it leaves by."),
    Argument::text("fragment", "Second and further fragments."),
    Argument::text("set_counters", "Start values of the counters."),
    Argument::text("source_port", "Port or range of the sender."),
    Argument::text("destination_port", "Port or range of the receiver."),
    Argument::list("destination_ports", "Ports and ranges of the receiver."),
    Argument::text("to_ports", "With `REDIRECT`: the new ports."),
    Argument::text("set_dscp_mark", "With `DSCP`: the mark."),
    Argument::text("set_dscp_mark_class", "With `DSCP`: the class."),
    Argument::text("comment", "A comment in the rule."),
    Argument::list("ctstate", "States of the connection: `NEW`, `ESTABLISHED`, …"),
    Argument::text("src_range", "Range of addresses of the sender."),
    Argument::text("dst_range", "Range of addresses of the receiver."),
    Argument::text("match_set", "Name of an ipset."),
    Argument::text("match_set_flags", "What is looked up in the set.").choices(&[
        "src", "dst", "src,dst", "dst,src", "src,src", "dst,dst",
    ]),
    Argument::text("limit", "The most that match: `5/second`."),
    Argument::text("limit_burst", "How many match before the limit counts."),
    Argument::text("uid_owner", "User whose process sent it."),
    Argument::text("gid_owner", "Group whose process sent it."),
    Argument::text("reject_with", "The error that is sent; the jump is `REJECT`."),
    Argument::text("icmp_type", "Type of ICMP."),
    Argument::text("syn", "Whether it opens a connection.").default("ignore").choices(&["ignore", "match", "negate"]),
    Argument::bool("flush", false, "Throws all rules of the chain or the table away."),
    Argument::text("policy", "Policy of the chain.").choices(&["ACCEPT", "DROP", "QUEUE", "RETURN"]),
    Argument::bool("chain_management", false, "Makes and removes the chain where no rule is described."),
    Argument::bool("numeric", false, "No matter: names are never looked up when chains are read."),
];

const TCP_FLAGS: &[Argument] = &[
    Argument::list("flags", "Flags that are looked at."),
    Argument::list("flags_set", "Those of them that must be set."),
];

impl Module for Iptables {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let logs = args.is_given("log_prefix") || args.is_given("log_level");
        if logs && args.text("jump").is_some_and(|jump| jump != "LOG") {
            return Err(ModuleError::new("Logging options can only be used with the LOG jump target."));
        }
        let wanted = Wanted::of(args);
        let result = Wanted::result(args);
        if matches!(wanted.what, What::Flush) {
            let programs = wanted.programs.clone();
            return wanted.act(&programs, result);
        }
        flow::ask(wanted.question(), move |answer| {
            let clients = Clients::read(&answer);
            let mut differing = Vec::new();
            for program in wanted.programs.clone() {
                clients.require(program, program)?;
                if wanted.differs(&clients.said(program))? {
                    differing.push(program);
                }
            }
            wanted.act(&differing, result)
        })
    }
}

/// What is to be so.
enum What {
    Flush,
    Policy(String),
    Chain,
    Rule,
}

struct Wanted {
    what: What,
    present: bool,
    /// Whether chains are made and removed.
    manages: bool,
    programs: Vec<&'static str>,
    table: String,
    chain: Option<String>,
    /// Words between the chain and the rule when it is added.
    place: Vec<String>,
    verb: &'static str,
    wait: Vec<String>,
    rule: Vec<String>,
}

impl Wanted {
    fn of(args: &Args) -> Self {
        let rule = rule(args, jump(args));
        let inserts = args.needed("action") == "insert";
        let what = match args.text("policy") {
            _ if args.bool("flush") => What::Flush,
            Some(policy) => What::Policy(policy.to_owned()),
            None if rule.is_empty() => What::Chain,
            None => What::Rule,
        };
        Self {
            what,
            present: args.needed("state") == "present",
            manages: args.bool("chain_management"),
            programs: match args.needed("ip_version") {
                "ipv6" => vec!["ip6tables"],
                "both" => vec!["iptables", "ip6tables"],
                _ => vec!["iptables"],
            },
            table: args.needed("table").to_owned(),
            chain: args.text("chain").map(str::to_owned),
            place: args.text("rule_num").filter(|_| inserts).map(str::to_owned).into_iter().collect(),
            verb: if inserts { "-I" } else { "-A" },
            wait: args.text("wait").map(|wait| vec!["-w".to_owned(), wait.to_owned()]).unwrap_or_default(),
            rule,
        }
    }

    fn question(&self) -> Question {
        let verb = if matches!(self.what, What::Rule) { "-C" } else { "-S" };
        let mut words = vec![self.programs.join(" "), verb.to_owned(), self.table.clone()];
        words.extend(self.chain.clone());
        words.extend(self.wait.clone());
        if matches!(self.what, What::Rule) {
            words.extend(self.rule.clone());
        }
        Question::new(&probes::IPTABLES, words)
    }

    fn result(args: &Args) -> TaskResult {
        let option = if args.needed("ip_version") == "ipv6" { "--icmpv6-type" } else { "--icmp-type" };
        // As Ansible does: without the jump that options of logging stand for.
        let shown = rule(args, args.text("jump"));
        let shown: Vec<&str> = shown.iter().map(|word| if word == ICMP { option } else { word }).collect();
        let mut result = TaskResult::ok().field("rule", shown.join(" "));
        for name in ["ip_version", "table", "chain", "state", "flush", "chain_management", "wait"] {
            result = result.field(name, args.value(name).cloned().unwrap_or(Value::Null));
        }
        result
    }

    fn differs(&self, said: &Answer) -> Result<bool, ModuleError> {
        let there = said.rc == 0;
        let What::Policy(wanted) = &self.what else { return Ok(there != self.present) };
        let text = said.text();
        let start = format!("-P {} ", self.chain.as_deref().unwrap_or_default());
        match text.lines().find_map(|line| line.strip_prefix(start.as_str())) {
            Some(policy) => Ok(policy.split(' ').next() != Some(wanted)),
            None if there => Err(ModuleError::new("Can't detect current policy")),
            None => Err(flow::failure(said, "Can't detect current policy")),
        }
    }

    /// Makes it so with the programs whose rules differ.
    fn act(&self, programs: &[&'static str], result: TaskResult) -> Flow {
        let (verb, rule): (&str, &[String]) = match (&self.what, self.present) {
            (What::Flush, _) => ("-F", &[]),
            (What::Policy(policy), _) => ("-P", std::slice::from_ref(policy)),
            (What::Chain, true) => ("-N", &[]),
            (What::Chain, false) => ("-X", &[]),
            (What::Rule, true) => (self.verb, &self.rule),
            (What::Rule, false) => ("-D", &self.rule),
        };
        if programs.is_empty() {
            return flow::done(result);
        }
        // As Ansible does: says that the chain differs, and leaves it.
        if matches!(self.what, What::Chain) && !self.manages {
            return flow::done(TaskResult { changed: true, ..result });
        }
        let commands: Vec<Vec<String>> = programs.iter().map(|program| self.command(program, verb, rule)).collect();
        let lines: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
        let gone = matches!(verb, "-D" | "-X" | "-F");
        let diff = if gone { flow::diff_lines("rules", &lines, &[]) } else { flow::diff_lines("rules", &[], &lines) };
        clients::change(vec![diff], flow::commands(commands), result)
    }

    fn command(&self, program: &str, verb: &str, rule: &[String]) -> Vec<String> {
        let mut words = flow::words([program, "-t", &self.table, verb]);
        words.extend(self.chain.clone());
        if verb == "-I" {
            words.extend(self.place.clone());
        }
        let icmp = if program == "ip6tables" { "--icmpv6-type" } else { "--icmp-type" };
        let rule = rule.iter().map(|word| if word == ICMP { icmp.to_owned() } else { word.clone() });
        if verb == "-P" {
            words.extend(rule);
            words.extend(self.wait.clone());
        } else {
            words.extend(self.wait.clone());
            words.extend(rule);
        }
        words
    }
}
