//! The directory's pages: imported with every refused row told, searched, edited by two, printed, carried away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post, post_file, words};
use fixture::{Hospital, now};
use http::StatusCode;
use incident::Person;
use incident::hospitals;

const SHEET: &[u8] = b"\
kind,name,role,site,place,location,direct,mobile,email,on duty\r
role,Site manager,site-manager,Northgate General,,Level 1,01632 960011,07700 900101,,\r
place,Ward 7,,Northgate General,,Level 2 east,01632 960077,,,\r
person,Dr Ada Quill,,Northgate General,Ward 7,,,07700 900102,ada@northgate.example,yes\r
person,<script>alert(1)</script>,,,,,01632 960099,,,\r
person,Nobody,,Atlantis,,,,,,\r
";

pub fn ready() -> Hospital {
    let hospital = Hospital::full();
    let sites = vec![basics::SiteId::new("Northgate General").unwrap()];
    let listed = hospitals::Intent::List { sites };
    hospital.room.incident().submit(listed, &Person::new("Lifeboat").unwrap(), now()).unwrap();
    hospital
}

async fn import(router: &axum::Router, deed: &str, sheet: &[u8]) -> common::Answer {
    let fields = [("by", "Eva Frost"), ("deed", deed)];
    post_file(router, "/directory/import", &fields, ("sheet", "directory.csv", sheet)).await
}

#[tokio::test]
async fn a_sheet_is_checked_then_imported_and_each_refused_row_is_told() {
    let hospital = ready();
    let router = hospital.router();
    let empty = words(&get(&router, "/directory").await.text());
    assert!(empty.contains("The directory is empty") && empty.contains("Import it from a sheet"), "{empty}");
    let checked = import(&router, "check", SHEET).await;
    let text = words(&checked.text());
    assert!(text.contains("Checked: nothing was changed: 5 rows") && text.contains("Line 6"), "{text}");
    assert!(text.contains("no hospital called “Atlantis”"), "{text}");
    assert!(hospital.room.incident().read(|book| book.directory.is_empty()));
    let done = import(&router, "import", SHEET).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.header("set-cookie").contains("lifeboat_who="));
    assert_eq!(hospital.room.incident().read(|book| book.directory.len()), 4);
    let again = words(&import(&router, "import", SHEET).await.text());
    assert!(again.contains("The same as before 4") || again.contains("The same as before\n4"), "{again}");
    for (sheet, why) in [
        (&b"name\n\"open"[..], "quotation mark"),
        (b"site\nx", "“name” is missing"),
        (b"\x00\x01", "not a text file"),
        (b"", "Choose a file first"),
    ] {
        let refused = import(&router, "import", sheet).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        let text = refused.text();
        assert!(
            words(&text).contains(why) && text.contains("value=\"Eva Frost\""),
            "{why}: {}",
            words(&text)
        );
    }
    let long = vec![b'x'; (5 << 20) + 1];
    let refused = import(&router, "import", &long).await;
    assert!(words(&refused.text()).contains("longer than 4 MB"), "{}", refused.status);
}

#[tokio::test]
async fn the_number_to_dial_now_stands_large_and_follows_what_works() {
    let hospital = ready();
    let router = hospital.router();
    import(&router, "import", SHEET).await;
    let page = get(&router, "/directory?q=sitte%20manger").await.text();
    assert!(page.contains("dial-number\" href=\"tel:01632960011\">01632 960011"), "{}", words(&page));
    let fields = [
        ("site", "Northgate General"),
        ("route", "direct line"),
        ("seen", "unknown"),
        ("state", "down"),
        ("note", "use mobiles"),
        ("by", "Sam"),
    ];
    let told = post(&router, "/directory/routes", &fields).await;
    assert_eq!(told.header("location"), "/directory/routes?done=route");
    let page = get(&router, "/directory?q=site").await.text();
    assert!(page.contains("dial-number\" href=\"tel:07700900101\">07700 900101"), "{}", words(&page));
    assert!(words(&page).contains("Northgate General : direct lines down"), "{}", words(&page));
    let crossing = post(&router, "/directory/routes", &fields).await;
    assert_eq!(crossing.status, StatusCode::CONFLICT);
    let text = crossing.text();
    assert!(
        words(&text).contains("Sam changed") && text.contains("value=\"use mobiles\""),
        "{}",
        words(&text)
    );
    let all = get(&router, "/directory").await.text();
    assert!(!all.contains("<script>alert"), "a hostile name is text");
    assert!(words(&all).contains("<script>alert(1)</script>"));
    assert!(words(&get(&router, "/directory?q=zebra").await.text()).contains("Nothing fits"));
}

