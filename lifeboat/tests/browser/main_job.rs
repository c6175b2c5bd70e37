//! The day itself: peacetime, the attack, the plug pulled, and everything still there.

use crate::common::ok;
use crate::demo::{Demo, adt};
use crate::driver::{Browser, SOON, pause};
use fantoccini::key::Key;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Looks until feeds must be called silent: most have a threshold of 60 s, and a page renews itself every 20 s.
const SILENCE: u32 = 2_400;
/// Feeds of the demonstration that speak so seldom that their silence is called one only after minutes: the clinics'
/// desk and a single hospital's own registers.
const SELDOM: usize = 3;
/// The four things a patient's allergy section can be headed with.
const ALLERGY_HEADINGS: [&str; 4] =
    ["Known allergies", "No known allergies", "Allergies not recorded", "Allergies unavailable"];

/// A patient as the browser showed one.
struct Seen {
    path: String,
    name: String,
    family: String,
}

pub async fn from_peacetime_through_the_attack_to_a_pulled_plug(browser: &Browser, data: &Path) {
    let demo = Demo::start(data);
    browser.go(&demo.address("/")).await;
    home_is_live(browser).await;
    let ward = a_ward_changes_by_itself(browser, &demo).await;
    let patient = a_patient_is_opened(browser).await;
    found_by_a_misspelt_name(browser, &demo, &patient).await;
    let pack = the_pack_is_ready(browser, &demo, &ward).await;
    browser.go(&demo.address("/")).await;
    browser.press("form[action='/demo/attack'] button").await;
    all_feeds_fall_silent(browser).await;
    all_is_still_there(browser, &demo, &ward, &patient, &pack).await;
    // The feeds come back, so that the plug is pulled while messages arrive.
    browser.go(&demo.address("/")).await;
    let before = entries(&browser.text("main").await);
    browser.press("form[action='/demo/restore'] button").await;
    browser.until("messages arrive again", "main", SOON, |text| entries(text) > before).await;
    demo.kill();
    nothing_is_missing(data);
    let again = Demo::start(data);
    browser.go(&again.address(&patient.path)).await;
    browser
        .until("the patient, after the plug was pulled", ".banner-name", SOON, |n| n == patient.name)
        .await;
    again.kill();
    nothing_is_missing(data);
}

/// "1,919 entries, …" in the record's tile.
fn entries(home: &str) -> u64 {
    let before = home.split(" entries").next().unwrap_or_default();
    let word = before.split_whitespace().last().unwrap_or_default();
    word.replace(',', "").parse().unwrap_or(0)
}

async fn home_is_live(browser: &Browser) {
    assert!(browser.text("h1#mode").await.eq_ignore_ascii_case("Normal"));
    let marks = browser.texts(".feed-mark").await;
    assert!(marks.len() > 1 && marks.iter().all(|mark| mark == "Live"), "{marks:?}");
    assert!(browser.text(".watermark").await.contains("DEMONSTRATION"));
    // What is set on the window is gone after a reload.
    browser.js("window.sameVisit = true").await;
    let before = entries(&browser.text("main").await);
    assert!(before > 0);
    browser.until("home counts more entries by itself", "main", SOON, |text| entries(text) > before).await;
    assert_eq!(browser.js("return window.sameVisit").await, true, "the page was loaded again");
}

