//! `lifeboat people …`: who may sign in, looked after at the machine itself, while no Lifeboat runs on the record.
//!
//! Always: whoever opens the record here acts as its console; a code is shown once and kept as its hash; a sheet is only read
//! unless `--take` says otherwise. Never: a passphrase or a code on the command line; two writers of one record: while a
//! server runs, its page `/people` does the same. The procedure for people: docs/guides/people.md; proved by
//! `tests/people_command.rs`.

mod accounts;
mod letters;
mod sheet;
mod way_back;

use super::Place;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use access::people::{Known, Listed};
use access::{AccessBook, StaffNumber};
use basics::{Moment, SiteId, WardId};
use control_room::{AccessRoom, ControlRoom};

#[derive(clap::Args)]
pub struct PeopleArgs {
    #[command(subcommand)]
    what: People,
}

#[derive(clap::Subcommand)]
enum People {
    /// Make the first account, an administrator's, and show its invitation once
    Begin(accounts::BeginArgs),
    /// Everybody with an account, one a line
    List(accounts::ListArgs),
    /// Read a staff sheet (CSV): what it would do; with --take, do it
    Import(sheet::ImportArgs),
    /// Invite people who have nothing to sign in by, or lost it; each code is shown once
    Invite(letters::InviteArgs),
    /// Close an account: nobody can sign in as that person, and its number stays taken
    Close(accounts::CloseArgs),
    /// The only administrator is gone: two of the three key shares let one back in
    WayBack(way_back::WayBackArgs),
}

pub fn run(place: Place, args: PeopleArgs) -> Result<Ending, Failure> {
    match args.what {
        People::Begin(args) => accounts::begin(place, args),
        People::List(args) => accounts::list(place, args),
        People::Import(args) => sheet::import(place, args),
        People::Invite(args) => letters::invite(place, args),
        People::Close(args) => accounts::close(place, args),
        People::WayBack(args) => way_back::run(place, args),
    }
}

/// A record whose accounts are looked after.
struct Office {
    store: Store,
    room: ControlRoom,
}

impl Office {
    fn open(place: &Place, begin: Begin) -> Result<Self, Failure> {
        Self::of(Store::open(place.config()?, begin).map_err(instead)?)
    }

    fn of(store: Store) -> Result<Self, Failure> {
        let room = store.room()?;
        Ok(Self { store, room })
    }

    fn access(&self) -> &AccessRoom {
        self.room.access()
    }

    fn config(&self) -> &Config {
        &self.store.config
    }

    fn now(&self) -> Moment {
        self.store.clock.now()
    }

    fn clinical(&self, at: Moment) -> String {
        self.config().zone.clinical(at)
    }

    /// The trust's hospitals and wards, as far as they are known.
    fn places(&self) -> Result<Places, Failure> {
        let config = self.config();
        let mut sites = self.room.incident().read(|book| book.hospitals.sites().to_vec());
        let of_feeds = config.feeds.iter().filter_map(|feed| feed.setup.site.as_ref());
        for site in config.hospitals.iter().chain(of_feeds) {
            if !sites.contains(site) {
                sites.push(site.clone());
            }
        }
        let wards = self.room.wards()?.into_iter().map(|ward| (ward.key.site, ward.key.ward));
        Ok(Places { sites, wards: wards.collect() })
    }
}

/// Where people may work.
struct Places {
    sites: Vec<SiteId>,
    wards: Vec<(SiteId, WardId)>,
}

impl Places {
    fn known(&self) -> Known<'_> {
        Known { sites: &self.sites, wards: &self.wards }
    }
}

/// What to do while a server holds the record.
fn instead(failure: Failure) -> Failure {
    if failure.ending != Ending::InUse {
        return failure;
    }
    let sentence = format!(
        "{failure}: there an administrator does the same on /people. For the very first administrator, or when the last \
         one is gone, stop Lifeboat, run this, and start it again"
    );
    Failure::new(Ending::InUse, sentence)
}

/// A staff number as it was typed.
fn number(text: &str) -> Result<StaffNumber, Failure> {
    StaffNumber::new(text).ok_or_else(|| {
        Failure::usage(format!(
            "“{}” is no staff number; write letters and digits, at most {}",
            basics::tidy(text, 40),
            StaffNumber::BYTES_MAX
        ))
    })
}

/// How an account stands, as scripts read it.
fn stands(book: &AccessBook, number: &StaffNumber, listed: &Listed, at: Moment) -> &'static str {
    let mine = book.credentials(number);
    match () {
        () if listed.closed.is_some() => "closed",
        () if !listed.account.valid(at) => "ran_out",
        () if mine.complete() => "ready",
        () if mine.invitation.as_ref().is_some_and(|i| at < i.until) => "invited",
        () => "not_set_up",
    }
}
