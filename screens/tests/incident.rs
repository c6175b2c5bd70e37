//! An incident run through its forms, as a browser without scripts sends them: declared in one short form, led, decided,
//! stood down; refused forms keep what was typed; two people at once are told of each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::Router;
use basics::SiteId;
use common::{Answer, get, get_with_cookie, post, words};
use control_room::Preparation;
use fixture::{Hospital, now, odd};
use http::StatusCode;

/// A hospital whose incident book knows the trust's hospitals and the cards that are shipped.
fn prepared() -> Hospital {
    let hospital = Hospital::full();
    let hospitals =
        ["Northgate General", "Southmere Community"].iter().filter_map(|s| SiteId::new(s)).collect();
    let cards = control_room::shipped_action_cards().unwrap();
    hospital.room.incident().prepare(Preparation { cards, hospitals }, now()).unwrap();
    hospital
}

const SHORT: &[(&str, &str)] =
    &[("level", "critical"), ("reason", "Ransom notes on ED screens"), ("by", "Anna Bell")];

async fn declared(router: &Router) {
    let answer = post(router, "/incidents/declare", SHORT).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/incidents/1?done=opened")
    );
}

/// The form came back: refused, saying `why`, with every one of `typed` still in it.
fn came_back(answer: &Answer, why: &str, typed: &[&str]) {
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let html = answer.text();
    let read = words(&html);
    assert!(html.contains("role=\"alert\"") && read.contains(why), "{read}");
    for text in typed {
        assert!(html.contains(text), "lost {text:?}: {read}");
    }
}

