//! Who is meant by "the site managers", "Ward 7" or "everyone on duty", and how each is reached now.
//!
//! Always: nobody twice; whoever has no telephone that works gets a runner's slip; a role that nobody holds and that
//! the directory does not know is told to the sender, not left out in silence.

use super::{Audience, Recipient, Refusal, Way};
use crate::book::Asked;
use crate::declare::Incident;
use crate::directory::{DirectoryEntry, DirectoryId, EntryKind, Route, RouteState};
use crate::roles::{Holder, Post};
use crate::wording;
use basics::SiteId;
use std::collections::BTreeSet;

/// Everyone to whom a message goes, and the audiences in words.
pub(super) fn resolve(
    asked: &Asked<'_>,
    incident: &Incident,
    to: &[Audience],
    slips_only: bool,
) -> Result<(Vec<Recipient>, String), Refusal> {
    let mut gathering = Gathering {
        asked,
        incident,
        slips_only,
        phones: asked.book.messages.may_reach_phones(incident.ground()),
        entries: BTreeSet::new(),
        names: BTreeSet::new(),
        people: Vec::new(),
    };
    let mut words = Vec::new();
    for audience in to {
        let said = audience_words(asked, incident, audience);
        let reached = gathering.add(audience)?;
        if reached == 0 {
            return Err(Refusal::NobodyIn(said));
        }
        words.push(said);
    }
    Ok((gathering.people, words.join("; ")))
}

fn audience_words(asked: &Asked<'_>, incident: &Incident, audience: &Audience) -> String {
    match audience {
        Audience::OnDuty => "everyone on duty".to_owned(),
        Audience::Role(role) => incident.cards.card(role).map_or_else(|| role.words(), |c| c.title.clone()),
        Audience::Place { site, place } => match site {
            Some(site) => format!("{place}, {site}"),
            None => place.clone(),
        },
        Audience::Entry(id) => {
            asked.book.directory.entry(*id).map_or_else(|| format!("entry {}", id.0), DirectoryEntry::words)
        }
        Audience::Machine(name) => format!("machine {name}"),
        Audience::Department(site) => format!("emergency department, {site}"),
    }
}

struct Gathering<'a> {
    asked: &'a Asked<'a>,
    incident: &'a Incident,
    slips_only: bool,
    phones: bool,
    entries: BTreeSet<DirectoryId>,
    names: BTreeSet<String>,
    people: Vec<Recipient>,
}

