//! Whose public page this is about: the real one, or an exercise's. The two are never mixed.
//!
//! Always: the address says which; while nothing but one exercise runs, that one is meant unless somebody asks for the
//! real page, because a real update sent in practice is the worse mistake.

use incident::public_updates::{Latest, PublicBoard, PublicUpdate, Published, Spoken, Standing};
use incident::{Ground, IncidentBook, IncidentId};
use serde::Deserialize;

/// `?ground=`
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Which {
    /// "real" or "exercise-3"; anything else counts as not asked.
    pub ground: String,
}

/// The word of a ground in addresses and forms.
pub fn word(ground: Ground) -> String {
    match ground {
        Ground::Real => "real".to_owned(),
        Ground::Exercise(id) => format!("exercise-{}", id.0),
    }
}

/// The ground that a word means.
pub fn read(word: &str) -> Option<Ground> {
    if word == "real" {
        return Some(Ground::Real);
    }
    Some(Ground::Exercise(IncidentId(word.strip_prefix("exercise-")?.parse().ok()?)))
}

/// The ground that was asked for, else the one that most people mean.
pub fn chosen(book: &IncidentBook, asked: &str) -> Ground {
    let there = |ground: &Ground| match ground {
        Ground::Real => true,
        Ground::Exercise(id) => book.incident(*id).is_some_and(|incident| incident.ground() == *ground),
    };
    if let Some(ground) = read(asked).filter(there) {
        return ground;
    }
    let mut grounds: Vec<Ground> = book.running().map(incident::Incident::ground).collect();
    grounds.dedup();
    match grounds.as_slice() {
        [only] => *only,
        _ => Ground::Real,
    }
}

/// Every public page there is: address and name, this one marked.
pub struct Choice {
    /// Its word.
    pub word: String,
    /// Its name.
    pub name: String,
    /// This one.
    pub here: bool,
}

/// The real page and that of each exercise that runs or is looked at.
pub fn choices(book: &IncidentBook, here: Ground) -> Vec<Choice> {
    let mut grounds = vec![Ground::Real];
    grounds.extend(book.running().map(incident::Incident::ground).filter(|g| *g != Ground::Real));
    if !grounds.contains(&here) {
        grounds.push(here);
    }
    let name = |ground: Ground| match ground {
        Ground::Real => "The real public page".to_owned(),
        Ground::Exercise(id) => {
            let name = book.incident(id).map_or("", |incident| incident.name.as_str());
            format!("EXERCISE {name}")
        }
    };
    grounds.into_iter().map(|g| Choice { word: word(g), name: name(g), here: g == here }).collect()
}

/// The public page as it would be with this draft approved now.
pub fn with_draft(mut board: PublicBoard, update: &PublicUpdate, now: basics::Moment) -> PublicBoard {
    if update.standing != Standing::Draft {
        return board;
    }
    let published = Published {
        number: update.number,
        entry: update.written.entry,
        at: now,
        content: update.content.clone(),
    };
    board.next_update = published.content.next_update;
    board.history.insert(0, Spoken::Update(Box::new(published.clone())));
    board.latest = Latest::Update(Box::new(published));
    board
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_survives_its_word() {
        for ground in [Ground::Real, Ground::Exercise(IncidentId(7))] {
            assert_eq!(read(&word(ground)), Some(ground));
        }
        for odd in ["", "exercise-", "exercise-x", "exercise", "7"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
