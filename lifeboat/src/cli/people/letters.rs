//! `lifeboat people invite`: codes made, shown once, or written as letters to print.

use super::{Office, number, stands};
use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::Begin;
use crate::table;
use access::sign_in::credentials::{INVITATION, Intent};
use access::{By, Role, StaffNumber};
use paper::{Invitation, Letterhead, Press};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct InviteArgs {
    /// Staff numbers; all they signed in by before is taken away
    #[arg(required_unless_present = "all")]
    numbers: Vec<String>,
    /// Everybody who has nothing to sign in by and no invitation that still holds
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
    /// For how many days the codes hold
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=31))]
    days: u8,
    /// Write the letters to this file (PDF, a page for each person) and show no code
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn invite(place: Place, args: InviteArgs) -> Result<Ending, Failure> {
    let mut numbers: Vec<StaffNumber> =
        args.numbers.iter().map(|text| number(text)).collect::<Result<_, _>>()?;
    let office = Office::open(&place, Begin::Never)?;
    if args.all {
        let at = office.now();
        numbers = office.access().read(|book| {
            let waits = book.people.all().filter(|(n, listed)| stands(book, n, listed, at) == "not_set_up");
            waits.map(|(number, _)| number.clone()).collect()
        });
    }
    numbers.sort();
    numbers.dedup();
    if numbers.is_empty() {
        table::put("Nobody waits for an invitation.");
        office.room.close();
        return Ok(Ending::Fine);
    }
    // Opened before a code is made: a code that cannot be written down is lost.
    let file = args.out.as_deref().map(|path| opened(path, &office.config().data)).transpose()?;
    let letters = made(&office, numbers, args.days)?;
    match (file, &args.out) {
        (Some(file), Some(path)) => {
            written(&office, &letters, file).map_err(|failure| {
                let sentence = format!("{failure}; the codes are lost with it: invite once more");
                Failure::new(failure.ending, sentence)
            })?;
            let count = letters.len();
            table::put(&format!(
                "{count} letters are in {}: print them, then remove the file.",
                path.display()
            ));
        }
        _ => shown(&office, &letters),
    }
    office.room.close();
    Ok(Ending::Fine)
}

/// Makes a code for each, and seals all of them or none.
pub fn made(office: &Office, numbers: Vec<StaffNumber>, days: u8) -> Result<Vec<Invitation>, Failure> {
    let (access, at) = (office.access(), office.now());
    let until = at.plus_seconds(i64::from(days) * 86_400);
    let mut coded = Vec::with_capacity(numbers.len());
    for number in numbers {
        coded.push((number, access.fresh_code()?));
    }
    let people = coded.iter().map(|(number, code)| (number.clone(), code.hashed(INVITATION))).collect();
    access.submit(Intent::Invite { people, until }, &By::Lifeboat, at)?;
    Ok(access.read(|book| {
        let whom = book.people.whom_to_ask(&[Role::Administrator], at);
        let letters = coded.iter().filter_map(|(number, code)| {
            let account = &book.people.listed(number)?.account;
            Some(Invitation {
                name: account.name.to_string(),
                number: number.to_string(),
                roles: account.roles_words(),
                places: account.scope.to_string(),
                code: code.printed().to_string(),
                until,
                address: address(office),
                whom: whom.clone(),
            })
        });
        letters.collect()
    }))
}

/// Where Lifeboat is opened: as it is configured, else where it is served.
pub fn address(office: &Office) -> String {
    match office.config().address.trim_end_matches('/') {
        "" => format!("http://{}", office.config().web),
        address => address.to_owned(),
    }
}

/// Shows the codes, once.
pub fn shown(office: &Office, letters: &[Invitation]) {
    table::put("Shown this once; nobody can look it up again. Hand it to its person, and to nobody else.");
    for letter in letters {
        table::put("");
        table::put(&format!("  Name          {}", table::harmless(&letter.name)));
        table::put(&format!("  Address       {}/sign-in", letter.address));
        table::put(&format!("  Staff number  {}", letter.number));
        table::put(&format!("  Code          {}", letter.code));
        table::put(&format!("  Works once, until {}", office.clinical(letter.until)));
    }
}

/// A new file for nobody else, outside the record: there the codes would lie beside what they open.
fn opened(path: &Path, data: &Path) -> Result<File, Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: std::io::Error| Failure::failed(format!("could not write {}: {e}", path.display()));
    let (folder, data) = (folder.canonicalize().map_err(failed)?, data.canonicalize().map_err(failed)?);
    if folder.starts_with(data) {
        return Err(Failure::usage(format!(
            "{} is inside the data directory; name a place from which it is printed and removed",
            path.display()
        )));
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)
}

fn written(office: &Office, letters: &[Invitation], mut file: File) -> Result<(), Failure> {
    let config = office.config();
    let head = Letterhead {
        trust: config.trust.clone(),
        incident: String::new(),
        printed: office.now(),
        watermark: config.watermark.clone(),
        record: String::new(),
    };
    let failed = |fault: paper::Fault| Failure::failed(fault.to_string());
    let rendered = Press::new().map_err(failed)?.invitations(letters, &head, &config.zone).map_err(failed)?;
    file.write_all(&rendered.pdf)?;
    file.sync_all()?;
    Ok(())
}
