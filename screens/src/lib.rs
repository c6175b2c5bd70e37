//! The staff's web pages, one folder per screen: `page.rs` lists what the page needs, `page.html` shows it.
//!
//! Always: every page says how old its data are, works as plain forms without a script, carries a strict content
//! policy; every value is escaped. Never: a page decides anything about care, reads a clock, or reaches the record but
//! through the control room.
//! Called by the program, which hands `Screens` to `router`; proved by `screens/tests`.

mod access_alarms;
mod access_record;
mod action_cards;
mod assets;
mod break_glass;
mod chosen;
mod clinics;
mod clock_times;
mod debrief;
mod desk;
mod devices;
mod directory;
mod diverts;
mod done;
mod doors;
mod entry;
mod evidence;
mod feeds;
mod find;
mod forms;
pub mod handed;
mod hatch;
mod headers;
mod home;
mod incident;
mod layout;
mod live;
mod log;
mod me;
mod messages;
mod mishap;
mod mode;
mod names;
mod outbox;
pub mod parts;
mod paste;
mod patient;
mod people;
mod phone_form;
mod press;
mod print_centre;
mod public_updates;
mod rights;
mod roll_call;
mod routes;
mod sessions;
mod shift_cards;
mod sign_in;
mod sitreps;
pub mod special_lists;
mod switch;
mod systems;
mod tray;
mod view;
mod wallboard;
mod ward_list;
mod wards;
mod way_back;
mod who;

pub use handed::{
    AgeThresholds, BackLoad, DemoControls, DemoState, PackOnShelf, PackShelf, PackState, PostBoard, PostDeed,
    PostDesk, PostGateway, PostItem, PublicPlace, PublicPress, Screens, SocialPost, Transport,
};
pub use headers::POLICY;
pub use routes::{Route, router, routes};
