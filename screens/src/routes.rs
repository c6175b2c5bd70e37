//! Every address there is, in one table: the router and the completeness tests are made from it.

use crate::desk::{Desk, Look, Visit};
use crate::handed::Screens;
use crate::mishap::Mishap;
use crate::{
    access_alarms, access_record, action_cards, assets, break_glass, clinics, debrief, devices, directory,
    diverts, doors, entry, evidence, feeds, find, hatch, headers, home, incident as running, live, log, me,
    messages, mode, outbox, paste, patient, people, phone_form, print_centre, public_updates, rights,
    roll_call, sessions, shift_cards, sign_in, sitreps, special_lists, switch, systems, tray, view,
    wallboard, ward_list, wards, way_back, who,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

/// Largest form, in bytes, where a route says nothing else.
pub const FORM_BYTES_MAX: usize = 64 * 1024;

/// One address and what it takes.
pub struct Route {
    /// "/patients/{key}".
    pub address: &'static str,
    /// It can be looked at.
    pub get: bool,
    /// It takes a form.
    pub post: bool,
    /// It shows patients: never kept by a cache, always with its age.
    pub patients: bool,
    /// Largest body, in bytes.
    pub bytes_max: usize,
    handler: MethodRouter<Desk>,
}

impl Route {
    /// Takes bodies up to this size: for uploads.
    fn taking(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }
}

fn shown(address: &'static str, patients: bool, handler: MethodRouter<Desk>) -> Route {
    Route { address, get: true, post: false, patients, bytes_max: FORM_BYTES_MAX, handler }
}

fn taken(address: &'static str, handler: MethodRouter<Desk>) -> Route {
    Route { address, get: false, post: true, patients: false, bytes_max: FORM_BYTES_MAX, handler }
}

fn both(address: &'static str, patients: bool, handler: MethodRouter<Desk>) -> Route {
    Route { address, get: true, post: true, patients, bytes_max: FORM_BYTES_MAX, handler }
}

/// All addresses.
pub fn routes() -> Vec<Route> {
    vec![
        shown("/", false, get(home::page::show)),
        both("/mode", false, get(mode::page::show).post(mode::page::set)),
        shown("/wards", false, get(wards::page::show)),
        shown("/wards/{site}/{ward}", true, get(ward_list::page::show)),
        shown("/patients/{key}", true, get(patient::page::show)),
        shown("/patients/{key}/signs", true, get(patient::signs::show)),
        shown("/patients/{key}/documents/{index}", true, get(patient::document::show)),
        shown("/patients/{key}/sheets.pdf", true, get(print_centre::pdf::patient)),
        shown("/s/{code}", true, get(patient::sheet::show)),
        shown("/entries/{number}", true, get(entry::page::show)),
        shown("/find", true, get(find::page::show)),
        shown("/feeds", false, get(feeds::page::show)),
        both("/hatch", false, get(hatch::page::show).post(hatch::page::set)),
        both("/hatch/{feed}", false, get(hatch::feed::show).post(hatch::feed::set)),
        shown("/tray", false, get(tray::page::show)),
        taken("/tray/replay", post(tray::deeds::replay_all)),
        shown("/tray/{entry}", true, get(tray::item::show)),
        taken("/tray/{entry}/replay", post(tray::deeds::replay)),
        taken("/tray/{entry}/clear", post(tray::deeds::clear)),
        shown("/diverts", false, get(diverts::board_page)),
        shown("/diverts/map", false, get(diverts::map_page)),
        shown("/diverts/list", false, get(diverts::list_page)),
        shown("/diverts/list.pdf", false, get(diverts::list_pdf)),
        both("/diverts/ask", false, get(diverts::ask_form).post(diverts::ask)),
        both("/diverts/moved", false, get(diverts::moved_page).post(diverts::moved_tell)),
        both("/diverts/plans", false, get(diverts::plans_page).post(diverts::plans_propose)),
        shown("/diverts/plans/{number}", false, get(diverts::plan_page)),
        shown("/diverts/plans/{number}/plan.pdf", false, get(diverts::plan_pdf)),
        shown("/diverts/plans/{number}/slips.pdf", false, get(diverts::plan_slips)),
        taken("/diverts/plans/{number}/{deed}", post(diverts::plan_deed)),
        shown("/diverts/setup", false, get(diverts::setup_page)),
        taken("/diverts/setup/{deed}", post(diverts::setup_deed)).taking(diverts::UPLOAD_BYTES_MAX),
        shown("/diverts/sites/{site}", false, get(diverts::site_page)),
        taken("/diverts/sites/{site}/{deed}", post(diverts::site_deed)),
        shown("/diverts/{number}", false, get(diverts::divert_page)),
        taken("/diverts/{number}/{deed}", post(diverts::divert_deed)),
        shown("/clinics", true, get(clinics::board::show)),
        both("/clinics/list", true, get(clinics::list::show).post(clinics::list::set))
            .taking(clinics::FORM_BYTES_MAX),
        shown("/clinics/list.pdf", true, get(clinics::prints::list_pdf)),
        both("/clinics/plan", true, get(clinics::plan::show).post(clinics::plan::set))
            .taking(clinics::FORM_BYTES_MAX),
        both("/clinics/bookings/{key}", true, get(clinics::booking::show).post(clinics::booking::set)),
        both("/clinics/notices", true, get(clinics::notices::show).post(clinics::notices::set)),
        shown("/clinics/letters.pdf", true, get(clinics::prints::letters_pdf)),
        both("/clinics/calls", true, get(clinics::calls::show).post(clinics::calls::set)),
        both("/clinics/door", true, get(clinics::door::show).post(clinics::door::set)),
        shown("/clinics/door.pdf", true, get(clinics::prints::door_pdf)),
        both("/clinics/rebooking", true, get(clinics::rebooking::show).post(clinics::rebooking::set))
            .taking(clinics::rebooking::FORM_BYTES_MAX),
        shown("/clinics/rebooking.csv", true, get(clinics::prints::rebooking_csv)),
        shown("/clinics/rebooking.hl7", true, get(clinics::prints::rebooking_hl7)),
        both("/clinics/import", true, get(clinics::import::show).post(clinics::import::set))
            .taking(clinics::import::FORM_BYTES_MAX),
        shown("/clinics/counts", false, get(clinics::counts::show)),
        shown("/clinics/counts.csv", false, get(clinics::prints::counts_csv)),
        shown("/special-lists", false, get(special_lists::show)),
        shown("/special-lists/{name}", true, get(special_lists::one)),
        shown("/special-lists.pdf", true, get(special_lists::print)),
        shown("/print", false, get(print_centre::page::show)),
        shown("/print/all.pdf", true, get(print_centre::pdf::all)),
        shown("/print/{site}/{ward}/pack.pdf", true, get(print_centre::pdf::ward)),
        taken("/print/{site}/{ward}/again", post(print_centre::page::again)),
        both("/paste", true, get(paste::page::show).post(paste::page::read))
            .taking(paste::page::FORM_BYTES_MAX),
        shown("/debrief", false, get(debrief::page::show)),
        shown("/debrief.pdf", false, get(debrief::page::as_pdf)),
        shown("/public-updates", false, get(public_updates::page::show)),
        shown("/public-updates/preview", false, get(public_updates::preview::show)),
        both(
            "/public-updates/draft",
            false,
            get(public_updates::draft::begin_one).post(public_updates::draft::draft),
        ),
        shown("/public-updates/{number}", false, get(public_updates::one::show)),
        both(
            "/public-updates/{number}/edit",
            false,
            get(public_updates::draft::edit_one).post(public_updates::draft::edit),
        ),
        taken("/public-updates/{number}/approve", post(public_updates::deeds::approve)),
        taken("/public-updates/{number}/withdraw", post(public_updates::deeds::withdraw)),
        taken("/public-updates/{number}/discard", post(public_updates::deeds::discard)),
        taken("/view", post(view::set)),
        shown("/cards", false, get(action_cards::all::show)),
        shown("/cards/mine", false, get(action_cards::mine::show)),
        taken("/cards/take", post(action_cards::mine::take_role)),
        both("/cards/step", false, get(action_cards::step::show).post(action_cards::step::set)),
        both("/cards/check", false, get(action_cards::check::show).post(action_cards::check::set)),
        shown("/cards/all.pdf", false, get(action_cards::pdf::all)),
        shown("/cards/of/{role}", false, get(action_cards::of_role::show)),
        shown("/cards/of/{role}/card.pdf", false, get(action_cards::pdf::one)),
        shown("/systems", false, get(systems::board::show)),
        both("/systems/report", false, get(systems::report::show).post(systems::report::set)),
        both("/systems/reports/{report}", false, get(systems::settle::show).post(systems::settle::set)),
        both("/systems/import", false, get(systems::import::show).post(systems::import::set))
            .taking(systems::import::FORM_BYTES_MAX),
        shown("/systems/template.csv", false, get(systems::sheet::template)),
        shown("/systems/export.csv", false, get(systems::sheet::export)),
        both("/systems/{system}", false, get(systems::one::show).post(systems::one::set)),
        shown("/incidents", false, get(running::list::show)),
        both("/incidents/declare", false, get(running::declare::show).post(running::declare::open)),
        shown("/incidents/{id}", false, get(running::page::show)),
        both("/incidents/{id}/methane", false, get(running::methane::show).post(running::methane::send)),
        both("/incidents/{id}/stage", false, get(running::stage::show).post(running::stage::change)),
        both(
            "/incidents/{id}/stand-down",
            false,
            get(running::stand_down::show).post(running::stand_down::send),
        ),
        shown("/incidents/{id}/roles", false, get(running::roles::show)),
        both("/incidents/{id}/post", false, get(running::post::show).post(running::post::send)),
        shown("/incidents/{id}/decisions", false, get(running::decisions::show)),
        both("/incidents/{id}/decisions/new", false, get(running::decide::show).post(running::decide::send)),
        taken("/incidents/{id}/decisions/{number}/review", post(running::decisions::review)),
        both(
            "/incidents/{id}/hospitals",
            false,
            get(running::hospitals::show).post(running::hospitals::tell),
        ),
        both("/log", false, get(log::page::show).post(log::page::write)),
        shown("/log.pdf", false, get(log::export::pdf)),
        shown("/log/bundle", false, get(log::export::bundle)),
        both("/log/{entry}", false, get(log::entry::show).post(log::entry::correct)),
        shown("/wallboard", false, get(wallboard::page::show)),
        shown("/sitreps", false, get(sitreps::page::show)),
        taken("/sitreps/begin", post(sitreps::page::begin)),
        taken("/sitreps/due", post(sitreps::page::due)),
        both("/sitreps/draft", false, get(sitreps::draft::show).post(sitreps::draft::set))
            .taking(sitreps::draft::FORM_BYTES_MAX),
        shown("/sitreps/{incident}/{number}", false, get(sitreps::one::show)),
        shown("/sitreps/{incident}/{number}/sitrep.pdf", false, get(sitreps::files::as_pdf)),
        shown("/sitreps/{incident}/{number}/sitrep.txt", false, get(sitreps::files::as_text)),
        shown("/sitreps/{incident}/{number}/sitrep.json", false, get(sitreps::files::as_json)),
        shown("/directory", false, get(directory::page::show)),
        both("/directory/new", false, get(directory::edit::fresh).post(directory::edit::add)),
        both("/directory/import", false, get(directory::import::show).post(directory::import::take))
            .taking(directory::import::FORM_BYTES_MAX),
        both("/directory/routes", false, get(directory::routes::show).post(directory::routes::set)),
        shown("/directory/entries.vcf", false, get(directory::vcard::all)),
        shown("/directory/print/{sheet}", false, get(directory::print::show)),
        both("/directory/{id}", false, get(directory::edit::show).post(directory::edit::set)),
        shown("/directory/{id}/entry.vcf", false, get(directory::vcard::one)),
        shown("/messages", false, get(messages::list::show)),
        taken("/messages/phones", post(messages::list::phones)),
        both("/messages/new", false, get(messages::write::show).post(messages::write::send)),
        both("/messages/{id}", false, get(messages::one::show).post(messages::one::set)),
        both(
            "/messages/{id}/people/{person}",
            false,
            get(messages::person::show).post(messages::person::set),
        ),
        shown("/roll-call", false, get(roll_call::show)),
        both("/q/{link}", false, get(phone_form::show).post(phone_form::take)),
        both("/evidence", false, get(evidence::show).post(evidence::keep)).taking(evidence::FORM_BYTES_MAX),
        shown("/evidence/{incident}/{number}/file", false, get(evidence::hand_out)),
        shown("/evidence/{incident}/{number}/picture", false, get(evidence::look_at)),
        shown("/outbox", false, get(outbox::show)),
        shown("/outbox/slips.pdf", false, get(outbox::slips)),
        taken("/outbox/{number}", post(outbox::set)),
        both("/who", false, get(who::show).post(who::set)),
        shown("/sign-in", false, get(sign_in::page::show)),
        both("/sign-in/{way}", false, get(sign_in::page::show_way).post(sign_in::page::take)),
        taken("/sign-out", post(sign_in::out::set)),
        both("/switch", false, get(switch::show).post(switch::set)),
        shown("/me", false, get(me::page::show)),
        both("/me/{deed}", false, get(me::deed::show).post(me::deed::take)),
        both("/people", false, get(people::page::show).post(people::page::set)),
        both("/people/new", false, get(people::new::show).post(people::new::set)),
        both("/people/import", false, get(people::import::show).post(people::import::set))
            .taking(people::import::FORM_BYTES_MAX),
        shown("/people/{number}", false, get(people::one::show)),
        taken("/people/{number}/{deed}", post(people::deeds::set)),
        shown("/rights", false, get(rights::page::show)),
        shown("/sessions", false, get(sessions::page::show)),
        taken("/sessions/{deed}", post(sessions::page::set)),
        both("/sign-everybody-out", false, get(sessions::everybody::show).post(sessions::everybody::set)),
        shown("/access-alarms", false, get(access_alarms::show)),
        shown("/devices", false, get(devices::list::show)),
        shown("/devices/{key}", false, get(devices::one::show)),
        taken("/devices/{key}/{deed}", post(devices::one::set)),
        both("/enrol/{code}", false, get(devices::enrol::show).post(devices::enrol::set)),
        both("/shift-cards", false, get(shift_cards::list::show).post(shift_cards::list::ask)),
        shown("/shift-cards/{number}", false, get(shift_cards::one::show)),
        taken("/shift-cards/{number}/{deed}", post(shift_cards::one::set)),
        shown("/shift-cards/{number}/card.pdf", false, get(shift_cards::one::as_pdf)),
        both("/break-glass/{patient}", false, get(break_glass::show).post(break_glass::set)),
        shown("/access-record", false, get(access_record::search::show)),
        shown("/access-record/patients/{key}", false, get(access_record::search::of_patient)),
        shown("/access-record/people/{number}", false, get(access_record::search::of_person)),
        shown("/access-record/reviews", false, get(access_record::reviews::list)),
        both(
            "/access-record/reviews/{number}",
            false,
            get(access_record::reviews::show).post(access_record::reviews::set),
        ),
        shown("/way-back", false, get(way_back::show)),
        taken("/demo/attack", post(home::demo::attack)),
        taken("/demo/restore", post(home::demo::restore)),
        shown("/live", false, get(live::show)),
        shown("/assets/{file}", false, get(assets::show)),
    ]
}

/// Every page, ready to be served.
pub fn router(screens: Screens) -> Router {
    let desk = Desk::new(screens);
    let mut router = Router::new();
    for route in routes() {
        let bytes_max = route.bytes_max;
        router = router.route(route.address, route.handler.layer(DefaultBodyLimit::max(bytes_max)));
    }
    router
        .fallback(no_page)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(desk.clone(), doors::guard))
        .layer(axum::middleware::from_fn_with_state(desk.clone(), headers::guard))
        .layer(tower_http::compression::CompressionLayer::new())
        .with_state(desk)
}

async fn no_page(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::no_page())).await
}

async fn wrong_method(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::WrongMethod)).await
}
