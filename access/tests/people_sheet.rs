//! Staff from a sheet: forgiving headings, every refused row with its line, a dry run, and nobody closed in silence.

use crate::office::{Office, account, number};
use access::people::{ImportReport, Known, Place, Scope, SheetFault, read_sheet};
use access::{By, Role};
use basics::{Moment, SiteId, WardId, Zone};

fn read(office: &Office, who: &str, text: &[u8]) -> Result<ImportReport, SheetFault> {
    let sites = [SiteId::new("Northgate General").unwrap(), SiteId::new("Southmere").unwrap()];
    let wards =
        [(sites[0].clone(), WardId::new("AMU").unwrap()), (sites[0].clone(), WardId::new("COTE1").unwrap())];
    let zone = Zone::london();
    let who = if who.is_empty() { By::Lifeboat } else { By::Staff(number(who)) };
    let report = read_sheet(&office.asked(&who, &zone), Known { sites: &sites, wards: &wards }, text)?;
    assert!(report.adds_up(), "{report:?}");
    Ok(report)
}

fn apply(office: &mut Office, report: &ImportReport) {
    for intent in report.intents() {
        office.submit("A1", intent).unwrap();
    }
}

#[test]
fn a_sheet_is_read_tried_and_then_applied() {
    let mut office = Office::new();
    let text = "Employee No;Full Name;Access role;Hospital;Ward(s);Ext.;Leaving date;Agency\r\n\
        10482;Kim Lark;Nurse;northgate general;amu, Cote1;4021;;\r\n\
        10483;Jo Sands;ED coordinator / Loggist;Southmere;;'+441632960100;31/12/2026;yes\r\n\
        10484;Sam Hale;control room;;;;;\r\n";
    let report = read(&office, "A1", text.as_bytes()).unwrap();
    assert_eq!((report.rows, report.joined.len(), report.refused.len()), (3, 3, 0), "{report:?}");
    assert!(office.book.people.listed(&number("10482")).is_none(), "a dry run changes nothing");
    apply(&mut office, &report);
    let kim = &office.book.people.listed(&number("10482")).unwrap().account;
    assert_eq!(
        kim.scope.to_string(),
        "AMU at Northgate General, COTE1 at Northgate General",
        "spelt as the wards are"
    );
    let jo = &office.book.people.listed(&number("10483")).unwrap().account;
    assert_eq!(jo.roles_words(), "ED coordinator, loggist");
    assert_eq!((jo.temporary, jo.contact.as_str()), (true, "+441632960100"));
    assert_eq!(jo.valid_until, Moment::parse_rfc3339("2027-01-01T00:00:00Z"), "the whole of the day");
    assert_eq!(office.book.people.listed(&number("10484")).unwrap().account.scope, Scope::Trust);
    // Once more: nothing is left to do.
    let again = read(&office, "A1", text.as_bytes()).unwrap();
    assert_eq!((again.same, again.intents().len()), (3, 0));
}

