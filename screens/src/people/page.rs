//! `GET /people?q=&role=&site=&state=&page=`: everybody with an account, a hundred at a time; `POST /people`: letters for all
//! who have nothing to sign in by, as one file, once.

use super::letters::{DAYS, days_of, invite, printed};
use super::{Standing, address};
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded, thousands};
use crate::parts::Mark;
use access::people::{Account, Listed, Spot, Within};
use access::{AccessBook, Role, StaffNumber};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use serde::Deserialize;

/// People shown at once.
const SHOWN_MAX: usize = 100;
/// Longest question read, in bytes.
const QUESTION_BYTES_MAX: usize = 120;

#[derive(Template)]
#[template(path = "people/page.html")]
struct PeoplePage {
    layout: Layout,
    refused: Option<String>,
    /// Accounts in all.
    total: usize,
    counts: Vec<(String, &'static str, String)>,
    question: String,
    roles: Vec<(&'static str, bool)>,
    sites: Vec<(String, bool)>,
    states: Vec<(&'static str, &'static str, bool)>,
    found: String,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
    /// Who would be invited: without an invitation, and with one that was not used.
    uninvited: usize,
    invited: usize,
    days: [i64; 4],
    may: bool,
}

struct Row {
    address: String,
    number: String,
    name: String,
    roles: String,
    scope: String,
    contact: String,
    until: String,
    standing: Mark,
}

/// The question.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Question {
    q: String,
    role: String,
    site: String,
    state: String,
    page: String,
}

/// The question as it is asked of each account.
struct Wanted {
    words: Vec<String>,
    role: Option<Role>,
    site: Option<Spot>,
    state: Option<Standing>,
}

impl Question {
    fn wanted(&self) -> Wanted {
        let words = basics::tidy(&self.q, QUESTION_BYTES_MAX).to_lowercase();
        Wanted {
            words: words.split_whitespace().map(str::to_owned).collect(),
            role: Role::ALL.into_iter().find(|role| role.words() == self.role),
            site: SiteId::new(&self.site).map(Spot::Site),
            state: Standing::ALL.into_iter().find(|state| state.value() == self.state),
        }
    }

    /// The same question, another page of its answer.
    fn at(&self, page: usize) -> String {
        let asked = [("q", &self.q), ("role", &self.role), ("site", &self.site), ("state", &self.state)];
        let asked = asked.iter().filter(|(_, value)| !value.is_empty());
        let mut parts: Vec<String> =
            asked.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        parts.push(format!("page={page}"));
        format!("/people?{}", parts.join("&"))
    }
}

impl Wanted {
    fn meets(&self, number: &StaffNumber, account: &Account, standing: Standing) -> bool {
        let kept = self.state.is_none_or(|state| state == standing)
            && self.role.is_none_or(|role| account.roles.contains(&role))
            && self.site.as_ref().is_none_or(|site| account.scope.reaches(site, Within::Site));
        if !kept || self.words.is_empty() {
            return kept;
        }
        let Account { name, contact, scope, .. } = account;
        let text = format!("{number} {name} {contact} {} {scope}", account.roles_words()).to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }
}

/// `GET /people`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked, None)))).await
}

/// `POST /people`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| match invited(look, &form?) {
        Ok(letters) => Ok(letters),
        Err(mishap) => {
            let (why, status) = look.form_again(mishap)?;
            FormAgain { page: page(look, &Question::default(), Some(why)), status }.into_page()
        }
    })
    .await
}

fn invited(look: &Look<'_>, typed: &Typed) -> Result<Response, Mishap> {
    let me = look.visitor()?.number.clone();
    let again = typed.has("again", "yes");
    let numbers: Vec<StaffNumber> = look.access().read(|book| {
        let waits = |number: &StaffNumber, listed: &Listed| match Standing::of(book, number, listed, look.now)
        {
            Standing::NotSetUp => true,
            Standing::Invited => again,
            _ => false,
        };
        let all = book.people.all().filter(|(number, listed)| **number != me && waits(number, listed));
        all.map(|(number, _)| number.clone()).collect()
    });
    if numbers.is_empty() {
        return Err(Mishap::Refused(
            "Nobody waits for an invitation: everybody can sign in, or has one that still holds.".to_owned(),
        ));
    }
    // A press that does not work is found before the codes are made: they are shown this once.
    look.press()?;
    let letters = invite(look, numbers, days_of(typed)?)?;
    printed(look, &letters, "invitations")
}

