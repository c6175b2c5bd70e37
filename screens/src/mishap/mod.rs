//! When there is no page to show: what went wrong, in a sentence, and what to do next. The one place where errors
//! become HTTP answers.
//!
//! A `Refusal` is the user's to mend and is not logged. A `Fault` is ours: it is logged once, here, under a reference
//! number that the page shows; the page never shows the fault's own words, the log never a patient's.

use crate::desk::{Html, IntoPage, Look};
use crate::layout::{Here, Layout};
use askama::Template;
use axum::response::{IntoResponse, Response};
use control_room::{Fault, IncidentRefused, Refused};
use http::StatusCode;

/// Why there is no page.
#[derive(Debug)]
pub enum Mishap {
    /// Nothing lies at this address.
    NotFound {
        /// "There is no ward called …".
        what: String,
        /// What to do next.
        next: &'static str,
    },
    /// The question or the form cannot be read.
    Bad(String),
    /// The form is larger than may be sent.
    TooLarge,
    /// The address takes no such request.
    WrongMethod,
    /// The form came from another site.
    Foreign,
    /// A rule says no; the sentence is for the user.
    Refused(String),
    /// Nobody is signed in; the sentence is for the user.
    SignIn(String),
    /// It is for others: whose it is, and whom to ask.
    NotYours(String),
    /// Outside somebody's rights, unless they break the glass for this patient.
    BreakGlass {
        /// What they are told.
        words: String,
        /// For whom.
        patient: Option<access::Patient>,
    },
    /// Too many pages are live already.
    Busy,
    /// A pack could not be read or made; the sentence is the shelf's, for the user.
    NotPrintable(String),
    /// Recording is frozen or the disk is full: nothing new can be written.
    CannotRecord {
        /// For the log.
        cause: String,
    },
    /// Something is broken.
    Fault {
        /// What could not be done: "read the ward list".
        doing: &'static str,
        /// For the log.
        cause: String,
    },
}

impl Mishap {
    /// A fault while `doing` something.
    pub fn fault(doing: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Fault { doing, cause: cause.to_string() }
    }

    /// A fault of the control room while `doing` something.
    pub fn room(doing: &'static str) -> impl Fn(Fault) -> Self {
        move |fault| {
            if fault.frozen() || fault.disk_full() {
                Self::CannotRecord { cause: fault.to_string() }
            } else {
                Self::fault(doing, fault)
            }
        }
    }

    /// An intent that was not taken.
    pub fn refused(doing: &'static str) -> impl Fn(Refused) -> Self {
        move |refused| match refused {
            Refused::Refusal(refusal) => Self::Refused(sentence(&refusal.to_string())),
            Refused::Fault(fault) => Self::room(doing)(fault),
        }
    }

    /// A decision of the incident that was not taken.
    pub fn undecided(doing: &'static str) -> impl Fn(IncidentRefused) -> Self {
        move |refused| match refused {
            IncidentRefused::Refusal(refusal) => Self::Refused(sentence(&refusal.to_string())),
            IncidentRefused::Fault(fault) => Self::room(doing)(fault),
        }
    }

    /// No such page.
    pub fn no_page() -> Self {
        Self::NotFound {
            what: "There is no page at this address.".to_owned(),
            next: "Check the address, or start again from Home, Wards or Find.",
        }
    }

    /// No such patient.
    pub fn no_patient() -> Self {
        Self::NotFound {
            what: "No patient is kept under this number.".to_owned(),
            next: "Find the patient by name, NHS number, hospital number or bed.",
        }
    }

