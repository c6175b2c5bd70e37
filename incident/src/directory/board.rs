//! The directory as it is shown: whom a question finds, and which number to dial now.

use super::{Directory, DirectoryEntry, DirectoryId, EntryKind, Route, RouteState};
use crate::{Ground, IncidentBook};
use basics::{Moment, SiteId};

/// What is asked of the directory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// Letters of a name, role, place or number; empty for all.
    pub words: String,
    /// Only that hospital's entries and the whole trust's.
    pub site: Option<SiteId>,
    /// Only that kind.
    pub kind: Option<EntryKind>,
    /// At most so many are shown; 0 means [`Question::SHOWN_MAX`].
    pub limit: usize,
}

impl Question {
    /// Most entries shown at once.
    pub const SHOWN_MAX: usize = 100;
}

/// A number with what is known of its route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DialRow {
    /// The way.
    pub route: Route,
    /// The number or address.
    pub number: String,
    /// Whether that way works at the entry's hospital.
    pub state: RouteState,
    /// What was said of the way.
    pub note: String,
}

/// Who holds a role now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The post: "Site manager, Northgate General".
    pub post: String,
    /// Who.
    pub person: String,
    /// How they said they are reached.
    pub contact: String,
}

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryBoard {
    /// Which.
    pub id: DirectoryId,
    /// What is listed.
    pub entry: DirectoryEntry,
    /// Every number: the one to dial now first.
    pub dial: Vec<DialRow>,
    /// Who holds the role in incidents that run on this ground.
    pub held: Vec<Held>,
    /// Until when they are on duty.
    pub on_duty_until: Option<Moment>,
}

/// One way of reaching people at one hospital.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteRow {
    /// The way.
    pub route: Route,
    /// Whether it works.
    pub state: RouteState,
    /// What was said with it.
    pub note: String,
    /// Since when it is so, and who said it; `None` while nobody has.
    pub since: Option<(Moment, String)>,
}

/// The ways of one hospital.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteRoutes {
    /// The hospital; `None` for the whole trust.
    pub site: Option<SiteId>,
    /// Every way, in the order of trying.
    pub routes: Vec<RouteRow>,
}

impl SiteRoutes {
    /// "switchboard down, direct lines working"; nothing while nobody has said anything.
    pub fn words(&self) -> Option<String> {
        let mut told: Vec<&RouteRow> =
            self.routes.iter().filter(|r| r.state != RouteState::Unknown).collect();
        told.sort_by_key(|r| (std::cmp::Reverse(r.state), r.route));
        let said: Vec<String> =
            told.iter().map(|r| format!("{} {}", r.route.plural(), r.state.word())).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}

/// What a question finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryBoard {
    /// The ground on which this is so.
    pub ground: Ground,
    /// Entries: the best first, roles before places before people.
    pub found: Vec<EntryBoard>,
    /// How many fit in all.
    pub matching: usize,
    /// How many are listed.
    pub total: usize,
    /// The trust's ways, then each hospital's.
    pub routes: Vec<SiteRoutes>,
}

impl Directory {
    /// Who fits a question: everyone, the best fitting first.
    pub fn find(&self, question: &Question) -> Vec<DirectoryId> {
        self.best(question, usize::MAX).0
    }

    /// The `limit` best fitting, in order, and how many fit in all.
    fn best(&self, question: &Question, limit: usize) -> (Vec<DirectoryId>, usize) {
        let fits = |entry: &DirectoryEntry| {
            question.kind.is_none_or(|kind| entry.kind == kind)
                && (question.site.is_none() || entry.site.is_none() || entry.site == question.site)
        };
        // Entries that fit alike are shown with roles first; a better fit in words goes before.
        let mut ranked: Vec<(u32, EntryKind, &str, DirectoryId)> = if question.words.trim().is_empty() {
            let all = self.all().filter(|(_, entry)| fits(entry));
            all.map(|(id, entry)| (0, entry.kind, entry.name.as_str(), id)).collect()
        } else {
            let found = self.words.find(&question.words, self.last_number).into_iter();
            // Only what is listed can be found by its words.
            let listed = found.filter_map(|(id, score)| Some((id, score, &self.listed.get(&id)?.entry)));
            let fitting = listed.filter(|(_, _, entry)| fits(entry));
            fitting
                .map(|(id, score, entry)| (u32::MAX - score / 10, entry.kind, entry.name.as_str(), id))
                .collect()
        };
        let matching = ranked.len();
        if limit < matching {
            ranked.select_nth_unstable(limit);
            ranked.truncate(limit);
        }
        ranked.sort_unstable();
        (ranked.into_iter().map(|(_, _, _, id)| id).collect(), matching)
    }

