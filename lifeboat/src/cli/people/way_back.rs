//! `lifeboat people way-back`: the only administrator is gone. Two of the three key shares open the record and make somebody an
//! administrator with an invitation; everybody who looks after access finds an alarm.

use super::letters::shown;
use super::{Office, instead, number};
use crate::cli::Place;
use crate::clock::SystemClock;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::unseal::{By as Opening, Given, gather, unsealed};
use crate::keys::{key_file, no_record_without_keys};
use crate::store::{Store, lock};
use crate::table;
use access::By;
use access::secrets::Code;
use access::sign_in::credentials::INVITATION;
use access::sign_in::way_back::{Intent, Proof};
use basics::{Clock, Person};
use logbook::{KeyFile, Share};
use paper::Invitation;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct WayBackArgs {
    /// The staff number of who is to be administrator: their own if they have an account, else a new one
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// Their name, as it stands in their account if they have one
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A file with one share's words, or what its square code says ("-": standard input); once for each share. Without any,
    /// they are asked for
    #[arg(long = "share", value_name = "FILE")]
    share_files: Vec<PathBuf>,
}

pub fn run(place: Place, args: WayBackArgs) -> Result<Ending, Failure> {
    let number = number(&args.number)?;
    let name = Person::new(&args.name).ok_or_else(|| Failure::usage("the name is empty"))?;
    let config = place.config()?;
    no_record_without_keys(&config)?;
    let path = key_file(&config.data);
    if !path.exists() {
        return Err(Failure::new(Ending::NoKeys, format!("there are no keys at {}", path.display())));
    }
    let file = KeyFile::read(&path)?;
    // Said before two people type forty words.
    drop(lock(&config.data).map_err(instead)?);
    let by = Opening { shares: true, share_files: args.share_files, ..Opening::default() };
    let given = gather(&by, &file)?;
    let keys = unsealed(&file, &given.opener)?;
    let at = SystemClock::default().now();
    let proof = proof(&given, at)?;
    drop(given);
    let office = Office::of(Store::with_keys(config, keys).map_err(instead)?)?;
    let code = office.access().fresh_code()?;
    let taken = Intent::Take { proof, number: number.clone(), name, code: code.hashed(INVITATION) };
    office.access().submit(taken, &By::Lifeboat, at)?;
    let letter = letter(&office, &number, &code)?;
    table::put(&format!(
        "{} ({number}) is an administrator. What they signed in by before is taken away, and an alarm stands in the record.",
        table::harmless(&letter.name)
    ));
    shown(&office, &[letter]);
    table::put("");
    table::put("Put the shares into new envelopes, and write into the log who used them, when and why.");
    office.room.close();
    Ok(Ending::Fine)
}

/// Which two of the three were given: both were read, and the record opened by them.
fn proof(given: &Given, at: basics::Moment) -> Result<Proof, Failure> {
    let numbers: Vec<u8> = given
        .lines
        .iter()
        .filter_map(|line| Share::read(line.strip_prefix("share ")?).ok())
        .map(|share| share.number())
        .collect();
    let pair = match numbers.as_slice() {
        [one, other, ..] => Proof::two_of_three(*one, *other, at),
        _ => None,
    };
    pair.ok_or_else(|| {
        Failure::failed(
            "the way back is by two of three shares, and this record's ceremony made others; hold one of two of three \
             (lifeboat keys replace shares), then try again",
        )
    })
}

fn letter(office: &Office, number: &access::StaffNumber, code: &Code) -> Result<Invitation, Failure> {
    let found = office.access().read(|book| {
        let account = &book.people.listed(number)?.account;
        let until = book.credentials(number).invitation.as_ref()?.until;
        Some(Invitation {
            name: account.name.to_string(),
            number: number.to_string(),
            roles: account.roles_words(),
            places: account.scope.to_string(),
            code: code.printed().to_string(),
            until,
            address: super::letters::address(office),
            whom: String::new(),
        })
    });
    found.ok_or_else(|| Failure::failed("the invitation cannot be found in the record; try again"))
}
