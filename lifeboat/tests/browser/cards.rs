//! The plan on a telephone held in one hand: take a role, tick steps, report a system, import the inventory, say what is
//! infected, draft and approve a sitrep; each page fits and axe finds nothing; a second window hears the report.

use crate::demo::Demo;
use crate::driver::{Browser, SOON};
use crate::every_page::{AXE, faults_of};

const SHEET: &str = "name,owner,workaround,depends on,recovery order\\n\
    Network core,IT lead,Runners,,1\\n\
    Pathology,Dr Iris Lane,Paper slips,Network core,2\\n\
    Theatre list,,,,soon\\n";

struct Look<'a> {
    browser: &'a Browser,
    width: u64,
    axe: Option<String>,
    faults: Vec<String>,
}

impl Look<'_> {
    async fn at(&mut self, page: &str) {
        self.browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
        let found = faults_of(self.browser, self.width, self.axe.as_deref()).await;
        self.faults.extend(found.into_iter().map(|fault| format!("{page}: {fault}")));
    }
}

/// Runs it on `browser`, a telephone of that width, while `other` stands open on the systems board.
pub async fn taken_ticked_reported_and_approved(
    browser: &Browser,
    other: &Browser,
    demo: &Demo,
    width: u64,
) -> Vec<String> {
    let mut look = Look { browser, width, axe: std::fs::read_to_string(AXE).ok(), faults: Vec::new() };
    if look.axe.is_none() {
        println!("axe-core absent (xtask/setup.sh test lays it into target/axe), skipped: its rules");
    }
    for page in ["/cards", "/cards/mine", "/cards/of/loggist", "/cards/check", "/systems", "/sitreps"] {
        browser.go(&demo.address(page)).await;
        look.at(&format!("{page} before any incident")).await;
    }
    declared(browser, demo).await;
    other.go(&demo.address("/systems")).await;
    role(&mut look, demo).await;
    steps(&mut look).await;
    report(&mut look, demo).await;
    other
        .until("the other window hears the report", "#live", SOON, |t| t.contains("Red screen <b>asks</b>"))
        .await;
    inventory(&mut look, demo).await;
    state(&mut look, demo).await;
    sitrep(&mut look, demo).await;
    browser.press(".night-switch button").await;
    for page in [
        "/cards",
        "/cards/mine",
        "/cards/check",
        "/cards/of/it-lead?incident=1&role=it-lead&place=",
        "/systems",
        "/systems/1",
        "/systems/import",
        "/systems/reports/1",
        "/sitreps",
        "/sitreps/1/1",
    ] {
        browser.go(&demo.address(page)).await;
        look.at(&format!("{page} by night")).await;
    }
    look.faults
}

async fn declared(browser: &Browser, demo: &Demo) {
    browser.go(&demo.address("/incidents/declare")).await;
    browser.press("label[for='level-major']").await;
    browser.type_into("#reason", "Ransom notes on ED screens").await;
    browser.type_into("#by", "Iris Lane").await;
    browser.press("form.declare button[type='submit']").await;
    browser.arrive("the incident", |path| path == "/incidents/1?done=opened").await;
}

async fn role(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/cards/mine")).await;
    look.at("to take a role").await;
    // A form without a role comes back with what was typed.
    browser.js("document.getElementById('post').required = false").await;
    browser.type_into("#contact", "bleep 112").await;
    browser.press("main form.form button[type='submit']").await;
    browser.until("it is refused in words", ".refused", SOON, |t| t.contains("Choose a role first")).await;
    assert_eq!(browser.js("return document.getElementById('contact').value").await, "bleep 112");
    look.at("a role that was refused").await;
    browser.js("document.getElementById('post').value = 'it-lead|'").await;
    browser.press("main form.form button[type='submit']").await;
    browser
        .arrive("my card", |path| path.starts_with("/cards/mine") && path.ends_with("done=role-taken"))
        .await;
    assert_eq!(browser.text("h1").await, "IT lead");
    look.at("my card").await;
}

