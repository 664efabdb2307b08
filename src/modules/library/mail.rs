//! `mail`: sends mail from the host, which speaks SMTP with what it has: nc or bash, and openssl for encryption.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::modules::files::look::Fields;
use crate::modules::flow;
use crate::modules::web::mail::{Address, Charset, Message, Part};
use crate::modules::{
    Answer, Args, Argument, BLANK, CheckMode, Content, Kind, Module, ModuleError, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions,
};
use crate::secret::Secret;
use crate::template::{Dict, Value};

/// The module.
pub struct Mail;

/// The module.
pub static MODULE: Mail = Mail;

const INLINE: &[Argument] = &[
    Argument::path("path", "The image on the host.").required(),
    Argument::text("cid", "What the body calls it: `cid:NAME`.").required(),
    Argument::text("mime_type", "Its type; told by its name unless given."),
];

static SPEC: Spec = Spec {
    name: "mail",
    collections: &["community.general", "ansible.builtin"],
    summary: "Sends mail from the host by SMTP; the host needs nc or bash, and openssl for encryption.",
    arguments: &[
        Argument::text("username", "The user of the server."),
        Argument::text("password", "The user's password.").secret(),
        Argument::text("host", "The server.").default("localhost"),
        Argument::int("port", "Its port.").default("25"),
        Argument::text("ehlohost", "What the host calls itself; its full name unless given."),
        Argument::text("sender", "Who sends it.").default("root").aliases(&["from"]),
        Argument::list("to", "Who gets it.").default("root").aliases(&["recipients"]),
        Argument::list("cc", "Who gets a copy."),
        Argument::list("bcc", "Who gets a copy that others do not know of."),
        Argument::text("subject", "Its subject.").required().aliases(&["msg"]),
        Argument::text("body", "Its text; the subject unless given."),
        Argument::of("attach", Kind::List(&Kind::Path), "Files of the host that go with it."),
        Argument::of("inline", Kind::DictList(INLINE), "Images of the host that the body shows."),
        Argument::list("headers", "Further headers: `name=value`."),
        Argument::text("charset", "How it is written: `utf-8`, `us-ascii` or `iso-8859-1`.").default("utf-8"),
        Argument::text("subtype", "What the text is.").default("plain").choices(&["html", "plain"]),
        Argument::text("secure", "Whether it is sent encrypted; certificates are not looked at.")
            .default("try")
            .choices(&["always", "never", "starttls", "try"]),
        Argument::int("timeout", "Seconds that an answer of the server may take.").default("20"),
        Argument::text("message_id_domain", "The domain in its id.").default("ansible"),
    ],
    rules: &[Rule::Together(&["password", "username"])],
    check_mode: CheckMode::Skipped,
    returns: &[Return { name: "result", about: "Receivers that were refused, each with the code and why." }],
    ..BLANK
};

impl Module for Mail {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let sender = Address::parse(args.needed("sender"))?;
        let receivers = receivers(&args)?;
        let (message, warnings) = message(&args, &sender)?;
        let (text, pieces) = message.pieces();
        let number = |name: &str| args.int(name).unwrap_or_default().to_string();
        let mut words = flow::words([args.needed("host"), &number("port"), args.needed("secure"), &number("timeout")]);
        words.extend(flow::words([args.needed("ehlohost"), &sender.address, args.needed("message_id_domain")]));
        if words.iter().any(|word| word.contains(['\r', '\n'])) {
            return Err(ModuleError::new("host, ehlohost and message_id_domain are one line each"));
        }
        words.push(receivers.len().to_string());
        words.extend(receivers.iter().cloned());
        words.extend(pieces);
        let mut call = ScriptCall::new(actions::MAIL, words);
        call.secrets = secrets(&args);
        call.input = Some(Content::Bytes(text.into_bytes().into()));
        let place = format!("{}:{}", args.needed("host"), number("port"));
        flow::change(Vec::new(), call, move |answer| ended(&answer.unwrap_or_default(), &place, &receivers, warnings))
    }
}

/// The addresses of all who get it, each once.
fn receivers(args: &Args) -> Result<Vec<String>, ModuleError> {
    let mut all: Vec<String> = Vec::new();
    for text in ["bcc", "to", "cc"].iter().flat_map(|name| args.texts(name)).filter(|text| !text.trim().is_empty()) {
        let address = Address::parse(&text)?.address;
        if !all.contains(&address) {
            all.push(address);
        }
    }
    Ok(all)
}

