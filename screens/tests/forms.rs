//! Every action works as a plain form without a script, and is turned away when another site sends it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, get_with_cookie, post, post_from, words};
use control_room::{Mode, TrayFilter};
use fixture::Hospital;
use http::StatusCode;
use screens::{DemoControls, routes};

#[tokio::test]
async fn the_mode_is_changed_with_a_reason_and_initials() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let refused =
        post(&router, "/mode", &[("mode", "downtime"), ("reason", "ransom note"), ("by", "")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("initials"), "{}", words(&refused.text()));
    let done = post(&router, "/mode", &[("mode", "downtime"), ("reason", "ransom note"), ("by", "AB")]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/?done=mode"));
    assert_eq!(hospital.room.mode().mode, Mode::Downtime);
    let home = words(&get(&router, "/?done=mode").await.text());
    for text in ["Downtime", "set by AB: ransom note", "The mode was changed"] {
        assert!(home.contains(text), "{text}: {home}");
    }
    let odd = post(&router, "/mode", &[("mode", "party"), ("by", "AB")]).await;
    assert_eq!(odd.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_message_leaves_the_tray_only_with_a_reason() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let entry = hospital.room.tray(&TrayFilter::default()).unwrap()[0].entry;
    let page = get(&router, &format!("/tray/{entry}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Clear from the tray"));
    let refused = post(&router, &format!("/tray/{entry}/clear"), &[("by", "AB"), ("reason", "  ")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let replayed = post(&router, &format!("/tray/{entry}/replay"), &[("by", "AB")]).await;
    assert_eq!(replayed.header("location"), format!("/tray/{entry}?done=replayed"));
    let all = post(&router, "/tray/replay", &[("by", "AB"), ("feed", "")]).await;
    assert_eq!(all.header("location"), "/tray?done=replayed-all");
    let cleared =
        post(&router, &format!("/tray/{entry}/clear"), &[("by", "AB"), ("reason", "rang the lab")]).await;
    assert_eq!(cleared.header("location"), "/tray?done=cleared");
    hospital.room.catch_up(&mut |_, _| ()).unwrap();
    let left = hospital.room.tray(&TrayFilter::default()).unwrap();
    assert!(left.iter().all(|i| i.entry != entry));
    assert!(words(&get(&router, &format!("/tray/{entry}")).await.text()).contains("not in the tray"));
}

#[tokio::test]
async fn a_pasted_message_is_read_and_not_recorded() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let before = hospital.room.status().book_size;
    let message = "MSH|^~\\&|A|B|C|D|20260714120000||ADT^A01|X1|P|2.4\r\nPID|1||777^^^NORTHGATE^MR||Paste^Only||19700101|F\r\nPV1|1|I|AMU^Bay 9^9\r\nAL1|1|DA|\r\n";
    let answer = post(&router, "/paste", &[("message", message), ("feed", "pas")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let read = words(&answer.text());
    for text in ["PASTE, Only", "admitted", "AL1", "ADT^A01"] {
        assert!(read.contains(text), "{text}: {read}");
    }
    assert!(answer.text().contains("<mark>") || answer.text().contains("raw-odd"));
    let nonsense = post(&router, "/paste", &[("message", "hello")]).await;
    assert!(words(&nonsense.text()).contains("Not understood"));
    assert_eq!(hospital.room.status().book_size, before);
}

#[tokio::test]
async fn the_demonstration_plays_and_ends_the_attack() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let pressed = post(&router, "/demo/attack", &[]).await;
    assert_eq!(pressed.header("location"), "/?done=attack");
    assert!(hospital.demo.state().attacked);
    assert!(get(&router, "/").await.text().contains("Restore feeds"));
    post(&router, "/demo/restore", &[]).await;
    assert!(!hospital.demo.state().attacked);
    let mut real = hospital.screens();
    real.demo = None;
    let real = screens::router(real);
    assert!(!get(&real, "/").await.text().contains("Play the attack"));
    assert_eq!(post(&real, "/demo/attack", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn night_mode_is_a_form_and_a_cookie() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    let set = post(&router, "/view", &[("night", "on"), ("back", "/wards")]).await;
    assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, "/wards"));
    let cookie = set.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(get_with_cookie(&router, "/wards", &cookie).await.text().contains("class=\"night\""));
    let away = post(&router, "/view", &[("night", "off"), ("back", "//evil.example")]).await;
    assert_eq!(away.header("location"), "/");
}

#[tokio::test]
async fn every_form_from_another_site_is_turned_away() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let forms: Vec<&str> = routes().into_iter().filter(|r| r.post).map(|r| r.address).collect();
    assert!(forms.len() >= 8, "{forms:?}");
    for address in forms {
        let address = address.replace("{entry}", "1").replace("{site}", "x").replace("{ward}", "y");
        for origin in ["https://evil.example", "null", "http://lifeboat.test.evil.example"] {
            let answer = post_from(&router, &address, origin, &[("mode", "downtime"), ("by", "X")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address} from {origin}");
        }
    }
    assert_eq!(hospital.room.mode().mode, Mode::Normal);
}
