//! Text messages: how many a network sends and charges for, plain signs, and the words that none may hold.
//!
//! Counting by 3GPP TS 23.038: 160 characters of the 7-bit alphabet in one, 153 in each of several (7 take up the header);
//! with any other character 70 and 67 of UCS-2. Always: a character is never parted between two. Called by `compose` and by
//! pages that count while somebody types; proved by the tables of `tests/notices.rs`.

use crate::problems::folded;

/// Segments of one text at most; gateways refuse or cut longer ones (GOV.UK Notify: 918 characters).
pub const SEGMENTS_MAX: u32 = 6;

/// The alphabet in which a text travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// The 7-bit default alphabet with its extension.
    Gsm7,
    /// 16 bits for each character; one letter such as ŵ turns the whole text into this.
    Ucs2,
}

/// What a text costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segments {
    /// Texts that the network sends.
    pub count: u32,
    /// In which alphabet.
    pub encoding: Encoding,
    /// Characters of that alphabet, escapes counted.
    pub units: u32,
}

/// The default alphabet (3GPP TS 23.038, 6.2.1); the escape itself is no character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension (6.2.1.1): each takes an escape before it.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

fn gsm7(c: char) -> Option<u32> {
    match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    }
}

/// Counts a text; an empty one takes none.
pub fn segments(text: &str) -> Segments {
    let septets: Option<Vec<u32>> = text.chars().map(gsm7).collect();
    let (encoding, sizes, single, part) = match septets {
        Some(sizes) => (Encoding::Gsm7, sizes, 160, 153),
        None => {
            let sizes = text.chars().map(|c| if u32::from(c) > 0xffff { 2 } else { 1 }).collect();
            (Encoding::Ucs2, sizes, 70, 67)
        }
    };
    let units: u32 = sizes.iter().sum();
    if units <= single {
        return Segments { count: u32::from(units > 0), encoding, units };
    }
    let (mut count, mut used) = (1, 0);
    for size in sizes {
        if used + size > part {
            (count, used) = (count + 1, 0);
        }
        used += size;
    }
    Segments { count, encoding, units }
}

/// The same words with the plain signs of the 7-bit alphabet: typographic quotation marks, dashes and spaces would turn the
/// whole text into UCS-2 and more than double its price.
pub(super) fn plain_signs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => out.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{2033}' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '\u{2026}' => out.push_str("..."),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Words that name a condition, a service or a specialty, in English and Welsh.
const WHOLE: [&str; 38] = [
    "aids",
    "arennau",
    "blood",
    "breast",
    "calon",
    "cancer",
    "canser",
    "chemo",
    "chest",
    "colon",
    "colposcopy",
    "ct",
    "dental",
    "drug",
    "drugs",
    "ear",
    "ent",
    "eye",
    "fracture",
    "gum",
    "gynae",
    "heart",
    "hiv",
    "kidney",
    "liver",
    "mamolaeth",
    "memory",
    "mental",
    "mri",
    "pain",
    "renal",
    "scan",
    "sgan",
    "skin",
    "stroke",
    "surgery",
    "theatre",
    "ultrasound",
];
/// Beginnings of such words.
const BEGINNINGS: [&str; 46] = [
    "abort",
    "addict",
    "alcohol",
    "antenatal",
    "cardiac",
    "cardiol",
    "chemother",
    "dementia",
    "dermat",
    "diabet",
    "dialys",
    "endoscop",
    "epilep",
    "fertil",
    "gastro",
    "genetic",
    "geriatr",
    "gynaecol",
    "haemat",
    "hepat",
    "hospice",
    "infertil",
    "maternity",
    "midwi",
    "miscarr",
    "nephrol",
    "neurol",
    "obstet",
    "oncol",
    "oncoleg",
    "ophthalm",
    "orthop",
    "paediatr",
    "palliat",
    "postnatal",
    "pregnan",
    "prostat",
    "psychiat",
    "psychol",
    "radiother",
    "rheumat",
    "sexual",
    "transplant",
    "tumour",
    "urolog",
    "vascular",
];

/// The first word of a text that would tell whoever holds the telephone what the patient is treated for.
pub fn reveals(text: &str) -> Option<String> {
    folded(text)
        .split(' ')
        .find(|word| WHOLE.contains(word) || BEGINNINGS.iter().any(|start| word.starts_with(start)))
        .map(str::to_owned)
}
