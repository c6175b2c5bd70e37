//! The day's clinics through their pages: class A given to a clinician or postponed by two people, lists postponed as they
//! stand ticked, patients told and rung, lists reopened, somebody at the door, everybody rebooked, figures that add up.
//!
//! Called by `friday` and `friday_sights`. What is decided stands in the clinic book, not in the incident's log. The gateway
//! does not answer here: this exercise may reach no telephone, and the page must say so.

use crate::driver::{Browser, SOON};
use crate::every_page;
use crate::friday::Day;
use crate::friday_forms::{encoded, send};
use basics::PartialDate;
use drill::play::working_days;
use drill::scenario::response::{ClinicDeed, ClinicSought, Deed};

/// Working days on which the day's bookings stand.
const DAYS: u32 = 3;
/// Of so many calls one is not answered.
const NOT_ANSWERED_EVERY: usize = 3;
/// Quarters of an hour in a clinic's day.
const QUARTERS: usize = 32;

/// Does it, and sees that each form is taken, or refused in the words that the drill wants.
pub async fn enter(day: &Day<'_>, deed: &Deed, what: &ClinicDeed) {
    let who = deed.who.to_string();
    match what {
        ClinicDeed::GivesClassA { clinician } => gives_class_a(day, &who, clinician).await,
        ClinicDeed::Postpones { reason } => postpones(day, &who, reason).await,
        ClinicDeed::PostponesClassA { reason } => {
            postpones_class_a(day, &who, reason, deed.refused.as_deref()).await;
        }
        ClinicDeed::Tells => {
            day.staff.go(&page(day, "/clinics/notices", "")).await;
            // No text of this exercise leaves. Where a list was reopened, what waits and is no longer so is taken back, and
            // then there may be nobody left to be told; that they were told before, the page must say.
            if day.staff.attributes("#by", "name").await.is_empty() {
                heads(day, "/clinics/notices", "0 ready to be sent").await;
                assert!(!day.staff.text("main").await.contains("Nothing was sent yet"), "{}", day.line);
                return;
            }
            send(day.staff, "#by", &who, "button[value=send]").await;
            taken(day).await;
        }
        ClinicDeed::Rings => rings(day, &who).await,
        ClinicDeed::Reopens => reopens(day, &who).await,
        ClinicDeed::ReceivesWalkIn => receives_walk_in(day, &who).await,
        ClinicDeed::EntersRoom { places, days } => enters_room(day, &who, *places as usize, *days).await,
        ClinicDeed::Rebooks => {
            day.staff.go(&page(day, "/clinics/rebooking", "")).await;
            if !day.staff.attributes("#late", "name").await.is_empty() {
                day.staff.press("label[for=late]").await;
            }
            send(day.staff, "#by", &who, "button[value=accept]").await;
            taken(day).await;
        }
    }
}

/// The gateway's turn: texts wait, because nobody allowed the exercise to reach telephones.
pub async fn nothing_left_the_house(day: &Day<'_>) {
    says(day, "/clinics/notices", "", "may reach no telephone").await;
}

async fn gives_class_a(day: &Day<'_>, who: &str, clinician: &str) {
    let waiting = class_a(day).await;
    assert!(!waiting.is_empty(), "{}: no class A waits", day.line);
    for (address, _) in waiting.iter().filter(|(_, words)| !words.contains("decides by")) {
        day.staff.go(&day.address(address)).await;
        day.staff.fill("#clinician", clinician).await;
        send(day.staff, "#by-escalate", who, "button[value=escalate]").await;
        taken(day).await;
    }
}

/// Asks, or agrees where somebody asked.
async fn postpones_class_a(day: &Day<'_>, who: &str, reason: &str, refused: Option<&str>) {
    let (address, _) = class_a(day).await.remove(0);
    day.staff.go(&day.address(&address)).await;
    let asked = !day.staff.attributes("#reason-second", "name").await.is_empty();
    let (own, by) = if asked { ("#reason-second", "#by-second") } else { ("#reason", "#by-decide") };
    day.staff.fill(own, reason).await;
    send(day.staff, by, who, &format!("form:has({by}) button[value=postpone]")).await;
    match (day.answered(day.staff).await, refused) {
        (None, None) => {}
        (Some(why), Some(wanted)) if why.to_lowercase().contains(&wanted.to_lowercase()) => {}
        (why, wanted) => panic!("{}: wanted {wanted:?}, got {why:?}", day.line),
    }
}

