//! The networks of a container.

use serde_json::{Value as Json, json};

use super::compare::{Shape, Strictness, texts};
use super::docker::{Calls, Seen};
use super::options::Setting;
use crate::modules::{Args, Argument, Kind, ModuleError};
use crate::template::Value;

/// The entries of `networks`.
pub const NETWORK: &[Argument] = &[
    Argument::text("name", "Its name.").required(),
    Argument::text("ipv4_address", "The container's address in it."),
    Argument::text("ipv6_address", "The container's address in it."),
    Argument::of("aliases", Kind::List(&Kind::Text), "Further names of the container in it."),
    Argument::of("links", Kind::List(&Kind::Text), "Containers that are seen by another name."),
    Argument::text("mac_address", "The container's hardware address in the first network."),
];

/// A network that a container is to be in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    ipv4: Option<String>,
    ipv6: Option<String>,
    aliases: Vec<String>,
    links: Vec<String>,
    mac: Option<String>,
}

impl Network {
    /// Reads `networks`; none when it is not given.
    #[must_use]
    pub fn all(args: &Args) -> Option<Vec<Self>> {
        args.value("networks")?;
        let one = |value: &Value| {
            let dict = value.as_dict().cloned().unwrap_or_default();
            let text = |name: &str| dict.get(name).map(ToString::to_string);
            let list = |name: &str| {
                let list = dict.get(name).and_then(Value::as_list).unwrap_or_default();
                list.iter().map(ToString::to_string).collect::<Vec<_>>()
            };
            Self {
                name: text("name").unwrap_or_default(),
                ipv4: text("ipv4_address"),
                ipv6: text("ipv6_address"),
                aliases: list("aliases"),
                links: list("links"),
                mac: text("mac_address").map(|mac| mac.replace('-', ":")),
            }
        };
        Some(args.list("networks").iter().map(one).collect())
    }

    /// Options of `docker create` for the first network.
    #[must_use]
    pub fn create_words(&self) -> Vec<String> {
        let mut words = self.words("--network-alias");
        words.extend(self.mac.as_ref().map(|mac| format!("--mac-address={mac}")));
        words
    }

    fn words(&self, alias: &str) -> Vec<String> {
        let mut words: Vec<String> = self.aliases.iter().map(|name| format!("{alias}={name}")).collect();
        words.extend(self.ipv4.as_ref().map(|address| format!("--ip={address}")));
        words.extend(self.ipv6.as_ref().map(|address| format!("--ip6={address}")));
        words.extend(self.links.iter().map(|link| format!("--link={link}")));
        words
    }

    /// Adds the call that connects a container.
    pub fn connect(&self, calls: &mut Calls, container: &str) {
        let mut words = vec!["network".to_owned(), "connect".to_owned()];
        words.extend(self.words("--alias"));
        words.extend([self.name.clone(), container.to_owned()]);
        calls.add(words);
    }

    /// Whether a connected container is connected as asked for.
    #[must_use]
    pub fn fits(&self, connected: &Json) -> bool {
        let address = |name: &str| connected["IPAMConfig"][name].as_str().unwrap_or_default();
        let names = |name: &str| texts(connected.get(name));
        let link = |link: &String| if link.contains(':') { link.clone() } else { format!("{link}:{link}") };
        self.ipv4.as_deref().is_none_or(|wanted| wanted == address("IPv4Address"))
            && self.ipv6.as_deref().is_none_or(|wanted| wanted == address("IPv6Address"))
            && self.aliases.iter().all(|alias| names("Aliases").contains(alias))
            && self.links.iter().all(|wanted| names("Links").contains(&link(wanted)))
            && self.mac.as_deref().is_none_or(|wanted| connected["MacAddress"] == wanted)
    }
}

/// The network mode: what is given, else the first of `networks`.
#[must_use]
pub fn mode(args: &Args, networks: Option<&[Network]>) -> Option<String> {
    let first = networks.and_then(<[Network]>::first).filter(|_| args.bool("networks_cli_compatible"));
    args.text("network_mode").map(str::to_owned).or_else(|| first.map(|network| network.name.clone()))
}

/// The container that a mode such as `container:other` names.
#[must_use]
pub fn shared(mode: &str) -> Option<&str> {
    mode.strip_prefix("container:")
}

/// A mode that may name another container, whose identifier docker says in its place.
#[must_use]
pub fn mode_setting(
    name: &'static str,
    option: &str,
    pointer: &'static str,
    mode: &str,
    other: Option<&Json>,
) -> Setting {
    let id = other.and_then(|other| other["Id"].as_str()).map(|id| format!("container:{id}"));
    let wanted = match (shared(mode), id) {
        (Some(_), Some(id)) => id,
        // Docker's default network is the bridge; which word it says depends on its version.
        _ if name == "network_mode" && mode == "bridge" => "default".to_owned(),
        _ => mode.to_owned(),
    };
    Setting::new(name, vec![format!("{option}={mode}")], Shape::Value(json!(wanted)), move |container| {
        let found = container.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        let found = if name == "network_mode" && found == "bridge" { "default" } else { found };
        Shape::Value(json!(found))
    })
}

/// Networks to connect to and to leave, with a line for each that is told.
#[derive(Debug, Default)]
pub struct Moves {
    /// To connect to; those that are connected otherwise are left first.
    pub connect: Vec<(Network, bool)>,
    /// To leave.
    pub leave: Vec<String>,
}

impl Moves {
    /// Compares the networks of a container.
    #[must_use]
    pub fn of(networks: Option<&[Network]>, container: &Json, strictness: Strictness, fresh: bool) -> Self {
        let connected = container.pointer("/NetworkSettings/Networks").and_then(Json::as_object);
        let mut moves = Self::default();
        let Some(networks) = networks else { return moves };
        if strictness != Strictness::Ignore || fresh {
            for network in networks {
                match connected.and_then(|connected| connected.get(&network.name)) {
                    None => moves.connect.push((network.clone(), false)),
                    Some(found) if !network.fits(found) => moves.connect.push((network.clone(), true)),
                    Some(_) => {}
                }
            }
        }
        if strictness == Strictness::Strict {
            let names = connected.into_iter().flatten().map(|(name, _)| name);
            moves.leave = names.filter(|name| networks.iter().all(|network| network.name != **name)).cloned().collect();
        }
        moves
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.connect.is_empty() && self.leave.is_empty()
    }

    /// Adds the calls.
    pub fn add(&self, calls: &mut Calls, container: &str) {
        for (network, leave_first) in &self.connect {
            if *leave_first {
                calls.add(["network", "disconnect", &network.name, container]);
            }
            network.connect(calls, container);
        }
        for name in &self.leave {
            calls.add(["network", "disconnect", name, container]);
        }
    }
}

/// Checks that the networks are there; `first` is the place of the first one in what was asked.
///
/// # Errors
/// When one is not.
pub fn exist(networks: &[Network], seen: &Seen, first: usize) -> Result<(), ModuleError> {
    for (place, network) in networks.iter().enumerate() {
        if seen.thing(first + place).is_none() {
            return Err(ModuleError::new(format!(
                "Parameter error: network named {} could not be found. Does it exist?",
                network.name
            )));
        }
    }
    Ok(())
}
