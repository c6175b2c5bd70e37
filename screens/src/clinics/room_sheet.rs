//! Room for rebooking as people paste it from a spreadsheet: list, hospital, day, time, places, one row each.
//!
//! Always: a row that cannot be read refuses the whole sheet with its line, so that nothing is entered by half; a heading
//! is passed over. Proved by the tests below.

use basics::{Civil, Moment, PartialDate, SiteId, Zone, csv};
use care::clinics::Slot;

/// Rows of a pasted sheet.
///
/// # Errors
/// A sentence that names the line.
pub fn read(zone: &Zone, text: &str) -> Result<Vec<Slot>, String> {
    // The table reader takes the first row as a heading; here it may be the first place.
    let heading = "list,hospital,day,time,places\n";
    let separated = match text.lines().next().unwrap_or_default() {
        first if first.contains('\t') => heading.replace(',', "\t"),
        first if first.contains(';') => heading.replace(',', ";"),
        _ => heading.to_owned(),
    };
    let table = csv::read(format!("{separated}{text}").as_bytes(), csv::Limits::USUAL)
        .map_err(|fault| format!("The rows cannot be read: {fault}."))?;
    let mut slots = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        // A heading has neither a day nor a number of places where they would stand.
        if index == 0 && date(row.field(2)).is_none() && row.field(4).parse::<u32>().is_err() {
            continue;
        }
        let bad = |what: &str| format!("Line {}: {what}", row.line.saturating_sub(1));
        let list = basics::tidy(row.field(0), 200);
        if list.is_empty() {
            return Err(bad("the list has no name."));
        }
        let start = moment(zone, row.field(2), row.field(3)).ok_or_else(|| {
            bad(&format!(
                "“{} {}” is no day and time; write them as 2026-05-19 and 14:00.",
                row.field(2),
                row.field(3)
            ))
        })?;
        let places: u32 = row
            .field(4)
            .parse()
            .ok()
            .filter(|n| (1..=500).contains(n))
            .ok_or_else(|| bad(&format!("“{}” is no number of places from 1 to 500.", row.field(4))))?;
        slots.push(Slot { site: SiteId::new(row.field(1)), list, start, minutes: None, places });
    }
    Ok(slots)
}

/// A day and a time by the hospital's clocks.
pub fn moment(zone: &Zone, day: &str, at: &str) -> Option<Moment> {
    let (year, Some(month), Some(day)) = date(day)?.numbers() else { return None };
    let (hour, minute) = time(at)?;
    zone.moment(Civil { year, month, day, hour, minute, second: 0, millisecond: 0 })
}

/// "2026-05-19", "19/05/2026", "19-May-2026".
fn date(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    if let Some(date) = PartialDate::parse_iso(text) {
        return matches!(date.numbers(), (_, Some(_), Some(_))).then_some(date);
    }
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut parts = text.split(['/', '-', '.', ' ']).filter(|p| !p.is_empty());
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month: i8 = match month.parse() {
        Ok(month) => month,
        Err(_) => {
            let three: String = month.to_lowercase().chars().take(3).collect();
            i8::try_from(MONTHS.iter().position(|m| *m == three)? + 1).ok()?
        }
    };
    let year: i16 = year.parse().ok()?;
    PartialDate::from_numbers(
        if year < 100 { year + 2000 } else { year },
        Some(month),
        Some(day.parse().ok()?),
    )
}

fn time(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    let (hour, minute) = (hour.parse().ok()?, minute.get(..2).unwrap_or(minute).parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_people_paste_them() {
        let zone = Zone::london();
        let at = |text: &str| Moment::parse_rfc3339(text).unwrap();
        for text in [
            "Dermatology, Northgate General, 2026-05-19, 14:00, 6",
            "list,hospital,day,time,places\nDermatology,Northgate General,19/05/2026,14:00,6\n",
            "Dermatology\tNorthgate General\t19-May-2026\t14.00\t6\n\n",
            "Clinic;Site;Date;Time;N\n\"Dermatology\";Northgate General;19/5/26;14:00:00;6",
        ] {
            let slots = read(&zone, text).unwrap();
            assert_eq!(slots.len(), 1, "{text}");
            assert_eq!((slots[0].list.as_str(), slots[0].places), ("Dermatology", 6), "{text}");
            assert_eq!(slots[0].start, at("2026-05-19T13:00:00Z"), "{text}");
        }
        for (text, words) in [
            ("Dermatology,N,2026-02-30,14:00,6", "Line 1: “2026-02-30 14:00” is no day"),
            ("A,N,2026-05-19,14:00,6\nB,N,2026-05-19,14:00,0", "Line 2: “0” is no number"),
            (",N,2026-05-19,14:00,6", "Line 1: the list has no name"),
        ] {
            let refused = read(&zone, text).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
