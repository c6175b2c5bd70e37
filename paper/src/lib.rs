//! PDFs: ward packs and their sheets, for the hours in which paper is all a ward has; action cards and sitreps; letters to
//! patients, clinic lists and door lists; the sheets of a key ceremony; invitations to those who work here and shift cards; the
//! page by which devices learn to trust this Lifeboat.
//!
//! Always on a patient's sheet: name, date of birth, NHS number, ward and bed, page x of y, the age of the data and the
//! sheet's own code; what a sender wrote is printed literally; what does not fit goes on to the next page and says so.
//! Never: reads a file or a clock, guesses, or cuts a list short in silence. Bytes come out; keeping them is the
//! caller's work. Called by the print room and the print centre; proved by `tests/`.
//!
//! [`Press`] holds the fonts and is shared between threads; render several wards at once by calling it from several.

mod action_card;
mod authority_page;
mod census;
mod chart_rows;
mod clinic_list;
mod debrief_sheet;
mod directory_sheets;
mod divert_plan;
mod door_list;
mod flow;
mod frame;
mod identity;
mod ink;
mod invitation;
mod key_sheets;
mod leaf;
mod letter;
mod log_sheet;
mod medicine_words;
mod medicines;
mod observations;
mod plain;
mod runner_slips;
mod shift_card;
mod sitrep;
mod slips;
mod special_lists;
mod strokes;
mod summary;
mod summary_results;
mod typeface;
mod words;
mod wrap;

pub use action_card::{CardSheet, card_version};
pub use authority_page::AuthorityPage;
pub use clinic_list::{ClinicList, ClinicRow, Decided};
pub use debrief_sheet::DebriefSheet;
pub use directory_sheets::DirectorySheet;
pub use door_list::{DoorList, DoorRow};
pub use identity::{read_sheet_code, sheet_code};
pub use invitation::{INVITATIONS_MAX, Invitation};
pub use key_sheets::{KeyInstructions, KeyShareSheet};
pub use letter::{LETTERS_MAX, Letter, LetterHead};
pub use log_sheet::{LOG_LINES_MAX, LogSheet, incident_name};
pub use plain::Letterhead;
pub use runner_slips::RunnerSlip;
pub use shift_card::ShiftCard;
pub use special_lists::{SpecialListLine, SpecialListSheet};

use basics::Zone;
use care::PatientKey;
use care::ward_pack::WardPack;
use frame::House;
use leaf::{Form, Leaf};
use typeface::Typeface;

/// Pages in one file at most; a pack that needs more is a sign of a record gone wrong.
pub const PAGES_MAX: usize = 20_000;

/// What kind of sheet a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum SheetKind {
    Census,
    Summary,
    Observations,
    Medicines,
    Slips,
    BlankObservations,
    BlankMedicines,
    BlankSlips,
}

impl SheetKind {
    /// The word that goes into the sheet's code; never changed once printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Census => "census",
            Self::Summary => "summary",
            Self::Observations => "observations",
            Self::Medicines => "medicines",
            Self::Slips => "slips",
            Self::BlankObservations => "blank observations",
            Self::BlankMedicines => "blank medicines",
            Self::BlankSlips => "blank slips",
        }
    }
}

/// One sheet of a printed pack, as its code names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetIdentity {
    /// Eleven characters, without hyphens; see [`sheet_code`].
    pub code: String,
    /// What it is.
    pub kind: SheetKind,
    /// Whose it is; `None` for the census and blank forms.
    pub patient: Option<PatientKey>,
    /// Its first page in the file, from 1.
    pub page: u32,
    /// How many pages it has.
    pub pages: u32,
}

/// A finished file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Pages in it.
    pub pages: u32,
    /// Its sheets, in page order.
    pub sheets: Vec<SheetIdentity>,
}

