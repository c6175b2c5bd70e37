//! `GET /shift-cards/{number}`, `POST …/{deed}` (issue, void), `GET …/card.pdf`: one card.
//!
//! Always: the print is made before the card is issued, so that a press that fails issues nothing; it is handed out once, to the
//! session that issued it. Never: a PIN shown again, kept, or in `Debug`; the print handed to what only peeks (a `HEAD`, a
//! prefetching browser).

use super::{Line, State as Stands};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::devices::answered;
use crate::forms::Posted;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::secrets::{Secret128, Typed as Secret};
use access::sign_in::cards::{self, Intent, WRONG_PINS_MAX};
use access::sign_in::passphrase::{PIN_DIGITS, Stored, acceptable_pin};
use access::{By, StaffNumber};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Method};
use incident::Person;
use paper::ShiftCard;
use serde::Deserialize;

/// Alarms of one card shown on its page.
const ALARMS_MAX: usize = 20;

#[derive(Template)]
#[template(path = "shift_cards/one.html")]
struct OnePage {
    layout: Layout,
    refused: Option<String>,
    card: Line,
    contact: String,
    wrong_pins: u32,
    wrong_pins_max: u32,
    alarms: Vec<String>,
    issue: Issue,
    can_void: bool,
    why: String,
    digits: usize,
}

/// What can be done towards its being printed.
enum Issue {
    /// Nothing: it was issued, or is over.
    No,
    /// By somebody else than who looks; what they are told.
    Others(String),
    /// By who looks.
    Yes,
    /// It was, in this session: until when it can be printed.
    Print(String),
}

fn no_card() -> Mishap {
    Mishap::NotFound {
        what: "There is no such shift card.".to_owned(),
        next: "Look at the list of shift cards.",
    }
}

/// What a form about a card sends. Without `Debug`, for it holds a PIN.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CardForm {
    pin: String,
    pin_again: String,
    why: String,
}

/// `GET /shift-cards/{number}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(number): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let number: u32 = number.parse().map_err(|_| no_card())?;
        Ok(Html(page(look, number, "", None)?))
    })
    .await
}

fn page(look: &Look<'_>, number: u32, why: &str, refused: Option<String>) -> Result<OnePage, Mishap> {
    let found = look.access().read(|book| {
        let card = book.cards.card(number)?;
        let line = Line::new(look, book, number, card);
        let others = others(look, book, card);
        let alarms = book.alarms.newest().filter(|raised| about(&raised.alarm, number)).take(ALARMS_MAX);
        let alarms: Vec<String> = alarms.map(|raised| raised.words(book, look.zone())).collect();
        Some((line, others, alarms, card.holder.contact.clone(), card.wrong_pins, card.void.is_none()))
    });
    let (card, others, alarms, contact, wrong_pins, can_void) = found.ok_or_else(no_card)?;
    let prints = look.desk.printed_cards();
    let waits = look.visit.visitor().and_then(|me| prints.waits(number, &me.session, look.now));
    let issue = match (card.state, waits, others) {
        (Stands::Issued, Some(until), _) => Issue::Print(look.zone().hour_minute(until)),
        (Stands::ToIssue, _, Some(words)) => Issue::Others(words),
        (Stands::ToIssue, _, None) => Issue::Yes,
        _ => Issue::No,
    };
    Ok(OnePage {
        layout: Layout::new(look, format!("Shift card {number}"), Here::Nowhere),
        refused,
        can_void: can_void && card.state != Stands::Over,
        card,
        contact,
        wrong_pins,
        wrong_pins_max: WRONG_PINS_MAX,
        alarms,
        issue,
        why: why.to_owned(),
        digits: PIN_DIGITS,
    })
}

/// Why whoever looks cannot issue it, if they cannot: the rules say it once more when the form is sent.
fn others(look: &Look<'_>, book: &access::AccessBook, card: &cards::Card) -> Option<String> {
    let me: Option<&StaffNumber> = look.visit.visitor().map(|me| &me.number);
    let Some(me) = me else { return Some("Sign in to issue it.".to_owned()) };
    if card.asked.by == By::Staff(me.clone()) {
        return Some(
            "You asked for this card, so a second person must issue it. They sign in under their own name: here (press your \
             name at the top, then “Somebody else”), or at another screen."
                .to_owned(),
        );
    }
    (*me == card.holder.number).then(|| {
        format!("It is your own card. {} or another colleague issues it.", book.name(&card.asked.by))
    })
}

fn about(alarm: &access::alarms::Alarm, number: u32) -> bool {
    use access::alarms::Alarm::{CardGuessed, CardShownAgain};
    matches!(alarm, CardShownAgain { card, .. } | CardGuessed { card, .. } if *card == number)
}

