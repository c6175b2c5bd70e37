//! By which names and addresses the pages can be reached: what the server's certificate must hold.
//!
//! Always: what the configuration names, the address of the sheets' square codes, where it listens; where it listens everywhere,
//! every address that this machine has now. Never: a name server asked.

use crate::config::{Config, is_name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Most names in one certificate.
const NAMES_MAX: usize = 100;

/// All names, each once, the one for people first.
pub fn of_server(config: &Config) -> Vec<String> {
    let listening = listening(config.web, &machine_addresses());
    gathered(&config.names, &config.address, listening, &crate::post_room::host_name())
}

/// The address under which a device is enrolled, as it stands on the printed page.
pub fn for_people(config: &Config) -> String {
    if config.address.starts_with("https://") {
        return config.address.trim_end_matches('/').to_owned();
    }
    let port = config.web.port();
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let name = of_server(config).into_iter().next().unwrap_or_else(|| "localhost".to_owned());
    match name.parse::<Ipv6Addr>() {
        Ok(address) => format!("https://[{address}]{port}"),
        Err(_) => format!("https://{name}{port}"),
    }
}

fn gathered(names: &[String], address: &str, listening: Vec<IpAddr>, machine: &str) -> Vec<String> {
    let of_address = host_of(address).map(str::to_owned);
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses = listening.into_iter().chain(here).map(|address| address.to_string());
    let others = [machine.to_owned(), "localhost".to_owned()];
    let all = names.iter().cloned().chain(of_address).chain(addresses).chain(others);
    let mut kept: Vec<String> = Vec::new();
    for name in all.filter(|name| is_name(name)) {
        if kept.len() < NAMES_MAX && !kept.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            kept.push(name);
        }
    }
    kept
}

/// The host of "https://host:port/path".
fn host_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://")?.1;
    let rest = rest.split(['/', '?', '#']).next()?;
    match rest.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => rest.split(':').next(),
    }
}

fn listening(web: SocketAddr, machine: &[IpAddr]) -> Vec<IpAddr> {
    match web.ip().is_unspecified() {
        true => machine.to_vec(),
        false => vec![web.ip()],
    }
}

/// The addresses of this machine's network cards, as Linux tells them.
fn machine_addresses() -> Vec<IpAddr> {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let v4 = v4_addresses(&read("/proc/net/fib_trie"));
    let v6 = v6_addresses(&read("/proc/net/if_inet6"));
    v4.into_iter().map(IpAddr::V4).chain(v6.into_iter().map(IpAddr::V6)).collect()
}

/// An address stands one line above the word that says that it is the machine's own.
fn v4_addresses(trie: &str) -> Vec<Ipv4Addr> {
    let mut found = Vec::new();
    let mut above: Option<Ipv4Addr> = None;
    for line in trie.lines() {
        if let Some(address) = line.trim().strip_prefix("|-- ") {
            above = address.trim().parse().ok();
        } else if line.contains("/32 host LOCAL")
            && let Some(address) = above.filter(|address| !address.is_loopback() && !found.contains(address))
        {
            found.push(address);
        }
    }
    found
}

fn v6_addresses(table: &str) -> Vec<Ipv6Addr> {
    let address = |line: &str| {
        let digits = line.split_whitespace().next().filter(|digits| digits.len() == 32)?;
        u128::from_str_radix(digits, 16).ok().map(Ipv6Addr::from_bits)
    };
    // Addresses of one cable alone have a zone, which no certificate can hold.
    let usable = |address: &Ipv6Addr| !address.is_loopback() && !address.is_unicast_link_local();
    table.lines().filter_map(address).filter(usable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_and_the_one_for_people_first() {
        let names = ["lifeboat.northgate.example".to_owned(), "10.20.0.5".to_owned()];
        let listening = vec!["10.20.0.5".parse().unwrap()];
        let all = gathered(&names, "https://LIFEBOAT.northgate.example:8480/", listening, "lb-1");
        let wanted = ["lifeboat.northgate.example", "10.20.0.5", "127.0.0.1", "::1", "lb-1", "localhost"];
        assert_eq!(all, wanted);
        assert_eq!(gathered(&[], "", Vec::new(), "two words"), ["127.0.0.1", "::1", "localhost"]);
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        for (address, host) in [
            ("https://lifeboat.example:8480", Some("lifeboat.example")),
            ("http://10.0.0.1/x", Some("10.0.0.1")),
            ("https://[fd00::5]:8480/", Some("fd00::5")),
            ("lifeboat.example", None),
            ("", None),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }

    #[test]
    fn a_machine_s_own_addresses_are_read_from_linux_s_tables() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.20.0.0\n        /24 link UNICAST\n     |-- 10.20.0.5\n        \
                    /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\nLocal:\n     |-- 10.20.0.5\n        \
                    /32 host LOCAL\n     |-- 10.20.0.255\n        /32 link BROADCAST\n";
        assert_eq!(v4_addresses(trie), ["10.20.0.5".parse::<Ipv4Addr>().unwrap()]);
        let table = "00000000000000000000000000000001 01 80 10 80       lo\n\
                     fd000000000000000000000000000005 02 40 00 80     eth0\n\
                     fe800000000000000000000000000001 02 40 20 80     eth0\nodd\n";
        assert_eq!(v6_addresses(table), ["fd00::5".parse::<Ipv6Addr>().unwrap()]);
    }
}
