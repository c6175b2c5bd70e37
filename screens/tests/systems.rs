//! The systems board on the screen: told apart, reported from a telephone, changed by the IT lead, imported and exported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;
use crate::plan;

use axum::body::Body;
use common::{get, post, words};
use fixture::Hospital;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use incident::Ground;
use incident::declare::Nature;
use incident::systems::{SystemId, SystemState};
use plan::{declared, does, later, opening, prepared};
use tower::ServiceExt;

const SHEET: &str = "site,name,owner,workaround,depends on,recovery order\r\n\
    ,Network core,IT lead bleep 112,Runners,,1\r\n\
    Northgate General,Pathology,Dr Iris Lane,\"Paper slips;\nrunner every 30 min\",Network core,2\r\n\
    Northgate General,PACS,,,Network core; Storage,\r\n";

/// A form as a browser sends it with a file.
async fn upload(router: &axum::Router, file: &[u8], fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("file", "; filename=\"systems.csv\"\r\nContent-Type: text/csv", file);
    for (name, value) in fields {
        part(name, "", value.as_bytes());
    }
    body.extend_from_slice(b"--edge--\r\n");
    let request = Request::post("/systems/import")
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .body(Body::from(body))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let location = parts.headers.get("location").map_or("", |v| v.to_str().unwrap()).to_owned();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, location, String::from_utf8_lossy(&bytes).into_owned())
}

fn checked(html: &str) -> String {
    html.split_once("name=\"checked\" value=\"").map_or(String::new(), |(_, rest)| rest[..16].to_owned())
}

/// Looks for texts as a reader's eye joins them.
fn has(text: &str, wanted: &[&str]) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :", ":");
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

/// The sheet listed, as by its page.
async fn listed(hospital: &Hospital) -> axum::Router {
    let router = hospital.router();
    let (_, _, html) = upload(&router, b"", &[("sheet", SHEET), ("deed", "check")]).await;
    let (status, location, html) = upload(
        &router,
        b"",
        &[("sheet", SHEET), ("deed", "take"), ("checked", &checked(&html)), ("by", "Eva Frost")],
    )
    .await;
    assert_eq!(
        (status, location.as_str()),
        (StatusCode::SEE_OTHER, "/systems?done=systems-listed"),
        "{}",
        words(&html)
    );
    router
}

fn count(hospital: &Hospital) -> usize {
    hospital.room.incident().read(|book| book.systems.all().count())
}

fn state(hospital: &Hospital, system: u32) -> SystemState {
    hospital.room.incident().read(|book| book.systems.state(Ground::Real, SystemId(system)))
}

