//! Posts for social networks as text to copy: the sentence, what to do, when more follows, and the page's address.
//!
//! Always: within the network's length as that network counts; cut between whole sentences, never inside one; the
//! address stays. In an exercise each begins with EXERCISE. Called by the screens; proved by the tests below.

use crate::WordsFault;
use crate::settings::Settings;
use crate::words::{Language, Words};
use incident::Ground;
use incident::public_updates::PublicBoard;

/// A network and what it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    /// Its name.
    pub name: &'static str,
    /// Longest post, in characters.
    pub characters_max: usize,
    /// What a web address counts, in characters, when it does not count by its letters.
    pub address_counts: Option<usize>,
}

/// Networks in the order of their lengths. X counts every address as 23 and letters outside the Latin blocks double.
pub const NETWORKS: [Network; 5] = [
    Network { name: "X", characters_max: 280, address_counts: Some(23) },
    Network { name: "Bluesky", characters_max: 300, address_counts: None },
    Network { name: "Mastodon", characters_max: 500, address_counts: Some(23) },
    Network { name: "Threads", characters_max: 500, address_counts: None },
    Network { name: "Facebook and WhatsApp channels", characters_max: 4_000, address_counts: None },
];

/// A post to copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    /// Where.
    pub network: Network,
    /// What.
    pub text: String,
    /// Its length as the network counts.
    pub characters: usize,
}

/// A post for each network that it fits; none while no update holds. A sentence too long even alone gives a post that
/// only points to the page.
pub fn posts(board: &PublicBoard, settings: &Settings) -> Result<Vec<Post>, WordsFault> {
    let Some(published) = board.latest.published() else { return Ok(Vec::new()) };
    let words = Words::read(Language::English)?;
    let content = &published.content;
    let mark = if board.ground == Ground::Real { "" } else { "EXERCISE " };
    let next = content
        .next_update
        .map_or_else(|| words.say("last"), |at| words.with("next", &[("at", &words.time(at, &board.zone))]));
    let mut sentences = vec![format!("{mark}{}", content.english.sentence), next];
    sentences.extend(content.english.do_this.iter().cloned());
    if !content.english.not_for.is_empty() {
        sentences.push(format!("{}: {}.", words.say("not-for"), content.english.not_for.join("; ")));
    }
    Ok(NETWORKS.iter().map(|network| post(*network, &sentences, mark, settings)).collect())
}

fn post(network: Network, sentences: &[String], mark: &str, settings: &Settings) -> Post {
    let address = &settings.address;
    let tail = network.address_counts.unwrap_or_else(|| weight(network, address));
    let mut text = String::new();
    let mut characters = tail;
    for (index, sentence) in sentences.iter().enumerate() {
        let more = weight(network, sentence) + 1;
        if characters + more > network.characters_max {
            // Without its first sentence a post would mislead: point to the page instead.
            if index == 0 {
                break;
            }
            continue;
        }
        characters += more;
        text.push_str(sentence);
        text.push('\n');
    }
    if text.is_empty() {
        text = format!("{mark}There is a new update for patients and visitors:\n");
        characters = tail + weight(network, &text);
    }
    text.push_str(address);
    Post { network, text, characters }
}

/// Length as the network counts: X counts what is beyond Latin, general punctuation and the like as two.
fn weight(network: Network, text: &str) -> usize {
    let light = |c: char| matches!(c, '\0'..='\u{10ff}' | '\u{2000}'..='\u{200d}' | '\u{2010}'..='\u{201f}' | '\u{2032}'..='\u{2037}');
    let double = network.name == "X";
    text.chars().map(|c| if double && !light(c) { 2 } else { 1 }).sum()
}