/// Opens the ward of a patient who comes in while it is open. Gives the ward's path.
async fn a_ward_changes_by_itself(browser: &Browser, demo: &Demo) -> String {
    demo.hear(&adt("A01", "1", 1, "Zwicklehurst", "Ottoline", "Fall at home"));
    demo.says("/find?q=zwicklehurst", "ZWICKLEHURST").await;
    browser.go(&demo.address("/find?q=zwicklehurst")).await;
    browser.until("the admission was read", ".match .name", SOON, |n| n.contains("ZWICKLEHURST")).await;
    let ward = browser.attributes(".match .where a", "href").await.remove(0);
    browser.press("nav.places a[href='/wards']").await;
    browser.press(&format!("a[href='{ward}']")).await;
    browser.arrive("the ward", |path| path == ward).await;
    let rows = browser.texts(".ward-list tbody a.name").await;
    assert!(rows.len() > 2, "{rows:?}");
    browser.until("the new patient's row", ".ward-list", SOON, |list| list.contains("Fall at home")).await;
    browser.js("window.sameVisit = true").await;
    demo.hear(&adt("A08", "2", 1, "Zwicklehurst", "Ottoline", "Broken hip"));
    let changed = |list: &str| list.contains("Broken hip") && !list.contains("Fall at home");
    browser.until("the row changed by itself", ".ward-list", SOON, changed).await;
    assert_eq!(browser.js("return window.sameVisit").await, true, "the page was loaded again");
    ward
}

/// Opens a patient of the demonstration from the list that is shown: one whose name can be misspelt.
async fn a_patient_is_opened(browser: &Browser) -> Seen {
    let plain = |family: &str| family.len() >= 6 && family.bytes().all(|b| b.is_ascii_uppercase());
    let names = browser.texts(".ward-list tbody a.name").await;
    let family = |name: &str| name.split(',').next().unwrap_or_default().to_owned();
    let name = names
        .iter()
        .find(|name| {
            plain(&family(name)) && family(name) != "ZWICKLEHURST" && misspelt(&family(name)).is_some()
        })
        .unwrap_or_else(|| panic!("no plain name in {names:?}"))
        .clone();
    let id = browser
        .js(&format!(
            "return [...document.querySelectorAll('a.name')].find(a => a.textContent.trim() === {name:?}).id"
        ))
        .await;
    browser.press(&format!("#{}", id.as_str().unwrap())).await;
    browser.arrive("the patient", |path| path.starts_with("/patients/")).await;
    assert_eq!(browser.text(".banner-name").await, name);
    let heading = browser.text(".allergy-heading").await;
    assert!(ALLERGY_HEADINGS.contains(&heading.as_str()), "{heading}");
    assert!(browser.text("#live").await.contains("As at "));
    Seen { path: browser.path().await, family: family(&name), name }
}

/// The name with its first two different inner neighbours swapped.
fn misspelt(family: &str) -> Option<String> {
    let mut letters: Vec<char> = family.to_lowercase().chars().collect();
    let at = (1..letters.len() - 2).find(|i| letters[*i] != letters[i + 1])?;
    letters.swap(at, at + 1);
    Some(letters.into_iter().collect())
}

/// By typing alone, without a pointer.
async fn found_by_a_misspelt_name(browser: &Browser, demo: &Demo, patient: &Seen) {
    let given = patient.name.split(", ").nth(1).unwrap_or_default();
    let given = given.split_whitespace().next().unwrap_or_default();
    let wrong = misspelt(&patient.family).unwrap();
    browser.go(&demo.address("/find")).await;
    assert_eq!(browser.focused("id").await, "q", "one can type at once");
    for letter in format!("{wrong} {given}").chars() {
        browser.type_into("#q", &letter.to_string()).await;
    }
    let shown = |found: &str| found.contains(&patient.name);
    browser.until("the misspelt name finds its person", "#found", SOON, shown).await;
    for _ in 0..20 {
        if browser.focused("href").await == patient.path {
            break;
        }
        browser.key(Key::Down).await;
    }
    assert_eq!(browser.focused("href").await, patient.path, "the arrows reach the person");
    browser.key(Key::Enter).await;
    browser.arrive("the person found", |path| path == patient.path).await;
    assert_eq!(browser.text(".banner-name").await, patient.name);
}