/// What a login says, as it is sent.
fn secrets(args: &Args) -> Vec<(String, Secret)> {
    let (user, password) = (args.needed("username"), args.needed("password"));
    if user.is_empty() || password.is_empty() {
        return Vec::new();
    }
    let plain = STANDARD.encode(format!("\0{user}\0{password}"));
    let all = [("OPSCTL_PLAIN", plain), ("OPSCTL_USER", STANDARD.encode(user)), ("OPSCTL_WORD", STANDARD.encode(password))];
    all.into_iter().map(|(name, text)| (name.to_owned(), Secret::new(text))).collect()
}

fn message(args: &Args, sender: &Address) -> Result<(Message, Vec<String>), ModuleError> {
    let charset = Charset::of(args.needed("charset"))?;
    let mut warnings = Vec::new();
    let mut headers = vec![("From".to_owned(), sender.shown()), ("Subject".to_owned(), charset.header(args.needed("subject"))?)];
    for header in args.texts("headers") {
        for one in header.split('|').map(str::trim) {
            let pair = one.split_once('=').filter(|(name, _)| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_graphic() && letter != ':'));
            match pair {
                Some((name, value)) => headers.push((name.to_owned(), charset.header(value)?)),
                None => warnings.push(format!("Skipping header '{one}', unable to parse")),
            }
        }
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("X-Mailer")) {
        headers.push(("X-Mailer".to_owned(), "Ansible mail module".to_owned()));
    }
    for (name, title) in [("to", "To"), ("cc", "Cc")] {
        let texts = args.texts(name);
        let shown = texts.iter().filter(|text| !text.trim().is_empty()).map(|text| Ok(Address::parse(text)?.shown()));
        let shown = shown.collect::<Result<Vec<_>, ModuleError>>()?;
        if !shown.is_empty() {
            headers.push((title.to_owned(), shown.join(",\n ")));
        }
    }
    let body = args.text("body").filter(|body| !body.is_empty()).unwrap_or(args.needed("subject"));
    let text = STANDARD.encode(charset.encode(&format!("{body}\n\n"))?);
    let mut parts: Vec<Part> = args.texts("attach").into_iter().filter(|path| !path.is_empty()).map(Part::attached).collect();
    for image in args.list("inline").iter().filter_map(Value::as_dict) {
        let entry = |name: &str| image.get(name).map(ToString::to_string).unwrap_or_default();
        parts.push(Part::inline(entry("path"), &entry("cid"), &entry("mime_type"))?);
    }
    let boundary = format!("==============={:x}==", u128::from_be_bytes(Sha1::digest(&text)[..16].try_into().unwrap_or_default()));
    Ok((Message { headers, boundary, kind: format!("text/{}; charset=\"{}\"", args.needed("subtype"), charset.name()), text, parts }, warnings))
}

fn ended(answer: &Answer, place: &str, receivers: &[String], mut warnings: Vec<String>) -> flow::Flow {
    flow::succeeded(Some(answer), "the host could not speak with the server")?;
    let mut fields = Fields::new(&answer.stdout);
    let (end, said, warning) = (fields.text()?, fields.text()?, fields.text()?);
    let mut refused = Dict::new();
    while !fields.is_empty() {
        let (address, why) = (fields.text()?, fields.text()?);
        let (code, why) = why.split_once(' ').unwrap_or((&why, ""));
        let code = code.parse::<i64>().unwrap_or(-1);
        refused.insert(address.as_str().into(), Value::list(vec![code.into(), Value::text(why)]));
    }
    let said = said.trim();
    let message = match end.as_str() {
        "sent" => String::new(),
        "client" => format!("Failed to find required executable \"{said}\" in paths"),
        "attach" => format!("Failed to send community.general.mail: can't attach file {said}"),
        "tls" => format!("Unable to start an encrypted session to {place}: {said}"),
        "connect" => format!("Unable to Connect {place}: {said}"),
        "helo" => format!("Helo failed for host {place}: {said}"),
        "nostarttls" => format!("StartTLS is not offered on server {place}"),
        "noauth" => format!("No Authentication on the server at {place}"),
        "nomechanism" => format!("No Suitable authentication method was found on {place}"),
        "auth" => format!("Authentication to {place} failed, please check your username and/or password"),
        _ => format!("Failed to send mail to '{}': {said}", receivers.join(", ")),
    };
    if !message.is_empty() {
        return Err(ModuleError::new(message).field("rc", 1));
    }
    warnings.extend(Some(warning).filter(|warning| !warning.is_empty()));
    warnings.extend(refused.iter().map(|(address, why)| format!("Failed to send mail to '{address}': {why}")));
    let message = if refused.is_empty() { "Mail sent successfully" } else { "Failed to send mail to at least one recipient" };
    let result = TaskResult::ok().message(message).field("result", Value::dict(refused));
    flow::done(TaskResult { warnings, ..result })
}
