//! What the public page knows of the trust: its name, its address on the web, how to reach it.
//!
//! Always: checked once at the start, so that a page can never be pressed with an address that leads elsewhere.
//! Called by `lifeboat` when it reads its configuration; proved by `tests/page.rs`.

/// The trust as the public knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// "Northgate University Hospitals".
    pub trust: String,
    /// Where the folder stands on the web, without a slash at the end: `https://updates.northgate.example`.
    pub address: String,
    /// How the public asks questions; may be empty.
    pub contact: String,
    /// The sender of CAP alerts, an address or a domain: `updates@northgate.example`.
    pub sender: String,
    /// The area that alerts speak of, in words.
    pub area: String,
    /// The name of the zone in which times are told.
    pub zone_name: String,
}

/// Why settings cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingsFault {
    /// Missing or too long.
    #[error("public page: {0} must be there, in at most 200 bytes")]
    Text(&'static str),
    /// No web address.
    #[error("public page: the address must begin with https:// (or http://) and hold no spaces or quotes")]
    Address,
    /// Not fit for a CAP sender.
    #[error("public page: the sender must hold no spaces, commas, < or &")]
    Sender,
}

impl Settings {
    /// Itself, tidied, or why not.
    pub fn checked(self) -> Result<Self, SettingsFault> {
        let text = |what: &'static str, text: &str| {
            let text = text.trim();
            let fits = (1..=200).contains(&text.len()) && !text.chars().any(char::is_control);
            if fits { Ok(text.to_owned()) } else { Err(SettingsFault::Text(what)) }
        };
        let address = text("the address", &self.address)?.trim_end_matches('/').to_owned();
        let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        let odd = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '&' | '\\');
        if host.is_none_or(str::is_empty) || address.contains(odd) {
            return Err(SettingsFault::Address);
        }
        let sender = text("the sender", &self.sender)?;
        if sender.contains([' ', ',', '<', '&']) {
            return Err(SettingsFault::Sender);
        }
        let contact =
            if self.contact.trim().is_empty() { String::new() } else { text("the contact", &self.contact)? };
        Ok(Self {
            trust: text("the trust's name", &self.trust)?,
            address,
            contact,
            sender,
            area: text("the area", &self.area)?,
            zone_name: text("the zone", &self.zone_name)?,
        })
    }
}
