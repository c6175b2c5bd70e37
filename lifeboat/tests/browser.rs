//! A new user's journeys through the real program in a real browser: the main job, the same without scripts, on
//! a telephone and at night, and with script strings in every name.
//!
//! Promises: what a person can see and press is what is tested; every wait has a ceiling. Needs chromedriver, which
//! `xtask/setup.sh test` installs; without it each journey says that it was skipped, except where `CI` is "true".
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "browser/cards.rs"]
mod cards;
mod common;
#[path = "browser/demo.rs"]
mod demo;
#[path = "browser/demo_day.rs"]
mod demo_day;
#[path = "browser/diverts.rs"]
mod diverts;
#[path = "browser/doors.rs"]
mod doors;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/every_page.rs"]
mod every_page;
#[path = "browser/friday.rs"]
mod friday;
#[path = "browser/friday_clinics.rs"]
mod friday_clinics;
#[path = "browser/friday_divert_forms.rs"]
mod friday_divert_forms;
#[path = "browser/friday_forms.rs"]
mod friday_forms;
#[path = "browser/friday_plans.rs"]
mod friday_plans;
#[path = "browser/friday_sights.rs"]
mod friday_sights;
#[path = "browser/incident.rs"]
mod incident;
#[path = "browser/main_job.rs"]
mod main_job;
#[path = "browser/messages.rs"]
mod messages;
#[path = "browser/no_script.rs"]
mod no_script;
#[path = "browser/public_page.rs"]
mod public_page;
#[path = "browser/scripts.rs"]
mod scripts;

use demo::Demo;
use driver::{Browser, Kind};
use std::time::Duration;

/// Longest time that any journey may take.
const JOURNEY_WAIT_MS_MAX: u64 = 900_000;

/// Runs a journey in a window of its own, with a ceiling over the whole of it.
async fn travel(journey: impl Future<Output = ()>) {
    let wait = Duration::from_millis(JOURNEY_WAIT_MS_MAX);
    tokio::time::timeout(wait, journey).await.expect("the journey ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_from_peacetime_through_the_attack_to_a_pulled_plug() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let browser = Browser::open(Kind::default()).await;
        main_job::from_peacetime_through_the_attack_to_a_pulled_plug(&browser, &dir.path().join("data"))
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_scripts_find_paste_and_mode_work_by_form() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let browser = Browser::open(Kind { no_script: true, ..Kind::default() }).await;
        no_script::find_paste_and_mode_work_by_form(&browser, &demo).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits_a_telephone_and_a_desk_by_day_and_by_night() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let mut faults = Vec::new();
        for (phone, width) in [(true, every_page::PHONE_WIDTH), (false, every_page::DESK_WIDTH)] {
            let browser = Browser::open(Kind { phone, ..Kind::default() }).await;
            let found = every_page::by_day_and_by_night(&browser, &demo, width).await;
            faults.extend(found.into_iter().map(|fault| format!("{width} px: {fault}")));
            every_page::planted_faults_are_found(&browser, &demo, width).await;
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_script_in_a_name_runs() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let browser = Browser::open(Kind::default()).await;
        scripts::none_runs(&browser, &demo).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_is_declared_led_recorded_and_stood_down_on_a_telephone() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let demo = Demo::start(&data);
        let browser = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let other = Browser::open(Kind::default()).await;
        let faults =
            incident::declared_led_recorded_and_stood_down(&browser, &other, &demo, every_page::PHONE_WIDTH)
                .await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        incident::the_record_is_proved_elsewhere(demo, &data);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_roll_is_called_and_answered_from_a_personal_telephone() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let browser = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let own = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let width = every_page::PHONE_WIDTH;
        let faults =
            messages::imported_written_answered_and_counted(&browser, &own, &demo, dir.path(), width).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_taken_its_steps_ticked_a_system_reported_and_a_sitrep_approved_on_a_telephone() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let browser = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let other = Browser::open(Kind::default()).await;
        let width = every_page::PHONE_WIDTH;
        let faults = cards::taken_ticked_reported_and_approved(&browser, &other, &demo, width).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_public_reads_is_drafted_approved_read_without_scripts_and_withdrawn() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let staff = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let public = Browser::open(Kind { phone: true, no_script: true }).await;
        let width = every_page::PHONE_WIDTH;
        let faults = public_page::drafted_approved_read_and_withdrawn(&staff, &public, &demo, width).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_divert_goes_from_figures_to_renewal_and_its_plan_adapts() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start(&dir.path().join("data"));
        let phone = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let desk = Browser::open(Kind::default()).await;
        let widths = (every_page::PHONE_WIDTH, every_page::DESK_WIDTH);
        let faults = diverts::figures_to_renewal(&phone, &desk, &demo, widths).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_press_signs_in_roles_and_places_bound_and_broken_glass_is_found() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start_shut(&dir.path().join("data"));
        let ward = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let office = Browser::open(Kind::default()).await;
        let widths = (every_page::PHONE_WIDTH, every_page::DESK_WIDTH);
        let faults = doors::signed_in_bounded_broken_and_reviewed(&ward, &office, &demo, widths).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn friday_12_may_runs_from_the_first_ransom_note_to_the_debrief() {
    let Some(clock) = friday::clock_library() else { return };
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let staff = Browser::open(Kind::default()).await;
        let second = Browser::open(Kind { no_script: true, ..Kind::default() }).await;
        let phone = Browser::open(Kind { phone: true, ..Kind::default() }).await;
        let phone = (&phone, (every_page::PHONE_WIDTH, every_page::DESK_WIDTH));
        friday::from_the_first_ransom_note_to_the_debrief(&staff, &second, phone, dir.path(), clock).await;
    })
    .await;
}

/// Minutes of the attack's day in one, for the test. No faster: where the machine is busy, a line that is played a second
/// late is a minute late by the hurried clock, and what waits for consent lapses.
const DAY_PACE: u32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstrations_attack_plays_its_day_by_itself_until_it_is_restored() {
    if !driver::there_is_one() {
        return;
    }
    travel(async {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let demo = Demo::start_at(&data, DAY_PACE);
        let browser = Browser::open(Kind::default()).await;
        demo_day::played_by_itself_and_stopped(&browser, &demo, &data).await;
    })
    .await;
}
