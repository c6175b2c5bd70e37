//! The same hands in a browser that runs no script: forms and links alone must do.

use crate::demo::{Demo, adt};
use crate::driver::{Browser, SOON};

pub async fn find_paste_and_mode_work_by_form(browser: &Browser, demo: &Demo) {
    scripts_are_off(browser).await;
    found_by_form(browser, demo).await;
    pasted_by_form(browser).await;
    mode_changed_by_form(browser).await;
}

/// A page whose script would change its words stands still, or this journey tests nothing.
async fn scripts_are_off(browser: &Browser) {
    browser
        .go("data:text/html,<p>off</p><script>document.querySelector('p').textContent='on'</script>")
        .await;
    assert_eq!(browser.text("p").await, "off");
}

async fn found_by_form(browser: &Browser, demo: &Demo) {
    demo.hear(&adt("A01", "10", 3, "Quillhaven", "Perpetua", "Chest pain"));
    demo.says("/find?q=quillhaven", "QUILLHAVEN").await;
    browser.go(&demo.address("/find")).await;
    browser.type_into("#q", "quilhlaven").await;
    browser.press("form.find button").await;
    browser.arrive("the answer", |path| path == "/find?q=quilhlaven").await;
    browser.until("the person", "#found", SOON, |found| found.contains("QUILLHAVEN, Perpetua")).await;
    browser.press(".match a.name").await;
    browser.arrive("the patient", |path| path.starts_with("/patients/")).await;
    assert!(browser.text(".banner-name").await.starts_with("QUILLHAVEN, Perpetua"));
    assert!(browser.text("#live").await.contains("As at "));
}

async fn pasted_by_form(browser: &Browser) {
    browser.press("nav.places a[href='/paste']").await;
    browser.arrive("the paste page", |path| path == "/paste").await;
    browser.type_into("#message", &adt("A01", "11", 4, "Underbough", "Tamsin", "Cough")).await;
    browser.press("main form button").await;
    browser.until("what it says", ".facts", SOON, |facts| facts.contains("Tamsin")).await;
    // Nothing is recorded.
    browser.type_into("#quick", "underbough").await;
    browser.press(".quick-find button").await;
    browser.until("nobody was recorded", "#found", SOON, |found| found.contains("Nobody was found")).await;
}

async fn mode_changed_by_form(browser: &Browser) {
    browser.press(".wordmark").await;
    browser.arrive("home", |path| path == "/").await;
    browser.press(".mode-button").await;
    browser.arrive("the mode page", |path| path == "/mode").await;
    browser.press("label[for='mode-downtime']").await;
    browser.type_into("#reason", "ransom note on ED screens").await;
    browser.type_into("#by", "KT").await;
    browser.press("main form button").await;
    browser.arrive("home again", |path| path.starts_with("/?")).await;
    let downtime = |mode: &str| mode.eq_ignore_ascii_case("Downtime");
    browser.until("the new mode", "h1#mode", SOON, downtime).await;
    let since = browser.text(".mode-since").await;
    assert!(since.contains("set by KT") && since.contains("ransom note on ED screens"), "{since}");
    assert!(browser.text(".mode-tag").await.eq_ignore_ascii_case("Downtime"));
}
