//! The desk behind which pages are made: what was handed by the program, and what one visit looks like.
//!
//! Promises: a page is made on a blocking thread, so a slow disk never holds up other visitors; one visit sees one
//! moment and one reading of the feeds, so two ages on a page never disagree.
//! Called by every screen's `page.rs`; proved by the page tests.

use crate::access_alarms::seen::AlarmsSeen;
use crate::devices::pending::Enrolments;
use crate::doors::Door;
use crate::handed::{AgeThresholds, Screens};
use crate::headers::cookie;
use crate::live::Streams;
use crate::mishap::Mishap;
use crate::parts::{Level, SectionHead, Stamp};
use crate::shift_cards::pending::PrintedCards;
use crate::who::Signed;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use basics::{FeedName, Moment, SiteId, Zone};
use care::Cite;
use control_room::{FeedBoard, IncidentReceipt};
use http::StatusCode;
use http::request::Parts;
use incident::{IncidentBook, Person};
use paper::Press;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Shared by all pages.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    screens: Screens,
    streams: Streams,
    faults: AtomicU64,
    /// The printing press, once somebody prints: its fonts take some milliseconds to read.
    press: OnceLock<Press>,
    /// Secrets of phones that are being added.
    pending: crate::me::Pending,
    /// Enrolments that wait for their device.
    enrolments: Enrolments,
    /// Shift cards that wait to be printed, once.
    printed_cards: PrintedCards,
    /// How far each person has looked at the alarms about access.
    alarms_seen: AlarmsSeen,
}

impl Desk {
    /// Opens the desk.
    pub fn new(screens: Screens) -> Self {
        Self(Arc::new(Inner {
            screens,
            streams: Streams::default(),
            faults: AtomicU64::new(0),
            press: OnceLock::new(),
            pending: crate::me::Pending::default(),
            enrolments: Enrolments::default(),
            printed_cards: PrintedCards::default(),
            alarms_seen: AlarmsSeen::default(),
        }))
    }

    /// What the program handed over.
    pub fn screens(&self) -> &Screens {
        &self.0.screens
    }

    /// The live streams that are open.
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// Secrets of phones that are being added.
    pub fn pending(&self) -> &crate::me::Pending {
        &self.0.pending
    }

    /// Enrolments that wait for their device.
    pub fn enrolments(&self) -> &Enrolments {
        &self.0.enrolments
    }

    /// Shift cards that wait to be printed, once.
    pub fn printed_cards(&self) -> &PrintedCards {
        &self.0.printed_cards
    }

    /// How far each person has looked at the alarms about access.
    pub fn alarms_seen(&self) -> &AlarmsSeen {
        &self.0.alarms_seen
    }

    /// A new reference number for a fault, to be read out over the telephone: "1605-3".
    pub fn reference(&self) -> String {
        let n = self.0.faults.fetch_add(1, Ordering::Relaxed) + 1;
        let c = self.0.screens.zone.civil(self.0.screens.clock.now());
        format!("{:02}{:02}-{n}", c.hour, c.minute)
    }