#[tokio::test]
async fn of_two_who_edit_the_second_keeps_what_was_typed() {
    let hospital = ready();
    let router = hospital.router();
    import(&router, "import", SHEET).await;
    let form = get(&router, "/directory/3").await.text();
    assert!(form.contains("value=\"Dr Ada Quill\""), "{}", words(&form));
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let change = |title: &'static str| {
        vec![
            ("deed", "change"),
            ("seen", seen.as_str()),
            ("kind", "person"),
            ("name", "Dr Ada Quill"),
            ("title", title),
            ("site", "Northgate General"),
            ("place", "Ward 7"),
            ("mobile", "07700 900102"),
            ("by", "Kim"),
        ]
    };
    assert_eq!(post(&router, "/directory/3", &change("consultant")).await.status, StatusCode::SEE_OTHER);
    let second = post(&router, "/directory/3", &change("locum consultant")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(words(&second.text()).contains("Kim changed") && second.text().contains("locum consultant"));
    let duty = post(&router, "/directory/1", &[("deed", "on"), ("by", "Kim")]).await;
    assert_eq!(duty.status, StatusCode::SEE_OTHER);
    assert!(words(&get(&router, "/directory/1").await.text()).contains("On duty until"));
    let gone =
        post(&router, "/directory/2", &[("deed", "retire"), ("reason", "closed"), ("by", "Kim")]).await;
    assert_eq!(gone.header("location"), "/directory?done=retired");
    assert_eq!(get(&router, "/directory/2").await.status, StatusCode::NOT_FOUND);
    let fresh = [("kind", "place"), ("name", "Lodge"), ("direct", "none"), ("by", "Kim")];
    let refused = post(&router, "/directory/new", &fresh).await;
    assert!(
        words(&refused.text()).contains("is no direct line") && refused.text().contains("value=\"Lodge\"")
    );
    let fresh = [("kind", "place"), ("name", "Lodge"), ("direct", "01632 960055"), ("by", "Kim")];
    assert_eq!(post(&router, "/directory/new", &fresh).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn it_is_printed_and_carried_away() {
    let hospital = ready();
    let router = hospital.router();
    let refused = get(&router, "/directory/print/wall.pdf").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "an empty directory is not printed");
    import(&router, "import", SHEET).await;
    for sheet in ["wall", "cards", "pocket"] {
        let pdf = get(&router, &format!("/directory/print/{sheet}.pdf")).await;
        assert!(pdf.body.starts_with(b"%PDF"), "{sheet}: {}", pdf.status);
    }
    assert_eq!(get(&router, "/directory/print/poster.pdf").await.status, StatusCode::NOT_FOUND);
    let cards = get(&router, "/directory/entries.vcf?q=quill").await;
    assert!(cards.header("content-type").starts_with("text/vcard"));
    assert!(cards.header("content-disposition").starts_with("attachment"));
    assert_eq!(cards.text().matches("BEGIN:VCARD").count(), 1);
    assert!(get(&router, "/directory/3/entry.vcf").await.text().contains("FN:Dr Ada Quill"));
    assert_eq!(get(&router, "/directory/99/entry.vcf").await.status, StatusCode::NOT_FOUND);
}
