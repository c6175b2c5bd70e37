//! Every page that there is has a row in the rights, and every row a page: read from the table of pages itself.
//!
//! The pages are above this crate, so their table is read as text here; `screens` holds its real table to the same rights.

use access::rights::{Rights, Whom, read, shipped};
use access::{Role, people::Within};
use std::collections::BTreeSet;
use std::path::Path;

/// A page: address, whether it can be looked at, whether it takes a form, whether it shows patients.
type Page = (String, bool, bool, bool);

/// The pages as their table has them: `shown("/wards/{site}/{ward}", true, …)`, `taken("/view", …)`.
fn pages() -> Vec<Page> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../screens/src/routes.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let table = text.split("pub fn routes()").nth(1).unwrap().split("\n}\n").next().unwrap();
    let mut pages = Vec::new();
    for (kind, get, post) in [("shown(", true, false), ("taken(", false, true), ("both(", true, true)] {
        for call in table.split(kind).skip(1) {
            let mut quoted = call.splitn(3, '"');
            let (before, address, after) =
                (quoted.next().unwrap(), quoted.next().unwrap(), quoted.next().unwrap());
            assert!(before.trim().is_empty(), "{kind} {before}");
            let patients = after.trim_start_matches(',').trim_start().starts_with("true");
            pages.push((address.to_owned(), get, post, patients && get));
        }
    }
    assert!(pages.len() > 100, "the table is read");
    pages
}

fn rights() -> Rights {
    let (file, text) = shipped();
    read(file, text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What is amiss between pages and rights.
fn faults(pages: &[Page], rights: &Rights) -> Vec<String> {
    let nobody = |whom: &Whom| *whom == Whom::default();
    let mut faults = Vec::new();
    let rows: BTreeSet<&String> = rights.groups().iter().flat_map(|g| &g.addresses).collect();
    for (address, get, post, patients) in pages {
        let Some(group) = rights.group(address).filter(|_| rows.contains(address)) else {
            faults.push(format!("{address} stands in no row"));
            continue;
        };
        if *get && nobody(&group.look) {
            faults.push(format!("nobody may look at {address}"));
        }
        if *post && nobody(&group.deed) {
            faults.push(format!("nobody may send {address}"));
        }
        let wide = group.look.anybody || group.look.everybody;
        let strangers =
            [Role::Administrator, Role::PrivacyOfficer, Role::ReadOnly, Role::Loggist, Role::Communications];
        if *patients && (wide || strangers.iter().any(|role| group.look.roles.contains(role))) {
            faults.push(format!("{address} shows patients to {}", group.look.words()));
        }
    }
    let there: BTreeSet<&String> = pages.iter().map(|(address, ..)| address).collect();
    let idle = rows.iter().filter(|row| !there.contains(*row));
    faults.extend(idle.map(|row| format!("{row} is a row without a page")));
    faults
}

#[test]
fn every_page_has_a_row_and_every_row_a_page() {
    let (pages, rights) = (pages(), rights());
    assert_eq!(faults(&pages, &rights), Vec::<String>::new());
}

#[test]
fn a_page_without_a_row_a_row_without_a_page_and_patients_for_all_are_found() {
    let (mut pages, rights) = (pages(), rights());
    let count = pages.len();
    pages.push(("/new-page".to_owned(), true, false, true));
    assert_eq!(faults(&pages, &rights), ["/new-page stands in no row"]);
    pages.truncate(count);
    pages.retain(|(address, ..)| address != "/feeds");
    assert_eq!(faults(&pages, &rights), ["/feeds is a row without a page"]);
    pages.push(("/feeds".to_owned(), true, true, true));
    let found = faults(&pages, &rights);
    assert_eq!(found, ["nobody may send /feeds", "/feeds shows patients to everybody who is signed in"]);
}

#[test]
fn access_itself_is_for_those_who_look_after_it() {
    let rights = rights();
    let only = |address: &str, roles: &[Role]| {
        let group = rights.group(address).unwrap();
        for whom in [&group.look, &group.deed] {
            assert!(!whom.anybody && !whom.everybody, "{address}");
            assert_eq!(whom.roles.iter().copied().collect::<Vec<_>>(), roles, "{address}");
        }
        assert_eq!(group.within, Within::Trust);
    };
    for address in ["/people", "/people/import", "/people/{number}/{deed}", "/rights"] {
        only(address, &[Role::Administrator]);
    }
    for address in ["/access-record", "/access-record/patients/{key}", "/access-record/reviews/{number}"] {
        only(address, &[Role::PrivacyOfficer]);
    }
    for address in ["/q/{link}", "/sign-in", "/sign-in/{way}", "/assets/{file}"] {
        assert!(rights.group(address).unwrap().look.anybody, "{address}");
    }
    let open: Vec<&str> = rights
        .groups()
        .iter()
        .filter(|g| g.look.anybody || g.deed.anybody)
        .flat_map(|g| g.addresses.iter().map(String::as_str))
        .collect();
    assert_eq!(
        open,
        [
            "/assets/{file}",
            "/view",
            "/sign-in",
            "/sign-in/{way}",
            "/switch",
            "/enrol/{code}",
            "/way-back",
            "/q/{link}"
        ]
    );
}
