//! A public update from its draft to its withdrawal, on a telephone: the writer cannot approve it, a second person does,
//! the public reads it in a browser that runs no script, and what is withdrawn is gone; each page fits, axe finds nothing.

use crate::demo::Demo;
use crate::driver::{Browser, SOON, pause};
use crate::every_page::{AXE, faults_of};

/// Runs it: `staff` is a telephone of that width, `public` another that runs no script.
pub async fn drafted_approved_read_and_withdrawn(
    staff: &Browser,
    public: &Browser,
    demo: &Demo,
    width: u64,
) -> Vec<String> {
    let axe = std::fs::read_to_string(AXE).ok();
    if axe.is_none() {
        println!("axe-core absent (xtask/setup.sh test lays it into target/axe), skipped: its rules");
    }
    let mut faults = Vec::new();
    staff.go(&demo.address("/public-updates")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "with nothing published").await);
    staff.press(".list-deeds a.nhsuk-button").await;
    staff.arrive("the draft", |path| path.starts_with("/public-updates/draft")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "the draft").await);
    staff.type_into("#sentence", "Our computers are <i>not</i> working.").await;
    staff.type_into("#do_this", "Come only in an emergency.").await;
    staff.type_into("#not_for", "Blood tests").await;
    staff.type_into("#place_name_1", "High Street walk-in centre").await;
    staff.type_into("#by", "Cara Dean").await;
    // Without its hours nobody is sent there: refused, and nothing that was typed is lost.
    staff.press("form.form button[type='submit']").await;
    staff.until("the refusal", ".refused", SOON, |words| words.contains("Not done yet")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "the refused draft").await);
    staff.type_into("#place_hours_1", "every day 8am to 8pm").await;
    staff.press("form.form button[type='submit']").await;
    staff.arrive("the kept draft", |path| path.starts_with("/public-updates/1?")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "one draft").await);
    assert!(staff.attributes("iframe.preview", "src").await[0].contains("preview"));
    staff.press("form[action$='/approve'] button").await;
    staff.until("her own words", ".refused", SOON, |words| words.contains("somebody else must read")).await;
    public.go(&format!("http://{}/", demo.public)).await;
    assert!(!public.text("main").await.contains("computers"), "a draft is public");
    staff.js("document.querySelector('#by-approve').value = ''").await;
    staff.type_into("#by-approve", "Anna Bell").await;
    staff.press("form[action$='/approve'] button").await;
    staff.arrive("public", |path| path.contains("done=public-approved")).await;
    staff
        .until("it got there", "#live", SOON, |words| {
            words.contains("There") && words.contains("Next update in")
        })
        .await;
    faults.extend(fits(staff, width, axe.as_deref(), "with an update").await);
    read(public, demo, "the update", |words| words.contains("Our computers are <i>not</i> working.")).await;
    let page = public.text("main").await;
    for words in ["Come only in an emergency.", "Blood tests", "every day 8am to 8pm"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The checker itself needs scripts: the public's page is held against it in the staff's browser.
    staff.go(&format!("http://{}/", demo.public)).await;
    faults.extend(fits(staff, width, axe.as_deref(), "the public page").await);
    staff.go(&demo.address("/public-updates/1?ground=real")).await;
    staff.type_into("#reason-withdraw", "Wrong hours").await;
    staff.press("form[action$='/withdraw'] button").await;
    staff.arrive("withdrawn", |path| path.contains("done=public-withdrawn")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "after the withdrawal").await);
    read(public, demo, "the withdrawal", |words| !words.contains("Our computers are")).await;
    staff.go(&demo.address("/debrief")).await;
    faults.extend(fits(staff, width, axe.as_deref(), "the debrief").await);
    faults
}

/// Loads the public page until it pleases; no script does it.
async fn read(public: &Browser, demo: &Demo, what: &str, pleases: impl Fn(&str) -> bool) {
    for _ in 0..SOON {
        public.go(&format!("http://{}/", demo.public)).await;
        if pleases(&public.text("body").await) {
            return;
        }
        pause().await;
    }
    panic!("the public never read {what}: {}", public.text("body").await);
}

async fn fits(browser: &Browser, width: u64, axe: Option<&str>, what: &str) -> Vec<String> {
    browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
    faults_of(browser, width, axe).await.into_iter().map(|fault| format!("{what}: {fault}")).collect()
}