async fn steps(look: &mut Look<'_>) {
    let browser = look.browser;
    let first = browser.text(".next-step-text").await;
    browser.press(".next-step .nhsuk-button").await;
    browser.arrive("the step is ticked", |path| path.ends_with("done=step-done")).await;
    assert!(browser.text(".card-steps-done").await.contains(&first), "what is done stands below");
    assert_ne!(browser.text(".next-step-text").await, first, "the next step is another");
    browser.press(".next-step .form-buttons a").await;
    browser.arrive("the step's own page", |path| path.starts_with("/cards/step")).await;
    look.at("a step").await;
    browser.type_into("#reason", "The network is off already").await;
    browser.press("form:has(input[value='not-needed']) button").await;
    browser.arrive("the step is set aside", |path| path.ends_with("done=step-aside")).await;
    assert!(browser.text(".card-steps-done").await.contains("The network is off already"));
    browser.press(".card-steps-done a").await;
    browser.arrive("the step to undo", |path| path.starts_with("/cards/step")).await;
    look.at("a step that is done").await;
    browser.type_into("#reason-open", "Ticked in error").await;
    browser.press("form:has(input[value='open']) button").await;
    browser.arrive("the step is open again", |path| path.ends_with("done=step-open")).await;
    assert_eq!(browser.text(".next-step-text").await, first);
}

async fn report(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/systems/report")).await;
    look.at("to report a system").await;
    browser.js("const s = document.getElementById('site'); s.value = s.options[1].value").await;
    browser.type_into("#system", "Bed tracker").await;
    browser.type_into("#what", "Red screen <b>asks</b> for money").await;
    browser.type_into("#contact", "AMU, ext 7").await;
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("the report is sent", |path| path.contains("done=system-reported")).await;
    look.at("a report that was sent").await;
}

async fn inventory(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/systems/import")).await;
    look.at("to import systems").await;
    browser.js(&format!("document.getElementById('sheet').value = '{SHEET}'")).await;
    browser.press("button[value='check']").await;
    browser.until("the refused row is told", ".advice-red", SOON, |t| t.contains("Line 4")).await;
    look.at("an inventory that was checked").await;
    browser.press("button[value='take']").await;
    browser.arrive("the systems are listed", |path| path == "/systems?done=systems-listed").await;
    look.at("the systems board").await;
}

async fn state(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/systems/1")).await;
    look.at("a system").await;
    browser.press("label[for='state-infected']").await;
    browser.type_into("#note", "Ransom note on both consoles").await;
    browser.press("form:has(#note) button").await;
    browser.arrive("the state is told", |path| path == "/systems/1?done=system-told").await;
    assert!(browser.text("#now").await.contains("Infected"));
    browser.go(&demo.address("/systems")).await;
    browser.until("the board shows it", ".system-infected", SOON, |t| t.contains("Ransom note")).await;
    look.at("a board with an infected system").await;
}

async fn sitrep(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/sitreps")).await;
    look.at("sitreps").await;
    browser.press("form[action='/sitreps/begin'] button").await;
    browser.arrive("the draft", |path| path.starts_with("/sitreps/draft")).await;
    look.at("a draft").await;
    browser
        .js("[...document.querySelectorAll('.sitrep-section')].find(s => s.innerText.startsWith('Risks'))\
             .querySelector('textarea').value = 'Fridges are warm'")
        .await;
    browser.press("button[value='approve']").await;
    browser.arrive("the sitrep", |path| path == "/sitreps/1/1?done=sitrep-approved").await;
    let text = browser.text("main").await;
    assert!(text.contains("Fridges are warm") && text.contains("Network core: infected"), "{text}");
    look.at("an approved sitrep").await;
    for (path, begins) in [
        ("/sitreps/1/1/sitrep.pdf", "%PDF-"),
        ("/cards/all.pdf?incident=1", "%PDF-"),
        ("/sitreps/1/1/sitrep.json", "{"),
    ] {
        let (status, body) = demo.get(path);
        assert!(status == 200 && body.starts_with(begins.as_bytes()), "{path}: {status}");
    }
}