/// Why nothing could be printed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The embedded fonts cannot be read: the program itself is damaged.
    #[error("reading the embedded fonts failed")]
    Font,
    /// A page had no area.
    #[error("setting a page's size failed")]
    PageSize,
    /// The patient is not in the pack that was handed over.
    #[error("finding the patient in the pack failed")]
    PatientNotInPack,
    /// No pack was handed over.
    #[error("there is no ward to print")]
    NothingToPrint,
    /// More letters than [`LETTERS_MAX`].
    #[error("laying out {letters} letters failed: at most {LETTERS_MAX} are printed in one file")]
    TooManyLetters {
        /// How many there are.
        letters: usize,
    },
    /// More pages than [`PAGES_MAX`].
    #[error("laying out the pack failed: {pages} pages, at most {PAGES_MAX} are printed in one file")]
    TooManyPages {
        /// How many there would be.
        pages: usize,
    },
    /// The PDF could not be put together.
    #[error("writing the PDF failed")]
    Write {
        /// What the PDF writer said.
        source: Box<krilla::error::KrillaError>,
    },
}

/// The printing press: fonts read once, used by any number of threads.
pub struct Press {
    typeface: Typeface,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Press")
    }
}

impl Press {
    /// Reads the embedded fonts (some milliseconds; do it once).
    ///
    /// # Errors
    /// [`Fault::Font`] when the program's own bytes are damaged.
    pub fn new() -> Result<Self, Fault> {
        Ok(Self { typeface: Typeface::read()? })
    }

    /// The ward's whole pack: census, then each patient's sheets in ward order.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn ward_pack(&self, pack: &WardPack, zone: &Zone) -> Result<Rendered, Fault> {
        self.ink(pack, &self.lay_ward_pack(pack, zone), &format!("Ward pack: {}", pack.list.name))
    }

    /// Several wards' packs as one file, each numbered for itself, for the one button that prints them all. The
    /// watermark and the address of the first pack count for all.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn ward_packs(&self, packs: &[WardPack], zone: &Zone) -> Result<Rendered, Fault> {
        let mut laid = Laid::default();
        for pack in packs {
            self.lay_ward_pack_into(&mut laid, pack, zone);
        }
        match packs.first() {
            Some(first) => self.ink(first, &laid, "Ward packs"),
            None => Err(Fault::NothingToPrint),
        }
    }

    /// One patient's sheets alone, out of a pack that holds the patient.
    ///
    /// # Errors
    /// [`Fault::PatientNotInPack`], and see [`Fault`].
    pub fn patient_sheets(
        &self,
        pack: &WardPack,
        patient: PatientKey,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink(pack, &self.lay_patient(pack, patient, zone)?, "Patient sheets")
    }

    /// Observation chart, medicines chart and slips for 24 hours without a patient, under the pack's letterhead;
    /// the pack's patients are not used.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn blank_forms(&self, pack: &WardPack, zone: &Zone) -> Result<Rendered, Fault> {
        self.ink(pack, &self.lay_blanks(pack, zone), "Blank forms")
    }

    /// The words of [`Press::ward_pack`], page by page in drawing order, exactly as drawn.
    pub fn ward_pack_words(&self, pack: &WardPack, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_ward_pack(pack, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    /// Everything that [`Press::ward_pack`] draws, for a peer that is measured on the same content. One thing a line:
    /// `page wide`, `form n`, `text x y size face words`, `fill x y w h`, `rule x1 y1 x2 y2 width`, `stamp n x y scale`;
    /// points from the top left corner; forms come before the page that first uses them.
    pub fn ward_pack_strokes(&self, pack: &WardPack, zone: &Zone) -> String {
        let laid = self.lay_ward_pack(pack, zone);
        strokes::list(&laid.leaves, &|form| self.form(pack, &laid, form))
    }

    fn house<'a>(&'a self, pack: &'a WardPack, zone: &'a Zone) -> House<'a> {
        House { typeface: &self.typeface, zone, pack }
    }

    fn lay_ward_pack(&self, pack: &WardPack, zone: &Zone) -> Laid {
        let mut laid = Laid::default();
        self.lay_ward_pack_into(&mut laid, pack, zone);
        laid
    }

    fn lay_ward_pack_into(&self, laid: &mut Laid, pack: &WardPack, zone: &Zone) {
        let house = self.house(pack, zone);
        let first_leaf = laid.leaves.len();
        laid.begin_set(pack.list.name.clone());
        laid.add(&house, SheetKind::Census, None, census::sheet);
        for record in &pack.patients {
            lay_sheets(laid, &house, record);
        }
        laid.number(&house, first_leaf);
    }

    fn lay_patient(&self, pack: &WardPack, patient: PatientKey, zone: &Zone) -> Result<Laid, Fault> {
        let record = pack.patients.iter().find(|r| r.key == patient).ok_or(Fault::PatientNotInPack)?;
        let house = self.house(pack, zone);
        let mut laid = Laid::default();
        lay_sheets(&mut laid, &house, record);
        laid.number(&house, 0);
        Ok(laid)
    }

    fn lay_blanks(&self, pack: &WardPack, zone: &Zone) -> Laid {
        let house = self.house(pack, zone);
        let mut laid = Laid::default();
        laid.begin_set("Blank forms".to_owned());
        laid.add(&house, SheetKind::BlankObservations, None, observations::blank);
        laid.add(&house, SheetKind::BlankMedicines, None, medicines::blank);
        laid.add(&house, SheetKind::BlankSlips, None, slips::blank);
        laid.number(&house, 0);
        laid
    }

    fn ink(&self, pack: &WardPack, laid: &Laid, title: &str) -> Result<Rendered, Fault> {
        let pages = laid.leaves.len();
        if pages > PAGES_MAX {
            return Err(Fault::TooManyPages { pages });
        }
        let form = |form: Form| self.form(pack, laid, form);
        let manuscript =
            ink::Manuscript { title: format!("{title} · {}", pack.trust), sets: &laid.sets, form: &form };
        let pdf = ink::print(&self.typeface, &manuscript, &laid.leaves, settings())?;
        Ok(Rendered { pdf, pages: u32::try_from(pages).unwrap_or(u32::MAX), sheets: laid.sheets.clone() })
    }

    fn form(&self, pack: &WardPack, laid: &Laid, form: Form) -> Leaf {
        match form {
            Form::Code(sheet) => {
                let code = laid.sheets.get(sheet as usize).map_or("", |s| s.code.as_str());
                identity::drawing(&identity::payload(&pack.address, code))
            }
            Form::Watermark(wide) => {
                frame::watermark(&self.typeface, wide, pack.watermark.as_deref().unwrap_or(""))
            }
            Form::Scored => observations::scored_body(&self.typeface),
            Form::Unscored => observations::unscored_body(&self.typeface),
            Form::Slip(kind, blank) => slips::body(&self.typeface, kind, blank),
            Form::BlankRow => medicines::blank_row(&self.typeface),
        }
    }
}