#[test]
fn every_refused_row_says_its_line_and_what_to_mend() {
    let mut office = Office::new();
    let close = access::people::Intent::Close { number: number("N2"), why: "retired".to_owned() };
    office.submit("A1", close).unwrap();
    let text = "staff number,name,roles,site,ward,valid until,temporary\n\
        ,No Number,loggist,,,,\n\
        7 7!,Bad Number,loggist,,,,\n\
        10490,,loggist,,,,\n\
        10491,Kim Lark,king,,,,\n\
        10492,Kim Lark,,,,,\n\
        10493,Kim Lark,nurse,,,,\n\
        10494,Kim Lark,nurse,Atlantis,,,\n\
        10495,Kim Lark,nurse,Northgate General,AMU,soon,\n\
        10496,Kim Lark,nurse,Northgate General,AMU,,maybe\n\
        10497,Kim Lark,nurse,Northgate General,AMU,,yes\n\
        10498,Kim Lark,nurse,Northgate General,AMU,2020-01-01,\n\
        N2,Omar Reed,nurse,Northgate General,AMU,,\n\
        10499,Kim Lark,nurse,\"Northgate General, Southmere\",AMU,,\n\
        10500,\"Kim \"\"the Lark\"\" Lark\",loggist,,,,\n\
        10500,Somebody Else,loggist,,,,\n";
    let report = read(&office, "A1", text.as_bytes()).unwrap();
    let said: Vec<(usize, &str)> = report.refused.iter().map(|r| (r.line, r.why.as_str())).collect();
    for (at, (line, words)) in [
        (2, "the staff number is missing"),
        (3, "“7 7!” is no staff number"),
        (4, "the name is missing"),
        (5, "“king” is no role"),
        (6, "the role is missing"),
        (7, "the hospital is missing"),
        (8, "“Atlantis” is no hospital of this trust; the hospitals are: Northgate General, Southmere"),
        (9, "“soon” is no day"),
        (10, "“maybe” under “temporary”"),
        (11, "A temporary account needs an end"),
        (12, "would have ended already"),
        (13, "(retired); an import opens none again"),
        (14, "say at which of the hospitals “AMU” is"),
        (16, "line 15 gives this number to Kim \"the Lark\" Lark"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(said[at].0, line, "{said:?}");
        assert!(said[at].1.contains(words), "line {line}: {}", said[at].1);
    }
    assert_eq!((said.len(), report.joined.len()), (14, 1));
}

#[test]
fn an_import_closes_nobody_and_keeps_an_administrator() {
    let mut office = Office::new();
    let text = "staff number,name,roles,site\nA1,Alex Rowe,read-only,all\nA2,Ada Finch,read-only,all\nR1,Ray Moss,administrator,all\n";
    // With a new administrator in the same file the others may go, but nobody takes the role from themselves.
    let report = read(&office, "A1", text.as_bytes()).unwrap();
    assert_eq!(report.refused.len(), 1);
    assert!(report.refused[0].why.contains("from yourself"), "{:?}", report.refused);
    assert_eq!(report.notes, ["line 4 makes Ray Moss an administrator"]);
    assert_eq!(report.not_in_file.len(), 10, "those left out are named, and stay");
    // Without one both rows are refused.
    let text = "staff number,name,roles,site\nA1,Alex Rowe,read-only,all\nA2,Ada Finch,read-only,all\nL1,Lena Holt,loggist;bookings,all\n";
    let report = read(&office, "", text.as_bytes()).unwrap();
    let lines: Vec<usize> = report.refused.iter().map(|r| r.line).collect();
    assert_eq!(lines, [2, 3]);
    assert!(report.refused[0].why.contains("would leave no administrator"), "{:?}", report.refused);
    assert_eq!(report.changes, ["line 4: L1, Lena Holt: roles: loggist → loggist, bookings"]);
    apply(&mut office, &report);
    assert!(office.book.people.open().count() == 13, "nobody is closed");
    // The sheet has no column for contacts, and so they stay.
    assert_eq!(office.book.people.listed(&number("L1")).unwrap().account.contact, "ext 4021");
}

#[test]
fn two_rows_of_one_person_are_two_places() {
    let office = Office::new();
    let text = "Staff ID\tForename\tSurname\tRole\tSite\tWard\n\
        20\tKim\tLark\tnurse\tNorthgate General\tAMU\n\
        20\tkim\tlark\tloggist\tNorthgate General\tNEW9\n";
    let report = read(&office, "A1", text.as_bytes()).unwrap();
    assert_eq!((report.joined.len(), report.merged), (1, 1));
    let (line, _, kim) = &report.joined[0];
    let wards = Scope::Places(
        ["AMU", "NEW9"]
            .map(|w| Place { site: SiteId::new("Northgate General").unwrap(), ward: WardId::new(w) })
            .to_vec(),
    );
    assert_eq!((*line, &kim.scope, kim.roles_words().as_str()), (2, &wards, "ward clinician, loggist"));
    assert_eq!(
        report.notes,
        ["line 3: nobody has heard of ward NEW9 at Northgate General yet; check its code"]
    );
}

#[test]
fn sheets_of_every_spreadsheet_are_read_and_what_is_none_is_said() {
    let office = Office::new();
    let windows = b"number,name,role\n30,Si\xe2n M\xfcller,loggist\n";
    let report = read(&office, "A1", windows).unwrap();
    assert_eq!(report.joined[0].2.name.as_str(), "Siân Müller");
    for (text, words) in [
        (&b"name,role\nx,y\n"[..], "“staff number” is missing"),
        (b"number,role\nx,y\n", "“name” is missing"),
        (b"", "empty"),
        (b"\xff\xfen\x00", "UTF-16"),
    ] {
        let fault = read(&office, "A1", text).unwrap_err();
        assert!(fault.to_string().contains(words), "{fault}");
    }
}

#[test]
fn a_thousand_rows_become_few_entries_administrators_first() {
    let mut office = Office::empty();
    let first = account("Alex Rowe", &[Role::Administrator], Scope::Trust);
    office
        .submit_as(By::Lifeboat, access::people::Intent::Begin { number: number("A1"), account: first })
        .unwrap();
    let mut text = "number,name,role,site\n".to_owned();
    for n in 0..2_500 {
        text.push_str(&format!("S{n},Person {n},{},all\n", if n == 2_400 { "admin" } else { "nurse" }));
    }
    let report = read(&office, "A1", text.as_bytes()).unwrap();
    let intents = report.intents();
    assert_eq!(intents.len(), 3);
    apply(&mut office, &report);
    assert_eq!(office.book.people.len(), 2_501);
    let access::people::Intent::Import { rows } = &intents[0] else { panic!() };
    assert_eq!(rows[0].0, number("S2400"));
}

proptest::proptest! {
    #[test]
    fn no_sheet_whatever_is_in_it_panics_or_loses_a_row(text in "(number|name|role|site|ward|until|[a-z0-9,;\"\n/:. ]{0,12}){0,30}") {
        let office = Office::new();
        let text = format!("number,name,role,site,ward,valid until\n{text}");
        if let Ok(report) = read(&office, "A1", text.as_bytes()) {
            proptest::prop_assert!(report.adds_up());
        }
    }
}
