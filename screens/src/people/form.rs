//! The fields of an account: as they are filled in, and as the rules read them.

use super::Places;
use crate::desk::Look;
use crate::forms::Typed;
use crate::mishap::{Mishap, sentence};
use access::Role;
use access::people::{Account, Known, Place, Scope, last_day, read_scope};
use basics::Person;
use std::collections::BTreeSet;

/// The fields as the form shows them.
#[derive(Clone, Debug, Default)]
pub struct AccountForm {
    /// Their name.
    pub name: String,
    /// Every role, and whether it is ticked.
    pub roles: Vec<(&'static str, bool)>,
    /// One place a line.
    pub places: String,
    /// How to reach them.
    pub contact: String,
    /// The last day, "2026-12-31"; empty for no end.
    pub until: String,
    /// Agency, bank, neighbours.
    pub temporary: bool,
    /// The trust's hospitals, for the hint.
    pub hospitals: String,
}

impl AccountForm {
    /// As it was typed.
    pub fn of_typed(places: &Places, typed: &Typed) -> Self {
        Self {
            name: typed.text("name").to_owned(),
            roles: Role::ALL.map(|role| (role.words(), typed.has("role", role.words()))).to_vec(),
            places: typed.text("places").to_owned(),
            contact: typed.text("contact").to_owned(),
            until: typed.text("until").to_owned(),
            temporary: typed.has("temporary", "yes"),
            hospitals: places.words(),
        }
    }

    /// As the account stands.
    pub fn of_account(look: &Look<'_>, places: &Places, account: &Account) -> Self {
        // An account holds to the end of its last day.
        let last = account.valid_until.map(|until| look.zone().date(until.plus_seconds(-1)).iso());
        Self {
            name: account.name.to_string(),
            roles: Role::ALL.map(|role| (role.words(), account.roles.contains(&role))).to_vec(),
            places: lines_of(&account.scope),
            contact: account.contact.clone(),
            until: last.unwrap_or_default(),
            temporary: account.temporary,
            hospitals: places.words(),
        }
    }
}

/// "all", or a line for each place: "Northgate General", "Northgate General: AMU".
fn lines_of(scope: &Scope) -> String {
    let line = |place: &Place| match &place.ward {
        Some(ward) => format!("{}: {ward}", place.site),
        None => place.site.to_string(),
    };
    match scope {
        Scope::Trust => "all".to_owned(),
        Scope::Places(places) => places.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

/// The account that a form describes.
///
/// # Errors
/// `Mishap::Refused`: what is missing or not understood.
pub fn account_of(look: &Look<'_>, places: &Places, typed: &Typed) -> Result<Account, Mishap> {
    let refused = |why: String| Mishap::Refused(sentence(&why));
    let name = Person::new(typed.text("name"))
        .ok_or_else(|| Mishap::Refused("Write the person’s name, as colleagues know them.".to_owned()))?;
    let roles: BTreeSet<Role> =
        Role::ALL.into_iter().filter(|role| typed.has("role", role.words())).collect();
    if roles.is_empty() {
        return Err(Mishap::Refused("Tick at least one role.".to_owned()));
    }
    Ok(Account {
        name,
        scope: scope_of(places.known(), typed.text("places"), &roles).map_err(refused)?,
        roles,
        contact: typed.trimmed("contact").to_owned(),
        valid_until: last_day(typed.trimmed("until"), look.zone()).map_err(refused)?,
        temporary: typed.has("temporary", "yes"),
    })
}

/// Each line is a hospital, or a hospital and its wards after a colon.
fn scope_of(known: Known<'_>, text: &str, roles: &BTreeSet<Role>) -> Result<Scope, String> {
    let mut places = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (site, wards) = line.split_once(':').unwrap_or((line, ""));
        match read_scope(known, site.trim(), wards.trim(), roles)?.0 {
            Scope::Trust => return Ok(Scope::Trust),
            Scope::Places(some) => places.extend(some),
        }
    }
    match places.is_empty() {
        true => read_scope(known, "", "", roles).map(|(scope, _)| scope),
        false => Ok(Scope::Places(places)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::SiteId;

    #[test]
    fn places_are_read_line_by_line_and_written_the_same() {
        let sites = [SiteId::new("Northgate General").unwrap(), SiteId::new("Southmere").unwrap()];
        let known = Known { sites: &sites, wards: &[] };
        let clinician: BTreeSet<Role> = [Role::WardClinician].into();
        for (text, want) in [
            ("northgate general: AMU\nSouthmere", Ok("Northgate General: AMU\nSouthmere")),
            (" Northgate General: AMU, COTE1 \n\n", Ok("Northgate General: AMU\nNorthgate General: COTE1")),
            ("all", Ok("all")),
            ("", Err("the hospital is missing")),
            ("Eastbrook", Err("is no hospital of this trust")),
        ] {
            match (scope_of(known, text, &clinician), want) {
                (Ok(scope), Ok(lines)) => assert_eq!(lines_of(&scope), lines, "{text:?}"),
                (Err(why), Err(words)) => assert!(why.contains(words), "{text:?}: {why}"),
                (got, want) => panic!("{text:?}: {got:?}, not {want:?}"),
            }
        }
        let loggist: BTreeSet<Role> = [Role::Loggist].into();
        assert_eq!(scope_of(known, "", &loggist), Ok(Scope::Trust));
    }
}
