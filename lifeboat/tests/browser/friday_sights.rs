//! What must be seen on the day, looked for where a person would look: staff's pages, the public's page opened from the
//! disk, the log, the debrief. An expectation for which no page is known fails, with the line of the file.

use crate::driver::{Browser, SOON};
use crate::friday::Day;
use crate::friday_forms::encoded;
use crate::{friday_clinics, friday_plans};
use basics::{Moment, SiteId};
use drill::scenario::response::{Measured, Sought, What};
use drill::scenario::{Act, Expectation, FeedSeen, Seen, Step};
use incident::Stage;

/// Pages of the log that are read back at the most.
const LOG_PAGES_MAX: usize = 40;

/// The response stands so, and came to stand so in time. The clock stands where the line is: what is seen now is no later.
pub async fn expect(day: &Day<'_>, wanted: &Measured) {
    if let Some((minutes, name)) = &wanted.within {
        let from = day.injects.get(name).unwrap_or_else(|| panic!("{}: no inject {name}", day.line));
        let took = day.at.seconds_since(*from) / 60;
        assert!(took <= *minutes, "{}: looked for {took} minutes after", day.line);
    }
    let incident = day.incident;
    let divert = |number: &u32| format!("/diverts/{number}?exercise={incident}");
    match &wanted.what {
        Sought::Incident(stage) => {
            let word = stage.word();
            sees(day, &format!("/incidents/{incident}"), ".incident-head .tag", word).await;
            if *stage == Stage::Declared {
                sees(day, "/", ".strip-declared", "EXERCISE").await;
            }
        }
        Sought::Held(post) => {
            let page = format!("/incidents/{incident}/post?role={}", post.role.as_str());
            sees(day, &format!("{page}&place={}", encoded(&post.place)), "#now", "Held by").await;
        }
        Sought::System { system, state, .. } => {
            day.staff.go(&day.address(&format!("/systems?incident={incident}"))).await;
            let (system, word) = (system.clone(), state.words().to_lowercase());
            let tiles = day.staff.texts(".system-tile, .system-line").await;
            // A hospital's own and the trust's may bear one name.
            let mut own =
                tiles.iter().filter(|tile| tile.starts_with(&system)).map(|tile| tile.to_lowercase());
            let word = word.split(' ').next().unwrap();
            assert!(own.any(|tile| tile.contains(word)), "{}: {tiles:?}", day.line);
        }
        Sought::Logged(words) => {
            let page = format!("/log?q={}", encoded(words));
            sees(day, &page, ".log-list", words).await;
        }
        Sought::Sitrep(number) => {
            sees(day, &format!("/sitreps?incident={incident}"), ".sitrep-lines", &format!("Sitrep {number}"))
                .await;
        }
        Sought::Public(number) => {
            let (_, sentence, _) = &day.updates[*number as usize - 1];
            sees(day, &format!("/public-updates?ground=exercise-{incident}"), "main", sentence).await;
            reads(day, "the update", |text| text.contains(sentence.as_str())).await;
        }
        Sought::PublicLate => {
            reads(day, "that it is late", |text| text.contains("next update is late")).await;
        }
        Sought::Divert(number, stage) => sees(day, &divert(number), ".list-head .tag", stage.word()).await,
        Sought::Back(number, pathway) => {
            sees(day, &divert(number), "main", &format!("Back: {}", pathway.words())).await;
        }
        Sought::Asked(number) => sees(day, &divert(number), "main", "Time to renew it or let it end").await,
        Sought::Moved { count, from, to } => {
            let words = format!("{from} to {to}: {count}");
            sees(day, &format!("/diverts/moved?exercise={incident}"), "main", &words).await;
        }
        Sought::OfPlan(what) => friday_plans::expect(day, what).await,
        Sought::OfClinics(what) => friday_clinics::expect(day, what).await,
        // At the end, outside the house: `Day::proved_elsewhere`.
        Sought::Verified => sees(day, "/log", "#out", "Take it with you").await,
        other => panic!("{}: no page is known where this is seen: {other:?}", day.line),
    }
}

