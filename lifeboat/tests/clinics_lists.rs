//! `lifeboat clinics import` and `list` through the real program: rows refused by line, lists and messages joined on a day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{json_lines, lifeboat, ok, refused, shared_data};
use serde_json::{Value, json};
use std::path::Path;

const LIST: &str = "\
Booking ref;NHS number;MRN;Surname;Forename;Start;Clinic;Appointment type;Priority;Suspected cancer referral date\r
T1;999 000 0018;M1;Example;Ann;12/03/2026 08:30;Renal;Dialysis;;\r
T2;999 000 0026;M2;Sample;Bo;12/03/2026 09:00;Lower GI;2ww;urgent;18/02/2026\r
T3;;;Nobody;Cy;12/03/2026 09:30;Lower GI;2ww;;\r
T4;999 000 0034;M4;Test;Di;13/13/2026 09:30;\"Eye; left\";Follow-up;;\r
T5;999 000 0034;M4;Test;Di;12/03/2026 10:00;\"Eye; left\";Follow-up;;\r
";

fn lines(arguments: &[&str], code: i32) -> Vec<Value> {
    json_lines(&ok(arguments, code))
}

fn config(folder: &Path) -> String {
    let path = folder.join("lifeboat.toml");
    let text =
        "data = \"record\"\n[[feeds]]\nname = \"bookings\"\n[feeds.columns]\n\"Booking ref\" = \"booking\"\n";
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_list_is_told_row_by_row_and_joined_with_messages_on_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(&list, LIST).unwrap();
    let list = list.to_str().unwrap();
    let data = folder.path().join("record");
    let data = data.to_str().unwrap();
    // Nobody has said what "Booking ref" is: refused as a whole, and nothing is kept.
    let told = refused(&["clinics", "import", list, "--data", data], 1);
    assert!(
        told.contains("no column is taken for appointment id; name them under [feeds.columns]"),
        "{told}"
    );
    assert!(!Path::new(data).exists());
    let config = config(folder.path());
    let checked =
        lines(&["clinics", "import", list, "--check", "--json", "--config", &config, "--data", data], 3);
    assert_eq!(
        checked[0],
        json!({"kind": "refused", "file": list, "line": 4, "why": "it names no patient: neither an NHS number nor a hospital number"})
    );
    assert_eq!(checked[1]["line"], 5);
    let sum = &checked[2];
    assert_eq!(
        (&sum["rows"], &sum["listed"], &sum["refused"], &sum["kept"]),
        (&json!(5), &json!(3), &json!(2), &json!(false))
    );
    assert_eq!(sum["columns"][0], json!(["Booking ref", "appointment id"]));
    assert!(!Path::new(data).exists());
    // Kept: what is refused waits in the tray, and nothing is lost.
    let kept = lines(&["clinics", "import", list, "--json", "--config", &config, "--data", data], 3);
    let sum = kept.last().unwrap();
    assert_eq!((&sum["received"], &sum["understood"], &sum["in_tray"]), (&json!(5), &json!(3), &json!(2)));
    // A message about one of them: cancelled there, so it is no longer on the list.
    let siu = "MSH|^~\\&|PAS|N|L|N|20260301090000||SIU^S15|X1|P|2.4\rSCH|T5|T5|||||Follow-up|||||^^^20260312100000\rPID|1||9990000034^^^NHS^NH\r";
    let message = folder.path().join("siu.hl7");
    std::fs::write(&message, siu).unwrap();
    ok(&["clinics", "import", message.to_str().unwrap(), "--config", &config, "--data", data], 0);
    let day =
        lines(&["clinics", "list", "--day", "2026-03-12", "--json", "--config", &config, "--data", data], 0);
    let (sum, booked) = day.split_last().unwrap();
    assert_eq!((&sum["bookings"], &sum["cancelled"], booked.len()), (&json!(2), &json!(1), 2));
    assert_eq!(
        (&booked[0]["id"], &booked[0]["class"], &booked[0]["rules"]),
        (&json!("T2"), &json!("A"), &json!(["R1"]))
    );
    assert_eq!(
        booked[0]["why"],
        "R1: faster diagnosis, day 22 of 28; from day 21 on it is never cancelled by rule"
    );
    assert_eq!((&booked[1]["recognised_as"], &booked[1]["family"]), (&json!("dialysis"), &json!("Example")));
    let down =
        ["clinics", "list", "--day", "2026-03-12", "--down", "EPR", "--config", &config, "--data", data];
    let said = ok(&down, 0);
    assert!(
        said.contains("EXAMPLE, Ann") && said.contains("2 bookings on 2026-03-12; 1 more are cancelled"),
        "{said}"
    );
    let mistyped = ["clinics", "list", "--day", "2026-03-12", "--down", "Patholgy", "--config", &config];
    assert!(
        refused(&[&mistyped[..], &["--data", data]].concat(), 2).contains("the rules know no such system")
    );
    assert!(
        refused(&["clinics", "list", "--day", "Tuesday", "--data", data], 2)
            .contains("write it as 2026-03-12")
    );
}

#[test]
fn the_shared_list_and_its_messages_are_one_list() {
    let Some(csv) = shared_data("appointments/northgate.csv") else { return };
    let siu = csv.with_file_name("northgate.siu.hl7");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("record");
    let data = data.to_str().unwrap();
    let files = [csv.to_str().unwrap(), siu.to_str().unwrap()];
    let sums = lines(&["clinics", "import", files[0], files[1], "--json", "--data", data], 0);
    assert_eq!(sums.len(), 2);
    assert_eq!(
        (&sums[0]["rows"], &sums[0]["listed"], &sums[0]["understood"]),
        (&json!(1_200), &json!(1_200), &json!(1_200))
    );
    assert_eq!(
        (&sums[1]["format"], &sums[1]["understood"], &sums[1]["in_tray"]),
        (&json!("messages"), &json!(1_317), &json!(0))
    );
    let day = lines(&["clinics", "list", "--day", "2026-03-12", "--json", "--data", data], 0);
    let (sum, booked) = day.split_last().unwrap();
    let mut ids: Vec<&str> = booked.iter().map(|b| b["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), sum["bookings"].as_u64().unwrap() as usize), (booked.len(), booked.len()));
    let listed = std::fs::read_to_string(&csv).unwrap();
    assert!(
        booked.len() > 20
            && listed.lines().filter(|l| l.contains(",2026-03-12T")).count() >= booked.len() / 2
    );
    // The same again: every row is there already, and the day stays as it is.
    ok(&["clinics", "import", files[0], "--data", data], 0);
    let again = lifeboat(&["clinics", "list", "--day", "2026-03-12", "--json", "--data", data]);
    let again = json_lines(&String::from_utf8(again.stdout).unwrap());
    assert_eq!(again.last().unwrap()["bookings"], sum["bookings"]);
}
