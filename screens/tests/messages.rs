//! Messages, roll-call and the form on a personal telephone, as a browser without scripts goes through them; evidence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post, post_file, words};
use fixture::{Hospital, now};
use http::StatusCode;
use incident::declare::{self, Level, Nature};
use incident::directory::read_sheet;
use incident::messages::MessageId;
use incident::{Person, hospitals};

const SHEET: &[u8] = b"\
kind,name,site,place,mobile,on duty\r
person,Dr Ada Quill,Northgate General,Ward 7,07700 900102,yes\r
person,Ben Cole,Northgate General,Ward 7,,yes\r
";

fn ready(nature: Nature) -> Hospital {
    let hospital = Hospital::full();
    let (room, who) = (hospital.room.incident(), Person::new("Eva Frost").unwrap());
    let sites = vec![basics::SiteId::new("Northgate General").unwrap()];
    room.submit(hospitals::Intent::List { sites }, &who, now()).unwrap();
    let report = room.read(|book| read_sheet(book, SHEET)).unwrap();
    for intent in report.intents() {
        room.submit(intent, &who, now()).unwrap();
    }
    let opened = declare::Intent::Open {
        name: "Cyber attack".into(),
        level: Level::Major,
        nature,
        declared: true,
        reason: "Ransom notes".into(),
        sites: Vec::new(),
        methane: None,
    };
    room.submit(opened, &who, now()).unwrap();
    hospital
}

async fn call_the_roll(router: &axum::Router) {
    let fields = [
        ("incident", "1"),
        ("ask", "roll-call"),
        ("text", "Are you safe?"),
        ("duty", "yes"),
        ("by", "Sam"),
        ("hours", "24"),
    ];
    let sent = post(router, "/messages/new", &fields).await;
    assert_eq!(sent.header("location"), "/roll-call?incident=1&done=sent", "{}", words(&sent.text()));
}

