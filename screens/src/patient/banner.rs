//! The banner: whose page this is, fixed at the top of every page of one patient.
//!
//! Always: name, date of birth, gender, a number to tell people apart by, allergies and alerts; the dead are told by
//! colour, pattern and word. Never: two patients on one page.
//! Called by the patient's pages; proved by `tests/pages.rs`.

use crate::desk::Look;
use crate::names::{or_not_recorded, sex_word};
use crate::paste::facts::place;
use crate::ward_list::page::{Tag, allergy_tag, born, flag_tag};
use care::PatientRecord;

/// Letters of substances that the banner names; it stays in sight, so it must never fill a telephone's screen.
const SUBSTANCE_CHARS_MAX: usize = 110;
/// Alerts that the banner names.
const ALERTS_MAX: usize = 5;

/// What is fixed at the top.
pub struct Banner {
    /// "SMITH, Fredrica (Mrs)".
    pub name: String,
    /// "14-Jul-1945 (72y)".
    pub born: String,
    /// "Female".
    pub sex: &'static str,
    /// "999 123 4567".
    pub nhs: String,
    /// The NHS number is known: a narrow screen may do without the hospital's number.
    pub known: bool,
    /// Hospital number.
    pub mrn: String,
    /// "Deceased 14-Jul-2026 14:03".
    pub died: Option<String>,
    /// Where they are now.
    pub place: String,
    /// The allergy tag.
    pub allergies: Tag,
    /// Alerts that stand.
    pub flags: Vec<Tag>,
    /// "Glass broken by you until 15:02".
    pub glass: Option<String>,
}

/// The banner of a record: whose page it is is noted as seen.
pub fn banner(look: &Look<'_>, r: &PatientRecord) -> Banner {
    look.saw([r.key]);
    let substances: Vec<String> = r
        .allergies
        .list
        .iter()
        .map(|a| if a.substance.is_empty() { a.code.clone() } else { a.substance.clone() })
        .collect();
    let mut flags: Vec<Tag> =
        r.flags.iter().filter(|f| f.active).map(|f| flag_tag(f.kind, &f.text)).collect();
    if flags.len() > ALERTS_MAX {
        let words = format!("and {} more alerts below", flags.len() - ALERTS_MAX);
        flags.truncate(ALERTS_MAX);
        flags.push(Tag { class: "tag-grey", words });
    }
    let now = r.current_encounter().and_then(|e| e.location.as_ref());
    Banner {
        name: r.name.as_ref().map_or("NAME NOT RECORDED".to_owned(), care::PersonName::banner),
        born: born(look, r.birth_date),
        sex: sex_word(r.sex),
        nhs: r.nhs_number().map_or("Not recorded".to_owned(), |n| n.to_string()),
        known: r.nhs_number().is_some(),
        mrn: or_not_recorded(r.mrns().next()),
        died: r.died.map(|at| match at {
            Some(at) => format!("Deceased {}", look.zone().clinical(at)),
            None => "Deceased, date not recorded".to_owned(),
        }),
        place: now.map_or("Not in the hospital's care now".to_owned(), place),
        allergies: allergy_tag(r.allergies.knowledge, &named(substances)),
        flags,
        glass: crate::break_glass::told::by_you(look, r.key),
    }
}

/// The first substances, and how many more there are: never fewer without saying so.
fn named(mut substances: Vec<String>) -> Vec<String> {
    let mut chars = 0;
    let fits = |s: &String| {
        chars += s.chars().count();
        chars <= SUBSTANCE_CHARS_MAX
    };
    let kept = substances.iter().map(fits).take_while(|fits| *fits).count().max(1);
    let more = substances.len().saturating_sub(kept);
    substances.truncate(kept);
    if more > 0 {
        substances.push(format!("and {more} more below"));
    }
    substances
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_banner_says_how_many_substances_it_does_not_name() {
        let many: Vec<String> = (0..9).map(|i| format!("Substance of some length {i}")).collect();
        let one = vec!["x".repeat(300)];
        for (given, last, count) in [
            (many, "and 5 more below", 5),
            (vec!["Penicillin".to_owned()], "Penicillin", 1),
            (Vec::new(), "", 0),
        ] {
            let shown = named(given);
            assert_eq!((shown.last().map_or("", String::as_str), shown.len()), (last, count));
        }
        assert_eq!(named(one.clone()), one);
    }
}