/// PDF 1.5 has all that a sheet needs, and the oldest printers take it. From 1.6 on the file would also say `Suspects
/// false`, which is right but which a widespread reader reports as an error on every page that it opens.
fn settings() -> krilla::SerializeSettings {
    let builder = krilla::configure::ConfigurationBuilder::new();
    let configuration =
        builder.with_version(krilla::configure::PdfVersion::Pdf15).finish().unwrap_or_default();
    krilla::SerializeSettings { configuration, enable_tagging: true, ..krilla::SerializeSettings::default() }
}

fn lay_sheets(laid: &mut Laid, house: &House<'_>, record: &care::PatientRecord) {
    let name = record.name.as_ref().map_or_else(|| "NAME NOT RECORDED".to_owned(), care::PersonName::banner);
    laid.begin_set(format!("{} · {name}", house.bed(record)));
    let key = Some(record.key);
    laid.add(house, SheetKind::Summary, key, |h, s| summary::sheet(h, s, record));
    laid.add(house, SheetKind::Observations, key, |h, s| observations::sheet(h, s, record));
    laid.add(house, SheetKind::Medicines, key, |h, s| medicines::sheet(h, s, record));
    laid.add(house, SheetKind::Slips, key, |h, s| slips::sheet(h, s, record));
}

/// Which sheet is being laid out: its number in the file and its code.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) number: u32,
    pub(crate) code: String,
}

/// Pages laid out, not yet inked.
#[derive(Default)]
struct Laid {
    leaves: Vec<Leaf>,
    sheets: Vec<SheetIdentity>,
    sets: Vec<String>,
}

