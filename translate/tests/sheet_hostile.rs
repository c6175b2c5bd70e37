//! Lists that somebody damaged, or made to do damage: each row is listed or refused by itself, and nothing is evaluated.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use basics::csv::TableFault;
use care::{PersonName, Update, What};
use common::{received, rules};
use translate::{Checked, any, check_sheet};

const HEADING: &str = "id,NHS number,surname,note,date,time,clinic";

fn check(list: &[u8]) -> Result<Checked, TableFault> {
    check_sheet(list, &received(1), &rules(Zone::london()))
}

/// The name and the note of a list's only row.
fn listed(list: &[u8]) -> (PersonName, String) {
    let told = any(list, &received(1), &rules(Zone::london()));
    let (mut name, mut note) = (None, String::new());
    for fact in told.facts {
        match fact.what {
            What::Person(said) => {
                if let Update::Set(set) = said.name {
                    name = Some(set);
                }
            }
            What::Appointment(booking) => note = booking.note,
            other => panic!("{other:?}"),
        }
    }
    (name.unwrap_or_else(|| panic!("{:?}", told.problems)), note)
}

#[test]
fn one_damaged_row_costs_no_other() {
    let good = "T1,999 000 0018,Example,x,12/03/2026,08:30,Eye";
    for (bad, wanted) in [
        ("T2,999 000 0018,\"Never closed,x,12/03/2026,08:30,Eye", Some("a quotation mark is opened in it")),
        ("T2,999 000 0018,O\"Brien,x,12/03/2026,08:30,Eye", None),
        ("T2,999 000 0018,O\"\"Brien,tube 6\",12/03/2026,08:30,Eye", None),
        ("T2,999 000 0018,Example,\"over\r\ntwo lines\",12/03/2026,08:30,Eye", None),
        // A comma that nobody quoted moves every cell behind it under the wrong heading.
        (
            "T2,999 000 0018,Sample, Ann,x,12/03/2026,08:30,Eye",
            Some("it has more cells than the list has columns"),
        ),
        // Columns that somebody swapped in some rows alone.
        ("T2,Example,999 000 0018,x,12/03/2026,08:30,Eye", Some("its NHS number does not pass its check")),
        ("T2,999 000 0018,Example,x,08:30,12/03/2026,Eye", None),
        ("T2,999 000 0018,Example,x,Eye,08:30,12/03/2026", Some("“date” cannot be read")),
        ("12/03/2026,T2,Example,x,999 000 0018,08:30,Eye", Some("its NHS number does not pass its check")),
    ] {
        let list = format!("{HEADING}\r\n{good}\r\n{bad}\r\n{}\r\n", good.replace("T1", "T3"));
        let checked = check(list.as_bytes()).unwrap();
        assert_eq!((checked.rows, checked.listed + checked.refused.len()), (3, 3), "{bad}");
        match wanted {
            None => assert!(checked.refused.is_empty(), "{bad}: {:?}", checked.refused),
            Some(why) => {
                assert_eq!(checked.refused.len(), 1, "{bad}");
                let refused = &checked.refused[0];
                assert!(refused.line == 3 && refused.why.starts_with(why), "{bad}: {refused:?}");
            }
        }
        // Whole, as a message, it says the same.
        let told = any(list.as_bytes(), &received(1), &rules(Zone::london()));
        assert_eq!(
            (told.facts.len(), told.problems.len()),
            (2 * checked.listed, checked.refused.len()),
            "{bad}"
        );
    }
    let long =
        format!("{HEADING}\n{good}\nT2,999 000 0018,Example,{},12/03/2026,08:30,Eye\n", "x".repeat(9_000));
    assert_eq!(check(long.as_bytes()).unwrap().refused[0].why, "a cell of it has more than 8000 bytes");
    let wide = format!("{HEADING}\n{good}\n{}\n", ",x".repeat(200));
    assert_eq!(check(wide.as_bytes()).unwrap().refused[0].why, "it has more than 120 cells");
}

#[test]
fn a_formula_is_text_and_letters_come_as_they_were_written() {
    let row = |surname: &[u8]| {
        [HEADING.as_bytes(), b"\nT1,999 000 0018,", surname, b",=1+1,12/03/2026,08:30,Eye\n"].concat()
    };
    for (surname, wanted) in [
        (&b"=cmd|' /C calc'!A0"[..], "=cmd|' /C calc'!A0"),
        (b"'=HYPERLINK(1)", "=HYPERLINK(1)"),
        (b"M\xfcller", "Müller"),
        ("Müller".as_bytes(), "Müller"),
        (b"\x93Sample\x94", "“Sample”"),
        (b"O\"Brien", "O\"Brien"),
        (b"\"O\"\"Brien\"", "O\"Brien"),
    ] {
        let (name, note) = listed(&row(surname));
        assert_eq!((name.family.as_str(), note.as_str()), (wanted, "=1+1"));
    }
    // One row of other letters than the rest harms itself alone.
    let mixed =
        [&row("Müller".as_bytes())[..], b"T2,999 000 0018,M\xfcller,x,12/03/2026,08:30,Eye\n"].concat();
    let told = any(&mixed, &received(1), &rules(Zone::london()));
    let names = told.facts.iter().filter(|fact| format!("{:?}", fact.what).contains("Müller")).count();
    assert_eq!(names, 2);
    for little in [true, false] {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let wide: Vec<u8> = [0xFEFF].into_iter().chain(HEADING.encode_utf16()).flat_map(bytes).collect();
        assert_eq!(check(&wide), Err(TableFault::Wide));
    }
}

#[test]
fn the_longest_list_is_told_row_by_row_and_a_longer_one_is_refused() {
    let mut list = format!("{HEADING}\n");
    for n in 0..500_000 {
        match n % 1_000 {
            0 => list.push_str(&format!("T{n},999 000 0018,\"Example,x,12/03/2026,08:30,Eye\n")),
            1 => list.push_str(&format!("T{n},,,,,,\n")),
            _ => list.push_str(&format!("T{n},999 000 0018,Example,x,12/03/2026,08:30,Eye\n")),
        }
    }
    let checked = check(list.as_bytes()).unwrap();
    assert_eq!((checked.rows, checked.listed, checked.refused.len()), (500_000, 499_000, 1_000));
    assert_eq!((checked.refused[0].line, checked.refused[3].line), (2, 1_003));
    list.push_str("T,999 000 0018,Example,x,12/03/2026,08:30,Eye\n");
    assert_eq!(check(list.as_bytes()), Err(TableFault::TooManyRows(500_000)));
}