    /// An entry's numbers on that ground: ways that work before those of which nothing is known, those that are down last.
    pub fn dial(&self, ground: Ground, entry: &DirectoryEntry) -> Vec<DialRow> {
        let mut rows: Vec<DialRow> = entry
            .numbers
            .iter()
            .map(|(route, number)| {
                let told = self.route(ground, entry.site.as_ref(), *route);
                DialRow {
                    route: *route,
                    number: number.clone(),
                    state: told.map_or(RouteState::Unknown, |told| told.state),
                    note: told.map_or_else(String::new, |told| told.note.clone()),
                }
            })
            .collect();
        // A mail is read later, a voice is heard now: mail comes first only when every other way is worse.
        rows.sort_by_key(|row| {
            (row.state == RouteState::Down, row.route == Route::Email, row.state, row.route)
        });
        rows
    }

    /// The ways of the whole trust, then of each hospital.
    pub fn routes(&self, ground: Ground, sites: &[SiteId]) -> Vec<SiteRoutes> {
        std::iter::once(None)
            .chain(sites.iter().map(Some))
            .map(|site| SiteRoutes {
                site: site.cloned(),
                routes: Route::ALL.map(|route| self.route_row(ground, site, route)).to_vec(),
            })
            .collect()
    }

    fn route_row(&self, ground: Ground, site: Option<&SiteId>, route: Route) -> RouteRow {
        let told = self.route(ground, site, route);
        RouteRow {
            route,
            state: told.map_or(RouteState::Unknown, |told| told.state),
            note: told.map_or_else(String::new, |told| told.note.clone()),
            since: told.map(|told| (told.since, told.told.by.to_string())),
        }
    }

    /// One entry as it is shown.
    pub fn entry_board(
        &self,
        book: &IncidentBook,
        ground: Ground,
        id: DirectoryId,
        now: Moment,
    ) -> Option<EntryBoard> {
        let entry = self.entry(id)?.clone();
        Some(EntryBoard {
            id,
            dial: self.dial(ground, &entry),
            held: held(book, ground, &entry),
            on_duty_until: self.on_duty(ground, id, now),
            entry,
        })
    }

    /// The board of a ground.
    pub fn board(
        &self,
        book: &IncidentBook,
        ground: Ground,
        question: &Question,
        now: Moment,
    ) -> DirectoryBoard {
        let limit = if question.limit == 0 { Question::SHOWN_MAX } else { question.limit };
        let (shown, matching) = self.best(question, limit);
        DirectoryBoard {
            ground,
            found: shown.into_iter().filter_map(|id| self.entry_board(book, ground, id, now)).collect(),
            matching,
            total: self.len(),
            routes: self.routes(ground, book.hospitals.sites()),
        }
    }
}

/// Who holds the entry's role in incidents that run on that ground, at its hospital or for the whole trust.
fn held(book: &IncidentBook, ground: Ground, entry: &DirectoryEntry) -> Vec<Held> {
    let Some(role) = entry.role.as_ref().filter(|_| entry.kind == EntryKind::Role) else { return Vec::new() };
    let mut out = Vec::new();
    for incident in book.running().filter(|incident| incident.ground() == ground) {
        for (post, posting) in incident.roles.all().filter(|(post, _)| post.role == *role) {
            let here = entry.site.as_ref().is_none_or(|site| {
                post.place.is_empty() || post.place.to_lowercase().starts_with(&site.as_str().to_lowercase())
            });
            if let Some(holder) = posting.holder.as_ref().filter(|_| here) {
                out.push(Held {
                    post: post.words(incident),
                    person: holder.person.to_string(),
                    contact: holder.contact.clone(),
                });
            }
        }
    }
    out
}