/// What wards and feeds must show.
pub async fn expect_of_wards(day: &Day<'_>, wanted: &Expectation) {
    match wanted {
        Expectation::FeedState { feed, what: FeedSeen::Silent } => {
            day.staff.go(&day.address("/feeds")).await;
            day.staff
                .until("the feed is silent", ".feeds", SOON, |text| {
                    let own = text.split(feed.as_str()).nth(1).unwrap_or("");
                    own.lines().take(4).any(|line| line.contains("Silent"))
                })
                .await;
        }
        Expectation::Ward { pack: false, site, ward, banner, bed, has: true } => {
            sees(day, &ward_page(site, ward), "main", banner).await;
            let page = day.staff.text("main").await;
            for part in bed.iter().flat_map(|bed| bed.split(" Bed ")) {
                assert!(page.contains(part), "{}: {page}", day.line);
            }
        }
        Expectation::Patient { who, what: Seen::Allergy(substance), not: false } => {
            let person = &day.scenario.people[who];
            day.staff.go(&day.address(&format!("/find?q={}", person.mrn))).await;
            day.staff.press("main a[href^='/patients/']").await;
            day.staff.until("the allergy", "main", SOON, |text| text.contains(substance.as_str())).await;
        }
        Expectation::NothingLost => {
            sees(day, "/feeds", ".sums", &format!("Received\n{}", day.acknowledged)).await;
        }
        other => panic!("{}: no page is known where this is seen: {other:?}", day.line),
    }
}

fn ward_page(site: &str, ward: &str) -> String {
    format!("/wards/{}/{}", encoded(site), encoded(ward))
}

/// Goes there and waits until it says so.
async fn sees(day: &Day<'_>, page: &str, css: &str, words: &str) {
    let wanted = words.to_lowercase();
    day.staff.go(&day.address(page)).await;
    day.staff.until(&day.line, css, SOON, |text| text.to_lowercase().contains(&wanted)).await;
}

/// Opens the exercise's public page from the disk, again until it pleases.
async fn reads(day: &Day<'_>, what: &str, pleases: impl Fn(&str) -> bool) -> String {
    let page =
        format!("file://{}/index.html", day.public_folder(&format!("exercise-{}", day.incident)).display());
    let mut text = String::new();
    for _ in 0..SOON {
        day.second.go(&page).await;
        text = day.second.text("body").await;
        if pleases(&text) {
            return text;
        }
        crate::driver::pause().await;
    }
    panic!("{}: the public never read {what}: {text}", day.line);
}

/// After each line: the page says what is approved and nothing that is only drafted, when more is promised, and that it
/// is late exactly when it is; nothing of an exercise ever stands on the real page.
pub async fn the_public_reads_the_truth(day: &Day<'_>) {
    let at = day.at;
    let latest = day.updates.iter().rfind(|(approved, ..)| *approved);
    let real = std::fs::read_to_string(day.public_folder("real").join("index.html")).unwrap_or_default();
    assert!(day.updates.iter().all(|(_, sentence, _)| !real.contains(sentence.as_str())), "{}", day.line);
    let own = day.public_folder(&format!("exercise-{}", day.incident)).join("index.html");
    let Some((_, sentence, next)) = latest else {
        // Before anything is approved an exercise has no page, or one that says that there is nothing yet.
        let page = std::fs::read_to_string(own).unwrap_or_default();
        assert!(page.is_empty() || page.contains("There is no update yet"), "{}: {page}", day.line);
        return;
    };
    let late = next.is_some_and(|next| at > next);
    // A glance at the file spares the browser where nothing can have changed; the browser is asked when it has.
    let current =
        |page: &str| page.contains(&escaped(sentence)) && page.contains("class=\"callout late\"") == late;
    crate::common::eventually(&day.line, || current(&std::fs::read_to_string(&own).unwrap_or_default()));
    let page = std::fs::read_to_string(&own).unwrap();
    for (approved, other, _) in &day.updates {
        assert!(*approved || !page.contains(&escaped(other)), "{}: a draft is public", day.line);
    }
    let moved = shown(&page) != shown(&day.last_page.borrow());
    if !moved {
        return;
    }
    let text = reads(day, "the truth", |text| {
        text.contains(sentence.as_str()) && text.contains("next update is late") == late
    })
    .await;
    assert!(text.contains("EXERCISE"), "{}: an exercise's page does not say so", day.line);
    if let Some(next) = next.filter(|_| !late) {
        assert!(text.contains(&public_time(day, next)), "{}: the promised time: {text}", day.line);
    }
    *day.last_page.borrow_mut() = page;
}