fn page(look: &Look<'_>, asked: &Question, refused: Option<String>) -> PeoplePage {
    let wanted = asked.wanted();
    let sites = look.incidents(|book| book.hospitals.sites().to_vec());
    let Sorted { total, counts, matching, page, rows } =
        look.access().read(|book| sorted(look, book, &wanted, asked.page.parse().unwrap_or(1)));
    let count_of = |standing: Standing| counts.iter().find(|(s, _)| *s == standing).map_or(0, |(_, n)| *n);
    let last = matching.div_ceil(SHOWN_MAX).max(1);
    PeoplePage {
        layout: Layout::new(look, "People", Here::Nowhere).still(),
        refused,
        total,
        counts: counts
            .iter()
            .map(|(standing, n)| {
                let address = format!("/people?state={}", standing.value());
                (address, standing.words(), thousands(u64::try_from(*n).unwrap_or(u64::MAX)))
            })
            .collect(),
        question: basics::tidy(&asked.q, QUESTION_BYTES_MAX),
        roles: Role::ALL.map(|role| (role.words(), wanted.role == Some(role))).to_vec(),
        sites: sites.iter().map(|site| (site.to_string(), site.as_str() == asked.site)).collect(),
        states: Standing::ALL.map(|s| (s.value(), s.words(), wanted.state == Some(s))).to_vec(),
        found: match (matching, last) {
            (0, _) => "Nobody".to_owned(),
            (n, 1) => counted(n, "person", "people"),
            (n, last) => format!("{}, page {page} of {last}", counted(n, "person", "people")),
        },
        before: (page > 1).then(|| asked.at(page - 1)),
        after: (page < last).then(|| asked.at(page + 1)),
        rows,
        uninvited: count_of(Standing::NotSetUp),
        invited: count_of(Standing::Invited),
        days: DAYS,
        may: look.visit.visitor().is_some(),
    }
}

/// What was found.
struct Sorted {
    total: usize,
    counts: Vec<(Standing, usize)>,
    matching: usize,
    page: usize,
    rows: Vec<Row>,
}

fn sorted(look: &Look<'_>, book: &AccessBook, wanted: &Wanted, page: usize) -> Sorted {
    let mut counts: Vec<(Standing, usize)> = Standing::ALL.map(|standing| (standing, 0)).to_vec();
    let mut found: Vec<(&StaffNumber, &Listed, Standing)> = Vec::new();
    for (number, listed) in book.people.all() {
        let standing = Standing::of(book, number, listed, look.now);
        if let Some((_, count)) = counts.iter_mut().find(|(s, _)| *s == standing) {
            *count += 1;
        }
        if wanted.meets(number, &listed.account, standing) {
            found.push((number, listed, standing));
        }
    }
    let matching = found.len();
    let page = page.clamp(1, matching.div_ceil(SHOWN_MAX).max(1));
    let shown = found.into_iter().skip((page - 1) * SHOWN_MAX).take(SHOWN_MAX);
    let rows = shown.map(|(number, listed, standing)| row(look, number, &listed.account, standing)).collect();
    Sorted { total: book.people.len(), counts, matching, page, rows }
}

fn row(look: &Look<'_>, number: &StaffNumber, account: &Account, standing: Standing) -> Row {
    Row {
        address: address(number),
        number: number.to_string(),
        name: account.name.to_string(),
        roles: account.roles_words(),
        scope: account.scope.to_string(),
        contact: account.contact.clone(),
        until: account.valid_until.map_or_else(String::new, |at| look.zone().clinical(at)),
        standing: standing.mark(),
    }
}