    /// Makes a page, or the page that says why there is none.
    pub async fn page<P, F>(self, visit: Visit, make: F) -> Response
    where
        P: IntoPage,
        F: FnOnce(&Look<'_>) -> Result<P, Mishap> + Send + 'static,
    {
        let desk = self.clone();
        let spare = visit.clone();
        let made = tokio::task::spawn_blocking(move || {
            let look = Look::new(&desk, &visit);
            let made = make(&look).and_then(|page| page.into_page());
            // Who saw whom is kept before anything leaves.
            match look.keep_looks().and(made) {
                Ok(response) => response,
                Err(mishap) => mishap.page(&look),
            }
        })
        .await;
        made.unwrap_or_else(|_| {
            let look = Look::new(&self, &spare);
            Mishap::fault("make this page", "the page's maker panicked").page(&look)
        })
    }
}

/// What can be sent as an answer.
pub trait IntoPage {
    /// The answer.
    ///
    /// # Errors
    /// `Mishap::Fault` when the template could not be filled.
    fn into_page(self) -> Result<Response, Mishap>;
}

/// A template, as an HTML page.
pub struct Html<T>(pub T);

impl<T: askama::Template> IntoPage for Html<T> {
    fn into_page(self) -> Result<Response, Mishap> {
        let text = self.0.render().map_err(|e| Mishap::fault("fill this page", e))?;
        Ok(axum::response::Html(text).into_response())
    }
}

/// After a form: look at another page.
pub struct GoTo(pub String);

impl IntoPage for GoTo {
    fn into_page(self) -> Result<Response, Mishap> {
        Ok(Redirect::to(&self.0).into_response())
    }
}

/// A form shown again with everything that was typed, because it was not taken; why stands at its top.
pub struct FormAgain<T> {
    /// The page with the form.
    pub page: T,
    /// What the answer counts as: refused, or nothing can be recorded.
    pub status: StatusCode,
}

impl<T: askama::Template> IntoPage for FormAgain<T> {
    fn into_page(self) -> Result<Response, Mishap> {
        let mut response = Html(self.page).into_page()?;
        *response.status_mut() = self.status;
        Ok(response)
    }
}

impl IntoPage for Response {
    fn into_page(self) -> Result<Response, Mishap> {
        Ok(self)
    }
}

/// What a request says besides its page's own question.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Night mode is on.
    pub night: bool,
    /// Single-key shortcuts are off (WCAG 2.1.4 asks for the choice).
    pub keys_off: bool,
    /// Path and query, to come back to.
    pub address: String,
    /// What was just done, from `?done=`; shown once at the top.
    pub done: Option<&'static str>,
    /// Who is at this screen: who is signed in; where nobody has to be, whom this browser remembers.
    pub who: Option<Person>,
    /// Who came through the door, and how.
    pub door: Door,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Visit {
    /// What a request says, and what the guard found.
    pub fn of(parts: &Parts) -> Self {
        let door = parts.extensions.get::<Door>().cloned().unwrap_or_default();
        let address = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let done = parts.uri.query().unwrap_or("").split('&').find_map(|p| p.strip_prefix("done="));
        Self {
            night: cookie(&parts.headers, "lifeboat_night") == Some("on"),
            keys_off: cookie(&parts.headers, "lifeboat_keys") == Some("off"),
            address,
            done: done.and_then(crate::done::words),
            who: match (&door.visitor, door.shut) {
                (Some(visitor), _) => Some(visitor.account.name.clone()),
                (None, true) => None,
                (None, false) => crate::who::remembered(&parts.headers),
            },
            door,
        }
    }
}

/// One visit's view of the hospital.
pub struct Look<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The request.
    pub visit: &'a Visit,
    /// The moment of this page.
    pub now: Moment,
    /// The feeds as they stand.
    pub feeds: Vec<FeedBoard>,
    /// The patients whom this page shows, for the book of looks.
    pub seen: RefCell<BTreeSet<access::Patient>>,
}

impl<'a> Look<'a> {
    /// Looks once.
    pub fn new(desk: &'a Desk, visit: &'a Visit) -> Self {
        let now = desk.screens().clock.now();
        Self { desk, visit, now, feeds: desk.screens().room.feeds(), seen: RefCell::default() }
    }

    /// What the program handed over.
    pub fn screens(&self) -> &Screens {
        self.desk.screens()
    }

    /// The printing press, for papers of an incident.
    ///
    /// # Errors
    /// `Mishap::Fault` when the program's own fonts are damaged.
    pub fn press(&self) -> Result<&Press, Mishap> {
        if let Some(press) = self.desk.0.press.get() {
            return Ok(press);
        }
        let press = Press::new().map_err(|e| Mishap::fault("read the fonts for printing", e))?;
        Ok(self.desk.0.press.get_or_init(|| press))
    }

    /// The hospital's zone.
    pub fn zone(&self) -> &Zone {
        &self.desk.screens().zone
    }

    /// Reads the incident book's picture. Keep it short: a decision waits for it.
    pub fn incidents<T>(&self, read: impl FnOnce(&IncidentBook) -> T) -> T {
        self.screens().room.incident().read(read)
    }

    /// Figures of the clinics for a sitrep of that incident: counts, no patient.
    pub fn more_for_sitrep(&self, incident: incident::IncidentId) -> Vec<incident::sitreps::Section> {
        let ground = self.incidents(|book| book.incident(incident).map(incident::Incident::ground));
        ground.map(|ground| self.screens().room.clinic_figures(ground)).unwrap_or_default()
    }

