//! `lifeboat people begin`, `list` and `close`.

use super::letters::{made, shown};
use super::{Office, number, stands};
use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::Begin;
use crate::{json, table};
use access::people::{Account, Intent, Listed, Place as Where, Refusal, Scope};
use access::{By, Role, StaffNumber};
use basics::{Person, csv};
use control_room::AccessRefused;
use serde::Serialize;

#[derive(clap::Args)]
pub struct BeginArgs {
    /// Their staff number, as on the badge
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// Their name, as colleagues know them
    #[arg(long, value_name = "NAME")]
    name: String,
    /// How to reach them: "ext 4021, bleep 112"
    #[arg(long, default_value = "", value_name = "TEXT")]
    contact: String,
    /// For how many days the code holds
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=31))]
    days: u8,
}

pub fn begin(place: Place, args: BeginArgs) -> Result<Ending, Failure> {
    let number = number(&args.number)?;
    let name = Person::new(&args.name).ok_or_else(|| Failure::usage("the name is empty"))?;
    let office = Office::open(&place, Begin::IfMissing)?;
    let account = Account {
        name: name.clone(),
        roles: [Role::Administrator].into(),
        scope: Scope::Trust,
        contact: args.contact,
        valid_until: None,
        temporary: false,
    };
    let intent = Intent::Begin { number: number.clone(), account };
    if let Err(refused) = office.access().submit(intent, &By::Lifeboat, office.now()) {
        return Err(match refused {
            AccessRefused::Refusal(access::Refusal::People(Refusal::Begun)) => Failure::failed(
                "there are accounts already: the first one is made once. For another letter to somebody who lost theirs: \
                 lifeboat people invite NUMBER",
            ),
            other => other.into(),
        });
    }
    let letters = made(&office, vec![number.clone()], args.days).map_err(|failure| {
        let sentence = format!(
            "the account {number} is made, but not its invitation: {failure}. Try: lifeboat people invite {number}"
        );
        Failure::new(failure.ending, sentence)
    })?;
    table::put(&format!(
        "The first account is made: {name} ({number}), administrator. From now on people sign in."
    ));
    shown(&office, &letters);
    office.room.close();
    Ok(Ending::Fine)
}

#[derive(clap::Args)]
pub struct ListArgs {
    /// JSON lines, one object an account
    #[arg(long)]
    json: bool,
    /// A staff sheet of the open accounts, as `people import` reads it: one row for each place
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

#[derive(Serialize)]
struct AccountLine {
    number: String,
    name: String,
    roles: Vec<&'static str>,
    whole_trust: bool,
    places: Vec<PlaceLine>,
    contact: String,
    valid_until: Option<String>,
    temporary: bool,
    stands: &'static str,
}

#[derive(Serialize)]
struct PlaceLine {
    site: String,
    ward: Option<String>,
}

pub fn list(place: Place, args: ListArgs) -> Result<Ending, Failure> {
    let office = Office::open(&place, Begin::Never)?;
    let at = office.now();
    let all: Vec<(StaffNumber, Listed, &'static str)> = office.access().read(|book| {
        let each = book.people.all();
        each.map(|(number, listed)| (number.clone(), listed.clone(), stands(book, number, listed, at)))
            .collect()
    });
    if args.csv {
        let heading =
            ["staff number", "name", "roles", "site", "ward", "contact", "valid until", "temporary"];
        table::put(csv::line(heading).trim_end());
        for (number, listed, _) in all.iter().filter(|(_, listed, _)| listed.closed.is_none()) {
            for row in rows(&office, number, &listed.account) {
                table::put(csv::line(row).trim_end());
            }
        }
    } else if args.json {
        for (number, listed, stands) in &all {
            json::line(&line(number, &listed.account, stands));
        }
    } else {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|(number, Listed { account, .. }, stands)| {
                let until = account.valid_until.map(|at| office.clinical(at)).unwrap_or_default();
                let (name, roles) = (account.name.to_string(), account.roles_words());
                let stands = stands.replace('_', " ");
                vec![number.to_string(), name, roles, account.scope.to_string(), until, stands]
            })
            .collect();
        table::print(&["Number", "Name", "Roles", "Works at", "Until", "Stands"], &rows);
        table::put(&format!("{} accounts", all.len()));
    }
    office.room.close();
    Ok(Ending::Fine)
}

fn places(scope: &Scope) -> &[Where] {
    match scope {
        Scope::Trust => &[],
        Scope::Places(places) => places,
    }
}

fn line(number: &StaffNumber, account: &Account, stands: &'static str) -> AccountLine {
    let places = places(&account.scope).iter().map(|place| PlaceLine {
        site: place.site.to_string(),
        ward: place.ward.as_ref().map(ToString::to_string),
    });
    AccountLine {
        number: number.to_string(),
        name: account.name.to_string(),
        roles: account.roles.iter().map(|role| role.words()).collect(),
        whole_trust: account.scope == Scope::Trust,
        places: places.collect(),
        contact: account.contact.clone(),
        valid_until: account.valid_until.map(|at| at.rfc3339()),
        temporary: account.temporary,
        stands,
    }
}

/// One row for each place: two rows of one person are read as one.
fn rows(office: &Office, number: &StaffNumber, account: &Account) -> Vec<[String; 8]> {
    // An account holds to the end of its last day.
    let last = account.valid_until.map(|at| office.config().zone.date(at.plus_seconds(-1)).iso());
    let row = |site: String, ward: String| {
        let temporary = if account.temporary { "yes" } else { "no" };
        [
            number.to_string(),
            account.name.to_string(),
            account.roles_words(),
            site,
            ward,
            account.contact.clone(),
            last.clone().unwrap_or_default(),
            temporary.to_owned(),
        ]
    };
    if account.scope == Scope::Trust {
        return vec![row("all".to_owned(), String::new())];
    }
    let each = places(&account.scope).iter();
    each.map(|place| {
        row(place.site.to_string(), place.ward.as_ref().map(ToString::to_string).unwrap_or_default())
    })
    .collect()
}

#[derive(clap::Args)]
pub struct CloseArgs {
    /// The staff number
    number: String,
    /// Why: it stands in the record
    #[arg(long, value_name = "TEXT")]
    why: String,
}

pub fn close(place: Place, args: CloseArgs) -> Result<Ending, Failure> {
    let number = number(&args.number)?;
    let office = Office::open(&place, Begin::Never)?;
    let intent = Intent::Close { number: number.clone(), why: args.why };
    office.access().submit(intent, &By::Lifeboat, office.now())?;
    let name = office.access().read(|book| book.people.name(&number));
    table::put(&format!(
        "Closed: {name}. Its number stays taken; a page or a sheet cannot give it to somebody else."
    ));
    office.room.close();
    Ok(Ending::Fine)
}
