//! The door before every page: who shows which session on which browser, and whether the page is theirs.
//!
//! Nobody has to sign in until the first account exists; from then on every page is shut but to whom the rights name. Always:
//! a page that stands in no row of the rights is nobody's; what was revoked a moment ago counts no more; every patient that a
//! page showed is in the book of looks before the page leaves. Never: a right kept in a cookie.
//! Read by every page through [`Visit`]; proved by `tests/doors.rs`.

pub mod cookies;
pub mod guard;
mod spot;

pub use guard::guard;
pub use spot::place_of;

use crate::desk::{Look, Visit};
use crate::mishap::Mishap;
use access::devices::DeviceKey;
use access::looks::{Deed, Look as Seen};
use access::people::Spot;
use access::rights::Right;
use access::sessions::Kind;
use access::{Patient, StaffNumber};
use basics::EntryNumber;
use care::PatientKey;
use control_room::{AccessRefused, AccessRoom, AtDoor, Kept, Visitor};

/// Stands among those seen for somebody whom no record is kept of: no record has this number.
const SOMEBODY: Patient = Patient(u64::MAX);

/// Who stands at the door, as the guard found them; handed to every page with its request.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// Somebody has to be signed in: there are accounts.
    pub shut: bool,
    /// Who is in.
    pub visitor: Option<Box<Visitor>>,
    /// A session of this browser that is locked, and whose.
    pub locked: Option<StaffNumber>,
    /// Why nobody is in, where that is known: "Your session ended at …".
    pub why_out: Option<String>,
    /// The browser, by its own cookie.
    pub device: Option<DeviceKey>,
    /// The network address, of IPv6 the /64.
    pub from: String,
    /// Served over TLS: cookies are marked so.
    pub secure: bool,
    /// The address as the table of pages has it: "/patients/{key}".
    pub address: String,
    /// A form was sent.
    pub form: bool,
    /// The broken glass by which the page is open to them.
    pub broken: Option<u32>,
    /// The tokens of this browser's sessions, the one in use first.
    pub tokens: Vec<cookies::Shown>,
}

impl Door {
    /// Nobody who works here: the doors are shut, and nobody is in.
    pub fn stranger(&self) -> bool {
        self.shut && self.visitor.is_none()
    }

    /// Where they stand who want in. `None` without a browser's own cookie: then it was set just now, and they try again.
    pub fn at_door(&self) -> Option<AtDoor> {
        let device = self.device?;
        let in_place_of = self.tokens.first().map(|shown| AccessRoom::session_of(shown.as_str()));
        Some(AtDoor { device, from: self.from.clone(), in_place_of })
    }

    /// Whether this is somebody's own enrolled device, a device of many, or neither.
    pub fn kind(&self) -> Option<Kind> {
        self.visitor.as_ref().map(|visitor| visitor.kind)
    }

    /// What is done on this page with what it shows, for the book of looks.
    fn deed(&self) -> Deed {
        let address = self.address.as_str();
        match () {
            () if self.form => Deed::Changed,
            () if [".csv", ".hl7", "/bundle"].iter().any(|end| address.ends_with(end)) => Deed::Exported,
            () if address.ends_with(".pdf") => Deed::Printed,
            () if address == "/find" => Deed::Found,
            () => Deed::Looked,
        }
    }
}

impl Visit {
    /// Who is signed in.
    pub fn visitor(&self) -> Option<&Visitor> {
        self.door.visitor.as_deref()
    }
}

impl Look<'_> {
    /// Who may do what.
    pub fn access(&self) -> &AccessRoom {
        self.screens().room.access()
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `Mishap::SignIn` when nobody is.
    pub fn visitor(&self) -> Result<&Visitor, Mishap> {
        self.visit
            .visitor()
            .ok_or_else(|| Mishap::SignIn("Sign in first: this page is for people who work here.".to_owned()))
    }

    /// Whether whoever is signed in may look at the page of that address.
    pub fn may_open(&self, address: &str) -> bool {
        let wanted = (Right::Look, address);
        self.access().may(self.visit.visitor(), wanted, (&Spot::Trust, None), self.now).allowed()
    }

    /// Decides something about access in the name of whoever is signed in: sealed and in force once this returns.
    ///
    /// # Errors
    /// `Mishap::Refused` with the rule's sentence; `Mishap::CannotRecord` when nothing can be written.
    pub fn admit(
        &self,
        doing: &'static str,
        intent: impl Into<access::Intent>,
    ) -> Result<EntryNumber, Mishap> {
        let by = self.visitor()?.by();
        self.access().submit(intent, &by, self.now).map_err(barred(doing))
    }

    /// Notes that this page shows these patients: they are in the book of looks before it leaves.
    pub fn saw(&self, patients: impl IntoIterator<Item = PatientKey>) {
        if self.visit.door.visitor.is_some() {
            self.seen.borrow_mut().extend(patients.into_iter().map(|key| Patient(key.0)));
        }
    }

    /// The same for patients whose records were not read for the page: noted as the record that stands for them now, so
    /// that what was merged is found under one number; as the one asked for where that cannot be read.
    pub fn saw_by_key(&self, patients: impl IntoIterator<Item = PatientKey>) {
        if self.visit.door.visitor.is_none() {
            return;
        }
        let stands = |key| match self.screens().room.patient(key) {
            Ok(Some(record)) => record.key,
            Ok(None) | Err(_) => key,
        };
        self.saw(patients.into_iter().map(stands));
    }

    /// Notes that this page shows somebody whom no record is kept of, or whom nobody can name: a look without a patient.
    pub fn saw_somebody(&self) {
        if self.visit.door.visitor.is_some() {
            self.seen.borrow_mut().insert(SOMEBODY);
        }
    }

    /// Keeps what [`Look::saw`] noted.
    ///
    /// # Errors
    /// `Mishap::Refused` for what would take patients out of Lifeboat while looks cannot be kept. Reading is never refused.
    pub fn keep_looks(&self) -> Result<(), Mishap> {
        let mut seen = self.seen.take();
        let somebody = seen.remove(&SOMEBODY);
        let patients: Vec<Patient> = seen.into_iter().collect();
        let Some(visitor) = self.visit.visitor() else { return Ok(()) };
        let door = &self.visit.door;
        // What broken glass opened leaves a look even where it led to nobody.
        let nobody = (somebody || door.broken.is_some()) && patients.is_empty();
        let Some(device) = door.device else { return Ok(()) };
        let none: &[Patient] = &[];
        let looks = patients.chunks(access::looks::PATIENTS_MAX).chain(nobody.then_some(none));
        for some in looks {
            let seen = Seen {
                who: visitor.number.clone(),
                patients: some.to_vec(),
                deed: door.deed(),
                address: door.address.clone(),
                device,
                from: door.from.clone(),
                broken: door.broken,
            };
            match self.access().look(seen, self.now) {
                // What is lost is on every page from now on, by `LooksState::words`.
                Ok(Kept::Yes | Kept::No(_)) => {}
                Err(words) => return Err(Mishap::Refused(words)),
            }
        }
        Ok(())
    }
}

/// A decision about access that was not taken.
pub fn barred(doing: &'static str) -> impl Fn(AccessRefused) -> Mishap {
    move |refused| match refused {
        AccessRefused::Refusal(refusal) => Mishap::Refused(crate::mishap::sentence(&refusal.to_string())),
        AccessRefused::NotYours(refusal) => Mishap::NotYours(refusal.to_string()),
        AccessRefused::Fault(fault) => Mishap::room(doing)(fault),
    }
}
