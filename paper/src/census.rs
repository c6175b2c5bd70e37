//! The census: every bed of the ward, empty ones too, on paper that can be ticked.
//!
//! Always: allergies under one of the four headings; a bed never skipped. Called by `Press::ward_pack`; proved by
//! `tests/packs.rs` and the golden text.

use crate::Sheet;
use crate::flow::{Flow, Table};
use crate::frame::{Frame, House, Whom};
use crate::leaf::{EDGE, Leaf, Part, Style};
use crate::words;
use crate::wrap::Rich;
use care::AllergyKnowledge;
use care::ward_list::{WardPatient, WardRow};
use care::ward_pack::SilentFeed;

const SMALL: Style = Style::plain(8.5);
const STRONG: Style = Style::bold(8.5);

/// The ward's census.
pub(crate) fn sheet(house: &House<'_>, sheet: &Sheet) -> Vec<Leaf> {
    let frame = Frame { house, sheet, title: "Ward census", whom: Whom::Ward, wide: true };
    let mut flow = Flow::new(&frame);
    heading(house, &mut flow);
    silent_feeds(house, &mut flow);
    feeds_apart(house, &mut flow);
    let mut table = Table {
        columns: vec![
            ("Bed", 1.3),
            ("Patient", 3.1),
            ("Allergies", 2.1),
            ("Alerts", 1.7),
            ("Why here, since, consultant", 2.6),
            ("Here", 0.55),
            ("Band", 0.55),
            ("Notes", 1.6),
        ],
        row_min: 32.0,
        rows: Vec::new(),
    };
    table.rows = house.pack.list.rows.iter().map(|row| cells(house, row)).collect();
    if table.rows.is_empty() {
        flow.say(&Rich::of(
            "No beds and no patients are known on this ward. Write who is here:",
            Style::plain(10.0),
        ));
        table.rows = (0..10).map(|_| empty_bed("", "")).collect();
    }
    flow.table(&table);
    flow.say(&Rich::of(
        "Here: seen in the bed. Band: name, date of birth and NHS number on the wristband agree. \
         Write new arrivals on a blank line or a blank form.",
        Style::soft(8.0),
    ));
    flow.finish()
}

/// The ward's name and how many are on it, beside the code on the first page.
fn heading(house: &House<'_>, flow: &mut Flow<'_>) {
    let rows = &house.pack.list.rows;
    let patients = rows.iter().filter(|r| r.patient.is_some()).count();
    let empty = rows.len() - patients;
    let one = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let counts = format!("{}, {} empty", one(patients, "patient"), one(empty, "bed"));
    flow.leaf.part(Part::Paragraph, |leaf| {
        let after = leaf.words(house.typeface, EDGE, EDGE + 48.0, Style::bold(13.0), &house.pack.list.name);
        leaf.words(house.typeface, after + 12.0, EDGE + 48.0, Style::plain(11.0), &counts);
    });
}

/// Silent feeds named; more are counted.
const SILENT_MAX: usize = 12;

/// Which feeds were kept apart at the hatch when the pack was made, and since when: what they sent since is on no sheet.
fn feeds_apart(house: &House<'_>, flow: &mut Flow<'_>) {
    let apart = &house.pack.apart;
    if apart.is_empty() {
        return;
    }
    let since = |feed: &SilentFeed| match feed.since {
        Some(at) => format!("{}, nothing let in since {}", feed.name, house.zone.clinical(at)),
        None => format!("{}, nothing ever let in", feed.name),
    };
    let mut named: Vec<String> = apart.iter().take(SILENT_MAX).map(since).collect();
    if apart.len() > SILENT_MAX {
        named.push(format!("and {} more feeds", apart.len() - SILENT_MAX));
    }
    let mut rich = Rich::of("Kept apart when this was made: ", Style::bold(10.0));
    rich.say(&format!("{}. ", named.join("; ")), Style::bold(9.0));
    rich.say(
        "An attack was suspected, so what they sent since is not on these sheets: ask before you rely on it.",
        Style::plain(9.0),
    );
    flow.boxed(&rich, "");
}

