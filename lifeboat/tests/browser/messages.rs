//! The roll on a telephone: the directory imported, a role written to, the roll called, a personal link answered without
//! signing in and without the rest of Lifeboat, the roll-call showing it; each page fits and axe finds nothing.

use crate::demo::Demo;
use crate::driver::{Browser, SOON};
use crate::every_page::{AXE, faults_of};
use std::path::Path;

const SHEET: &str = "kind,name,role,site,place,location,direct,mobile,on duty\n\
    role,Site manager,site-manager,,,Level 1,01632 960011,07700 900101,\n\
    place,Ward 7,,,,Level 2 east,01632 960077,,\n\
    person,Ada Quill,,,Ward 7,,,07700 900102,yes\n\
    person,Ben Cole,,,Ward 7,,01632 960078,,yes\n\
    person,Nobody,,Atlantis,,,,,\n";

/// Runs it on `browser`, a telephone of that width; `own` is the personal telephone of a member of staff.
pub async fn imported_written_answered_and_counted(
    browser: &Browser,
    own: &Browser,
    demo: &Demo,
    dir: &Path,
    width: u64,
) -> Vec<String> {
    let mut look = Look { width, axe: std::fs::read_to_string(AXE).ok(), faults: Vec::new() };
    let sheet = dir.join("directory.csv");
    std::fs::write(&sheet, SHEET).unwrap();
    declared(browser, demo).await;
    imported(&mut look, browser, demo, &sheet).await;
    task(&mut look, browser, demo).await;
    let link = rolled(&mut look, browser, demo).await;
    answered(&mut look, own, &demo.address(&link)).await;
    // The page stands open: it hears the answer by itself.
    browser.go(&demo.address("/roll-call")).await;
    browser
        .until("the roll-call shows the answer", ".roll-marks", SOON, |text| text.contains("1 safe"))
        .await;
    assert!(browser.text("main").await.contains("Unaccounted for"));
    look.at(browser, "the roll-call").await;
    for page in ["/outbox", "/evidence", "/messages", "/directory", "/directory/routes", "/directory/3"] {
        browser.go(&demo.address(page)).await;
        look.at(browser, page).await;
    }
    browser.press(".night-switch button").await;
    for page in
        ["/outbox", "/messages/1", "/directory", "/roll-call", "/messages/new", "/messages/2/people/0"]
    {
        browser.go(&demo.address(page)).await;
        look.at(browser, page).await;
    }
    look.faults
}

struct Look {
    width: u64,
    axe: Option<String>,
    faults: Vec<String>,
}

impl Look {
    async fn at(&mut self, browser: &Browser, page: &str) {
        browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
        let found = faults_of(browser, self.width, self.axe.as_deref()).await;
        self.faults.extend(found.into_iter().map(|fault| format!("{page}: {fault}")));
    }
}

async fn declared(browser: &Browser, demo: &Demo) {
    browser.go(&demo.address("/incidents/declare")).await;
    browser.press("label[for='level-critical']").await;
    browser.type_into("#reason", "Ransom notes on ED screens").await;
    browser.type_into("#by", "Anna Bell").await;
    browser.press("form.declare button[type='submit']").await;
    browser.arrive("the incident", |path| path == "/incidents/1?done=opened").await;
}

async fn imported(look: &mut Look, browser: &Browser, demo: &Demo, sheet: &Path) {
    browser.go(&demo.address("/directory")).await;
    assert!(browser.text("#found").await.contains("The directory is empty"));
    browser.go(&demo.address("/directory/import")).await;
    look.at(browser, "the import").await;
    browser.type_into("#sheet", sheet.to_str().unwrap()).await;
    browser.press("button[name='deed'][value='import']").await;
    browser.until("the report", "#report", SOON, |text| text.contains("5 rows")).await;
    assert!(browser.text("main").await.contains("Line 6"), "the refused row is told");
    look.at(browser, "the import's report").await;
    browser.go(&demo.address("/directory")).await;
    browser.type_into("#q", "sitte manger").await;
    browser
        .until("found while typing", "#found", SOON, |text| {
            text.contains("Site manager") && !text.contains("Ada Quill")
        })
        .await;
    assert_eq!(browser.text(".dial-number").await, "01632 960011");
    look.at(browser, "the directory").await;
}

async fn task(look: &mut Look, browser: &Browser, demo: &Demo) {
    browser.go(&demo.address("/messages")).await;
    look.at(browser, "no messages").await;
    browser.go(&demo.address("/messages/new?incident=1")).await;
    look.at(browser, "the form of a message").await;
    browser.press("label[for='ask-task']").await;
    browser.type_into("#text", "Switch it off at the wall").await;
    browser.press("input[name='role'][value='site-manager']").await;
    browser.press("main form.form .form-buttons button[type='submit']").await;
    browser.arrive("the task is sent", |path| path == "/messages/1?done=sent").await;
    assert!(browser.text("main").await.contains("Site manager"));
    look.at(browser, "a task").await;
}

/// The personal link of the first person whom the roll-call asks.
async fn rolled(look: &mut Look, browser: &Browser, demo: &Demo) -> String {
    browser.go(&demo.address("/roll-call")).await;
    browser.press(".empty a[href*='ask=roll-call']").await;
    browser.arrive("the roll-call's form", |path| path.contains("ask=roll-call")).await;
    browser.press("main form.form .form-buttons button[type='submit']").await;
    browser.arrive("the roll is called", |path| path.starts_with("/roll-call")).await;
    assert!(browser.text(".roll-marks").await.contains("2 unaccounted for"));
    look.at(browser, "the roll-call before any answer").await;
    browser.go(&demo.address("/messages/2/people/0")).await;
    look.at(browser, "one person").await;
    let links = browser.attributes("a[href^='/q/']", "href").await;
    links.into_iter().next().expect("a personal link")
}

async fn answered(look: &mut Look, own: &Browser, link: &str) {
    own.go(link).await;
    assert_eq!(own.texts("nav").await.len(), 0, "nothing but the question");
    look.at(own, "the question on a telephone").await;
    own.press("label[for='safe-yes']").await;
    own.type_into("#place", "Ward 7").await;
    own.press("button[type='submit']").await;
    own.until("thanks", ".done", SOON, |text| text.contains("is recorded: safe, at Ward 7")).await;
    look.at(own, "the thanks on a telephone").await;
}