/// As each list's page has them ticked: what cannot be done, without class A.
async fn postpones(day: &Day<'_>, who: &str, reason: &str) {
    let mut lists = 0;
    for list in lists_of(day).await.iter().filter(|list| list.words.contains("to decide")) {
        day.staff.go(&day.address(&list.address)).await;
        if day.staff.attributes("input[name=booking]:checked", "value").await.is_empty() {
            continue;
        }
        day.staff.fill("#reason", reason).await;
        send(day.staff, "#by", who, "button[value=postpone]").await;
        taken(day).await;
        lists += 1;
    }
    assert!(lists > 0, "{}: no list had anything ticked", day.line);
}

/// One press for each call, whoever is booked soonest first.
async fn rings(day: &Day<'_>, who: &str) {
    day.staff.go(&page(day, "/clinics/calls", "")).await;
    let with_number = "return [...document.querySelectorAll('.clinic-call form')]\
        .filter(f => f.querySelector('[name=number]')).map(f => f.querySelector('[name=booking]').value)";
    let keys = strings(day.staff, with_number).await;
    assert!(!keys.is_empty(), "{}: nobody is to be rung", day.line);
    for (index, key) in keys.iter().enumerate() {
        day.staff.go(&page(day, "/clinics/calls", "")).await;
        let mark = format!(
            "const own = [...document.querySelectorAll('.clinic-call form')].find(f => \
             f.querySelector('[name=booking]').value === {key:?}); if (own) own.id = 'this-call'; return !!own"
        );
        assert_eq!(day.staff.js(&mark).await, true, "{}: {key} is not to be rung", day.line);
        let outcome = if (index + 1).is_multiple_of(NOT_ANSWERED_EVERY) { "no-answer" } else { "spoke" };
        send(day.staff, "#this-call [name=by]", who, &format!("#this-call button[value={outcome}]")).await;
        taken(day).await;
    }
}

/// What can be done again: undone where nobody was told, kept where somebody was.
async fn reopens(day: &Day<'_>, who: &str) {
    let mut reopened = 0;
    for list in lists_of(day).await.iter().filter(|list| list.words.contains("postponed")) {
        for (deed, told) in [("undo", false), ("keep", true)] {
            day.staff.go(&day.address(&list.address)).await;
            let tick = format!(
                "let n = 0; for (const row of document.querySelectorAll('.clinic-list tbody tr')) {{ \
                 const words = row.innerText; const untold = words.includes('Can be done again'); \
                 const back = words.includes('Postponed by') && !words.includes('nothing stands in') && !words.includes('Rebooked to'); \
                 const box = row.querySelector('[name=booking]'); box.checked = back && untold !== {told}; n += box.checked ? 1 : 0; }} \
                 return n"
            );
            let ticked = day.staff.js(&tick).await.as_u64().unwrap_or(0);
            if ticked > 0 {
                day.staff.fill("#reason", "It can be done again").await;
                send(day.staff, "#by", who, &format!("button[value={deed}]")).await;
                taken(day).await;
                reopened += ticked;
            }
        }
    }
    assert!(reopened > 0, "{}: nothing can be done again", day.line);
}

/// The first of today's door list is looked for by number, and told.
async fn receives_walk_in(day: &Day<'_>, who: &str) {
    let today = format!("&day={}", day.zone.date(day.at).iso());
    day.staff.go(&page(day, "/clinics/door", &today)).await;
    let first = "const cell = document.querySelector('.clinic-table tbody tr th .quiet'); \
                 return cell ? [cell.innerText.split(',').pop().replace(/[^0-9]/g, '')] : []";
    let number = strings(day.staff, first).await;
    let number = number.first().unwrap_or_else(|| panic!("{}: the door list is empty", day.line));
    day.staff.go(&page(day, "/clinics/door", &format!("{today}&q={number}"))).await;
    assert!(day.staff.text("main").await.contains("Postponed"), "{}", day.line);
    send(day.staff, "form.clinic-door [name=by]", who, "form.clinic-door button[value=home]").await;
    taken(day).await;
}