/// `POST /shift-cards/{number}/{deed}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path((number, deed)): Path<(String, String)>,
    Posted(form): Posted<CardForm>,
) -> Response {
    desk.page(visit, move |look| {
        let CardForm { pin, pin_again, why } = form?;
        let number: u32 = number.parse().map_err(|_| no_card())?;
        let done = match deed.as_str() {
            "issue" => issue(look, number, &Secret::new(pin), &Secret::new(pin_again)),
            "void" => void(look, number, &why),
            _ => return Err(Mishap::no_page()),
        };
        answered(look, done, |refused| page(look, number, &why, Some(refused)))
    })
    .await
}

fn issue(look: &Look<'_>, number: u32, pin: &Secret, again: &Secret) -> Result<Response, Mishap> {
    let session = look.visitor()?.session;
    if pin.as_str().trim() != again.as_str().trim() {
        return Err(Mishap::Refused(
            "The two PINs are not the same. Let the holder type theirs twice once more; nobody else looks."
                .to_owned(),
        ));
    }
    acceptable_pin(pin).map_err(|weak| Mishap::Refused(weak.to_string()))?;
    let prints = look.desk.printed_cards();
    if !prints.has_room(look.now) {
        return Err(Mishap::Refused(
            "Too many cards wait to be printed. Print those first, or wait five minutes; this one stays on the list."
                .to_owned(),
        ));
    }
    let access = look.access();
    let fault = Mishap::room("make the card's secret");
    let secret = access.fresh_secret().map_err(&fault)?;
    let salt = access.fresh_salt().map_err(&fault)?;
    let stored = Stored::new(&Secret::new(pin.as_str().trim()), salt, access.costs())
        .map_err(|fault| Mishap::fault("keep the PIN safe", fault))?;
    let pdf = print(look, number, &secret)?;
    let intent = Intent::Issue { card: number, secret: cards::hashed(&secret), pin: stored };
    look.admit("issue the shift card", intent)?;
    prints.keep(number, session, pdf, look.now);
    GoTo(format!("/shift-cards/{number}?done=card-issued")).into_page()
}

/// The card as a PDF, with its secret.
fn print(look: &Look<'_>, number: u32, secret: &Secret128) -> Result<Vec<u8>, Mishap> {
    let me = look.visitor()?.account.name.to_string();
    let found = look.access().read(|book| {
        let card = book.cards.card(number)?;
        let asked_by = match &card.asked.by {
            By::Staff(by) => {
                book.people.listed(by).map_or_else(|| by.to_string(), |l| l.account.name.to_string())
            }
            By::Lifeboat => Person::lifeboat().to_string(),
        };
        Some(ShiftCard {
            number,
            name: card.holder.name.to_string(),
            staff_number: card.holder.number.to_string(),
            roles: card.account.roles_words(),
            place: card.holder.scope.to_string(),
            shift_ends: card.shift_ends,
            asked_by,
            issued_by: me,
            code: cards::qr_text(secret).to_string(),
            letters: secret.letters().to_string(),
        })
    });
    let card = found.ok_or_else(no_card)?;
    let mut head = look.incidents(|book| crate::press::letterhead(look, book, None));
    head.record = String::new();
    let rendered = look.press()?.shift_card(&card, &head, look.zone());
    Ok(rendered.map_err(|fault| Mishap::NotPrintable(fault.to_string()))?.pdf)
}

fn void(look: &Look<'_>, number: u32, why: &str) -> Result<Response, Mishap> {
    look.admit("make the shift card void", Intent::Void { card: number, why: why.to_owned() })?;
    look.desk.printed_cards().forget(number, look.now);
    GoTo(format!("/shift-cards/{number}?done=card-void")).into_page()
}

/// `GET /shift-cards/{number}/card.pdf`: the print, once.
pub async fn as_pdf(
    State(desk): State<Desk>,
    visit: Visit,
    method: Method,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    let peeks = method == Method::HEAD || peeks(&headers);
    desk.page(visit, move |look| {
        let number: u32 = number.parse().map_err(|_| no_card())?;
        if look.access().read(|book| book.cards.card(number).is_none()) {
            return Err(no_card());
        }
        let session = look.visitor()?.session;
        if peeks {
            return Err(Mishap::Refused(
                "A shift card is printed once, by pressing its button, not by looking ahead.".to_owned(),
            ));
        }
        let Some(pdf) = look.desk.printed_cards().take(number, &session, look.now) else {
            return Err(Mishap::Refused(format!(
                "Shift card {number} cannot be printed now: it is printed once, within five minutes, by whoever issued it and \
                 where they issued it. Did it not come out of the printer? Make this card void and ask for another."
            )));
        };
        crate::press::file(look, pdf, "application/pdf", "inline", &format!("shift-card-{number}.pdf"))
    })
    .await
}

/// Whether a browser asks ahead, before anybody pressed anything.
fn peeks(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz", "x-purpose"].into_iter().any(|name| {
        let said = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        said.contains("prefetch") || said.contains("preview")
    })
}