#[tokio::test]
async fn a_refused_message_keeps_every_word_and_tick() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    assert!(words(&get(&router, "/messages").await.text()).contains("Nothing has been sent"));
    let fields = [
        ("incident", "1"),
        ("ask", "task"),
        ("text", "Switch it off at the wall"),
        ("role", "mortuary-lead"),
        ("place", ""),
        ("by", "Sam"),
        ("hours", "99"),
    ];
    let refused = post(&router, "/messages/new", &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let text = refused.text();
    assert!(words(&text).contains("1 to 72 hours"), "{}", words(&text));
    assert!(text.contains(">Switch it off at the wall</textarea>") && text.contains("value=\"99\""));
    assert!(text.contains("id=\"ask-task\" name=\"ask\" type=\"radio\" value=\"task\" checked"));
    let nobody = [("incident", "1"), ("text", "x"), ("by", "Sam"), ("hours", "")];
    assert!(words(&post(&router, "/messages/new", &nobody).await.text()).contains("Choose to whom it goes"));
    let nowhere = [("incident", "9"), ("text", "x"), ("by", "Sam")];
    assert_eq!(post(&router, "/messages/new", &nowhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_task_goes_out_and_each_answer_comes_back() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    let fields = [
        ("incident", "1"),
        ("ask", "task"),
        ("text", "Switch it off"),
        ("place", "Ward 7; Ward 8"),
        ("site", "Northgate General"),
        ("by", "Sam"),
    ];
    let sent = post(&router, "/messages/new", &fields).await;
    assert_eq!(sent.header("location"), "/messages/1?done=sent", "{}", words(&sent.text()));
    let page = words(&get(&router, "/messages/1").await.text());
    for text in ["Task 1", "Switch it off", "4 people", "4 not answered", "Dr Ada Quill", "Ward 8"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let written = post(&router, "/messages/1/people/0", &[("answer", "done"), ("by", "Kim")]).await;
    assert_eq!(written.header("location"), "/messages/1?done=answered");
    assert!(words(&get(&router, "/messages/1").await.text()).contains("(Kim)"));
    let twice = post(&router, "/messages/1/people/0", &[("answer", "done"), ("by", "Kim")]).await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER, "pressed twice, it is so once");
    let again = post(&router, "/messages/1", &[("deed", "slips"), ("by", "Sam")]).await;
    assert_eq!(again.header("location"), "/messages/1?done=again");
    let closed = post(&router, "/messages/1", &[("deed", "close"), ("reason", "over"), ("by", "Sam")]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    assert!(words(&get(&router, "/messages/1").await.text()).contains("Closed by Sam: over"));
    assert!(words(&get(&router, "/messages").await.text()).contains("Links are closed"));
}

#[tokio::test]
async fn the_form_on_a_telephone_shows_the_question_and_nothing_else() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    call_the_roll(&router).await;
    let room = hospital.room.incident();
    let link = room.message_link(MessageId(1), 0).unwrap();
    let address = format!("/q/{link}");
    let size = room.status().book_size;
    let page = get(&router, &address).await.text();
    assert_eq!(room.status().book_size, size, "looking records nothing: telephones look by themselves");
    assert!(page.contains("Are you safe?") && page.contains("Dr Ada Quill"));
    for secret in ["Northgate", "Ben Cole", "Cyber attack", "/wards", "<nav", "Newest data", "<script"] {
        assert!(!page.contains(secret), "{secret} is no part of the question");
    }
    let refused = post(&router, &address, &[("place", "Ward 7"), ("until", "25:00")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("value=\"Ward 7\"") && refused.text().contains("whether you are safe"));
    let odd = post(&router, &address, &[("safe", "yes"), ("until", "25:00")]).await;
    assert!(words(&odd.text()).contains("like 18:30"));
    let fields = [("safe", "yes"), ("place", "Ward 7"), ("until", "23:45"), ("answer", "present")];
    let thanks = post(&router, &address, &fields).await;
    assert_eq!(thanks.status, StatusCode::OK);
    assert!(words(&thanks.text()).contains("is recorded: safe, at Ward 7, can work until 23:45. Thank you."));
    assert_eq!(post(&router, &address, &fields).await.status, StatusCode::OK, "pressed twice");
    let roll = words(&get(&router, "/roll-call").await.text());
    let (missing, safe) = (roll.find("Ben Cole").unwrap(), roll.find("Dr Ada Quill").unwrap());
    assert!(missing < safe, "the unaccounted first: {roll}");
    for text in ["1 unaccounted for", "1 safe", "1 able to work now", "1 of 2 people have answered"] {
        assert!(roll.contains(text), "{text}: {roll}");
    }
}

#[tokio::test]
async fn a_link_that_was_not_made_here_or_is_closed_tells_nothing() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    call_the_roll(&router).await;
    let room = hospital.room.incident();
    let link = room.message_link(MessageId(1), 0).unwrap();
    let other = room.message_link(MessageId(1), 1).unwrap();
    assert_ne!(link, other);
    let mut forged = link.clone().into_bytes();
    let last = forged.len() - 4;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for odd in [forged.as_str(), "x", "AAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAA", &link[..31]] {
        for answer in [
            get(&router, &format!("/q/{odd}")).await,
            post(&router, &format!("/q/{odd}"), &[("safe", "yes")]).await,
        ] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{odd}");
            assert!(!answer.text().contains("Are you safe?") && !answer.text().contains("Quill"));
        }
    }
    hospital.clock.set(now().plus_seconds(25 * 3600));
    let late = get(&router, &format!("/q/{link}")).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(words(&late.text()).contains("Ring the control room"));
    assert!(room.message_link(MessageId(1), 2).is_none() && room.message_link(MessageId(9), 0).is_none());
}

#[tokio::test]
async fn an_exercise_is_marked_on_the_telephone_and_says_whom_it_reaches() {
    let hospital = ready(Nature::Exercise);
    let router = hospital.router();
    call_the_roll(&router).await;
    let page = words(&get(&router, "/messages").await.text());
    assert!(
        page.contains("This exercise reaches no telephone") && page.contains("on screens only"),
        "{page}"
    );
    let link = hospital.room.incident().message_link(MessageId(1), 0).unwrap();
    assert!(get(&router, &format!("/q/{link}")).await.text().contains("EXERCISE EXERCISE EXERCISE"));
    let fields = [("incident", "1"), ("allowed", "yes"), ("reason", "test of the gateway"), ("by", "Sam")];
    assert_eq!(post(&router, "/messages/phones", &fields).await.status, StatusCode::SEE_OTHER);
    assert!(words(&get(&router, "/messages").await.text()).contains("This exercise reaches real telephones"));
}

#[tokio::test]
async fn evidence_is_kept_as_it_came_and_handed_out_only_to_be_saved() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    let keep = |shows: &'static str, name: &'static str, bytes: Vec<u8>| {
        let router = router.clone();
        async move {
            let fields = [("incident", "1"), ("by", "Sam"), ("shows", shows), ("found_at", "AMU")];
            post_file(&router, "/evidence", &fields, ("file", name, &bytes)).await
        }
    };
    let polyglot = b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>PK\x03\x04".to_vec();
    let kept = keep("red padlock", "../../etc/passwd.html", polyglot.clone()).await;
    assert_eq!(kept.header("location"), "/evidence?incident=1&done=evidence", "{}", words(&kept.text()));
    let page = get(&router, "/evidence").await.text();
    assert!(
        words(&page).contains("file of another kind") && words(&page).contains("SHA-256"),
        "{}",
        words(&page)
    );
    let file = get(&router, "/evidence/1/1/file").await;
    assert_eq!(file.body, polyglot, "as it came");
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"evidence-1-1-"));
    assert!(file.header("content-disposition").ends_with(".bin\""));
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let dir = hospital.data_dir().join("evidence");
    let names: Vec<String> =
        std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.len() == 1 && names[0].len() == 64 + ".evidence".len(), "{names:?}");
    let path = dir.join(&names[0]);
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"script"), "nothing lies in clear on the disk");
    for (shows, bytes, why) in [
        ("again", polyglot, "kept already as evidence 1"),
        ("", b"text".to_vec(), "What it shows is missing"),
        ("nothing", Vec::new(), "Choose a file first"),
        ("huge", vec![7u8; (20 << 20) + 1], "longer than 20 MB"),
        ("very huge", vec![7u8; 30 << 20], "longer than 20 MB"),
    ] {
        let refused = keep(shows, "x", bytes).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{shows}");
        assert!(words(&refused.text()).contains(why), "{why}: {}", words(&refused.text()));
    }
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let changed = get(&router, "/evidence/1/1/file").await;
    assert_ne!(changed.status, StatusCode::OK, "one changed byte is found");
    assert_eq!(get(&router, "/evidence/1/9/file").await.status, StatusCode::NOT_FOUND);
}

