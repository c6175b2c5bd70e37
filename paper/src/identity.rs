//! Each sheet's own short name: printed under its code, read by a phone, typed by a person who has no phone.
//!
//! Always the same for the same record head, ward, patient and kind of sheet; always carries a check character.
//! Never holds anything about the patient. Called by the press; proved by the tests below.

use crate::SheetKind;
use crate::leaf::{Leaf, Tone};
use care::PatientKey;
use care::ward_list::WardKey;
use fast_qr::{ECL, QRBuilder};
use sha2::{Digest, Sha256};

/// Crockford's base 32: no I, L, O or U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters before the check character: 50 bits.
const LENGTH: usize = 10;

/// The sheet's code, eleven characters: ten of a digest, then Crockford's check character (modulus 37; digests whose
/// check character would be one of the five signs are passed over, so that a code is letters and digits alone).
pub fn sheet_code(head: &str, ward: &WardKey, patient: Option<PatientKey>, kind: SheetKind) -> String {
    for salt in 0u8..=255 {
        let mut digest = Sha256::new();
        for part in [head, ward.site.as_str(), ward.ward.as_str(), kind.name()] {
            digest.update(u64::try_from(part.len()).unwrap_or(0).to_be_bytes());
            digest.update(part.as_bytes());
        }
        digest.update(patient.map_or(u64::MAX, |p| p.0).to_be_bytes());
        digest.update([salt]);
        let digest = digest.finalize();
        let value = digest.iter().take(8).fold(0u64, |v, b| (v << 8) | u64::from(*b)) >> 14;
        if let Some(code) = with_check(value) {
            return code;
        }
    }
    // Out of reach: the chance that 256 digests in a row end so is 1 in 10^222.
    String::new()
}

fn with_check(value: u64) -> Option<String> {
    let check = letter(value % 37)?;
    let mut code = letters(value, LENGTH);
    code.push(check);
    Some(code)
}

fn letter(value: u64) -> Option<char> {
    usize::try_from(value).ok().and_then(|v| LETTERS.get(v)).map(|b| char::from(*b))
}

/// The lowest `count` groups of five bits as letters, the highest first.
pub(crate) fn letters(value: u64, count: usize) -> String {
    (0..count).rev().filter_map(|place| letter((value >> (5 * place)) & 31)).collect()
}

/// Reads a code as a person types it: any case, spaces and hyphens, O for 0, I and L for 1, with or without what
/// stands before it in the square code. `None` when the check character disagrees.
pub fn read_sheet_code(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.rsplit(['/', ':']).next().unwrap_or(text);
    let mut code = String::with_capacity(LENGTH + 1);
    for c in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
        code.push(match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    }
    let digit =
        |c: char| LETTERS.iter().position(|b| char::from(*b) == c).and_then(|p| u64::try_from(p).ok());
    if code.chars().count() != LENGTH + 1 {
        return None;
    }
    let mut value = 0;
    for c in code.chars().take(LENGTH) {
        value = value << 5 | digit(c)?;
    }
    (digit(code.chars().last()?) == Some(value % 37)).then_some(code)
}

/// The code in groups, as printed: `7K3M-9QXT-2AC`.
pub(crate) fn grouped(code: &str) -> String {
    let mut out = String::with_capacity(code.len() + 2);
    for (n, c) in code.chars().enumerate() {
        if n == 4 || n == 8 {
            out.push('-');
        }
        out.push(c);
    }
    out
}

/// What the square code says.
pub(crate) fn payload(address: &str, code: &str) -> String {
    if address.is_empty() {
        format!("LIFEBOAT:{code}")
    } else {
        format!("{}/s/{code}", address.trim_end_matches('/'))
    }
}

/// The square code as strokes in a square of side 1000, rows of dark modules merged.
pub(crate) fn drawing(payload: &str) -> Leaf {
    let mut leaf = Leaf::new(false);
    draw(&mut leaf, payload, (0.0, 0.0), SIDE, 1.0);
    leaf
}

/// Draws the square code from that corner on, at most `side` wide, a module being a multiple of `step`.
pub(crate) fn draw(leaf: &mut Leaf, payload: &str, (left, top): (f32, f32), side: f32, step: f32) {
    // An address too long for a code is the one failure; the sheet's name is still printed in letters.
    let Ok(code) = QRBuilder::new(payload).ecl(ECL::M).build() else { return };
    #[allow(clippy::cast_precision_loss)]
    let module = (side / code.size as f32 / step).floor() * step;
    for row in 0..code.size {
        let mut start: Option<usize> = None;
        let dark =
            |col: usize| col < code.size && code.data.get(row * code.size + col).is_some_and(|m| m.value());
        for col in 0..=code.size {
            match (dark(col), start) {
                (true, None) => start = Some(col),
                (false, Some(from)) => {
                    #[allow(clippy::cast_precision_loss)]
                    let (x1, x2, y) =
                        (from as f32 * module, col as f32 * module, (row as f32 + 0.5) * module);
                    leaf.rule((left + x1, top + y), (left + x2, top + y), module, Tone::Ink);
                    start = None;
                }
                _ => {}
            }
        }
    }
}

/// Side of the drawing of a square code, in its own units.
pub(crate) const SIDE: f32 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;
    use basics::{SiteId, WardId};

    fn ward() -> WardKey {
        WardKey { site: SiteId::new("Northgate General").unwrap(), ward: WardId::new("COTE1").unwrap() }
    }

    #[test]
    fn a_code_is_stable_and_told_apart() {
        let code = |head: &str, patient, kind| sheet_code(head, &ward(), patient, kind);
        let one = code("48213:ab12", Some(PatientKey(7)), SheetKind::Summary);
        assert_eq!(one, code("48213:ab12", Some(PatientKey(7)), SheetKind::Summary));
        assert_eq!(one.len(), 11);
        for other in [
            code("48214:ab12", Some(PatientKey(7)), SheetKind::Summary),
            code("48213:ab12", Some(PatientKey(8)), SheetKind::Summary),
            code("48213:ab12", None, SheetKind::Summary),
            code("48213:ab12", Some(PatientKey(7)), SheetKind::Medicines),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(one, "JS5AXMDRFQZ", "codes already on paper must stay readable");
    }

    #[test]
    fn slips_of_the_hand_are_caught() {
        let code = sheet_code("48213:ab12", &ward(), Some(PatientKey(7)), SheetKind::Summary);
        for typed in [
            code.clone(),
            code.to_lowercase(),
            grouped(&code),
            format!("https://x.example/s/{code}"),
            format!("LIFEBOAT:{code}"),
        ] {
            assert_eq!(read_sheet_code(&typed).as_deref(), Some(code.as_str()), "{typed}");
        }
        for place in 0..code.len() {
            for letter in LETTERS {
                let mut typed = code.clone().into_bytes();
                if typed[place] == *letter {
                    continue;
                }
                typed[place] = *letter;
                assert_eq!(read_sheet_code(std::str::from_utf8(&typed).unwrap()), None);
            }
        }
        assert_eq!(read_sheet_code(""), None);
    }
}