/// The path of the ward's pack, which lies ready.
async fn the_pack_is_ready(browser: &Browser, demo: &Demo, ward: &str) -> String {
    browser.press("nav.places a[href='/print']").await;
    browser.arrive("the print centre", |path| path == "/print").await;
    let row = format!(".packs tr:has(a[href='{ward}'])");
    browser.until("the ward's pack is ready", &row, 3 * SOON, |text| text.contains("Ready")).await;
    let pack = browser.attributes(&format!("{row} .pack-deeds a"), "href").await.remove(0);
    assert!(pages(&pdf(demo, &pack)) > 1);
    pack
}

fn pdf(demo: &Demo, path: &str) -> Vec<u8> {
    let (status, bytes) = demo.get(path);
    assert_eq!(status, 200, "{path}");
    assert!(bytes.starts_with(b"%PDF-"), "{path} is no PDF");
    bytes
}

/// The pages of a PDF, as poppler counts them; where it is absent, one page is believed.
fn pages(pdf: &[u8]) -> usize {
    words(pdf).map_or(2, |words| words.matches('\u{c}').count())
}

/// The words of a PDF, with a form feed after each page.
fn words(pdf: &[u8]) -> Option<String> {
    let mut command = Command::new("pdftotext");
    command.args(["-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        println!("pdftotext absent, skipped: the words of the pack");
        return None;
    };
    let (mut input, pdf) = (child.stdin.take().unwrap(), pdf.to_vec());
    let writing = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

async fn all_feeds_fall_silent(browser: &Browser) {
    browser
        .until("home says that the attack is on", ".demo", SOON, |t| t.contains("attack was played"))
        .await;
    browser.js("window.sameVisit = true").await;
    let all_that_speak_often = |text: &str| {
        let numbers: Vec<&str> = text.split_whitespace().collect();
        let [silent, "of", all, "feeds", "silent"] = numbers.as_slice() else { return false };
        let number = |text: &str| text.parse::<usize>().unwrap();
        number(silent) + SELDOM >= number(all)
    };
    browser.until("feeds are called silent", "#strip .alarms", SILENCE, all_that_speak_often).await;
    // The others are at least called slow.
    browser.until("no feed is called live", ".feeds", SILENCE, |text| !text.contains("Live")).await;
    assert_eq!(browser.js("return window.sameVisit").await, true, "the page was loaded again");
}

async fn all_is_still_there(browser: &Browser, demo: &Demo, ward: &str, patient: &Seen, pack: &str) {
    browser.go(&demo.address(&patient.path)).await;
    assert_eq!(browser.text(".banner-name").await, patient.name);
    let strip = browser.text("#strip").await;
    assert!(
        strip.contains("feeds silent") && strip.contains("last heard") && strip.contains(" ago"),
        "{strip}"
    );
    let own = browser.attributes(".patient-top a[href^='/wards/']", "href").await;
    browser.go(&demo.address(ward)).await;
    let list = browser.text(".ward-list").await;
    assert!(list.contains("ZWICKLEHURST, Ottoline"), "{list}");
    assert!(browser.text("#strip").await.contains("feeds silent"));
    if own.first().is_some_and(|own| own == ward) {
        assert!(list.contains(&patient.name), "{list}");
    }
    // Nothing moves any more: the pack soon holds exactly those whom the list shows.
    let mut missing = Vec::new();
    for _ in 0..SOON {
        let Some(words) = words(&pdf(demo, pack)) else { return };
        // A long name is broken over two lines on paper.
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        missing = browser.texts(".ward-list tbody a.name").await;
        missing.retain(|name| !words.contains(&family_on_paper(name)));
        if missing.is_empty() && words.contains("Broken hip") {
            return;
        }
        pause().await;
    }
    panic!("not in the pack: {missing:?}");
}

fn family_on_paper(name: &str) -> String {
    name.split_inclusive(',').next().unwrap_or_default().to_owned()
}

fn nothing_is_missing(data: &Path) {
    let said = ok(&["demo", "--check", "--data", data.to_str().unwrap()], 0);
    assert!(said.contains("; 0 of them are missing"), "{said}");
    assert!(!said.starts_with("0 messages"), "nothing was acknowledged, so nothing was tested: {said}");
}