    /// The moment that boards of the incident count from: never before the book's last entry.
    pub fn incident_now(&self) -> Moment {
        self.incidents(|book| book.now(self.now))
    }

    /// Who signs: who is signed in; where nobody has to be, as the form says, else as the browser remembers.
    ///
    /// # Errors
    /// `Mishap::Refused` when nobody is named, or somebody else than who is signed in.
    pub fn signer(&self, by: &str) -> Result<Person, Mishap> {
        if let Some(visitor) = self.visit.visitor() {
            let me = &visitor.account.name;
            return match Person::new(by) {
                Some(other) if other.as_str().to_lowercase() != me.as_str().to_lowercase() => {
                    Err(Mishap::Refused(format!(
                        "{me} is signed in at this screen, so {other} cannot sign here. {other} signs in under their own \
                         name first: press “{me}” at the top, then “Somebody else”."
                    )))
                }
                _ => Ok(me.clone()),
            };
        }
        Person::new(by).or_else(|| self.visit.who.clone()).ok_or_else(|| {
            Mishap::Refused(
                "Nobody signed this: write your name, so that the log can say who did it.".to_owned(),
            )
        })
    }

    /// Decides something of the incident: sealed in the incident book and in force once this returns.
    ///
    /// # Errors
    /// `Mishap::Refused` with the rule's sentence; `Mishap::CannotRecord` when nothing can be written.
    pub fn decide(
        &self,
        doing: &'static str,
        intent: impl Into<incident::Intent>,
        who: &Person,
    ) -> Result<IncidentReceipt, Mishap> {
        self.screens().room.incident().submit(intent, who, self.now).map_err(Mishap::undecided(doing))
    }

    /// Goes on when a form was taken; else shows it again with what was typed and why at its top.
    ///
    /// # Errors
    /// What is no refusal and cannot be shown on the form; a page that cannot be filled.
    pub fn answered<T: askama::Template>(
        &self,
        done: Result<Signed, Mishap>,
        again: impl FnOnce(String) -> Result<T, Mishap>,
    ) -> Result<Response, Mishap> {
        match done {
            Ok(signed) => signed.into_page(),
            Err(mishap) => {
                let (why, status) = self.form_again(mishap)?;
                FormAgain { page: again(why)?, status }.into_page()
            }
        }
    }

    /// Why a form was not taken, in words for its top, and the status of the answer: so that what was typed can be shown
    /// again. A full disk counts too, for then the words on the screen are the only ones there are.
    ///
    /// # Errors
    /// The mishap itself when there is no form to go back to.
    pub fn form_again(&self, mishap: Mishap) -> Result<(String, StatusCode), Mishap> {
        match mishap {
            Mishap::Refused(words) => Ok((words, StatusCode::CONFLICT)),
            Mishap::CannotRecord { cause } => {
                let reference = self.desk.reference();
                tracing::error!(reference, cause, "a decision could not be recorded");
                let words = format!(
                    "The record is not taking new entries, so nothing was done. What you typed stands below: write it \
                     on paper with the time and your initials, and call whoever looks after Lifeboat (reference \
                     {reference})."
                );
                Ok((words, StatusCode::SERVICE_UNAVAILABLE))
            }
            other => Err(other),
        }
    }

    /// A moment with its age.
    pub fn stamp(&self, at: Moment) -> Stamp {
        Stamp::new(at, self.now, self.zone())
    }

    /// A moment that may be missing.
    pub fn stamp_maybe(&self, at: Option<Moment>) -> Stamp {
        Stamp::maybe(at, self.now, self.zone())
    }

    /// The age of the newest message of a site's feeds, judged: how far this page can be trusted.
    pub fn data_age(&self, site: Option<&SiteId>) -> Stamp {
        let newest = self.feeds_for(site).filter_map(FeedBoard::shown_as_at).max();
        let stamp = match newest {
            Some(at) => self.stamp(at).judged(self.limits()),
            None => Stamp::never("none: nothing was received yet"),
        };
        // Pages of no one site say in their alarms how many feeds are silent; once is enough.
        let missing = [self.silent_words(site), self.apart_words(site)];
        let missing: Vec<String> = missing.into_iter().flatten().collect();
        match site.filter(|_| !missing.is_empty()).map(|_| missing.join("; ")) {
            Some(words) => {
                let level = stamp.level().max(Level::Amber);
                stamp.warned(level, words)
            }
            None => stamp,
        }
    }