    /// The page that says so.
    pub fn page(self, look: &Look<'_>) -> Response {
        let glass = match &self {
            Self::BreakGlass { patient: Some(patient), .. } => Some(format!("/break-glass/{}", patient.0)),
            _ => None,
        };
        let sign_in = matches!(self, Self::SignIn(_));
        let told = self.told(look);
        let status = told.status;
        let page = MishapPage {
            layout: Layout::new(look, told.title, Here::Nowhere),
            glass,
            sign_in,
            title: told.title,
            what: told.what,
            next: told.next,
            reference: told.reference,
        };
        let mut response = Html(page).into_page().unwrap_or_else(|_| {
            // The page of last resort: no template, no layout.
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Lifeboat could not show this page. Use the ward's paper pack.",
            )
                .into_response()
        });
        *response.status_mut() = status;
        response
    }

    fn told(self, look: &Look<'_>) -> Told {
        let told = |status, title, what: String, next| Told { status, title, what, next, reference: None };
        match self {
            Self::NotFound { what, next } => told(StatusCode::NOT_FOUND, "Not found", what, next),
            Self::Bad(what) => told(
                StatusCode::BAD_REQUEST,
                "This could not be read",
                what,
                "Go back, look at what was entered, and try again.",
            ),
            Self::TooLarge => told(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too large",
                "What was sent is larger than this page takes.".to_owned(),
                "Paste one message at a time. Files with many messages are for lifeboat import.",
            ),
            Self::WrongMethod => told(
                StatusCode::METHOD_NOT_ALLOWED,
                "This address is for a form",
                "This address only works by pressing its button on a page.".to_owned(),
                "Go back to the page with the button, or start again from Home.",
            ),
            Self::Foreign => told(
                StatusCode::FORBIDDEN,
                "This form came from another site",
                "The form was not sent from a page of Lifeboat, so nothing was done.".to_owned(),
                "Open the page in Lifeboat itself and press the button there.",
            ),
            Self::Refused(what) => {
                told(StatusCode::CONFLICT, "That was not done", what, "Go back, change it, and try again.")
            }
            Self::SignIn(what) => told(
                StatusCode::UNAUTHORIZED,
                "Sign in first",
                sentence(&what),
                "Nothing was done. Sign in, go back to the page, and press its button again.",
            ),
            Self::NotYours(what) => told(
                StatusCode::FORBIDDEN,
                "This is for others",
                sentence(&what),
                "If you should be able to, ask whoever looks after accounts; nothing was done.",
            ),
            Self::BreakGlass { words, patient } => told(
                StatusCode::FORBIDDEN,
                "Outside your rights",
                sentence(&words),
                match patient {
                    Some(_) => {
                        "If this patient needs you now, break the glass. If not, go back: nothing was shown."
                    }
                    None => {
                        "The glass is broken for one patient at a time: find whoever needs you now, open them, and break \
                         it there. Nothing was shown."
                    }
                },
            ),
            Self::Busy => told(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many live pages",
                "So many pages are open that no more can be kept live.".to_owned(),
                "This page still works: load it again to see what is new.",
            ),
            Self::NotPrintable(what) => told(
                StatusCode::SERVICE_UNAVAILABLE,
                "This cannot be printed now",
                sentence(&what),
                "Print this page from the browser meanwhile, or use the last paper pack; then look at the print centre.",
            ),
            Self::CannotRecord { cause } => {
                let reference = look.desk.reference();
                tracing::error!(reference, cause, "a decision could not be recorded");
                Told::cannot_record(reference)
            }
            Self::Fault { doing, cause } => {
                let reference = look.desk.reference();
                tracing::error!(reference, doing, cause, "a page failed");
                Told::broken(doing, reference)
            }
        }
    }
}

struct Told {
    status: StatusCode,
    title: &'static str,
    what: String,
    next: &'static str,
    reference: Option<String>,
}

impl Told {
    fn cannot_record(reference: String) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Nothing new can be recorded",
            what: "The record is not taking new entries, so nothing was done. Everything it holds can still be read."
                .to_owned(),
            next: "Write it on paper with the time and your initials, and call whoever looks after Lifeboat.",
            reference: Some(reference),
        }
    }

    fn broken(doing: &'static str, reference: String) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "Something is broken",
            what: format!("Lifeboat could not {doing}."),
            next: "Try once more. If it fails again, use the ward's paper pack and give the reference to whoever looks after Lifeboat.",
            reference: Some(reference),
        }
    }
}

#[derive(Template)]
#[template(path = "mishap/page.html")]
struct MishapPage {
    layout: Layout,
    /// Where the glass is broken.
    glass: Option<String>,
    sign_in: bool,
    title: &'static str,
    what: String,
    next: &'static str,
    reference: Option<String>,
}

/// A refusal as a sentence: capital first, full stop last.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with('.') {
        out.push('.');
    }
    out
}
