//! The clinics' rules as text: what ships is whole and in order, and every damage is told with its file and line.

use care::appointments::{TriageRules, read_all, shipped};
use planning::clinics::Class;

fn read(files: &[(&str, &str)]) -> Result<TriageRules, Vec<String>> {
    read_all(files.iter().map(|(name, text)| (*name, text.as_bytes())))
        .map_err(|faults| faults.0.iter().map(ToString::to_string).collect())
}

const WHOLE: &str = "\
THRESHOLDS
signed off by: Dr A. Example, 1 March
faster diagnosis from day: 21
faster diagnosis limit: 28
cancer treatment from day: 48
cancer treatment limit: 62
long wait: 52
cancelled before: 1
clinician within: 60
referral to treatment limit: 126
made up for, class A: 3
made up for, class B: 14
made up for, class C: 28
made up for, class D: 84
SYSTEM Pathology
also called: LAB
counted in: laboratory tests
# a note
SYSTEM Patient record
KIND dialysis
also called: renal dialysis
class: A
why: it cannot wait
needs: Pathology, Patient record
without Patient record: paper chart
uses: Pathology 2
KIND follow-up
class: D
class when urgent: B
";

#[test]
fn what_ships_is_whole_and_names_every_file_of_its_folder() {
    let rules = read(shipped()).unwrap();
    assert_eq!((rules.kinds.len(), rules.systems.len()), (15, 8));
    assert_eq!(rules.thresholds.signed_off_by, None, "nobody has signed off what ships");
    for kind in rules.kinds.iter().filter(|kind| kind.class > Class::B) {
        assert_eq!(kind.class_when_urgent, Some(Class::B), "“urgent” has no effect on {}", kind.name());
    }
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/clinics"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, shipped().iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
}

#[test]
fn a_whole_set_is_read_as_written() {
    let rules = read(&[("rules.txt", WHOLE)]).unwrap();
    assert_eq!(rules.thresholds.signed_off_by.as_deref(), Some("Dr A. Example, 1 March"));
    let dialysis = rules.kind_called("Renal  Dialysis").unwrap();
    assert_eq!(
        (dialysis.name(), dialysis.class, dialysis.why.as_str()),
        ("dialysis", Class::A, "it cannot wait")
    );
    assert_eq!(dialysis.needs, ["Pathology", "Patient record"]);
    assert_eq!(dialysis.without, [("patient record".to_owned(), "paper chart".to_owned())]);
    assert_eq!(dialysis.uses, [("Pathology".to_owned(), 2)]);
    assert_eq!(rules.kind_called("follow-up").unwrap().class_when_urgent, Some(Class::B));
    assert!(rules.same_system("lab", "Pathology") && !rules.same_system("lab", "Patient record"));
    assert_eq!(rules.kind_within("Tue follow up, Dr Nash").map(|k| k.name()), Some("follow-up"));
    assert_eq!(rules.kind_within("refollow upon"), None);
    // The same in three files, in whatever order.
    let (first, rest) = WHOLE.split_once("SYSTEM Pathology").unwrap();
    let rest = format!("SYSTEM Pathology{rest}");
    assert_eq!(read(&[("b.txt", &rest), ("a.txt", first)]).unwrap(), rules);
}

#[test]
fn every_damage_is_told_with_its_line() {
    for (old, new, wanted) in [
        ("class: D", "class: E", "rules.txt, line 28: “class: E” is no class; write A, B, C or D"),
        ("class: D\n", "", "rules.txt, line 27: “follow-up” needs a line “class: A”, B, C or D"),
        (
            "why: it cannot wait\n",
            "",
            "rules.txt, line 20: “dialysis” is of class A: write a line “why: …”, for people will ask",
        ),
        (
            "needs: Pathology,",
            "needs: Pathologie,",
            "rules.txt, line 24: “Pathologie” is no system of these rules; list it under SYSTEM, or mend its name",
        ),
        (
            "without Patient record",
            "without Imaging",
            "rules.txt, line 25: “imaging” is not among the needs of “dialysis”; add it there, or take the line away",
        ),
        (
            "uses: Pathology 2",
            "uses: Pathology two",
            "rules.txt, line 26: “Pathology two” is not understood; write a system and how many, as in “Pathology 2” (1 to 1000)",
        ),
        (
            "uses: Pathology 2",
            "uses: X 2",
            "rules.txt, line 26: “X” is no system of these rules; list it under SYSTEM, or mend its name",
        ),
        (
            "also called: renal dialysis",
            "also called: follow up",
            "rules.txt, line 27: “follow-up” is a name of “dialysis” already; each name stands for one",
        ),
        (
            "# a note",
            "a note",
            "rules.txt, line 18: “a note” is neither “name: value” nor a heading (KIND, SYSTEM, THRESHOLDS)",
        ),
        (
            "# a note",
            "price: 5",
            "rules.txt, line 18: “price” stands in no such section; the names are: also called, without it, counted in",
        ),
        (
            "# a note",
            "counted in: tests",
            "rules.txt, line 18: “counted in” stands here a second time; keep one",
        ),
        (
            "also called: LAB",
            "also called:",
            "rules.txt, line 16: write something after “also called:”, or take the line away",
        ),
        ("SYSTEM Patient record", "SYSTEM", "rules.txt, line 19: write a name after “SYSTEM”"),
        (
            "long wait: 52",
            "long wait: a year",
            "rules.txt, line 7: “long wait: a year” is no number from 1 to 520",
        ),
        ("long wait: 52\n", "", "rules.txt, line 1: “long wait:” is missing under THRESHOLDS"),
        (
            "day: 21",
            "day: 29",
            "rules.txt, line 3: “faster diagnosis from day” is day 29, after the limit of 28 days; it must come before",
        ),
        (
            "signed off by: Dr A. Example, 1 March\n",
            "",
            "rules.txt, line 1: write who signed these off: “signed off by: nobody yet” is honest",
        ),
        ("KIND follow-up", "THRESHOLDS", "rules.txt, line 28: “class” stands in no such section"),
    ] {
        let damaged = WHOLE.replacen(old, new, 1);
        assert_ne!(damaged, WHOLE, "{old}");
        let told = read(&[("rules.txt", &damaged)]).unwrap_err();
        assert!(told.iter().any(|fault| fault.starts_with(wanted)), "{wanted}\n{told:#?}");
    }
}

#[test]
fn what_is_no_set_of_rules_is_refused_as_a_whole() {
    assert_eq!(
        read(&[]).unwrap_err(),
        [
            "the rules hold no KIND; without kinds nothing can be told apart",
            "the rules hold no THRESHOLDS; they are needed once"
        ]
    );
    let told = read_all([("x.txt", &b"\xff\xfe"[..])]).unwrap_err().to_string();
    assert!(told.starts_with("x.txt: this is not plain text in UTF-8"), "{told}");
    let long = "#".repeat(300_000);
    assert!(read(&[("x.txt", &long)]).unwrap_err()[0].contains("more than a file may have"));
    // A line before the first heading does not join the section of the file before.
    let told = read(&[("a.txt", WHOLE), ("b.txt", "class: A")]).unwrap_err();
    assert_eq!(told, ["b.txt, line 1: a heading (KIND, SYSTEM or THRESHOLDS) must stand before this line"]);
}

proptest::proptest! {
    #[test]
    fn no_text_causes_a_panic(text in "(KIND|SYSTEM|THRESHOLDS|uses|needs|class|without x|[a-z0-9:, \u{0}-\u{ff}]{0,9}|\n){0,60}") {
        let _ = read(&[("any.txt", &text)]);
    }
}
