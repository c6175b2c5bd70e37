//! The doors of a demonstration as its new user meets them: one press signs in as one of its people, each sees what their
//! role and place allow, the glass is broken for one patient, and the privacy officer finds it.

use crate::demo::Demo;
use crate::driver::{Browser, SOON};
use crate::every_page::{AXE, faults_of};

/// Runs it in `ward`, a screen of that width, and `office`, another one.
pub async fn signed_in_bounded_broken_and_reviewed(
    ward: &Browser,
    office: &Browser,
    demo: &Demo,
    widths: (u64, u64),
) -> Vec<String> {
    let mut look = Look { axe: std::fs::read_to_string(AXE).ok(), faults: Vec::new() };
    // A stranger is told nothing, and led to the sign-in and back.
    ward.go(&demo.address("/wards")).await;
    assert_eq!(ward.path().await, "/sign-in?back=%2Fwards");
    let page = ward.text("body").await;
    assert!(page.contains("This is a demonstration") && !page.contains("AMU ("), "{page}");
    look.at(ward, widths.0, "the sign-in").await;
    signs_in(ward, "D10").await;
    ward.arrive("where they wanted to go", |path| path == "/wards").await;
    assert!(ward.text("#strip").await.contains("Nell Harbour"));
    look.at(ward, widths.0, "wards, signed in").await;
    bounded(&mut look, ward, demo, widths.0).await;
    let patient = broken(&mut look, ward, demo, widths.0).await;
    reviewed(&mut look, office, demo, (&patient, widths.1)).await;
    administered(&mut look, office, demo, widths.1).await;
    // Signed out, the next page asks again.
    ward.go(&demo.address("/")).await;
    ward.press(".strip-out button").await;
    ward.arrive("the sign-in", |path| path.starts_with("/sign-in")).await;
    ward.go(&demo.address(&patient)).await;
    ward.arrive("the sign-in", |path| path.starts_with("/sign-in?back=")).await;
    look.faults
}

struct Look {
    axe: Option<String>,
    faults: Vec<String>,
}

impl Look {
    async fn at(&mut self, browser: &Browser, width: u64, page: &str) {
        browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
        let found = faults_of(browser, width, self.axe.as_deref()).await;
        self.faults.extend(found.into_iter().map(|fault| format!("{page}: {fault}")));
    }
}

async fn signs_in(browser: &Browser, number: &str) {
    browser.press(&format!(".demo-person[value='{number}']")).await;
}

/// A ward clinician opens their own ward, and neither another's nor what is for administrators.
async fn bounded(look: &mut Look, browser: &Browser, demo: &Demo, width: u64) {
    browser.go(&demo.address("/wards/St%20Brannock's/AMU")).await;
    assert!(browser.text("h1").await.contains("AMU"), "{}", browser.text("main").await);
    browser.go(&demo.address("/wards/St%20Brannock's/SAU")).await;
    assert_eq!(browser.text("h1").await, "Outside your rights");
    look.at(browser, width, "outside one's rights").await;
    browser.go(&demo.address("/people")).await;
    assert_eq!(browser.text("h1").await, "This is for others");
    browser.go(&demo.address("/me")).await;
    look.at(browser, width, "one's own page").await;
}

/// The glass is broken for a patient of another ward; gives the address of their page.
async fn broken(look: &mut Look, browser: &Browser, demo: &Demo, width: u64) -> String {
    demo.hear(&crate::demo::adt("A01", "D1", 41, "GLASSWORK", "Dora", "Collapsed"));
    demo.says_nothing_to_strangers("/find?q=glasswork");
    let mut address = String::new();
    for _ in 0..SOON {
        browser.go(&demo.address("/find?q=glasswork")).await;
        if let Some(found) = browser.attributes("main a[href^='/patients/']", "href").await.first() {
            address.clone_from(found);
            break;
        }
        crate::driver::pause().await;
    }
    let address = address.trim_start_matches(&demo.address("")).to_owned();
    browser.go(&demo.address(&address)).await;
    assert_eq!(browser.text("h1").await, "Outside your rights");
    browser.press("a[href^='/break-glass/']").await;
    browser.arrive("the glass", |path| path.starts_with("/break-glass/")).await;
    look.at(browser, width, "breaking the glass").await;
    browser.press("fieldset label").await;
    browser.type_into("#words", "Collapsed in the corridor, treating now").await;
    browser.press("main form button[type='submit']").await;
    browser.arrive("the patient", |path| path.starts_with(&address)).await;
    assert!(browser.text("body").await.contains("GLASSWORK"));
    look.at(browser, width, "the patient by broken glass").await;
    address
}

/// The privacy officer finds the break, who did it and what it opened, and closes its review.
async fn reviewed(look: &mut Look, browser: &Browser, demo: &Demo, (patient, width): (&str, u64)) {
    browser.go(&demo.address("/access-record/reviews")).await;
    signs_in(browser, "D80").await;
    browser.arrive("the reviews", |path| path == "/access-record/reviews").await;
    assert!(browser.text("main").await.contains("Nell Harbour"));
    look.at(browser, width, "the reviews").await;
    browser.go(&demo.address("/access-record/reviews/1")).await;
    assert!(browser.text("main").await.contains("Collapsed in the corridor, treating now"));
    look.at(browser, width, "a review").await;
    browser.press("label[for^='finding-']").await;
    browser.type_into("#note", "Asked the ward: she was treated at once").await;
    browser.press("main form button[type='submit']").await;
    browser.until("the review is closed", "main", SOON, |text| text.contains("Pia Osterley")).await;
    for page in ["/access-record".to_owned(), format!("/access-record{patient}")] {
        browser.go(&demo.address(&page)).await;
        assert!(browser.text("main").await.contains("Nell Harbour"), "{page}");
        look.at(browser, width, &page).await;
    }
    // Who may search the looks sees no record.
    browser.go(&demo.address(patient)).await;
    assert!(!browser.text("body").await.contains("GLASSWORK"));
}

/// The administrator at the same screen: people, rights, sessions, devices, cards, alarms.
async fn administered(look: &mut Look, browser: &Browser, demo: &Demo, width: u64) {
    browser.go(&demo.address("/sign-in?back=/people")).await;
    signs_in(browser, "D01").await;
    browser.arrive("the people", |path| path == "/people").await;
    for (page, words) in [
        ("/people", "Nell Harbour"),
        ("/people/D10", "Nell Harbour"),
        ("/people/new", "Staff number"),
        ("/people/import", "sheet"),
        ("/rights", "One patient"),
        ("/sessions", "Nell Harbour"),
        ("/devices", "device"),
        ("/shift-cards", "card"),
        ("/access-alarms", "alarm"),
        ("/sign-everybody-out", "would end at once"),
        ("/switch", "Pia Osterley"),
        ("/me", "Ada Fenwright"),
        ("/way-back", "shares"),
    ] {
        browser.go(&demo.address(page)).await;
        let text = browser.text("main").await;
        assert!(text.to_lowercase().contains(&words.to_lowercase()), "{page}: {text}");
        look.at(browser, width, page).await;
    }
}
