//! The one door to the record: receive, submit, follow, boards, the index and the tray.
//!
//! A message is sealed in the feed book and synced; only then is its sender answered. A follower reads the book, has
//! each message translated, and keeps what it says in the index: an encrypted database that can be thrown away and
//! made again from the book at any time. Always: received = understood + in the tray + cleared. Never: a message
//! acknowledged and not kept, applied twice, or silently dropped; an index trusted that does not hold together; a
//! clock read (one is handed). Called by `intake`, `screens`, `paper`'s callers and the program; proved by
//! `control_room/tests`.

mod access_room;
mod apply;
mod boards;
mod boards_of;
mod bookings;
mod clinic_room;
mod divert_planner;
mod door;
mod duplicates;
mod entries;
mod fault;
mod feeds;
mod find;
mod follower;
mod incident_room;
mod index;
mod intent;
mod lists;
mod memory;
mod room;
mod setup;
mod special_lists;
mod wards;

pub use access_room::{
    AccessChange, AccessForms, AccessRefused, AccessRoom, AccessSetup, AccessTold, AtDoor, HistoryWithin,
    Kept, LooksFound, LooksState, NotIn, SignedIn, Token, Visit, Visitor, read_rights,
};
pub use boards::{
    Change, FeedBoard, FeedEntry, Found, How, Match, Mode, ModeBoard, Outcome, Preview, Receipt, Recording,
    Status, Totals, TrayCounts, TrayFilter, TrayItem,
};
pub use boards_of::MATCHES_MAX;
pub use clinic_room::{
    BookingRow, ClinicBoard, ClinicChange, ClinicForms, ClinicList, ClinicPlan, ClinicRefused, ClinicRoom,
    ClinicSetup, ClinicWhatIf, LeftOut, ListBoard, ListName, NoticePlan, SiteContact, ToCall, clock_time,
    long_date, practice_of, read_notices, read_triage_rules,
};
pub use divert_planner::{
    CrewAdvice, DivertPlanner, PlannerRefused, Region, TableGap, Thought, WhatIf, fill_table, sites_of,
};
pub use entries::MESSAGE_BYTES_MAX;
pub use fault::{Fault, Refused};
pub use incident::{Ground, IncidentId};
pub use incident_room::{
    Heard, IncidentChange, IncidentReceipt, IncidentRefused, IncidentRoom, IncidentStatus, OwnCards,
    Preparation, REPORT_BYTES_MAX, ReportRefused, Upload, VerifiedHead, look_at_incidents, read_action_cards,
    shipped_action_cards,
};
#[doc(hidden)]
pub use index::Planted;
pub use intent::{COLUMN_MAPS_MAX, Intent, MAP_BYTES_MAX, REASON_BYTES_MAX, Refusal};
pub use lists::{LISTS_FEED, ListReceipt, ListRefused};
pub use room::ControlRoom;
pub use setup::{FeedFormat, FeedSetup, Setup};
pub use special_lists::{Postponed, SpecialListBoard, SpecialListRow};
pub use translate::{
    Checked, Column, ColumnFault, ColumnMap, ColumnProposal, LIST_TYPE, LocationMap, MappedColumn, RowNote,
};
