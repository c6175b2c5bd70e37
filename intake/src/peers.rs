//! Which addresses may speak to a door that knows no passwords.
//!
//! On the ward: plain MLLP proves nobody, so each listener names the machines it takes messages from, and screens
//! label the feed as unauthenticated. Always: an empty list admits this machine alone. Used by `mllp` and `http`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A list of addresses and networks ("10.1.2.3", "10.1.0.0/16", "fd00::/8").
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Peers(Vec<Network>);

/// One address or network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    base: u128,
    prefix: u32,
}

/// Why a text names no network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is no address and no network; write it as 10.1.2.3 or 10.1.0.0/16")]
pub struct NotANetwork(pub String);

impl Peers {
    /// Those networks; none means this machine alone.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether a machine of that address may speak.
    pub fn admit(&self, peer: IpAddr) -> bool {
        let address = bits(peer);
        match self.0.is_empty() {
            true => peer.to_canonical().is_loopback(),
            false => self.0.iter().any(|network| network.holds(address)),
        }
    }

    /// Whether every machine of the world is admitted by one of the networks.
    pub fn is_open_to_all(&self) -> bool {
        self.0.iter().any(|network| {
            network.prefix == 0 || (network.prefix == 96 && network.base == bits(IpAddr::from([0, 0, 0, 0])))
        })
    }
}

impl Network {
    fn holds(&self, address: u128) -> bool {
        let mask = match self.prefix {
            0 => 0,
            prefix => u128::MAX << (128 - prefix.min(128)),
        };
        address & mask == self.base & mask
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().map_err(|_| wrong())?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (width, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix = prefix.unwrap_or(width);
        if prefix > width {
            return Err(wrong());
        }
        Ok(Self { base: bits(address), prefix: prefix + offset })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.base);
        match address.to_ipv4_mapped() {
            Some(v4) if self.prefix >= 96 => write!(f, "{v4}/{}", self.prefix - 96),
            _ => write!(f, "{address}/{}", self.prefix),
        }
    }
}

/// Every address as 128 bits; IPv4 in its mapped form, so that a machine is the same by either name.
fn bits(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_machines_are_admitted() {
        for (list, peer, admitted) in [
            ("", "127.0.0.1", true),
            ("", "::1", true),
            ("", "10.0.0.1", false),
            ("10.1.0.0/16", "10.1.255.7", true),
            ("10.1.0.0/16", "10.2.0.7", false),
            ("10.1.0.0/16", "::ffff:10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "2001:db8::1", false),
        ] {
            let networks = list.split_whitespace().map(|n| n.parse().unwrap()).collect();
            assert_eq!(Peers::new(networks).admit(peer.parse().unwrap()), admitted, "{list:?} {peer}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_in_words() {
        for text in ["", "10.1.2", "10.0.0.0/33", "host.example", "::/129", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert_eq!("10.1.0.0/16".parse::<Network>().unwrap().to_string(), "10.1.0.0/16");
    }
}