/// A sheet of places for the lists on which somebody is postponed, in turn.
async fn enters_room(day: &Day<'_>, who: &str, places: usize, days: u32) {
    let lists: Vec<List> =
        lists_of(day).await.into_iter().filter(|list| list.words.contains("postponed")).collect();
    let days = working_days(&day.zone, day.at, days);
    let rows = (0..places).zip(lists.iter().cycle()).map(|(index, list)| {
        let (on, quarter) = (days[index % days.len()], index / days.len() % QUARTERS);
        let clock = format!("{:02}:{:02}", 9 + quarter / 4, quarter % 4 * 15);
        format!("\"{}\",\"{}\",{},{clock},1", list.name, list.site, on.iso())
    });
    let sheet = rows.collect::<Vec<_>>().join("\n");
    day.staff.go(&page(day, "/clinics/rebooking", "")).await;
    let paste = format!("document.querySelector('#sheet').value = {sheet:?}");
    day.staff.js(&paste).await;
    send(day.staff, "#by-room", who, "form:has(#sheet) button").await;
    taken(day).await;
}

/// It stands so.
pub async fn expect(day: &Day<'_>, wanted: &ClinicSought) {
    match wanted {
        ClinicSought::Booked(count) => {
            // What was sent last is read a moment later.
            let words = format!("{count} bookings in {DAYS} days");
            for _ in 0..SOON {
                day.staff.go(&board(day)).await;
                if day.staff.text("main").await.contains(&words) {
                    return;
                }
                crate::driver::pause().await;
            }
            panic!("{}: {}", day.line, day.staff.text(".list-head").await);
        }
        ClinicSought::ClassAWithClinician => {
            let all = class_a(day).await;
            let alone = all.iter().find(|(_, words)| {
                !words.contains("decides by") && !words.contains("a second person must agree")
            });
            assert!(alone.is_none() && !all.is_empty(), "{}: {alone:?} of {}", day.line, all.len());
        }
        ClinicSought::Postponed(Some(count)) => {
            heads(day, "/clinics/rebooking", &format!("{count} postponed =")).await;
        }
        ClinicSought::Postponed(None) => {
            let text = text_of(day, &page(day, "/clinics/rebooking", "")).await;
            assert!(!text.contains("\n0 postponed ="), "{}: {text}", day.line);
        }
        ClinicSought::Told => {
            heads(day, "/clinics/notices", "0 ready to be sent").await;
            assert!(!day.staff.text("main").await.contains("Nothing was sent yet"), "{}", day.line);
        }
        ClinicSought::DoorList(some) => {
            let mut listed = false;
            for on in booked_on(day) {
                let text = text_of(day, &page(day, "/clinics/door", &format!("&day={}", on.iso()))).await;
                listed |= !text.contains(": 0 may come without knowing");
            }
            assert_eq!(listed, *some, "{}", day.line);
        }
        ClinicSought::Came(count) => {
            says(day, "/clinics/door", "", &format!("; {count} came so far")).await;
        }
        ClinicSought::Outstanding(count) => {
            says(day, "/clinics/rebooking", "", &format!("+ {count} outstanding")).await;
        }
        ClinicSought::AddUp => add_up(day).await,
        ClinicSought::CanReturn => {
            let text = text_of(day, &board(day)).await;
            assert!(text.contains("can be done again"), "{}: {text}", day.line);
        }
    }
}

/// The page says itself that the figures add up, and the sitrep's draft has the same.
async fn add_up(day: &Day<'_>) {
    let text = text_of(day, &page(day, "/clinics/counts", "")).await;
    assert!(!text.contains("do not add up"), "{}: {text}", day.line);
    let head = day.staff.text(".list-head .count").await;
    let figures: Vec<u32> = head
        .split(|c: char| !c.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().unwrap())
        .collect();
    let [postponed, rebooked, outstanding, know, not_sure] = figures[..] else { panic!("{head}") };
    assert!(postponed > 0 && postponed == rebooked + outstanding, "{}: {head}", day.line);
    assert_eq!(postponed, know + not_sure, "{}: {head}", day.line);
    let draft = format!("/sitreps/draft?incident={}", day.incident);
    day.staff.go(&day.address(&draft)).await;
    let written = "return [document.querySelector('main').innerText, \
                   ...[...document.querySelectorAll('textarea')].map(t => t.value)]";
    let written = strings(day.staff, written).await.join("\n");
    let words = format!("{postponed} postponed = {rebooked} rebooked");
    assert!(
        written.contains(&words) && written.contains(&format!("+ {outstanding} outstanding")),
        "{written}"
    );
    assert!(written.contains(&format!("{know} surely know and {not_sure} may not")), "{written}");
}

