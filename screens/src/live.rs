//! Live pages: a stream of "something changed" for whoever has a page open.
//!
//! A stream says only that its page should be asked for again; the page itself then comes from the one place that
//! makes it, so what is live and what is loaded can never differ. Changes are gathered for `GATHER_MS`, so a flood of
//! messages makes at most one event a second and page; only the life of an incident (declared, stood down) is told at
//! once, on every page. Every `TICK_SECONDS_MAX` an event comes even if nothing
//! changed: a feed that falls silent changes nothing, and must still be marked. Bounded: `STREAMS_MAX` streams; each
//! ends when the program closes, and with the session of whoever has the page open.
//! Called by the htmx SSE extension; proved by `tests/live.rs`.

use crate::desk::{Desk, Look, Visit};
use crate::doors::Door;
use crate::mishap::Mishap;
use crate::names::ward_of;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use care::PatientKey;
use care::ward_list::WardKey;
use control_room::{AccessChange, Change, ClinicChange, IncidentChange, Visit as Session};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior};

/// Most streams open at once.
pub const STREAMS_MAX: usize = 1000;
/// Longest time without an event.
pub const TICK_SECONDS_MAX: u64 = 20;
/// Shortest time between two events of one stream.
pub const GATHER_MS: u64 = 1000;

/// The places for live streams.
#[derive(Debug)]
pub struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

impl Streams {
    fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

/// What a stream listens to.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Topic {
    /// Every change.
    All,
    /// The tray.
    Tray,
    /// A ward's list.
    Ward(WardKey),
    /// A patient's record.
    Patient(PatientKey),
    /// The running of incidents: every entry of the incident book.
    Incident,
    /// The clinics: every entry of the clinic book, every booking and every system.
    Clinics,
}

impl Topic {
    /// "all", "tray", "incident", "clinics", "ward:Northgate%20General/AMU", "patient:12".
    fn read(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "all" => Some(Self::All),
            None if text == "tray" => Some(Self::Tray),
            None if text == "incident" => Some(Self::Incident),
            None if text == "clinics" => Some(Self::Clinics),
            Some(("ward", ward)) => {
                let (site, ward) = ward.split_once('/')?;
                Some(Self::Ward(ward_of(site, ward)?))
            }
            Some(("patient", key)) => Some(Self::Patient(PatientKey(key.parse().ok()?))),
            _ => None,
        }
    }

    fn touched_by(&self, change: &Change) -> bool {
        change.mode
            || match self {
                Self::All => true,
                Self::Tray => change.tray || change.feeds,
                Self::Ward(ward) => change.many || change.wards.contains(ward),
                Self::Patient(patient) => change.many || change.patients.contains(patient),
                Self::Incident => false,
                // A feed of six weeks of bookings never rests; what is decided and what works is told at once.
                Self::Clinics => change.many,
            }
    }

    /// Whether the page says who broke the glass.
    fn shows_patients(&self) -> bool {
        matches!(self, Self::Ward(_) | Self::Patient(_))
    }

    /// Whether the page shows something of the incident. Home shows all there is; every page says which incidents run.
    fn touched_by_incident(&self, change: &IncidentChange) -> bool {
        matches!(self, Self::All | Self::Incident | Self::Clinics) || life_of_an_incident(change)
    }
}

/// Declared, stood down, raised or lowered: too rare to be a flood, and too grave to wait for the end of a gathering.
fn life_of_an_incident(change: &IncidentChange) -> bool {
    change.kinds.contains(&incident::log::Kind::Stage)
}

/// `?topics=` of the stream.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    topics: String,
}

/// `GET /live?topics=…`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    crate::forms::Asked(asked): crate::forms::Asked<Asked>,
) -> Response {
    const TOPICS_MAX: usize = 8;
    let topics: Vec<Topic> = asked.topics.split(',').take(TOPICS_MAX).filter_map(Topic::read).collect();
    if topics.is_empty() {
        let say = "A live stream needs something to listen to.".to_owned();
        return desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::Bad(say))).await;
    }
    let Some(place) = desk.streams().take() else {
        return desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::Busy)).await;
    };
    let owner = visit.door.shut.then(|| Owner {
        changes: desk.screens().room.access().follow(),
        glass: last_glass(&desk),
        desk: desk.clone(),
        door: visit.door,
    });
    let mut tick = tokio::time::interval(Duration::from_secs(TICK_SECONDS_MAX));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick.reset();
    let listener = Listener {
        follow: desk.screens().room.follow(),
        incidents: desk.screens().room.incident().follow(),
        clinics: desk.screens().room.clinics().follow(),
        closing: desk.screens().closing.clone(),
        topics,
        tick,
        quiet_until: Instant::now(),
        pending: false,
        owner,
        _place: place,
    };
    let events = futures_util::stream::unfold(listener, Listener::next);
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(10))).into_response()
}

/// Whose stream it is, where somebody has to be signed in.
struct Owner {
    desk: Desk,
    door: Door,
    changes: broadcast::Receiver<AccessChange>,
    /// The number of the last glass that was broken.
    glass: u32,
}

/// The number of the last glass that was broken; 0 when none was.
fn last_glass(desk: &Desk) -> u32 {
    desk.screens().room.access().read(|book| book.glass.newest().next().map_or(0, |broken| broken.number))
}

impl Owner {
    /// Their session is over, locked or revoked.
    fn gone(&self) -> bool {
        let (Some(device), Some(shown)) = (self.door.device, self.door.tokens.first()) else { return true };
        let (access, at) = (self.desk.screens().room.access(), self.desk.screens().clock.now());
        !matches!(access.glance(&shown.session(), &device, &self.door.from, at), Session::In(_))
    }