impl Gathering<'_> {
    /// Adds an audience; how many people it means, those that are there already included.
    fn add(&mut self, audience: &Audience) -> Result<usize, Refusal> {
        let ground = self.incident.ground();
        let directory = &self.asked.book.directory;
        match audience {
            Audience::OnDuty => {
                let mut reached = 0;
                let posts: Vec<(Post, Holder)> = self.holders(|_| true);
                for (post, holder) in &posts {
                    reached += self.holder(post, holder);
                }
                for id in directory.duty(ground, self.asked.at) {
                    reached += self.entry(id);
                }
                Ok(reached)
            }
            Audience::Role(role) => {
                let posts: Vec<(Post, Holder)> = self.holders(|post| post.role == *role);
                let mut reached = 0;
                for (post, holder) in &posts {
                    reached += self.holder(post, holder);
                }
                if reached == 0 {
                    let of_role = |entry: &DirectoryEntry| entry.role.as_ref() == Some(role);
                    let on_duty = |id| directory.on_duty(ground, id, self.asked.at).is_some();
                    let ids: Vec<DirectoryId> = directory
                        .all()
                        .filter(|(id, e)| of_role(e) && (e.kind == EntryKind::Role || on_duty(*id)))
                        .map(|(id, _)| id)
                        .collect();
                    reached += ids.into_iter().map(|id| self.entry(id)).sum::<usize>();
                }
                Ok(reached)
            }
            Audience::Place { site, place } => self.place(site.as_ref(), place),
            Audience::Entry(id) => {
                directory.entry(*id).ok_or(Refusal::NoSuchEntry)?;
                Ok(self.entry(*id))
            }
            Audience::Department(site) => Ok(self.department(site)),
            Audience::Machine(name) => {
                let name = wording::line("the machine's name", name)?;
                let way = if self.phones { Way::Webhook } else { Way::Screen };
                let words = format!("machine {name}");
                Ok(self.push(Recipient { name: words, entry: None, way, to: name, place: String::new() }))
            }
        }
    }

    fn holders(&self, wanted: impl Fn(&Post) -> bool) -> Vec<(Post, Holder)> {
        let all = self.incident.roles.all().filter(|(post, _)| wanted(post));
        all.filter_map(|(post, posting)| Some((post.clone(), posting.holder.clone()?))).collect()
    }

    /// Whoever holds a post: by their own entry, else by what they said when they took it, else by the role's entry.
    fn holder(&mut self, post: &Post, holder: &Holder) -> usize {
        let directory = &self.asked.book.directory;
        let name = holder.person.to_string();
        let site = self.asked.book.hospitals.sites().iter().find(|site| is_at(&post.place, site));
        if let Some(id) = directory.person(&name) {
            let words = post.words(self.incident);
            return self.entry_or(id, &words);
        }
        let place = if post.place.is_empty() { post.words(self.incident) } else { post.place.clone() };
        let place = format!("{name}, {place}");
        let of_role = directory.role(&post.role, site).and_then(|id| directory.entry(id));
        let mobile = mobile_in(&holder.contact);
        let (way, to) = match (mobile, of_role) {
            (Some(number), _) if self.phones && !self.slips_only => (Way::Sms, number),
            (None, Some(entry)) => self.way(entry, &place),
            _ => self.by_hand(&place),
        };
        self.push(Recipient { name, entry: None, way, to, place: clipped(&place) })
    }

    fn place(&mut self, site: Option<&SiteId>, place: &str) -> Result<usize, Refusal> {
        let place = wording::line("the ward or department", place)?;
        if let Some(site) = site.filter(|site| !self.asked.book.hospitals.known(site)) {
            return Err(Refusal::NoSuchSite(site.clone()));
        }
        let directory = &self.asked.book.directory;
        let (ground, now, small) = (self.incident.ground(), self.asked.at, place.to_lowercase());
        let here = |entry: &DirectoryEntry| site.is_none() || entry.site.as_ref() == site;
        let ids: Vec<DirectoryId> = directory
            .all()
            .filter(|(id, entry)| {
                here(entry)
                    && match entry.kind {
                        EntryKind::Place => entry.name.to_lowercase() == small,
                        _ => {
                            entry.place.to_lowercase() == small
                                && directory.on_duty(ground, *id, now).is_some()
                        }
                    }
            })
            .map(|(id, _)| id)
            .collect();
        let known = ids.iter().any(|id| directory.entry(*id).is_some_and(|e| e.kind == EntryKind::Place));
        let mut reached: usize = ids.into_iter().map(|id| self.entry(id)).sum();
        if !known {
            // A ward that the directory does not know is still there, and a runner finds it.
            let to = match site {
                Some(site) => format!("{place}, {site}: nurse in charge"),
                None => format!("{place}: nurse in charge"),
            };
            let (way, to) = self.by_hand(&to);
            reached += self.push(Recipient { name: place, entry: None, way, place: to.clone(), to });
        }
        Ok(reached)
    }

    /// The emergency department of a site: whoever is in charge there and its own lines, else a slip, which ambulance
    /// control reads out where no runner goes.
    fn department(&mut self, site: &SiteId) -> usize {
        let in_charge = |post: &Post| post.role.as_str() == IN_CHARGE && is_at(&post.place, site);
        let posts: Vec<(Post, Holder)> = self.holders(in_charge);
        let mut reached: usize = posts.iter().map(|(post, holder)| self.holder(post, holder)).sum();
        let ids: Vec<DirectoryId> = self
            .asked
            .book
            .directory
            .all()
            .filter(|(_, e)| is_department(e, site))
            .map(|(id, _)| id)
            .collect();
        reached += ids.into_iter().map(|id| self.entry(id)).sum::<usize>();
        if reached == 0 {
            let (way, to) = self.by_hand(&format!("{site}: emergency department, nurse in charge"));
            let name = format!("Emergency department, {site}");
            reached += self.push(Recipient { name, entry: None, way, place: to.clone(), to });
        }
        reached
    }

    fn entry(&mut self, id: DirectoryId) -> usize {
        self.entry_or(id, "")
    }

    /// An entry of the directory; `place` stands in where the entry does not say where to find it.
    fn entry_or(&mut self, id: DirectoryId, place: &str) -> usize {
        let Some(entry) = self.asked.book.directory.entry(id) else { return 0 };
        if !self.entries.insert(id) {
            return 1;
        }
        let site = entry.site.as_ref().map_or("", SiteId::as_str);
        let parts = [entry.name.as_str(), entry.place.as_str(), entry.location.as_str(), place, site];
        let mut found: Vec<&str> = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            if !found.contains(&part) {
                found.push(part);
            }
        }
        let place = clipped(&found.join(", "));
        let (way, to) = self.way(entry, &place);
        let name = entry.name.clone();
        self.names.insert(name.to_lowercase());
        self.people.push(Recipient { name, entry: Some(id), way, to, place });
        1
    }

    /// The quickest way to an entry that is not known to be down.
    fn way(&self, entry: &DirectoryEntry, place: &str) -> (Way, String) {
        if !self.slips_only {
            for (route, way) in [(Route::Mobile, Way::Sms), (Route::Email, Way::Email)] {
                let ground = self.incident.ground();
                let down = self.asked.book.directory.route_state(ground, entry.site.as_ref(), route);
                if let Some(number) = entry.number(route).filter(|_| down != RouteState::Down) {
                    return if self.phones {
                        (way, number.to_owned())
                    } else {
                        (Way::Screen, number.to_owned())
                    };
                }
            }
        }
        self.by_hand(place)
    }

    fn by_hand(&self, place: &str) -> (Way, String) {
        (Way::Slip, clipped(place))
    }

    fn push(&mut self, recipient: Recipient) -> usize {
        if self.names.insert(recipient.name.to_lowercase()) {
            self.people.push(recipient);
        }
        1
    }
}