/// Which feeds were silent when the pack was made, and since when: what their systems know better stands on no sheet.
fn silent_feeds(house: &House<'_>, flow: &mut Flow<'_>) {
    let silent = &house.pack.silent;
    if silent.is_empty() {
        return;
    }
    let mut rich = Rich::of("Silent when this was made: ", Style::bold(10.0));
    let since = |feed: &SilentFeed| match feed.since {
        Some(at) => {
            let long = words::length(house.pack.as_at.seconds_since(at));
            format!("{}, nothing since {} ({long})", feed.name, house.zone.clinical(at))
        }
        None => format!("{}, nothing ever received", feed.name),
    };
    let mut named: Vec<String> = silent.iter().take(SILENT_MAX).map(since).collect();
    if silent.len() > SILENT_MAX {
        named.push(format!("and {} more feeds", silent.len() - SILENT_MAX));
    }
    rich.say(&format!("{}. ", named.join("; ")), Style::bold(9.0));
    rich.say(
        "What their systems would have told since is not on these sheets: ask before you rely on it.",
        Style::plain(9.0),
    );
    flow.boxed(&rich, "");
}

fn cells(house: &House<'_>, row: &WardRow) -> Vec<Rich> {
    match &row.patient {
        None => empty_bed(&row.bed, "Empty"),
        Some(patient) => vec![
            Rich::of(&row.bed, Style::bold(9.5)),
            who(house, patient),
            allergies(patient),
            flags(patient),
            why(house, patient),
            tick(),
            tick(),
            Rich::default(),
        ],
    }
}

fn empty_bed(bed: &str, word: &str) -> Vec<Rich> {
    let mut cells = vec![Rich::of(bed, Style::bold(9.5)), Rich::of(word, Style::soft(8.5))];
    cells.resize(8, Rich::default());
    cells
}

fn tick() -> Rich {
    Rich::of("☐", Style::plain(17.0))
}

fn who(house: &House<'_>, patient: &WardPatient) -> Rich {
    let mut rich = Rich::of(&patient.name, Style::bold(10.0));
    rich.next_line(SMALL);
    if patient.died {
        rich.say("DECEASED", STRONG).next_line(SMALL);
    }
    let sex = patient.sex.map_or("Gender not recorded", care::Sex::word);
    rich.say(&format!("Born {}, {sex}", words::born(patient.birth_date, house.today())), SMALL)
        .next_line(SMALL);
    let number =
        patient.nhs_number.map_or_else(|| "NHS No. not recorded".to_owned(), |n| format!("NHS No. {n}"));
    rich.say(&number, STRONG);
    rich.say(&format!("   MRN {}", patient.mrn.as_deref().unwrap_or("not recorded")), SMALL);
    if house.typeface.spells_out(&patient.name) {
        rich.next_line(SMALL).say(words::codes_for_letters(patient.nhs_number.is_some()), SMALL);
    }
    rich
}

fn allergies(patient: &WardPatient) -> Rich {
    let mut rich = Rich::of(patient.allergy_knowledge.heading(), STRONG);
    if patient.allergy_knowledge == AllergyKnowledge::Known {
        rich.next_line(SMALL);
        rich.say(&patient.allergies.join(", "), Style::plain(9.0));
    }
    rich
}

fn flags(patient: &WardPatient) -> Rich {
    let mut rich = Rich::default();
    for (kind, text) in &patient.flags {
        rich.next_line(SMALL);
        rich.say(&format!("{}: ", words::flag_kind(*kind)), SMALL);
        rich.say(text, STRONG);
    }
    if rich.is_empty() {
        rich.say("None recorded", SMALL);
    }
    rich
}

fn why(house: &House<'_>, patient: &WardPatient) -> Rich {
    let mut rich = Rich::of(words::or_not_recorded(patient.reason.as_deref().unwrap_or("")), SMALL);
    rich.next_line(SMALL);
    let since = patient.admitted.map_or_else(
        || "Admission time not recorded".to_owned(),
        |at| format!("Since {}", house.zone.clinical(at)),
    );
    rich.say(&since, SMALL).next_line(SMALL);
    let consultant = patient.consultant.as_deref().filter(|c| !c.trim().is_empty());
    rich.say(consultant.unwrap_or("Consultant not recorded"), SMALL);
    if let Some(place) = &patient.temporary_location {
        rich.next_line(SMALL).say(&format!("Now at {}", place.sent), STRONG);
    }
    if patient.on_leave {
        rich.next_line(SMALL).say("ON LEAVE", STRONG);
    }
    rich
}