    /// Whether glass was broken since this was last asked.
    fn more_glass(&mut self) -> bool {
        let before = self.glass;
        self.glass = last_glass(&self.desk);
        self.glass != before
    }
}

/// Something about access became so; for ever nothing where nobody has to be signed in.
async fn access_changed(owner: &mut Option<Owner>) {
    match owner {
        Some(owner) => {
            // Missed ones count as well: the session is asked about anew.
            let _ = owner.changes.recv().await;
        }
        None => std::future::pending().await,
    }
}

struct Listener {
    follow: broadcast::Receiver<Change>,
    incidents: broadcast::Receiver<IncidentChange>,
    clinics: broadcast::Receiver<ClinicChange>,
    closing: watch::Receiver<bool>,
    topics: Vec<Topic>,
    tick: Interval,
    quiet_until: Instant,
    pending: bool,
    owner: Option<Owner>,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// Waits for the next event; `None` ends the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.turn().await { Some(self.event()) } else { None }
    }

    /// Waits until there is something to tell; false when the stream ends.
    async fn turn(&mut self) -> bool {
        loop {
            if *self.closing.borrow() {
                return false;
            }
            tokio::select! {
                biased;
                closing = self.closing.changed() => if closing.is_err() || *self.closing.borrow() {
                    return false;
                },
                () = access_changed(&mut self.owner) => {
                    if self.owner.as_ref().is_some_and(Owner::gone) {
                        return false;
                    }
                    // The ward is told at once; that others sign in and out changes no patient's page.
                    let glass = self.owner.as_mut().is_some_and(Owner::more_glass);
                    self.pending |= glass && self.topics.iter().any(Topic::shows_patients);
                },
                _ = self.tick.tick() => return !self.owner.as_ref().is_some_and(Owner::gone),
                () = tokio::time::sleep_until(self.quiet_until), if self.pending => return true,
                change = self.incidents.recv() => match change {
                    Ok(change) if life_of_an_incident(&change) => return true,
                    Ok(change) => self.pending |= self.topics.iter().any(|t| t.touched_by_incident(&change)),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.pending = true,
                    Err(broadcast::error::RecvError::Closed) => return false,
                },
                change = self.clinics.recv() => match change {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        self.pending |= self.topics.contains(&Topic::Clinics);
                    }
                    Err(broadcast::error::RecvError::Closed) => return false,
                },
                change = self.follow.recv() => match change {
                    Ok(change) => self.pending |= self.topics.iter().any(|t| t.touched_by(&change)),
                    // Changes were missed because there were so many: the page may concern any of them.
                    Err(broadcast::error::RecvError::Lagged(_)) => self.pending = true,
                    Err(broadcast::error::RecvError::Closed) => return false,
                },
            }
        }
    }

    fn event(mut self) -> (Result<Event, Infallible>, Self) {
        self.pending = false;
        self.quiet_until = Instant::now() + Duration::from_millis(GATHER_MS);
        self.tick.reset();
        (Ok(Event::default().event("change").data("look again")), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_hears_only_its_own_topics() {
        let ward = ward_of("Northgate General", "AMU").unwrap();
        let change = Change { wards: vec![ward], patients: vec![PatientKey(7)], ..Change::default() };
        for (topic, heard) in [
            ("all", true),
            ("tray", false),
            ("ward:Northgate General/AMU", true),
            ("ward:Northgate General/ITU", false),
            ("patient:7", true),
            ("patient:8", false),
            ("incident", false),
            ("clinics", false),
        ] {
            assert_eq!(Topic::read(topic).map(|t| t.touched_by(&change)), Some(heard), "{topic}");
        }
        for odd in ["", "ward:", "ward:x", "patient:x", "other"] {
            assert_eq!(Topic::read(odd), None, "{odd}");
        }
    }

    /// A listener that has just told something and gathers for an hour.
    fn gathering(topic: Topic) -> (Listener, broadcast::Sender<IncidentChange>, impl Sized) {
        let (incidents, heard) = broadcast::channel(8);
        let (changes, follow) = broadcast::channel(8);
        let (decided, clinics) = broadcast::channel(8);
        let (close, closing) = watch::channel(false);
        let mut tick = tokio::time::interval(Duration::from_secs(3600));
        tick.reset();
        let listener = Listener {
            follow,
            incidents: heard,
            clinics,
            closing,
            topics: vec![topic],
            tick,
            quiet_until: Instant::now() + Duration::from_secs(3600),
            pending: false,
            owner: None,
            _place: Streams::default().take().unwrap(),
        };
        (listener, incidents, (changes, decided, close))
    }

    #[tokio::test]
    async fn a_declaration_waits_for_no_gathering_and_is_told_on_every_page() {
        use incident::log::Kind;
        let change =
            |kind| IncidentChange { entry: basics::EntryNumber(1), incident: None, kinds: vec![kind] };
        for (topic, kind, at_once) in [
            (Topic::Incident, Kind::Stage, true),
            (Topic::Patient(PatientKey(7)), Kind::Stage, true),
            (Topic::Tray, Kind::Stage, true),
            (Topic::Incident, Kind::Note, false),
            (Topic::All, Kind::Note, false),
            (Topic::Patient(PatientKey(7)), Kind::Note, false),
        ] {
            let waits = matches!(topic, Topic::Incident | Topic::All);
            let (mut listener, incidents, _open) = gathering(topic.clone());
            incidents.send(change(kind)).unwrap();
            // Asked once: what is told at once is there already.
            let told = {
                let mut turn = std::pin::pin!(listener.turn());
                std::future::poll_fn(|context| std::task::Poll::Ready(turn.as_mut().poll(context))).await
            };
            assert_eq!(told.is_ready(), at_once, "{topic:?} {kind:?}");
            if !at_once {
                assert_eq!(listener.pending, waits, "{topic:?} {kind:?}");
            }
        }
    }
}
