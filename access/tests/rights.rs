//! Test 26 for the rights themselves: every page × role × place, against a plain reading of the file; default deny.

use crate::office::{account, site, ward};
use access::Role;
use access::people::{Account, Scope, Spot};
use access::rights::{Answer, Right, Rights, Wanted, Who, may, read, shipped};
use basics::{SiteId, WardId};
use std::collections::BTreeMap;

fn rights() -> Rights {
    let (file, text) = shipped();
    read(file, text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn asks(rights: &Rights, account: Option<&Account>, right: Right, address: &str, spot: &Spot) -> Answer {
    let who = account.map(|account| Who { account, newcomer: false });
    may(rights, who, Wanted { right, address, spot, broken: None })
}

fn spot(site: &str, ward: &str) -> Spot {
    Spot::Ward(SiteId::new(site).unwrap(), WardId::new(ward).unwrap())
}

/// A second, simpler reading of the file: for each address its lines by name.
fn plainly(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let (mut of, mut lines, mut addresses) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for line in text.lines().chain(["PAGES end"]) {
        if line.starts_with("PAGES") {
            for address in std::mem::take(&mut addresses) {
                of.insert(address, lines.clone());
            }
            lines.clear();
        } else if line.starts_with('/') {
            addresses.push(line.to_owned());
        } else if let Some((name, value)) = line.split_once(": ").filter(|_| !line.starts_with('#')) {
            lines.insert(name.to_owned(), value.to_owned());
        }
    }
    of
}

/// Who answers questions about rights.
type Judge = fn(&Rights, Option<&Account>, Right, &str, &Spot) -> Answer;

/// Every answer that differs from the plain reading.
fn differences(judge: Judge) -> Vec<String> {
    let (rights, rows) = (rights(), plainly(shipped().1));
    let scopes = [
        (ward("Northgate General", "AMU"), [true, true, true]),
        (ward("Northgate General", "COTE1"), [true, true, false]),
        (site("Northgate General"), [true, true, true]),
        (site("Southmere"), [true, false, false]),
        (Scope::Trust, [true, true, true]),
    ];
    let spot = spot("Northgate General", "AMU");
    let mut found = Vec::new();
    for (address, lines) in &rows {
        let near = |reach: [bool; 3]| match lines.get("within").map(String::as_str) {
            None | Some("the trust") => reach[0],
            Some("their hospitals") => reach[1],
            Some("their wards") => reach[2],
            other => panic!("{other:?}"),
        };
        for (right, name) in [(Right::Look, "look"), (Right::Do, "do")] {
            let whom: Vec<&str> = lines[name].split(", ").collect();
            let anybody = whom.contains(&"anybody");
            if judge(&rights, None, right, address, &spot).allowed() != anybody {
                found.push(format!("{name} {address} by nobody"));
            }
            for (role, (scope, reach)) in
                Role::ALL.into_iter().flat_map(|r| scopes.iter().map(move |s| (r, s)))
            {
                let has = anybody || whom.contains(&"everybody") || whom.contains(&role.words());
                let glass =
                    lines.get("break the glass").is_some_and(|g| g.split(", ").any(|w| w == role.words()));
                let answer =
                    judge(&rights, Some(&account("Kim Lark", &[role], scope.clone())), right, address, &spot);
                let want = match has && near(*reach) {
                    true => "yes",
                    false if glass && (has || right == Right::Look) => "glass",
                    false => "no",
                };
                let is = match answer {
                    Answer::Allowed { .. } => "yes",
                    Answer::NeedsBreakGlass(_) => "glass",
                    Answer::Refused(_) => "no",
                };
                if is != want {
                    found.push(format!("{name} {address} by {} of {scope}: {is}, not {want}", role.words()));
                }
            }
        }
    }
    found
}

#[test]
fn every_page_role_and_place_is_answered_as_the_file_says() {
    assert_eq!(differences(asks), Vec::<String>::new());
}

#[test]
fn a_judge_that_forgets_the_wards_or_lets_everybody_in_is_caught() {
    let forgets: Judge =
        |rights, who, right, address, _| asks(rights, who, right, address, &spot("Northgate General", "AMU"));
    assert!(differences(forgets).is_empty(), "the same place is the same place");
    let blind: Judge = |rights, who, right, address, spot| {
        let wide = who.map(|account| Account { scope: Scope::Trust, ..account.clone() });
        asks(rights, wide.as_ref(), right, address, spot)
    };
    assert!(differences(blind).iter().any(|d| d.contains("/patients/{key} by ward clinician of COTE1")));
    let open: Judge = |_, _, _, _, _| Answer::Allowed { broken: None };
    assert!(differences(open).iter().any(|d| d.contains("look /patients/{key} by nobody")));
}

#[test]
fn a_page_that_stands_nowhere_is_nobodys() {
    let rights = rights();
    let all = account("Kim Lark", &Role::ALL, Scope::Trust);
    for address in [
        "/new-page",
        "/patients",
        "/patients/17/secret",
        "/people/../q/1",
        "//",
        "",
        "/patients//signs",
        "/Patients/17",
        "/q/",
    ] {
        for right in [Right::Look, Right::Do] {
            let answer = asks(&rights, Some(&all), right, address, &Spot::Trust);
            let Answer::Refused(words) = answer else { panic!("{address}: {answer:?}") };
            assert!(words.contains("administrator"), "{words}");
        }
    }
}

#[test]
fn a_page_is_found_by_its_pattern_and_by_what_a_browser_asks_for() {
    let rights = rights();
    let name = |address: &str| rights.group(address).map(|g| g.name.clone());
    for (asked, pattern) in [
        ("/patients/17", "/patients/{key}"),
        ("/patients/17/documents/3", "/patients/{key}/documents/{index}"),
        ("/diverts/plans", "/diverts/plans"),
        ("/diverts/17", "/diverts/{number}"),
        ("/diverts/setup/cancel", "/diverts/setup/{right}"),
        ("/diverts/17/cancel", "/diverts/{number}/{right}"),
        ("/log/bundle", "/log/bundle"),
        ("/log/17", "/log/{entry}"),
        ("/systems/import", "/systems/import"),
        ("/people/import", "/people/import"),
        ("/", "/"),
    ] {
        assert!(name(asked).is_some() && name(asked) == name(pattern), "{asked}");
    }
    assert_ne!(name("/diverts/setup/cancel"), name("/diverts/17/cancel"));
    assert_ne!(name("/log/bundle"), name("/log/17"));
}

#[test]
fn the_glass_opens_one_look_and_no_form() {
    let rights = rights();
    let anna = account("Anna Bell", &[Role::WardClinician], ward("Northgate General", "AMU"));
    let there = spot("Southmere", "ITU");
    let Answer::NeedsBreakGlass(words) = asks(&rights, Some(&anna), Right::Look, "/patients/{key}", &there)
    else {
        panic!()
    };
    assert!(
        words.starts_with(
            "ITU at Southmere is outside your rights (ward clinician, AMU at Northgate General)"
        ),
        "{words}"
    );
    assert!(words.contains("break the glass") && words.contains("at once"), "{words}");
    let broken = |right, address| {
        let who = Who { account: &anna, newcomer: false };
        may(&rights, Some(who), Wanted { right, address, spot: &there, broken: Some(7) })
    };
    assert_eq!(broken(Right::Look, "/patients/{key}"), Answer::Allowed { broken: Some(7) });
    assert!(!broken(Right::Do, "/patients/{key}").allowed(), "nobody sends a form there");
    assert!(!broken(Right::Look, "/access-record").allowed(), "and it opens nothing else");
    // Where standing rights reach, no glass is counted.
    let who = Who { account: &anna, newcomer: false };
    let amu = spot("Northgate General", "amu");
    let near = may(
        &rights,
        Some(who),
        Wanted { right: Right::Look, address: "/patients/{key}", spot: &amu, broken: Some(7) },
    );
    assert_eq!(near, Answer::Allowed { broken: None });
}

#[test]
fn a_newcomer_sees_their_own_page_and_what_anybody_sees() {
    let rights = rights();
    let admin = account("Ben Cole", &[Role::Administrator], Scope::Trust);
    let asks = |address| {
        let who = Who { account: &admin, newcomer: true };
        may(&rights, Some(who), Wanted { right: Right::Look, address, spot: &Spot::Trust, broken: None })
    };
    for (address, want) in
        [("/me", true), ("/assets/{file}", true), ("/sign-in", true), ("/", false), ("/people", false)]
    {
        assert_eq!(asks(address).allowed(), want, "{address}");
    }
    let Answer::Refused(words) = asks("/people") else { panic!() };
    assert!(words.contains("First choose how you will sign in"), "{words}");
}

#[test]
fn a_refusal_says_what_to_do() {
    let rights = rights();
    let amu = spot("Northgate General", "AMU");
    let told = |account: Option<&Account>, right, address: &str| match asks(
        &rights, account, right, address, &amu,
    ) {
        Answer::Refused(words) => words,
        other => panic!("{other:?}"),
    };
    let anna = account("Anna Bell", &[Role::WardClinician], site("Southmere"));
    for (words, want) in [
        (told(None, Right::Look, "/patients/{key}"), "Sign in first"),
        (told(Some(&anna), Right::Look, "/people"), "it is for: administrator. Ask one of them"),
        (
            told(Some(&anna), Right::Do, "/mode"),
            "may not do this; it is for: ED coordinator, control room, IT",
        ),
        (
            told(Some(&anna), Right::Look, "/tray/{entry}"),
            "AMU at Northgate General is outside the places at which you work (Southmere)",
        ),
        (told(Some(&anna), Right::Do, "/patients/{key}"), "it is for: nobody"),
    ] {
        assert!(words.contains(want), "{words}");
    }
}

#[test]
fn faults_are_told_all_at_once_with_their_lines() {
    let text = "/early\nPAGES\nlook: everybody\ndo: nobody\n/a\nPAGES two\nlook: king, IT, IT\nlook: nobody\nwithin: the moon\n\
        colour: red\nnonsense\n/a\n/b c\n/{x}/{y\nPAGES three\nlook: anybody\ndo: anybody, IT\nwithin: their wards\n/c/{d}\n\
        PAGES four\nlook:\n/c/{other}\n";
    let faults = read("rights.txt", text.as_bytes()).unwrap_err();
    let said: Vec<(usize, &str)> = faults.0.iter().map(|f| (f.line, f.what.as_str())).collect();
    for (line, words) in [
        (1, "a heading"),
        (2, "what these pages are"),
        (7, "“king” is no role"),
        (7, "“IT” stands here twice"),
        (8, "a second time"),
        (9, "“the moon”"),
        (10, "“colour” stands in no group"),
        (11, "neither “name: value” nor"),
        (12, "in line 5 already"),
        (13, "no address"),
        (14, "no address"),
        (6, "“do:” is missing"),
        (15, "“anybody” has no wards"),
        (17, "hold all roles"),
        (21, "write something after"),
        (22, "in line 19 already"),
    ] {
        assert!(said.iter().any(|(l, w)| *l == line && w.contains(words)), "line {line}: {words}\n{faults}");
    }
    assert!(faults.to_string().starts_with("rights.txt, line 1: "), "{faults}");
    for (bytes, words) in [
        (&b""[..], "nobody could open any"),
        (b"\xff\xfe", "UTF-8"),
        (b"PAGES x\nlook: nobody\ndo: nobody\n", "no page stands"),
    ] {
        assert!(read("rights.txt", bytes).unwrap_err().to_string().contains(words));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in "(PAGES|look: |do: |/|\\{|\\}|nobody|IT|within: |[a-z ,:\n]{0,8}){0,60}") {
        drop(read("x", text.as_bytes()));
    }
}