    /// A fact's own time, for a line of a section: the section's heading carries the warning of a silent feed, once.
    pub fn stamp_fact(&self, cite: Option<&Cite>) -> Stamp {
        self.stamp_maybe(cite.map(|c| c.at))
    }

    /// A section's newest fact, marked when the feed that told it has gone silent.
    fn stamp_cite(&self, cite: Option<&Cite>) -> Stamp {
        let Some(cite) = cite else { return Stamp::missing() };
        let stamp = self.stamp(cite.at);
        match self.feeds.iter().find(|f| f.name == cite.feed && (f.silent || f.held)) {
            Some(feed) if feed.silent => stamp.warned(Level::Red, self.feed_silent_words(feed)),
            Some(feed) => stamp.warned(Level::Red, self.feed_apart_words(feed)),
            None => stamp,
        }
    }

    /// A section's heading from its newest fact.
    pub fn section(&self, id: &'static str, title: &str, count: String, cite: Option<&Cite>) -> SectionHead {
        SectionHead {
            id,
            title: title.to_owned(),
            count,
            as_at: self.stamp_cite(cite),
            source: cite.map(|c| (c.entry.0, c.feed.to_string())),
        }
    }

    /// The ages at which data are marked.
    pub fn limits(&self) -> AgeThresholds {
        self.screens().thresholds
    }

    /// The limits for one feed: amber at its own silence threshold, if that comes sooner.
    pub fn feed_limits(&self, feed: &FeedBoard) -> AgeThresholds {
        AgeThresholds {
            amber_seconds: self.limits().amber_seconds.min(feed.silent_after_seconds),
            red_seconds: self.limits().red_seconds.min(feed.silent_after_seconds.saturating_mul(4)),
        }
    }

    /// "feed pathology silent since 14-Jul-2026 09:05", for the feeds of a site; `None` when all speak.
    pub fn silent_words(&self, site: Option<&SiteId>) -> Option<String> {
        let silent: Vec<&FeedBoard> = self.feeds_for(site).filter(|f| f.silent).collect();
        match silent.as_slice() {
            [] => None,
            [one] => Some(self.feed_silent_words(one)),
            more => {
                let since = more.iter().filter_map(|f| f.last_received).max();
                let last = since.map_or("nothing received yet".to_owned(), |at| {
                    format!("last heard {}", self.zone().clinical(at))
                });
                Some(format!("{} feeds silent, {last}", more.len()))
            }
        }
    }

    /// "feed pathology kept apart, shown as at 14-Jul-2026 09:05", for the feeds of a site; `None` when all are let in.
    fn apart_words(&self, site: Option<&SiteId>) -> Option<String> {
        let apart: Vec<&FeedBoard> = self.feeds_for(site).filter(|f| f.held).collect();
        match apart.as_slice() {
            [] => None,
            [one] => Some(self.feed_apart_words(one)),
            more => Some(format!("{} feeds kept apart at the hatch", more.len())),
        }
    }

    fn feed_apart_words(&self, feed: &FeedBoard) -> String {
        match feed.last_shown {
            Some(at) => format!("Feed {} kept apart, shown as at {}", feed.name, self.zone().clinical(at)),
            None => format!("Feed {} kept apart, nothing of it is shown", feed.name),
        }
    }

    fn feed_silent_words(&self, feed: &FeedBoard) -> String {
        match feed.last_received {
            Some(at) => format!("Feed {} silent since {}", feed.name, self.zone().clinical(at)),
            None => format!("Feed {} has sent nothing yet", feed.name),
        }
    }

    /// Feeds that may speak about a site: its own, and those of no one site.
    fn feeds_for<'b>(&'b self, site: Option<&'b SiteId>) -> impl Iterator<Item = &'b FeedBoard> + 'b {
        self.feeds.iter().filter(move |f| match (site, &f.site) {
            (Some(wanted), Some(has)) => wanted == has,
            _ => true,
        })
    }

    /// A feed by name.
    pub fn feed(&self, name: &FeedName) -> Option<&FeedBoard> {
        self.feeds.iter().find(|f| &f.name == name)
    }
}