/// Every page of the clinics at the end of the day, at the desk and on a telephone: nothing hangs out, axe finds nothing.
pub async fn stand_whole(day: &Day<'_>, phone: &Browser, widths: (u64, u64)) {
    let axe = std::fs::read_to_string(every_page::AXE).ok();
    let list = lists_of(day).await.into_iter().find(|list| list.words.contains("postponed"));
    let mut pages = vec![board(day), day.address(&list.expect("a list with postponed bookings").address)];
    pages
        .extend(["notices", "calls", "rebooking", "counts"].map(|p| page(day, &format!("/clinics/{p}"), "")));
    pages.extend(booked_on(day).iter().map(|on| page(day, "/clinics/door", &format!("&day={}", on.iso()))));
    let mut faults = Vec::new();
    for (browser, width) in [(phone, widths.0), (day.staff, widths.1)] {
        for page in &pages {
            browser.go(page).await;
            let found = every_page::faults_of(browser, width, axe.as_deref()).await;
            faults.extend(found.into_iter().map(|fault| format!("{page} at {width} px: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A list of the board.
#[derive(Debug)]
struct List {
    address: String,
    name: String,
    site: String,
    words: String,
}

/// Every list of the drill's days, as the board has it.
async fn lists_of(day: &Day<'_>) -> Vec<List> {
    day.staff.go(&board(day)).await;
    let rows = "return [...document.querySelectorAll('.clinic-day tbody tr')].flatMap(r => { const a = r.querySelector('th a'); \
                return [a.getAttribute('href'), a.innerText, r.querySelector('th .quiet').innerText, \
                r.innerText.replace(/\\b0 postponed/, '')] })";
    let cells = strings(day.staff, rows).await;
    let list = |c: &[String]| List {
        address: c[0].clone(),
        name: c[1].clone(),
        site: c[2].clone(),
        words: c[3].clone(),
    };
    cells.chunks_exact(4).map(list).collect()
}

/// Class A that cannot be done, as the board has it first: address and words.
async fn class_a(day: &Day<'_>) -> Vec<(String, String)> {
    day.staff.go(&board(day)).await;
    let rows = "return [...document.querySelectorAll('section[aria-labelledby=class-a] .clinic-row')].flatMap(r => \
                [r.querySelector('a').getAttribute('href'), r.innerText])";
    let cells = strings(day.staff, rows).await;
    cells.chunks_exact(2).map(|c| (c[0].clone(), c[1].clone())).collect()
}

async fn taken(day: &Day<'_>) {
    assert_eq!(day.answered(day.staff).await, None, "{}", day.line);
}

async fn says(day: &Day<'_>, path: &str, more: &str, words: &str) {
    day.staff.go(&page(day, path, more)).await;
    day.staff.until(&day.line, "main", SOON, |text| text.contains(words)).await;
}

/// Its head begins so.
async fn heads(day: &Day<'_>, path: &str, words: &str) {
    day.staff.go(&page(day, path, "")).await;
    day.staff.until(&day.line, ".list-head .count", SOON, |text| text.starts_with(words)).await;
}

async fn text_of(day: &Day<'_>, address: &str) -> String {
    day.staff.go(address).await;
    day.staff.text("main").await
}

async fn strings(browser: &Browser, script: &str) -> Vec<String> {
    let all = browser.js(script).await;
    all.as_array().unwrap().iter().map(|s| s.as_str().unwrap_or_default().to_owned()).collect()
}

fn booked_on(day: &Day<'_>) -> Vec<PartialDate> {
    working_days(&day.zone, day.scenario.start, DAYS)
}

fn board(day: &Day<'_>) -> String {
    let from = booked_on(day)[0].iso();
    page(day, "/clinics", &format!("&day={}&days={DAYS}", encoded(&from)))
}

/// On the drill's ground; before the incident is open, as it is.
fn page(day: &Day<'_>, path: &str, more: &str) -> String {
    let ground = if day.incident == 0 { "real".to_owned() } else { day.incident.to_string() };
    day.address(&format!("{path}?incident={ground}{more}"))
}
