//! Which picture a page of systems shows: what is so, or what is so only in an exercise.

use crate::chosen::chosen;
use crate::desk::Look;
use crate::mishap::Mishap;
use incident::{Ground, IncidentBook};

/// A ground with its words and its part of an address.
#[derive(Clone, Debug)]
pub struct OnGround {
    /// Which.
    pub ground: Ground,
    /// "?incident=3", "?incident=real"; empty for what is real while something real, or nothing, runs.
    pub query: String,
    /// The same for a form: "3", "real", or empty.
    pub incident: String,
    /// Other pictures: address, what it is.
    pub others: Vec<(String, String)>,
}

/// In an address and a form: what is real, also while nothing but an exercise runs.
const REAL: &str = "real";

impl OnGround {
    /// The picture that was asked for; else the real one, unless nothing but an exercise runs.
    ///
    /// # Errors
    /// `Mishap::NotFound` for an incident that is not there.
    pub fn new(look: &Look<'_>, asked: &str, address: &str) -> Result<Self, Mishap> {
        look.incidents(|book| {
            if asked == REAL {
                return Ok(Self::of(book, Ground::Real, address));
            }
            let incident = chosen(book, asked)?.filter(|i| !asked.is_empty() || i.running());
            Ok(Self::of(book, incident.map_or(Ground::Real, |i| i.ground()), address))
        })
    }

    fn of(book: &IncidentBook, ground: Ground, address: &str) -> Self {
        // While nothing but exercises run, what is real must be asked for by its word.
        let real = if book.watermark().is_some() { REAL } else { "" };
        let query = |incident: &str| match incident {
            "" => String::new(),
            incident => format!("?incident={incident}"),
        };
        let mut others: Vec<(String, String)> = Vec::new();
        if ground != Ground::Real {
            others.push((format!("{address}{}", query(real)), "what is real".to_owned()));
        }
        let exercises = book.running().filter(|i| i.ground() != Ground::Real && i.ground() != ground);
        others.extend(
            exercises.map(|i| (format!("{address}?incident={}", i.id.0), format!("EXERCISE {}", i.name))),
        );
        let incident = match ground {
            Ground::Real => real.to_owned(),
            Ground::Exercise(id) => id.0.to_string(),
        };
        Self { ground, query: query(&incident), incident, others }
    }
}