/// Two pixels, with a comment of the camera's.
const PHOTO: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00{@\xe8\xdd\x00\x00\x00\x1etEXtComment\x00taken at the back door\x84X\xe8n\x00\x00\x00\x0fIDATx\x9cc\xf8\xcf\xc0\xc0\xf0\x9f\x01\x00\x07\xff\x01\xff\x01\x7f\x89\xa7\x00\x00\x00\x00IEND\xaeB`\x82";

#[tokio::test]
async fn a_photo_is_shown_rebuilt_as_an_image_and_nothing_else() {
    let hospital = ready(Nature::Real);
    let router = hospital.router();
    for (shows, bytes) in
        [("red <padlock>", PHOTO.to_vec()), ("a page", b"<html><script>alert(1)</script>".to_vec())]
    {
        let fields = [("incident", "1"), ("by", "Sam"), ("shows", shows), ("found_at", "AMU")];
        assert_eq!(
            post_file(&router, "/evidence", &fields, ("file", "x", &bytes)).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let page = get(&router, "/evidence").await.text();
    assert!(page.contains("src=\"/evidence/1/1/picture\" alt=\"red &#60;padlock&#62;\""), "{page}");
    assert!(!page.contains("/evidence/1/2/picture"), "only pictures can be looked at");
    let shown = get(&router, "/evidence/1/1/picture").await;
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/png"));
    assert_eq!(shown.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(shown.header("content-disposition").starts_with("inline; filename=\"evidence-1-1-"));
    assert!(!shown.body.windows(9).any(|w| w == b"back door"), "the camera's words are left out");
    assert!(get(&router, "/evidence/1/1/file").await.body == PHOTO, "what is kept is as it came");
    for page in ["/evidence/1/2/picture", "/evidence/1/9/picture", "/evidence/1/x/picture"] {
        assert_eq!(get(&router, page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[tokio::test]
async fn without_a_way_out_the_outbox_says_so() {
    let hospital = ready(Nature::Real);
    let page = words(&get(&hospital.router(), "/outbox").await.text());
    assert!(page.contains("No way out is set up"), "{page}");
}
