//! Many patients quickly, for benches and imports: each distinct, each plainly fictional, as ADT or FHIR.
//!
//! Always the same for the same seed and number; never two with one NHS number while the test range lasts (about
//! 900,000), after which patients have a hospital number alone. Called by benches and `examples/generate.rs`.

use crate::chance::Chance;
use crate::names::{STREETS, TOWNS, TRADITIONS};
use crate::places::HOSPITALS;
use basics::{Moment, NhsNumber, Zone};

/// One patient of a crowd: just enough to be found by.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Face {
    pub number: u64,
    pub nhs: Option<NhsNumber>,
    pub mrn: String,
    pub family: &'static str,
    pub given: [&'static str; 2],
    pub female: bool,
    /// ISO 8601.
    pub birth: String,
    pub house: String,
    pub town: &'static str,
    /// Hospital and ward, for the few in a hundred that are in bed.
    pub place: Option<(usize, usize, u8)>,
}

/// Distinct patients, one after another. `in_bed_percent` of them are inpatients.
#[derive(Clone, Debug)]
pub struct Crowd {
    chance: Chance,
    next: u64,
    count: u64,
    in_bed_percent: u32,
}

/// `count` distinct patients from this seed.
pub fn crowd(seed: u64, count: u64, in_bed_percent: u32) -> Crowd {
    Crowd { chance: Chance::new(seed), next: 0, count, in_bed_percent }
}

impl Iterator for Crowd {
    type Item = Face;

    fn next(&mut self) -> Option<Face> {
        if self.next >= self.count {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let chance = &mut self.chance;
        let tradition = chance.of(&TRADITIONS)?;
        let female = chance.happens(5_000);
        let firsts = if female { tradition.women } else { tradition.men };
        let given = [chance.word(firsts), if chance.happens(5_000) { chance.word(firsts) } else { "" }];
        let place = chance.happens(self.in_bed_percent * 100).then(|| {
            let hospital = chance.below(HOSPITALS.len());
            let ward = chance.below(14);
            let beds =
                HOSPITALS.get(hospital).and_then(|h| h.wards.get(ward)).map_or(1, crate::places::Ward::beds);
            (hospital, ward, u8::try_from(chance.between(1, beds.into())).unwrap_or(1))
        });
        let (year, month, day) = (chance.between(1924, 2025), chance.between(1, 12), chance.between(1, 28));
        Some(Face {
            number,
            // One start in eleven has no check digit; those patients have none, as some always do.
            nhs: u32::try_from(number).ok().and_then(|n| NhsNumber::test_number(999_000_000 + n)),
            mrn: format!("W{:07}", 1_000_000 + number),
            family: chance.word(tradition.families),
            given,
            female,
            birth: format!("{year:04}-{month:02}-{day:02}"),
            house: format!("{} {}", chance.between(1, 220), chance.word(&STREETS)),
            town: chance.word(&TOWNS),
            place,
        })
    }
}

impl Face {
    /// An A28 (or A01 for an inpatient) as the shared system sends it, segments ended by carriage returns.
    pub fn adt(&self, sent: Moment) -> Vec<u8> {
        let c = Zone::utc().civil(sent);
        let stamp =
            format!("{:04}{:02}{:02}{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
        let place = self.place.and_then(|(hospital, ward, bed)| {
            let hospital = HOSPITALS.get(hospital)?;
            Some(format!(
                "{}^Bay {}^Bed {bed}^{}",
                hospital.wards.get(ward)?.code,
                bed / 6 + 1,
                hospital.code
            ))
        });
        let trigger = if place.is_some() { "A01" } else { "A28" };
        let nhs = self.nhs.map(|n| format!("~{}^^^NHS^NH", n.digits())).unwrap_or_default();
        let [first, second] = self.given;
        let visit = place
            .map(|place| {
                format!(
                    "PV1|1|I|{place}|28|||||||300|||||||||B{:07}|||||||||||||||||||||||||{stamp}\r",
                    self.number
                )
            })
            .unwrap_or_default();
        let message = format!(
            "MSH|^~\\&|WVPAS|WVH|LIFEBOAT|WVH|{stamp}||ADT^{trigger}|B{number}|P|2.4||||||UNICODE UTF-8\r\
             EVN|{trigger}|{stamp}||||{stamp}\r\
             PID|1||{mrn}^^^WVH^MR{nhs}||{family}^{first}^{second}^^^^L||{birth}|{sex}|||{house}^^{town}^^ZX1 1AA^GBR^H\r{visit}",
            number = self.number,
            mrn = self.mrn,
            family = self.family,
            birth = self.birth.replace('-', ""),
            sex = if self.female { "F" } else { "M" },
            house = self.house,
            town = self.town,
        );
        message.into_bytes()
    }

    /// A FHIR R4 Patient as one line of NDJSON (without the line end).
    pub fn fhir(&self) -> String {
        let nhs = self.nhs.map_or_else(String::new, |n| {
            format!(r#"{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"{}"}},"#, n.digits())
        });
        let [first, second] = self.given;
        let second = if second.is_empty() { String::new() } else { format!(r#","{second}""#) };
        format!(
            concat!(
                r#"{{"resourceType":"Patient","id":"p{number}","identifier":[{nhs}"#,
                r#"{{"system":"https://wendmere.example/mrn","value":"{mrn}","type":{{"coding":[{{"code":"MR"}}]}}}}],"#,
                r#""name":[{{"use":"official","family":"{family}","given":["{first}"{second}]}}],"#,
                r#""gender":"{sex}","birthDate":"{birth}","address":[{{"line":["{house}"],"city":"{town}"}}]}}"#
            ),
            number = self.number,
            nhs = nhs,
            mrn = self.mrn,
            family = self.family,
            first = first,
            second = second,
            sex = if self.female { "female" } else { "male" },
            birth = self.birth,
            house = self.house,
            town = self.town,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_distinct_and_the_same_again() {
        let first: Vec<_> = crowd(1, 5_000, 10).collect();
        assert_eq!(first, crowd(1, 5_000, 10).collect::<Vec<_>>());
        let numbers: std::collections::BTreeSet<_> = first.iter().filter_map(|face| face.nhs).collect();
        assert_eq!(numbers.len(), first.iter().filter(|face| face.nhs.is_some()).count());
        assert!(first.iter().any(|face| face.place.is_some()));
        let face = first.first().unwrap();
        assert!(face.fhir().contains(face.family) && face.fhir().ends_with("}]}"));
        let adt = String::from_utf8(face.adt(Moment::default())).unwrap();
        assert!(adt.starts_with("MSH|^~\\&|WVPAS") && adt.contains("\rPID|1||W1000000^^^WVH^MR"));
    }
}
