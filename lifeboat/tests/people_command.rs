//! Accounts at the machine itself: the first administrator, a sheet with faults, invitations shown once, the last administrator
//! kept, the way back by two shares, and what is said while a server runs.

use crate::common::ceremony::{PHRASE, held, with_phrase, words};
use crate::common::{self, Server, json_lines, ok, refused};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The codes that stand in what was said: four groups of four.
fn codes(said: &str) -> Vec<String> {
    let group =
        |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_code = |word: &&str| word.split('-').count() == 4 && word.split('-').all(group);
    said.split_whitespace().filter(is_code).map(str::to_owned).collect()
}

fn begun(data: &Path) -> String {
    ok(
        &[
            "people",
            "begin",
            "--number",
            "10482",
            "--name",
            "Alex Rowe",
            "--contact",
            "ext 4021",
            "--data",
            path(data),
        ],
        0,
    )
}

fn listed(data: &Path) -> Vec<Value> {
    json_lines(&ok(&["people", "list", "--json", "--data", path(data)], 0))
}

fn of<'a>(all: &'a [Value], number: &str) -> &'a Value {
    all.iter().find(|line| line["number"] == number).unwrap_or_else(|| panic!("{number}: {all:?}"))
}

#[test]
fn the_first_administrator_is_made_once_and_the_code_shown_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let said = begun(&data);
    let code = codes(&said);
    assert_eq!(code.len(), 1, "{said}");
    for words in ["Alex Rowe (10482), administrator", "/sign-in", "Staff number  10482", "Works once, until"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(
        listed(&data),
        [json!({
            "number": "10482", "name": "Alex Rowe", "roles": ["administrator"], "whole_trust": true, "places": [],
            "contact": "ext 4021", "valid_until": null, "temporary": false, "stands": "invited"
        })]
    );
    // The code lies nowhere, and no second account is begun.
    for entry in fs::read_dir(data.join("book")).unwrap().flatten() {
        let bytes = fs::read(entry.path()).unwrap();
        assert!(!text(&bytes).contains(&code[0]), "{:?}", entry.path());
    }
    let again = refused(&["people", "begin", "--number", "1", "--name", "Eve", "--data", path(&data)], 1);
    assert!(again.contains("made once") && again.contains("lifeboat people invite"), "{again}");
    // Invited anew: another code.
    let fresh = codes(&ok(&["people", "invite", "10482", "--data", path(&data)], 0));
    assert!(fresh.len() == 1 && fresh != code, "{fresh:?}");
    for (arguments, ending, words) in [
        (&["people", "begin", "--number", "!", "--name", "Eve"][..], 2, "is no staff number"),
        (&["people", "invite", "999", "--data", path(&data)], 1, "no open account 999"),
        (&["people", "invite", "--data", path(&data)], 2, "NUMBERS"),
    ] {
        let said = refused(arguments, ending);
        assert!(said.contains(words), "{words}: {said}");
    }
}

const SHEET: &str = "\
Staff number;Name;Role;Hospital;Ward;Shoe size
20001;Anna Bell;nurse;all;;38
20002;=cmd|'/C calc'!A0;reception;all;;41
20003;Omar Reed;king;all;;44
;Nobody;nurse;all;;40
";

#[test]
fn a_sheet_with_faults_is_told_row_by_row_and_nothing_is_done_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let (data, sheet) = (dir.path().join("data"), dir.path().join("staff.csv"));
    fs::write(&sheet, SHEET).unwrap();
    let early = refused(&["people", "import", path(&sheet), "--data", path(&dir.path().join("none"))], 1);
    assert!(early.contains("there is no record"), "{early}");
    begun(&data);
    let import = ["people", "import", path(&sheet), "--data", path(&data)];
    let said = ok(&import, 3);
    for words in [
        "column “Role”: roles",
        "column “Shoe size”: passed over",
        "refused, line 4: “king” is no role",
        "refused, line 5: the staff number is missing",
        "4 rows: 2 new, 0 changed, 0 the same, 0 joined to a row above, 2 refused",
        "Nothing was done",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(listed(&data).len(), 1, "nothing was done");
    let lines = json_lines(&ok(&[&import[..], &["--json", "--take"]].concat(), 3));
    assert_eq!(lines.last().unwrap()["joined"], 2);
    assert_eq!(lines.iter().filter(|line| line["kind"] == "refused").count(), 2);
    let all = listed(&data);
    assert_eq!((all.len(), &of(&all, "20001")["stands"]), (3, &json!("not_set_up")));
    // What leaves as a sheet is harmless in a spreadsheet, and is read back as it was.
    let csv = ok(&["people", "list", "--csv", "--data", path(&data)], 0);
    assert!(csv.contains("\"'=cmd|'/C calc'!A0\""), "{csv}");
    fs::write(&sheet, csv).unwrap();
    let again = json_lines(&ok(&[&import[..], &["--json"]].concat(), 0));
    assert_eq!((&again[0]["same"], &again[0]["refused"]), (&json!(3), &json!(0)), "{again:?}");
}

