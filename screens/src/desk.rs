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
            done: done.and_then(done_words),
            who: match (&door.visitor, door.shut) {
                (Some(visitor), _) => Some(visitor.account.name.clone()),
                (None, true) => None,
                (None, false) => crate::who::remembered(&parts.headers),
            },
            door,
        }
    }
}

/// The sentence for each deed that a form can do. Only these can be shown: the address cannot put words on a page.
fn done_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "mode" => "The mode was changed and written into the record.",
        "cleared" => "The message was cleared from the tray. Its bytes stay in the record.",
        "replayed" => "The message was read again. If it is still listed here, it is still not understood.",
        "replayed-all" => "The tray was read again. What is still listed is still not understood.",
        "reprint" => "The pack is being made again. This takes a few seconds.",
        "public-drafted" => "The draft is kept. Nobody outside sees it until a second person approves it.",
        "public-approved" => "The update is public. Below is where it is read, and whether it got there.",
        "public-withdrawn" => {
            "The update is withdrawn. Watch below that it is gone everywhere, and draft a new one."
        }
        "public-discarded" => "The draft is given up. It never was public.",
        "opened" => "It is open, and every page says so. Next: METHANE, then the roles.",
        "stage" => "The incident was changed. Every page says so.",
        "methane" => "The METHANE report is in the log and on every board.",
        "role" => "Who holds the role is written into the log.",
        "handover" => "The role was handed over. The briefing is in the log.",
        "decision" => "The decision is numbered and sealed in the log.",
        "review" => "The review is written into the log.",
        "hospital" => "What the hospital can do is on every board.",
        "stood-down" => "Stood down. The cards now show the stand-down steps.",
        "resumed" => "The incident runs again.",
        "clinic-kept" => "Kept. Whoever was told otherwise is to be told that it goes ahead.",
        "clinic-postponed" => {
            "Decided and sealed. For class A a second person must agree first. Next: the notices."
        }
        "clinic-undone" => "Undone; nobody was told. What was decided before stays in the clinic book.",
        "clinic-turned-down" => "It is not postponed. The reason is in the clinic book.",
        "clinic-escalated" => "Given to the clinician. The board shows until when they decide.",
        "clinic-sent" => "The notices are on their way. Watch below what fails; those are to be rung.",
        "clinic-posted" => "Noted as posted. A letter is no proof: those patients stay on the door list.",
        "clinic-spoke" => "Noted: they know.",
        "clinic-no-answer" => "Noted. They stay on this list and on the door list.",
        "clinic-came" => "Counted.",
        "clinic-rebooked" => "Rebooked. They are to be told of the new time.",
        "clinic-room" => "The room is noted.",
        "entry" => "The entry is numbered and sealed.",
        "corrected" => "The correction is an entry of its own; the one it corrects says so.",
        "divert-asked" => {
            "Asked for, and on the board. The sites asked must consent before it can be authorised."
        }
        "divert-answered" => "The answer is recorded.",
        "divert-authorised" => "In force. The sites concerned are asked to acknowledge it.",
        "divert-renewed" => "Renewed. The sites concerned are asked to acknowledge it.",
        "divert-ended" => "Ended as you said. The sites concerned are asked to acknowledge it.",
        "divert-withdrawn" => "The request is taken back.",
        "divert-override" => "The crew's decision is recorded.",
        "divert-figures" => "The figures are on the board.",
        "divert-standing" => "What the site takes is on the board.",
        "divert-acknowledged" => "Acknowledged for this site.",
        "divert-moved" => "Counted, each patient once.",
        "divert-proposed" => "This plan is a proposal: nothing is in force until a named person accepts it.",
        "divert-accepted" => {
            "The plan is accepted. Each site concerned is told by a message, and asked to acknowledge it."
        }
        "divert-plan-refused" => "The plan is refused, with your reason. It stays on record.",
        "divert-changed" => "This is the changed plan, a proposal. The one before stays on record.",
        "divert-listed" => "The site is on the board.",
        "divert-times" => "The region is being read again; this page says when its travel times are from.",
        "divert-rules" => "These times hold from now on.",
        "divert-feed" => "The report stands beside the board, unconfirmed.",
        "listed" => "The directory is changed, and the log says so.",
        "retired" => "Taken out of the directory.",
        "duty" => "Written down who is on duty.",
        "route" => "Written down. Numbers that work are shown first from now on.",
        "sent" => "Sent. Each person’s answer comes back here.",
        "again" => "It goes out again to those who have not answered.",
        "closed" => "Its links are closed.",
        "answered" => "The answer is written down.",
        "phones" => "Written down what the exercise may reach.",
        "evidence" => "Kept, sealed and hashed; the log says so.",
        "outbox" => "Done, and written into the outbox’s record.",
        "attack" => "The attack is being played: every feed falls silent.",
        "restore" => "The feeds are being restored.",
        "step-done" => "Ticked, and written into the log.",
        "step-aside" => "Set aside as not needed, and written into the log.",
        "step-open" => "The step is open again. What was noted before stays in the log.",
        "role-taken" => "The role is yours. This is your card.",
        "cards-adopted" => "These cards are in use from the next incident on.",
        "cards-issued" => "The incident was given the cards in use.",
        "system-told" => "The system’s state was changed and written into the log.",
        "system-workaround" => "What to do without it was changed and written into the log.",
        "system-reported" => "Thank you. Your report stands on the systems board and in the log.",
        "report-settled" => "The report was dealt with and written into the log.",
        "systems-listed" => "The systems were listed.",
        "sitrep-begun" => {
            "The sitrep was drafted from the boards. Add what no board knows, then have it approved."
        }
        "sitrep-kept" => "The draft was kept.",
        "sitrep-approved" => "The sitrep was approved and numbered.",
        "sitrep-discarded" => "The draft was given up.",
        "sitrep-due" => "The next sitrep’s time was changed.",
        "signed-out" => "You are signed out. Nobody else’s session was opened by that.",
        "locked" => "This screen is locked. Your passphrase or PIN opens it again.",
        "passphrase-kept" => "Your passphrase is kept. Use it from now on.",
        "phone-added" => "The phone is added. Its codes let you in from now on.",
        "phone-removed" => "The phone is taken away. Its codes count no more.",
        "recovery-kept" => "Keep the codes on paper, away from the phone and the passphrase.",
        "session-ended" => "That session is ended.",
        "sessions-ended" => "All your sessions but this one are ended.",
        "account-opened" => "The account is open. Next: invite them.",
        "account-changed" => "The account was changed. It counts from the next page they open.",
        "account-closed" => "The account is closed, and they are signed out.",
        "account-reopened" => "The account is open again. They need an invitation.",
        "people-ended" => "Ended. Whoever had it is told by whom and why.",
        "way-removed" => "Taken away. It lets nobody in any more.",
        "people-imported" => "The sheet was taken. Next: letters for those who cannot sign in yet.",
        "device-enrolled" => "This browser is enrolled.",
        "device-revoked" => "The device is revoked. Everybody on it is signed out.",
        "device-withdrawn" => "The code is taken back; it enrols nothing any more.",
        "card-asked" => "Asked for. A second person must issue it.",
        "card-issued" => "Issued. Print it now: once, within five minutes, from this screen.",
        "card-void" => "The card is void. Whoever it let in is signed out.",
        _ => return None,
    })
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
        let newest = self.feeds_for(site).filter_map(|f| f.last_received).max();
        let stamp = match newest {
            Some(at) => self.stamp(at).judged(self.limits()),
            None => Stamp::never("none: nothing was received yet"),
        };
        // Pages of no one site say in their alarms how many feeds are silent; once is enough.
        match site.and_then(|_| self.silent_words(site)) {
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
        match self.feeds.iter().find(|f| f.name == cite.feed && f.silent) {
            Some(feed) => stamp.warned(Level::Red, self.feed_silent_words(feed)),
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
