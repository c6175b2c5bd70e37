//! An incident from the first press to the stand-down, on a telephone held in one hand: declare, METHANE, roles, log,
//! decision, stand down; each page fits and axe finds nothing; a second window hears of it without being touched.

use crate::common::{command, ok};
use crate::demo::Demo;
use crate::driver::{Browser, SOON};
use crate::every_page::{AXE, faults_of};
use std::path::Path;

/// Runs it on `browser`, a telephone of that width, while `other` stands open on its home page.
pub async fn declared_led_recorded_and_stood_down(
    browser: &Browser,
    other: &Browser,
    demo: &Demo,
    width: u64,
) -> Vec<String> {
    let mut look = Look { browser, width, axe: std::fs::read_to_string(AXE).ok(), faults: Vec::new() };
    if look.axe.is_none() {
        println!("axe-core absent (xtask/setup.sh test lays it into target/axe), skipped: its rules");
    }
    other.go(&demo.address("/wards")).await;
    other.js("window.sameVisit = true").await;
    declared(&mut look, demo).await;
    other
        .until("the other window hears it on a page of wards", ".strip-declared", SOON, |t| {
            t.contains("Cyber attack")
        })
        .await;
    assert_eq!(other.js("return window.sameVisit").await, true, "the page was loaded again");
    methane(&mut look).await;
    roles(&mut look, demo).await;
    log(&mut look, demo).await;
    decision(&mut look, demo).await;
    for page in [
        "/",
        "/wallboard",
        "/incidents/1/hospitals",
        "/incidents/1/stage",
        "/incidents/1/decisions",
        "/log/5",
    ] {
        browser.go(&demo.address(page)).await;
        look.at(page).await;
    }
    browser.press(".night-switch button").await;
    browser.until("night", "html.night .night-switch", SOON, |text| text.contains("Day")).await;
    for page in ["/", "/incidents", "/incidents/1", "/incidents/1/roles", "/log", "/wallboard"] {
        browser.go(&demo.address(page)).await;
        look.at(page).await;
    }
    stood_down(&mut look, demo).await;
    look.faults
}

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

async fn declared(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/")).await;
    browser.press("a[href='/incidents/declare']").await;
    browser.arrive("the form", |path| path == "/incidents/declare").await;
    look.at("the form to declare").await;
    browser.press("label[for='level-critical']").await;
    browser.type_into("#reason", "Ransom notes on ED screens").await;
    browser.type_into("#by", "Anna Bell").await;
    browser.type_into("#name", "Cyber attack").await;
    browser.press("form.declare button[type='submit']").await;
    browser.arrive("the incident", |path| path == "/incidents/1?done=opened").await;
    assert_eq!(browser.text("h1").await, "Cyber attack");
    look.at("the incident").await;
}

async fn methane(look: &mut Look<'_>) {
    let browser = look.browser;
    browser.press("a[href='/incidents/1/methane']").await;
    browser.arrive("METHANE", |path| path == "/incidents/1/methane").await;
    look.at("METHANE").await;
    browser.type_into("#m_type", "Ransomware").await;
    browser.type_into("#m_access", "Bleeps and direct lines work").await;
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("the incident again", |path| path == "/incidents/1?done=methane").await;
    browser
        .until("METHANE is first", ".methane", SOON, |t| {
            t.contains("Ransomware") && t.contains("Not known yet")
        })
        .await;
}

async fn roles(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.press(".figure a[href='/incidents/1/post?role=strategic-commander']").await;
    browser.arrive("the role", |path| path.contains("strategic-commander")).await;
    look.at("a role").await;
    browser.type_into("#contact", "ext 4021").await;
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("the role is taken", |path| path.ends_with("done=role")).await;
    assert!(browser.text("#now").await.contains("Held by Anna Bell"));
    look.at("a role that is held").await;
    browser.type_into("#to", "Ben Obi").await;
    browser.type_into("#briefing", "Links are cut").await;
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("the role is handed over", |path| path.ends_with("done=handover")).await;
    assert!(browser.text("#now").await.contains("Held by Ben Obi"));
    browser.go(&demo.address("/incidents/1/roles")).await;
    look.at("roles").await;
}