/// A page without the times that only say when it was pressed.
fn shown(page: &str) -> &str {
    page.split("<main").nth(1).unwrap_or("")
}

/// As the public's page writes an apostrophe and its like.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// "3pm", "4:10pm": as the public's page writes a time.
fn public_time(day: &Day<'_>, at: Moment) -> String {
    let clock = day.clock(at);
    let (hour, minute) = clock.split_once(':').unwrap();
    let hour: u32 = hour.parse().unwrap();
    let half = if hour < 12 { "am" } else { "pm" };
    let twelve = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    if minute == "00" { format!("{twelve}{half}") } else { format!("{twelve}:{minute}{half}") }
}

/// Every deed and inject of the file has an entry in the log: its moment, its person, its words.
pub async fn every_step_is_on_the_record(day: &Day<'_>) {
    let mut rows = Vec::new();
    day.staff.go(&day.address("/log")).await;
    for _ in 0..LOG_PAGES_MAX {
        rows.extend(log_rows(day.staff).await);
        let older = day.staff.js(
            "const a = [...document.querySelectorAll('main a')].find(a => a.innerText === 'Older entries'); return a ? a.href : ''",
        );
        let older = older.await.as_str().unwrap_or("").to_owned();
        if older.is_empty() {
            break;
        }
        day.staff.go(&older).await;
    }
    let missing: Vec<&str> = day
        .record
        .iter()
        .filter(|(_, who, at, words)| {
            let words = words.to_lowercase();
            !rows.iter().any(|row| {
                row.contains(at.as_str()) && row.contains(who.as_str()) && row.to_lowercase().contains(&words)
            })
        })
        .map(|(line, ..)| line.as_str())
        .collect();
    assert!(
        missing.is_empty(),
        "not on the record:\n{}\nof {} entries:\n{}",
        missing.join("\n"),
        rows.len(),
        rows.join("\n")
    );
    let told = |step: &&Step| match &step.act {
        // What is decided about clinics stands in the clinic book.
        Act::Deed(deed) => deed.refused.is_none() && !matches!(deed.what, What::Clinic(_)),
        Act::Inject { .. } => true,
        _ => false,
    };
    assert_eq!(day.record.len(), day.scenario.steps.iter().filter(told).count(), "each line was carried out");
    println!("{} deeds and injects are on the record, in {} entries", day.record.len(), rows.len());
}

async fn log_rows(browser: &Browser) -> Vec<String> {
    let rows =
        browser.js("return [...document.querySelectorAll('.log-entry')].map(row => row.innerText)").await;
    rows.as_array().unwrap().iter().filter_map(|row| row.as_str().map(str::to_owned)).collect()
}

/// The debrief, on the screen and on paper: the sites from which patients were moved, the decisions, the promises kept late.
pub async fn the_debrief_tells_the_day(day: &Day<'_>) {
    let page = format!("/debrief?incident={}", day.incident);
    day.staff.go(&day.address(&page)).await;
    day.staff.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
    let text = day.staff.text("main").await;
    for words in
        ["Cut the links to other trusts", "Cancel clinics until Monday", "St Brannock's", "Orrin Valley"]
    {
        assert!(text.contains(words), "the debrief says nothing of {words}: {text}");
    }
    let pdf = day.get(&format!("/debrief.pdf?incident={}", day.incident));
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000, "the debrief on paper");
    let read = |site: &SiteId| text.contains(site.as_str());
    assert!(day.scenario.neighbours.iter().all(|(site, _)| read(site)), "each neighbour is told of");
}