#[tokio::test]
async fn nothing_is_imported_before_every_refused_row_was_shown() {
    let hospital = prepared();
    let router = hospital.router();
    has(&words(&get(&router, "/systems").await.text()), &["No system is listed yet", "Import the inventory"]);
    let bad = format!("{SHEET}Nowhere,Theatre list,,,,\r\n,<script>x</script>,,,,soon\r\n");
    let (status, _, html) = upload(&router, bad.as_bytes(), &[("deed", "check"), ("by", "Eva Frost")]).await;
    assert_eq!(status, StatusCode::OK);
    has(
        &words(&html),
        &[
            "5 rows, nothing taken yet",
            "New systems 3",
            "Line 6: there is no hospital called “Nowhere”",
            "Line 7: “soon” is no recovery order",
            "needs “Storage”, which is listed nowhere",
            "Take 3 systems, leave 2 refused",
        ],
    );
    assert!(!html.contains("<script>x") && html.contains("&#60;script&#62;x"), "a sheet's words are text");
    assert_eq!(count(&hospital), 0);
    // What is taken is what was shown: a table changed since is shown again.
    let seen = checked(&html);
    let other = bad.replace("PACS", "Imaging");
    let (status, _, html) =
        upload(&router, b"", &[("sheet", &other), ("deed", "take"), ("checked", &seen), ("by", "Eva Frost")])
            .await;
    assert_eq!((status, count(&hospital)), (StatusCode::CONFLICT, 0));
    has(&words(&html), &["changed since it was checked"]);
    let (status, _, html) =
        upload(&router, b"", &[("sheet", &bad), ("deed", "take"), ("checked", &seen), ("by", " ")]).await;
    assert_eq!((status, count(&hospital)), (StatusCode::CONFLICT, 0));
    has(&words(&html), &["Nobody signed this", "PACS"]);
    let (status, location, _) =
        upload(&router, b"", &[("sheet", &bad), ("deed", "take"), ("checked", &seen), ("by", "Eva Frost")])
            .await;
    assert_eq!(
        (status, location.as_str(), count(&hospital)),
        (StatusCode::SEE_OTHER, "/systems?done=systems-listed", 3)
    );
    let (_, _, html) = upload(&router, b"", &[("sheet", SHEET), ("deed", "check")]).await;
    has(&words(&html), &["Listed so already 3", "There is nothing to take"]);
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_in_a_sentence() {
    let hospital = prepared();
    let router = hospital.router();
    for (file, why) in [
        (&b""[..], "Choose a file, or paste the table, first"),
        (b"PK\x03\x04\0\0", "This is not a text file; save the sheet as CSV"),
        (b"a,b\n1,\"2", "a quotation mark is opened there and never closed"),
        (b"owner,site\nx,y\n", "is missing. Known columns"),
        (&[b'x'; 5 << 20][..], "at most 4194304 are read"),
    ] {
        let (status, _, html) = upload(&router, file, &[("deed", "check")]).await;
        assert_eq!(status, StatusCode::CONFLICT, "{why}");
        has(&words(&html), &[why]);
    }
    let (status, ..) = upload(&router, &vec![b'x'; 10 << 20], &[("deed", "check")]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let latin = b"site,name\nNorthgate General,R\xf6ntgen\n";
    let (_, _, html) = upload(&router, latin, &[("deed", "check")]).await;
    assert!(html.contains("Röntgen"), "what a British spreadsheet saves is read");
    assert_eq!(post(&router, "/systems/import", &[("deed", "check")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(count(&hospital), 0);
}

#[tokio::test]
async fn states_are_told_apart_by_word_shape_and_colour() {
    let hospital = declared(Nature::Real);
    let router = listed(&hospital).await;
    let page = words(&get(&router, "/systems").await.text());
    has(&page, &["3 systems", "3 unknown", "Pathology Unknown"]);
    let told = |system: &'static str, fields: &[(&'static str, &'static str)]| {
        let mut all = vec![("deed", "state"), ("seen", "unknown"), ("by", "Iris Lane")];
        all.extend_from_slice(fields);
        let router = router.clone();
        async move { post(&router, &format!("/systems/{system}"), &all).await }
    };
    let bare = told("1", &[("state", "infected"), ("note", ""), ("since", "15:00")]).await;
    assert_eq!(bare.status, StatusCode::CONFLICT);
    has(&words(&bare.text()), &["Say in a few words what is wrong with Network core"]);
    assert!(
        bare.text().contains("value=\"15:00\"")
            && bare
                .text()
                .contains("value=\"infected\" required aria-describedby=\"state-infected-hint\" checked")
    );
    for (field, value, why) in
        [("since", "noon", "is no time"), ("state", "merry", "Choose how the system is first")]
    {
        let fields = [("state", "infected"), ("note", "worm"), (field, value)];
        let last: Vec<_> =
            fields.iter().copied().filter(|(n, _)| *n != field).chain([(field, value)]).collect();
        let refused = told("1", &last).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        has(&words(&refused.text()), &[why, "worm"]);
    }
    let done =
        told("1", &[("state", "infected"), ("note", "Ransom note <b>on</b> consoles"), ("since", "15:00")])
            .await;
    assert_eq!(done.header("location"), "/systems/1?done=system-told");
    let done = told("2", &[("state", "isolated"), ("note", "Cable pulled")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let late = told("2", &[("state", "working"), ("note", "")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    has(
        &words(&late.text()),
        &["Iris Lane set Pathology, Northgate General to “isolated on purpose” at 16:05"],
    );
    later(&hospital, 30);
    let html = get(&router, "/systems").await.text();
    assert!(html.contains("Ransom note &#60;b&#62;on") && !html.contains("<b>on</b>"));
    assert!(
        html.contains("system-infected")
            && html.contains("system-isolated")
            && html.contains("class=\"history-strip\"")
    );
    has(
        &words(&html),
        &[
            "Infected since 14-Jul-2026 15:00",
            "Isolated on purpose since 14-Jul-2026 16:05",
            "1 infected",
            "1 isolated on purpose",
            "Waits for Network core (infected)",
            "Needed by",
            "To bring back, in this order",
            "1. Network core",
            "Recovery order 2",
        ],
    );
    let one = words(&get(&router, "/systems/1").await.text());
    has(
        &one,
        &[
            "Told by Iris Lane",
            "Needed by",
            "Pathology, Northgate General (isolated on purpose)",
            "PACS",
            "History 1 entry",
            "report what you see",
        ],
    );
    let clean =
        post(&router, "/systems/1", &[("state", "working"), ("seen", "infected"), ("by", "Iris Lane")]).await;
    has(&words(&clean.text()), &["say who checked that it is clean, and how"]);
    let filtered = words(&get(&router, "/systems?state=infected").await.text());
    has(&filtered, &["1 of 3 shown"]);
    has(
        &words(&get(&router, "/systems?site=Southmere%20Community").await.text()),
        &["No system matches", "0 of 3 shown"],
    );
    let workaround = post(
        &router,
        "/systems/2",
        &[("deed", "workaround"), ("workaround", "Runners at the half hour"), ("by", "Iris Lane")],
    )
    .await;
    assert_eq!(workaround.header("location"), "/systems/2?done=system-workaround");
    for address in ["/systems/99", "/systems/x", "/systems/reports/7"] {
        assert_eq!(get(&router, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    assert_eq!((state(&hospital, 1), state(&hospital, 3)), (SystemState::Infected, SystemState::Unknown));
}

#[tokio::test]
async fn anybody_reports_a_system_and_somebody_deals_with_it() {
    let hospital = declared(Nature::Real);
    let router = listed(&hospital).await;
    let page = get(&router, "/systems/report?site=Northgate%20General").await.text();
    assert!(
        page.contains("<option value=\"Northgate General\" selected>")
            && page.contains("<option value=\"Pathology\">")
    );
    let refused = post(
        &router,
        "/systems/report",
        &[("site", ""), ("system", "PACS"), ("what", "red <screen>"), ("contact", "AMU"), ("by", "Jo Vale")],
    )
    .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    has(&words(&refused.text()), &["Choose the hospital you are in first", "red <screen>"]);
    assert!(refused.text().contains("value=\"AMU\"") && !refused.text().contains("<screen>"));
    let empty =
        post(&router, "/systems/report", &[("site", "Northgate General"), ("what", " "), ("by", "Jo Vale")])
            .await;
    has(&words(&empty.text()), &["What you see is missing"]);
    for (system, what) in [("pathology", "No results since 13:40"), ("Bed tracker", "Blue screen")] {
        let sent = post(
            &router,
            "/systems/report",
            &[
                ("site", "Northgate General"),
                ("system", system),
                ("what", what),
                ("contact", "AMU, ext 7"),
                ("by", "Jo Vale"),
            ],
        )
        .await;
        assert_eq!(sent.header("location"), "/systems/report?done=system-reported");
    }
    has(
        &words(&get(&router, "/systems").await.text()),
        &[
            "2 wait to be dealt with",
            "No results since 13:40",
            "Bed tracker: Blue screen",
            "by Jo Vale, AMU, ext 7",
        ],
    );
    has(
        &words(&get(&router, "/systems/reports/1").await.text()),
        &["Pathology, Northgate General", "Say how Pathology is"],
    );
    let bare = post(&router, "/systems/reports/1", &[("how", ""), ("by", "Iris Lane")]).await;
    assert_eq!(bare.status, StatusCode::CONFLICT);
    let settled =
        post(&router, "/systems/reports/1", &[("how", "Set to infected"), ("by", "Iris Lane")]).await;
    assert_eq!(settled.header("location"), "/systems?done=report-settled");
    let again = post(&router, "/systems/reports/1", &[("how", "Again"), ("by", "Eva Frost")]).await;
    has(&words(&again.text()), &["Iris Lane dealt with report 1", "Set to infected"]);
    has(&words(&get(&router, "/systems").await.text()), &["1 wait to be dealt with"]);
}

#[tokio::test]
async fn an_exercise_changes_nothing_that_is_real() {
    let hospital = declared(Nature::Exercise);
    let router = listed(&hospital).await;
    let html = get(&router, "/systems").await.text();
    has(&words(&html), &["EXERCISE", "so only in the exercise", "3 unknown"]);
    let done = post(
        &router,
        "/systems/1",
        &[("incident", "1"), ("state", "infected"), ("seen", "unknown"), ("note", "drill"), ("by", "AB")],
    )
    .await;
    assert_eq!(done.header("location"), "/systems/1?incident=1&done=system-told");
    assert_eq!(state(&hospital, 1), SystemState::Unknown);
    post(
        &router,
        "/systems/report",
        &[("incident", "1"), ("site", "Northgate General"), ("what", "drill"), ("by", "AB")],
    )
    .await;
    assert_eq!(hospital.room.incident().read(|b| b.systems.reports(Ground::Real).len()), 0);
    // Something real that happens during an exercise is told as real.
    let form = get(&router, "/systems/report").await.text();
    assert!(form.contains("href=\"/systems/report?incident=real\""), "{}", words(&form));
    let fields = [("incident", "real"), ("site", "Northgate General"), ("what", "Smoke"), ("by", "AB")];
    let sent = post(&router, "/systems/report", &fields).await;
    assert_eq!(sent.header("location"), "/systems/report?incident=real&done=system-reported");
    assert_eq!(hospital.room.incident().read(|b| b.systems.reports(Ground::Real).len()), 1);
    has(&words(&get(&router, "/systems?incident=real").await.text()), &["3 unknown", "Smoke"]);
    does(&hospital, "Anna Bell", opening("Flood", Nature::Real));
    let real = words(&get(&router, "/systems").await.text());
    has(&real, &["3 unknown", "Also: EXERCISE Cyber attack"]);
    has(&words(&get(&router, "/systems?incident=1").await.text()), &["1 infected", "Also: what is real"]);
    let told = post(
        &router,
        "/systems/2",
        &[("incident", "2"), ("state", "degraded"), ("seen", "unknown"), ("note", "wet"), ("by", "AB")],
    )
    .await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&hospital, 2), SystemState::Degraded);
}

#[tokio::test]
async fn what_is_exported_is_read_back_the_same_and_is_no_formula() {
    let hospital = prepared();
    let router = hospital.router();
    let formula = format!("{SHEET},\"'=HYPERLINK(\"\"x\"\")\",'+44 7700 900123,'@SUM(A1),,\r\n");
    let (_, _, html) = upload(&router, b"", &[("sheet", &formula), ("deed", "check")]).await;
    upload(
        &router,
        b"",
        &[("sheet", &formula), ("deed", "take"), ("checked", &checked(&html)), ("by", "AB")],
    )
    .await;
    assert_eq!(count(&hospital), 4);
    let answer = get(&router, "/systems/export.csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"systems-14-Jul-2026-16-05.csv\"")
    );
    let sheet = answer.text();
    assert!(sheet.contains("\"'=HYPERLINK(\"\"x\"\")\",\"'+44 7700 900123\""), "{sheet}");
    let (_, _, html) = upload(&router, sheet.as_bytes(), &[("deed", "check")]).await;
    has(&words(&html), &["Listed so already 4", "Refused rows 0"]);
    let template = get(&router, "/systems/template.csv").await;
    assert_eq!(template.text(), "site,name,owner,workaround,depends on,recovery order\r\n");
}