async fn log(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/log")).await;
    assert_eq!(browser.focused("id").await, "text", "one can type at once");
    browser.type_into("#text", "Switchboard is down <script>alert(1)</script>").await;
    look.at("the log").await;
    browser.press(".log-box button[type='submit']").await;
    browser.arrive("the entry is written", |path| path == "/log?done=entry").await;
    browser.until("newest first", ".log-list .log-text", SOON, |t| t.contains("<script>alert(1)")).await;
    // What somebody types is not taken away when another entry arrives.
    browser.type_into("#text", "Half a sent").await;
    let elsewhere = "fetch('/log', {method: 'POST', body: new URLSearchParams({text: 'From elsewhere', by: 'Cara Lee', to: '1'})})";
    browser.js(elsewhere).await;
    browser
        .until("the other entry arrives", ".log-list .log-text", SOON, |t| t.contains("From elsewhere"))
        .await;
    assert_eq!(browser.js("return document.getElementById('text').value").await, "Half a sent");
}

async fn decision(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/incidents/1/decisions/new")).await;
    look.at("the form of a decision").await;
    for (field, text) in [
        ("#matter", "Cut the links?"),
        ("#decision", "Cut them now"),
        ("#information", "It spreads from PC to PC"),
        ("#options", "wait for IT"),
        ("#reason", "Safety of patients"),
    ] {
        browser.type_into(field, text).await;
    }
    browser.type_into("#review_at", "soon").await;
    browser.press("main form.form button[type='submit']").await;
    browser.until("it is refused in words", ".refused", SOON, |t| t.contains("is no time")).await;
    assert_eq!(browser.js("return document.getElementById('reason').value").await, "Safety of patients");
    look.at("a decision that was refused").await;
    browser.js("document.getElementById('review_at').value = ''").await;
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("the decisions", |path| path.ends_with("done=decision")).await;
    assert!(browser.text(".decision").await.contains("Cut them now"));
}

async fn stood_down(look: &mut Look<'_>, demo: &Demo) {
    let browser = look.browser;
    browser.go(&demo.address("/incidents/1/stand-down")).await;
    look.at("stand down").await;
    browser.type_into("#reason", "All restored").await;
    if !browser.texts("input[name='despite_open']").await.is_empty() {
        browser.press("input[name='despite_open']").await;
    }
    browser.press("main form.form button[type='submit']").await;
    browser.arrive("it is over", |path| path == "/incidents/1?done=stood-down").await;
    look.at("an incident that is over").await;
}

/// The whole record leaves the house and is proved where Lifeboat never ran: by the page's bundle and by the command
/// line's, with the key that `lifeboat head` prints; one changed byte is found.
pub fn the_record_is_proved_elsewhere(demo: Demo, data: &Path) {
    let (status, page_bundle) = demo.get("/log/bundle");
    assert_eq!(status, 200);
    let (status, pdf) = demo.get("/log.pdf");
    assert!(status == 200 && pdf.starts_with(b"%PDF-"));
    demo.kill();
    let text = data.to_str().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| elsewhere.path().join(name);
    let head = ok(&["head", "--book", "incident", "--json", "--data", text], 0);
    let key = head.split_once("\"verifying_key\":\"").unwrap().1.split('"').next().unwrap().to_owned();
    let written = path("cli.bundle");
    ok(&["export", "--book", "incident", "--out", written.to_str().unwrap(), "--data", text], 0);
    std::fs::write(path("page.bundle"), &page_bundle).unwrap();
    let nowhere = path("no-record");
    for name in ["cli.bundle", "page.bundle"] {
        let bundle = path(name);
        let prove = || {
            let mut verify = command(&["verify", "--bundle", bundle.to_str().unwrap(), "--key", &key]);
            verify.arg("--data").arg(&nowhere).output().unwrap().status.success()
        };
        assert!(prove(), "{name} is sound");
        let mut bytes = std::fs::read(&bundle).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&bundle, bytes).unwrap();
        assert!(!prove(), "a changed byte of {name} is found");
    }
}
