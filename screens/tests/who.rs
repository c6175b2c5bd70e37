//! Whoever is at the screen is remembered by the browser and put on every form; nobody is made out of nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, get_with_cookie, post};
use fixture::Hospital;
use http::StatusCode;

#[tokio::test]
async fn a_name_is_remembered_and_put_on_forms() {
    let router = Hospital::full().router();
    assert!(get(&router, "/wards").await.text().contains("Say who you are"));
    let said = post(&router, "/who", &[("by", "Siân <b>Bell</b>"), ("back", "/wards")]).await;
    assert_eq!((said.status, said.header("location")), (StatusCode::SEE_OTHER, "/wards"));
    let set = said.header("set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let cookie = set.split(';').next().unwrap();
    for address in ["/wards", "/mode", "/who?back=/wards"] {
        let page = get_with_cookie(&router, address, cookie).await.text();
        assert!(page.contains("Siân &#60;b&#62;Bell"), "{address}: {page}");
        assert!(!page.contains("<b>Bell"), "{address}");
    }
    let forgotten = post(&router, "/who", &[("by", ""), ("back", "//evil.example")]).await;
    assert_eq!(forgotten.header("location"), "/");
    assert!(forgotten.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn what_is_no_name_is_nobody() {
    let router = Hospital::full().router();
    for cookie in ["lifeboat_who=", "lifeboat_who=zz", "lifeboat_who=0a", "lifeboat_who=ffff"] {
        let page = get_with_cookie(&router, "/wards", cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("Say who you are"), "{cookie}");
    }
}