/// Who is in charge of an emergency department, as its action card names them.
const IN_CHARGE: &str = "ed-nurse-in-charge";

/// Whether an entry of the directory is the emergency department of that site, by its site or by its name.
fn is_department(entry: &DirectoryEntry, site: &SiteId) -> bool {
    let name = entry.name.to_lowercase();
    let emergency =
        ["emergency department", "accident and emergency", "a&e"].iter().any(|w| name.contains(w));
    let here = || match &entry.site {
        Some(own) => own == site,
        None => name.contains(&site.as_str().to_lowercase()),
    };
    entry.kind != EntryKind::Person && emergency && here()
}

/// Whether a post's place, "Eastmere General, ED", lies at that site; a longer name that begins alike is another site's.
fn is_at(place: &str, site: &SiteId) -> bool {
    place.strip_prefix(site.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
}

/// Where a runner goes, in one line that fits on a slip.
fn clipped(place: &str) -> String {
    const PLACE_BYTES_MAX: usize = 120;
    basics::tidy(place, PLACE_BYTES_MAX)
}

/// The British mobile number in what somebody wrote as their contact, if there is one.
fn mobile_in(contact: &str) -> Option<String> {
    for part in contact.split([',', ';', '/']) {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        let national = digits.strip_prefix("44").map(|rest| format!("0{rest}")).unwrap_or(digits);
        if national.len() == 11 && national.starts_with("07") {
            return Some(national);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_mobile_is_found_in_what_people_write() {
        for (contact, want) in [
            ("ext 4021, bleep 112", None),
            ("mobile 07700 900123, ext 4021", Some("07700900123")),
            ("+44 7700 900123", Some("07700900123")),
            ("0770090012", None),
        ] {
            assert_eq!(super::mobile_in(contact).as_deref(), want, "{contact}");
        }
    }
}