impl Laid {
    fn begin_set(&mut self, name: String) {
        self.sets.push(name);
    }

    fn add(
        &mut self,
        house: &House<'_>,
        kind: SheetKind,
        patient: Option<PatientKey>,
        lay: impl FnOnce(&House<'_>, &Sheet) -> Vec<Leaf>,
    ) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let code = sheet_code(&house.pack.head, &house.pack.list.key, patient, kind);
        let sheet = Sheet { number: count(self.sheets.len()), code };
        let mut leaves = lay(house, &sheet);
        let set = count(self.sets.len().saturating_sub(1));
        for leaf in &mut leaves {
            leaf.set = set;
        }
        let (page, pages) = (count(self.leaves.len() + 1), count(leaves.len()));
        self.sheets.push(SheetIdentity { code: sheet.code, kind, patient, page, pages });
        self.leaves.append(&mut leaves);
    }

    /// Writes "page x of y" on every page from `first_leaf` on, now that all are known.
    fn number(&mut self, house: &House<'_>, first_leaf: usize) {
        let total = self.leaves.len() - first_leaf;
        let mut in_set = vec![0usize; self.sets.len()];
        for leaf in &self.leaves {
            if let Some(count) = in_set.get_mut(leaf.set as usize) {
                *count += 1;
            }
        }
        let (mut set, mut seen) = (u32::MAX, 0);
        for (page, leaf) in self.leaves.iter_mut().skip(first_leaf).enumerate() {
            seen = if leaf.set == set { seen + 1 } else { 1 };
            set = leaf.set;
            let of = in_set.get(set as usize).copied().unwrap_or(0);
            frame::footer(house, leaf, (seen, of), (page + 1, total));
        }
    }
}

#[cfg(test)]
#[path = "../tests/sample/mod.rs"]
#[allow(missing_docs)]
mod sample;

#[cfg(test)]
mod tests {
    use super::*;
    use krilla::configure::{Accessibility, ConfigurationBuilder};

    #[test]
    fn a_pack_meets_the_checks_of_pdf_ua() {
        let (press, zone) = (Press::new().unwrap(), Zone::london());
        let mut pack = sample::ward();
        pack.watermark = Some("EXERCISE".to_owned());
        let laid = press.lay_ward_pack(&pack, &zone);
        let manuscript = ink::Manuscript {
            title: "Ward pack".to_owned(),
            sets: &laid.sets,
            form: &|form| press.form(&pack, &laid, form),
        };
        let configuration =
            ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish().unwrap();
        let done = ink::print(
            &press.typeface,
            &manuscript,
            &laid.leaves,
            krilla::SerializeSettings { configuration, ..settings() },
        );
        assert!(done.is_ok(), "{:?}", done.err());
    }

    #[test]
    fn the_mark_of_silent_feeds_is_written_over_nothing() {
        let (press, zone) = (Press::new().unwrap(), Zone::london());
        let mut pack = sample::ward();
        pack.trust = "Fenland Vale and Southmere University Hospitals NHS Foundation Trust".to_owned();
        for name in ["pas", "southmere-pathology-and-imaging-results"] {
            let name = basics::FeedName::new(name).unwrap();
            pack.silent.push(care::ward_pack::SilentFeed { name, since: None });
            for leaf in press.lay_ward_pack(&pack, &zone).leaves {
                let first_line = leaf.ops.iter().filter_map(|op| match op {
                    leaf::Op::Words { x, y, style, from, to } if *y < 40.0 => {
                        let words = &leaf.text[*from as usize..*to as usize];
                        Some((*x, *x + press.typeface.width(style.face, words, style.size), words))
                    }
                    _ => None,
                });
                let mut spans: Vec<_> = first_line.collect();
                spans.sort_by(|a, b| a.0.total_cmp(&b.0));
                assert!(spans.iter().any(|(.., words)| words.contains("ilent")), "{spans:?}");
                assert!(spans.windows(2).all(|two| two[0].1 <= two[1].0), "{spans:?}");
            }
        }
    }

    #[test]
    fn the_press_is_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Press>();
    }
}