#[tokio::test]
async fn three_answers_declare_an_incident_and_every_page_says_so() {
    let hospital = prepared();
    let router = hospital.router();
    assert!(get(&router, "/").await.text().contains("href=\"/incidents/declare\""));
    declared(&router).await;
    let page = words(&get(&router, "/incidents/1?done=opened").await.text());
    for text in [
        "Critical incident 14-Jul-2026 16:05",
        "Declared",
        "Nobody yet",
        "Elapsed",
        "Next sitrep due",
        "Next public update due",
        "No step overdue",
        "No report yet. Ransom notes on ED screens",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for address in ["/", "/wards", "/patients/1", "/feeds", "/log"] {
        let html = get(&router, address).await.text();
        assert!(
            html.contains("Critical incident declared: Critical incident 14-Jul-2026 16:05"),
            "{address}"
        );
    }
    let home = get(&router, "/").await.text();
    assert!(home.contains("Nobody yet") && !home.contains("href=\"/incidents/declare\""));
    assert!(get(&router, "/incidents").await.text().contains("Declare another"));
}

#[tokio::test]
async fn who_declares_is_remembered_and_prefilled() {
    let hospital = prepared();
    let router = hospital.router();
    let answer = post(&router, "/incidents/declare", SHORT).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let form = get_with_cookie(&router, "/incidents/1/methane", &cookie).await.text();
    assert!(form.contains("value=\"Anna Bell\""));
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_all_that_was_typed() {
    let hospital = prepared();
    let router = hospital.router();
    let typed = [
        ("level", "major"),
        ("reason", "  "),
        ("by", "Siân Obi"),
        ("name", "Cyber <b>attack</b>"),
        ("site", "Southmere Community"),
        ("nature", "exercise"),
        ("m_hazards", "Spreading \"fast\""),
    ];
    let answer = post(&router, "/incidents/declare", &typed).await;
    let kept = [
        "value=\"major\" required aria-describedby=\"level-major-hint\" checked",
        "value=\"Siân Obi\"",
        "Cyber &#60;b&#62;attack&#60;/b&#62;",
        "value=\"Southmere Community\" checked",
        "value=\"exercise\" checked",
        "Spreading &#34;fast&#34;",
    ];
    came_back(&answer, "The reason is missing", &kept);
    assert!(!answer.text().contains("<b>attack"));
    for (fields, why) in [
        (&[("reason", "x"), ("by", "A B")][..], "Choose how grave it is first"),
        (&[("level", "major"), ("reason", "Kept words")], "Nobody signed this"),
    ] {
        came_back(&post(&router, "/incidents/declare", fields).await, why, &[fields[1].1]);
    }
    assert_eq!(hospital.room.incident().read(|b| b.incidents.len()), 0);
    // Declared twice by two hands: the second is told of the first.
    let named = [&[("name", "Cyber attack")], SHORT].concat();
    post(&router, "/incidents/declare", &named).await;
    let twice = post(&router, "/incidents/declare", &named).await;
    came_back(&twice, "is open already: Anna Bell opened it", &["Ransom notes on ED screens"]);
}

#[tokio::test]
async fn methane_is_reported_and_corrected_and_crossing_corrections_are_told() {
    let hospital = prepared();
    let router = hospital.router();
    declared(&router).await;
    let first =
        [("corrects", "0"), ("m_type", "Ransomware"), ("m_access", "Bleeps work"), ("by", "Anna Bell")];
    let sent = post(&router, "/incidents/1/methane", &first).await;
    assert_eq!(sent.header("location"), "/incidents/1?done=methane");
    let page = words(&get(&router, "/incidents/1").await.text());
    assert!(page.contains("Ransomware") && page.contains("Not known yet"), "{page}");
    // Somebody who opened the form before that report sends theirs now.
    let crossing =
        [("corrects", "0"), ("m_type", "Theft of data"), ("m_number", "40 in ED"), ("by", "Ben Obi")];
    let answer = post(&router, "/incidents/1/methane", &crossing).await;
    came_back(
        &answer,
        "Anna Bell changed the METHANE report",
        &[
            "Theft of data",
            "40 in ED",
            "It now says: Ransomware",
            "It now says: Bleeps work",
            "value=\"Ben Obi\"",
        ],
    );
    // Having read it, they send again with what the form now hands back.
    let entry = hospital.room.incident().read(|b| b.last_entry.0).to_string();
    assert!(answer.text().contains(&format!("name=\"corrects\" value=\"{entry}\"")));
    let again = [&[("corrects", entry.as_str())], &crossing[1..]].concat();
    assert_eq!(post(&router, "/incidents/1/methane", &again).await.status, StatusCode::SEE_OTHER);
    let form = words(&get(&router, "/incidents/1/methane").await.text());
    assert!(form.contains("1 earlier report"), "{form}");
}

#[tokio::test]
async fn two_commanders_deciding_at_once_read_each_other_before_the_second_counts() {
    let hospital = prepared();
    let router = hospital.router();
    declared(&router).await;
    let form = get(&router, "/incidents/1/decisions/new").await.text();
    assert!(form.contains("name=\"seen\" value=\"0\""));
    let decide = |decision: &'static str, by: &'static str, seen: &str| {
        vec![
            ("seen".to_owned(), seen.to_owned()),
            ("matter".to_owned(), "Cut the links?".to_owned()),
            ("decision".to_owned(), decision.to_owned()),
            ("information".to_owned(), "It spreads".to_owned()),
            ("options".to_owned(), "wait\ncut".to_owned()),
            ("reason".to_owned(), "Safety".to_owned()),
            ("review_at".to_owned(), "18:30".to_owned()),
            ("by".to_owned(), by.to_owned()),
        ]
    };
    let send = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        post(&router, "/incidents/1/decisions/new", &fields).await
    };
    // Both forms were opened before either decision; they arrive together.
    let (a, b) =
        tokio::join!(send(decide("Cut them", "Anna Bell", "0")), send(decide("Wait", "Ben Obi", "0")));
    let (won, lost) = if a.status == StatusCode::SEE_OTHER { (a, b) } else { (b, a) };
    assert_eq!(won.status, StatusCode::SEE_OTHER);
    came_back(
        &lost,
        "Decided while you wrote",
        &["It spreads", "wait\ncut", "value=\"18:30\"", "Cut the links?"],
    );
    assert_eq!(
        hospital.room.incident().read(|b| b.incidents.values().next().unwrap().decisions.all().len()),
        1
    );
    let seen = hospital.room.incident().read(|b| b.last_entry.0).to_string();
    assert!(lost.text().contains(&format!("name=\"seen\" value=\"{seen}\"")));
    assert_eq!(send(decide("Wait until 17:00", "Ben Obi", &seen)).await.status, StatusCode::SEE_OTHER);
    let list = words(&get(&router, "/incidents/1/decisions").await.text());
    assert!(
        list.contains("2 decisions") && list.contains("Wait until 17:00") && list.contains("18:30"),
        "{list}"
    );
    let odd = send(
        [decide("x", "A", &seen), vec![]]
            .concat()
            .into_iter()
            .map(|(k, v)| if k == "review_at" { (k, "soon".to_owned()) } else { (k, v) })
            .collect(),
    )
    .await;
    came_back(&odd, "is no time", &["value=\"soon\""]);
}

#[tokio::test]
async fn a_decision_is_looked_at_again_when_its_review_is_due() {
    let hospital = prepared();
    let router = hospital.router();
    declared(&router).await;
    let fields = [
        ("seen", "0"),
        ("matter", "Divert?"),
        ("decision", "Divert"),
        ("information", "Full"),
        ("options", "none"),
        ("reason", "Safety"),
        ("review_at", "16:30"),
        ("by", "Anna Bell"),
    ];
    assert_eq!(post(&router, "/incidents/1/decisions/new", &fields).await.status, StatusCode::SEE_OTHER);
    hospital.clock.set(now().plus_seconds(1800));
    let page = words(&get(&router, "/incidents/1").await.text());
    assert!(page.contains("1 decision due for review") && page.contains("due now"), "{page}");
    let review = "/incidents/1/decisions/1/review";
    let empty = post(&router, review, &[("text", "Still full"), ("by", "Anna Bell")]).await;
    came_back(&empty, "Choose first whether it stands", &["Still full"]);
    let done =
        post(&router, review, &[("finding", "withdrawn"), ("text", "Still full"), ("by", "A B")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let list = words(&get(&router, "/incidents/1/decisions").await.text());
    assert!(list.contains("Holds no longer") && list.contains("it is withdrawn. Still full"), "{list}");
}

#[tokio::test]
async fn a_role_is_taken_once_handed_over_with_a_briefing_and_its_shift_watched() {
    let hospital = prepared();
    let router = hospital.router();
    declared(&router).await;
    let post_page = "/incidents/1/post";
    let take = |by| {
        vec![
            ("deed", "take"),
            ("role", "strategic-commander"),
            ("by", by),
            ("contact", "ext 4021"),
            ("shift_ends", "22:00"),
        ]
    };
    let (a, b) = (take("Anna Bell"), take("Ben Obi"));
    let (a, b) = tokio::join!(post(&router, post_page, &a), post(&router, post_page, &b));
    let taken = [&a, &b].iter().filter(|x| x.status == StatusCode::SEE_OTHER).count();
    assert_eq!(taken, 1, "one leads, never two");
    let lost = if a.status == StatusCode::SEE_OTHER { &b } else { &a };
    came_back(lost, "has been Strategic commander since", &[]);
    let holder = hospital.room.incident().read(|b| {
        b.running().next().unwrap().roles.all().next().unwrap().1.holder.as_ref().unwrap().person.to_string()
    });
    let board = words(&get(&router, "/incidents/1").await.text());
    assert!(board.contains(&holder) && board.contains("ext 4021 until 22:00"), "{board}");
    let over = [("deed", "hand-over"), ("role", "strategic-commander"), ("from", &holder), ("by", &holder)];
    let silent = [&over[..], &[("to", "Cara Lee"), ("briefing", "")]].concat();
    came_back(&post(&router, post_page, &silent).await, "must know", &["Cara Lee"]);
    let told =
        [&over[..], &[("to", "Cara Lee"), ("briefing", "Links are cut; public update due 17:00")]].concat();
    let done = post(&router, post_page, &told).await;
    assert_eq!(done.header("location"), "/incidents/1/post?role=strategic-commander&done=handover");
    let page = words(&get(&router, "/incidents/1/post?role=strategic-commander").await.text());
    assert!(page.contains("Held by Cara Lee") && page.contains("Held before"), "{page}");
    // Her shift ends eight hours later; the page says so before and after.
    hospital.clock.set(now().plus_seconds(8 * 3600 - 600));
    assert!(words(&get(&router, "/incidents/1").await.text()).contains("Cara Lee's shift ends"));
    hospital.clock.set(now().plus_seconds(8 * 3600 + 60));
    assert!(words(&get(&router, "/incidents/1").await.text()).contains("Cara Lee's shift ended"));
    let odd = [
        ("deed", "stay"),
        ("role", "strategic-commander"),
        ("shift_ends", "late"),
        ("reason", "Why"),
        ("by", "C"),
    ];
    came_back(&post(&router, post_page, &odd).await, "is no time", &["value=\"late\"", "value=\"Why\""]);
    for (role, status) in [("strategic%20commander", StatusCode::NOT_FOUND), ("runner", StatusCode::OK)] {
        assert_eq!(get(&router, &format!("/incidents/1/post?role={role}")).await.status, status, "{role}");
    }
    let roles = words(&get(&router, "/incidents/1/roles").await.text());
    assert!(roles.contains("1 of ") && roles.contains("Tactical commander"), "{roles}");
}

#[tokio::test]
async fn hospitals_say_what_is_open_and_an_exercise_never_says_it_of_the_real_ones() {
    let hospital = prepared();
    let router = hospital.router();
    declared(&router).await;
    post(&router, "/incidents/declare", &[&[("name", "Practice"), ("nature", "exercise")], SHORT].concat())
        .await;
    let say = |state, note| {
        vec![
            ("site", "Northgate General"),
            ("service", "Emergency department"),
            ("state", state),
            ("wait", "240"),
            ("note", note),
            ("by", "Anna Bell"),
        ]
    };
    came_back(
        &post(&router, "/incidents/2/hospitals", &say("closed", "")).await,
        "why Emergency department is closed",
        &["value=\"closed\" required checked", "value=\"240\"", "value=\"Emergency department\""],
    );
    let told = post(&router, "/incidents/2/hospitals", &say("closed", "Flooded")).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    let practice = words(&get(&router, "/incidents/2").await.text());
    assert!(practice.contains("Emergency department closed (Flooded), wait 240 min"), "{practice}");
    assert!(!words(&get(&router, "/incidents/1").await.text()).contains("Flooded"));
    assert!(get(&router, "/incidents/2").await.text().contains("class=\"watermark\""));
    assert!(!get(&router, "/incidents/1").await.text().contains("class=\"watermark\""));
    assert!(!get(&router, "/").await.text().contains("class=\"watermark\""), "a real one runs beside it");
}

#[tokio::test]
async fn standby_is_declared_raised_and_stood_down_knowing_what_is_open() {
    let hospital = prepared();
    let router = hospital.router();
    post(&router, "/incidents/declare", &[&[("when", "standby")], SHORT].concat()).await;
    assert!(words(&get(&router, "/incidents/1").await.text()).contains("Standby"));
    let stage =
        |deed, level| vec![("deed", deed), ("level", level), ("reason", "It spreads"), ("by", "Anna Bell")];
    for (deed, level) in [("declare", "critical"), ("level", "major")] {
        let done = post(&router, "/incidents/1/stage", &stage(deed, level)).await;
        assert_eq!(done.header("location"), "/incidents/1?done=stage", "{deed}");
    }
    came_back(
        &post(&router, "/incidents/1/stage", &stage("declare", "major")).await,
        "was declared already",
        &["It spreads"],
    );
    hospital.clock.set(now().plus_seconds(7200));
    let open = words(&get(&router, "/incidents/1/stand-down").await.text());
    assert!(open.contains("Still open") && open.contains("overdue on action cards"), "{open}");
    let end = [("deed", "stand-down"), ("reason", "All restored"), ("by", "Anna Bell")];
    came_back(&post(&router, "/incidents/1/stand-down", &end).await, "Still open", &["All restored"]);
    let knowing = [&end[..], &[("despite_open", "yes")]].concat();
    assert_eq!(
        post(&router, "/incidents/1/stand-down", &knowing).await.header("location"),
        "/incidents/1?done=stood-down"
    );
    let over = words(&get(&router, "/incidents/1").await.text());
    assert!(over.contains("Stood down") && over.contains("All restored"), "{over}");
    assert!(get(&router, "/").await.text().contains("href=\"/incidents/declare\""));
    let resume = [("deed", "resume"), ("reason", "Too early"), ("by", "Anna Bell")];
    assert_eq!(
        post(&router, "/incidents/1/stand-down", &resume).await.header("location"),
        "/incidents/1?done=resumed"
    );
    assert!(words(&get(&router, "/incidents/1").await.text()).contains("Declared"));
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_not_there() {
    let hospital = prepared();
    let router = hospital.router();
    for page in
        ["", "/methane", "/stage", "/stand-down", "/roles", "/decisions", "/decisions/new", "/hospitals"]
    {
        let answer = get(&router, &format!("/incidents/7{page}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        assert!(words(&answer.text()).contains("There is no incident 7"));
    }
    assert!(words(&get(&router, "/incidents").await.text()).contains("No incident is running"));
}

#[tokio::test]
async fn a_full_disk_gives_the_form_back_with_the_words_and_says_paper() {
    let (hospital, _quota) = odd::full_disk();
    let router = hospital.router();
    for (address, fields, kept) in [
        ("/incidents/declare", SHORT, "Ransom notes on ED screens"),
        ("/log", &[("text", "Switchboard is down"), ("by", "Anna Bell")][..], "Switchboard is down"),
    ] {
        let answer = post(&router, address, fields).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        let html = answer.text();
        assert!(html.contains("on paper with the time") && html.contains(kept), "{address}: {html}");
    }
}

/// A demonstration that was never taken out of the configuration must not be found out in the middle of the day.
#[tokio::test]
async fn who_declares_on_a_marked_lifeboat_is_told_before_it_is_pressed() {
    let hospital = prepared();
    let marked = screens::Screens { watermark: Some("DEMONSTRATION".to_owned()), ..hospital.screens() };
    let (plain, marked) = (hospital.router(), screens::router(marked));
    let told = ["This Lifeboat is marked DEMONSTRATION", "have “watermark” taken out of its configuration"];
    let says = |html: &str| {
        let before = html.split("<button").take_while(|part| !part.contains(">Declare<")).collect::<String>();
        let read = words(&before);
        told.iter().filter(|words| read.contains(**words)).count()
    };
    let html = get(&marked, "/incidents/declare").await.text();
    assert_eq!(says(&html), 2, "{}", words(&html));
    assert!(words(&html).contains("Real, though marked DEMONSTRATION here"));
    assert_eq!(says(&get(&plain, "/incidents/declare").await.text()), 0);
    // A form that comes back still says it, and so does the page that declares what was on standby.
    let answer = post(&marked, "/incidents/declare", &[("level", "critical"), ("by", "Anna Bell")]).await;
    assert_eq!((answer.status, says(&answer.text())), (StatusCode::CONFLICT, 2));
    let standby = [&[("when", "standby")], SHORT].concat();
    assert_eq!(post(&marked, "/incidents/declare", &standby).await.status, StatusCode::SEE_OTHER);
    assert_eq!(says(&get(&marked, "/incidents/1/stage").await.text()), 2);
    assert_eq!(says(&get(&plain, "/incidents/1/stage").await.text()), 0);
    let declare = [("deed", "declare"), ("level", "major"), ("reason", "notes"), ("by", "Anna Bell")];
    assert_eq!(post(&marked, "/incidents/1/stage", &declare).await.status, StatusCode::SEE_OTHER);
    assert_eq!(says(&get(&marked, "/incidents/1/stage").await.text()), 0, "it is declared already");
}