#[test]
fn everybody_without_a_way_in_is_invited_into_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let (data, sheet, out) =
        (dir.path().join("data"), dir.path().join("staff.csv"), dir.path().join("letters.pdf"));
    fs::write(&sheet, SHEET).unwrap();
    begun(&data);
    ok(&["people", "import", path(&sheet), "--take", "--data", path(&data)], 3);
    let inside = data.join("letters.pdf");
    let refusal = refused(&["people", "invite", "--all", "--out", path(&inside), "--data", path(&data)], 2);
    assert!(refusal.contains("inside the data directory"), "{refusal}");
    let said = ok(&["people", "invite", "--all", "--out", path(&out), "--data", path(&data)], 0);
    assert!(said.contains("2 letters are in") && codes(&said).is_empty(), "{said}");
    assert!(fs::read(&out).unwrap().starts_with(b"%PDF"));
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(of(&listed(&data), "20001")["stands"], "invited");
    assert!(ok(&["people", "invite", "--all", "--data", path(&data)], 0).contains("Nobody waits"));
    // No code is made where its file cannot be.
    refused(&["people", "invite", "20001", "--out", path(&out), "--data", path(&data)], 1);
}

#[test]
fn the_last_administrator_is_kept_and_the_others_can_be_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (data, sheet) = (dir.path().join("data"), dir.path().join("staff.csv"));
    begun(&data);
    let close = |number: &str, ending: i32| {
        let arguments = ["people", "close", number, "--why", "left in May", "--data", path(&data)];
        let done: Output = common::lifeboat(&arguments);
        assert_eq!(done.status.code(), Some(ending), "{}", text(&done.stderr));
        text(&done.stderr)
    };
    assert!(close("10482", 1).contains("last administrator"));
    assert_eq!(of(&listed(&data), "10482")["stands"], "invited");
    fs::write(&sheet, "staff number,name,roles\n20009,Ada Finch,administrator\n").unwrap();
    ok(&["people", "import", path(&sheet), "--take", "--data", path(&data)], 0);
    close("10482", 0);
    assert_eq!(of(&listed(&data), "10482")["stands"], "closed");
    assert!(close("10482", 1).contains("closed already"));
}

#[test]
fn two_of_three_shares_are_the_way_back_and_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let shares = held(&data, &out, &[]);
    let begin = ["people", "begin", "--number", "10482", "--name", "Alex Rowe", "--data", path(&data)];
    let first = with_phrase(PHRASE, &begin);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let back = |shares: &[&Path], number: &str, name: &str| {
        let mut arguments =
            vec!["people", "way-back", "--number", number, "--name", name, "--data", path(&data)];
        shares.iter().for_each(|share| arguments.extend(["--share", path(share)]));
        common::lifeboat(&arguments)
    };
    let one = back(&[&shares[0]], "30001", "Ada Finch");
    assert!(one.status.code() == Some(7) && text(&one.stderr).contains("2 shares are needed"));
    let other_name = back(&[&shares[0], &shares[2]], "10482", "Eve Dale");
    assert_eq!(other_name.status.code(), Some(1));
    assert!(text(&other_name.stderr).contains("is Alex Rowe's number"), "{}", text(&other_name.stderr));
    let done = back(&[&shares[2], &shares[0]], "30001", "Ada Finch");
    let said = text(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(said.contains("Ada Finch (30001) is an administrator") && codes(&said).len() == 1, "{said}");
    // Neither the shares nor their words are said.
    let of_share = words(&shares[0])[2..4].join(" ");
    assert!(!said.contains(&of_share), "{said}");
    let all = with_phrase(PHRASE, &["people", "list", "--json", "--data", path(&data)]);
    let all = json_lines(&text(&all.stdout));
    assert_eq!(
        (&of(&all, "30001")["stands"], &of(&all, "10482")["stands"]),
        (&json!("invited"), &json!("invited"))
    );
}

#[test]
fn beside_a_running_server_it_is_said_what_to_do_and_doctor_looks_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    begun(&data);
    let doctor = |ending: i32| json_lines(&ok(&["doctor", "--json", "--data", path(&data)], ending));
    let about = |found: &[Value]| -> Vec<String> {
        let people = found.iter().filter(|f| f["about"] == "people");
        people.map(|f| f["sentence"].as_str().unwrap().to_owned()).collect()
    };
    let alone = common::lifeboat(&["doctor", "--json", "--data", path(&data)]);
    let said = about(&json_lines(&text(&alone.stdout)));
    assert!(said.iter().any(|s| s.contains("no administrator can sign in")), "{said:?}");
    let server = Server::start(&data, "");
    for command in [
        &["people", "list", "--data", path(&data)][..],
        &["people", "begin", "--number", "1", "--name", "Eve", "--data", path(&data)],
        &["people", "close", "10482", "--why", "x", "--data", path(&data)],
    ] {
        let said = refused(command, 6);
        assert!(said.contains("/people") && said.contains("start it again"), "{said}");
    }
    assert!(!about(&doctor(3)).is_empty(), "doctor reads beside the server");
    drop(server);
}
