//! From a deed of a drill to the form on which a person does it: one function a kind. A deed that has no form fails, with
//! the line of the file. Diverts are in `friday_divert_forms`.

use crate::driver::Browser;
use crate::friday::Day;
use crate::friday_divert_forms;
use basics::{Moment, SiteId};
use drill::scenario::response::{Deed, What};
use drill::scenario::{Act, Step};
use incident::action_cards::{Phase, StepKey};
use incident::hospitals::ServiceState;
use incident::methane::Methane;
use incident::public_updates::{Alternative, Words};
use incident::systems::SystemState;
use incident::{Level, Nature, Post};

/// Enters it, and sees that it is taken, or refused in the words that the drill wants.
pub async fn enter(day: &mut Day<'_>, deed: &Deed) {
    let who = deed.who.to_string();
    // Somebody who will be refused the role has its page open since before it was taken.
    let screen = match (&deed.what, &deed.refused) {
        (What::Takes { .. }, Some(_)) => day.second,
        _ => day.staff,
    };
    let told = match &deed.what {
        What::Opens { nature, level, name, standby, reason } => {
            opens(day, &who, (*nature, *level), name, *standby, reason).await
        }
        What::Declares { level, reason } => declares(day, &who, *level, reason).await,
        What::Reports { report } => reports(day, &who, report).await,
        What::Takes { post, contact } => {
            takes(day, screen, &who, post, contact, deed.refused.is_some()).await
        }
        What::HandsOver { post, to, briefing } => {
            hands_over(day, &who, post, &to.to_string(), briefing).await
        }
        What::Deputises { post, person } => deputises(day, &who, post, &person.to_string()).await,
        What::Ticks { post, steps, note } => ticks(day, &who, post, steps, note).await,
        What::Skips { post, steps, reason } => skips(day, &who, post, steps, reason).await,
        What::Notes { text } => writes(day, &who, text).await,
        What::Decides { decision, matter, knowing, options, reason, review_minutes } => {
            let review = review_minutes.map(|minutes| day.at.plus_seconds(minutes * 60));
            decides(day, &who, [matter, decision, knowing, &options.join("\n"), reason], review).await
        }
        What::Lists { site, system, owner, workaround } => {
            lists(day, &who, site.as_ref(), [system, owner, workaround]).await
        }
        What::Sets { site, system, state, note } => {
            sets(day, &who, site.as_ref(), system, *state, note).await
        }
        What::Serves { site, service, state, wait_minutes, note } => {
            serves(day, &who, (site, service), *state, *wait_minutes, note).await
        }
        What::BeginsSitrep => begins_sitrep(day, &who).await,
        What::ApprovesSitrep { next_minutes } => approves_sitrep(day, &who, *next_minutes).await,
        What::DraftsUpdate { words, alternatives, next_minutes } => {
            drafts_update(day, &who, words, alternatives, *next_minutes).await
        }
        What::ApprovesUpdate { number } => approves_update(day, &who, *number, deed.refused.is_none()).await,
        What::WithdrawsUpdate { number, reason } => withdraws_update(day, &who, *number, reason).await,
        What::StandsDown { reason, despite_open } => stands_down(day, &who, reason, *despite_open).await,
        other => friday_divert_forms::enter(day, &who, other).await,
    };
    let answer = day.answered(screen).await;
    match (answer, &deed.refused) {
        (None, None) => {
            let at = day.clock(day.at);
            day.record.push((day.line.clone(), who, at, told));
            if matches!(deed.what, What::Opens { .. }) {
                let path = screen.path().await;
                let number = path.trim_start_matches("/incidents/").split('?').next().unwrap().parse();
                day.incident = number.unwrap_or_else(|_| panic!("{}: on {path}", day.line));
            }
        }
        (None, Some(wanted)) => panic!("{}: taken, and should have been refused: {wanted}", day.line),
        (Some(why), None) => panic!("{}: refused: {why}", day.line),
        (Some(why), Some(wanted)) => {
            // A page begins the sentence with a capital letter.
            let fits = why.to_lowercase().contains(&wanted.to_lowercase());
            assert!(fits, "{}: refused: {why}", day.line);
        }
    }
}

async fn opens(
    day: &Day<'_>,
    who: &str,
    (nature, level): (Nature, Level),
    name: &str,
    standby: bool,
    reason: &str,
) -> String {
    let screen = day.staff;
    screen.go(&day.address("/")).await;
    screen.press("a[href='/incidents/declare']").await;
    screen.press(&format!("label[for='level-{}']", level_word(level))).await;
    screen.fill("#reason", reason).await;
    screen.fill("#by", who).await;
    screen.press(if standby { "label[for='when-standby']" } else { "label[for='when-now']" }).await;
    let nature = if nature == Nature::Exercise { "exercise" } else { "real" };
    screen.press(&format!("label[for='nature-{nature}']")).await;
    screen.unfold("#more").await;
    screen.fill("#name", name).await;
    screen.press("form.declare button[type='submit']").await;
    reason.to_owned()
}

async fn declares(day: &Day<'_>, who: &str, level: Level, reason: &str) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/incidents/{}/stage", day.incident))).await;
    screen.press("label[for='deed-declare']").await;
    screen.press(&format!("label[for='level-{}']", level_word(level))).await;
    screen.fill("#reason", reason).await;
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    reason.to_owned()
}

async fn reports(day: &Day<'_>, who: &str, report: &Methane) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/incidents/{}/methane", day.incident))).await;
    for (field, text) in [
        ("#m_major", &report.major_incident),
        ("#m_exact", &report.exact_location),
        ("#m_type", &report.incident_type),
        ("#m_hazards", &report.hazards),
        ("#m_access", &report.access),
        ("#m_number", &report.number_of_casualties),
        ("#m_services", &report.emergency_services),
    ] {
        screen.fill(field, text).await;
    }
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    report.incident_type.clone()
}

async fn takes(
    day: &Day<'_>,
    screen: &Browser,
    who: &str,
    post: &Post,
    contact: &str,
    too_late: bool,
) -> String {
    if !too_late {
        // Whoever will come second in this drill has the same page before them by now.
        let second = |step: &Step| match &step.act {
            Act::Deed(deed) => {
                deed.refused.is_some() && matches!(&deed.what, What::Takes { post: same, .. } if same == post)
            }
            _ => false,
        };
        if day.scenario.steps.iter().any(second) {
            day.second.go(&day.address(&post_page(day, post))).await;
        }
        screen.go(&day.address(&post_page(day, post))).await;
    }
    screen.fill("#contact", contact).await;
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    post.role.words()
}

async fn hands_over(day: &Day<'_>, who: &str, post: &Post, to: &str, briefing: &str) -> String {
    let screen = day.staff;
    screen.go(&day.address(&post_page(day, post))).await;
    screen.fill("#to", to).await;
    screen.fill("#briefing", briefing).await;
    send(screen, "#by", who, "form:has(#briefing) button[type='submit']").await;
    briefing.to_owned()
}

async fn deputises(day: &Day<'_>, who: &str, post: &Post, person: &str) -> String {
    let screen = day.staff;
    screen.go(&day.address(&post_page(day, post))).await;
    screen.unfold("#more").await;
    screen.fill("#deputy", person).await;
    send(screen, "#deputy-by", who, "form:has(#deputy) button[type='submit']").await;
    person.to_owned()
}

async fn ticks(day: &Day<'_>, who: &str, post: &Post, steps: &[StepKey], note: &str) -> String {
    for (number, step) in steps.iter().enumerate() {
        if number > 0 {
            assert_eq!(day.answered(day.staff).await, None, "{}: a step before", day.line);
        }
        day.staff.go(&day.address(&step_page(day, post, *step))).await;
        day.staff.fill("#note", note).await;
        send(day.staff, "#by-done", who, "form:has(#by-done) button[type='submit']").await;
    }
    post.role.words()
}

async fn skips(day: &Day<'_>, who: &str, post: &Post, steps: &[StepKey], reason: &str) -> String {
    for (number, step) in steps.iter().enumerate() {
        if number > 0 {
            assert_eq!(day.answered(day.staff).await, None, "{}: a step before", day.line);
        }
        day.staff.go(&day.address(&step_page(day, post, *step))).await;
        day.staff.fill("#reason", reason).await;
        send(day.staff, "#by-aside", who, "form:has(#by-aside) button[type='submit']").await;
    }
    reason.to_owned()
}

/// Something written in the log by whoever tells it; must be taken.
pub async fn note(day: &mut Day<'_>, who: &str, text: &str) {
    let told = writes(day, who, text).await;
    assert_eq!(day.answered(day.staff).await, None, "{}", day.line);
    day.record.push((day.line.clone(), who.to_owned(), day.clock(day.at), told));
}

async fn writes(day: &Day<'_>, who: &str, text: &str) -> String {
    day.staff.go(&day.address("/log")).await;
    day.staff.fill("#text", text).await;
    day.staff.choose("#to", &day.incident.to_string()).await;
    send(day.staff, "#by", who, ".log-box button[type='submit']").await;
    text.to_owned()
}

async fn decides(day: &Day<'_>, who: &str, words: [&str; 5], review: Option<Moment>) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/incidents/{}/decisions/new", day.incident))).await;
    for (field, text) in ["#matter", "#decision", "#information", "#options", "#reason"].iter().zip(words) {
        screen.fill(field, text).await;
    }
    screen.fill("#review_at", &review.map(|at| day.clock(at)).unwrap_or_default()).await;
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    words[1].to_owned()
}

async fn lists(day: &Day<'_>, who: &str, site: Option<&SiteId>, words: [&String; 3]) -> String {
    let screen = day.staff;
    let cells =
        [site.map_or("", SiteId::as_str), words[0], words[1], words[2]].map(|cell| format!("\"{cell}\""));
    screen.go(&day.address("/systems/import")).await;
    screen.fill("#sheet", &format!("site,name,owner,workaround\n{}\n", cells.join(","))).await;
    send(screen, "#by", who, "button[value='check']").await;
    screen.press("button[value='take']").await;
    words[0].clone()
}

async fn sets(
    day: &Day<'_>,
    who: &str,
    site: Option<&SiteId>,
    system: &str,
    state: SystemState,
    note: &str,
) -> String {
    let address = system_page(day, site, system).await;
    day.staff.go(&day.address(&address)).await;
    let state = match state {
        SystemState::Working => "working",
        SystemState::Degraded => "degraded",
        SystemState::Infected => "infected",
        SystemState::Isolated => "isolated",
        SystemState::Unknown => "unknown",
    };
    day.staff.press(&format!("label[for='state-{state}']")).await;
    day.staff.fill("#note", note).await;
    send(day.staff, "#by-state", who, "form:has(#by-state) button[type='submit']").await;
    note.to_owned()
}

async fn serves(
    day: &Day<'_>,
    who: &str,
    (site, service): (&SiteId, &str),
    state: ServiceState,
    wait: Option<u32>,
    note: &str,
) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/incidents/{}/hospitals", day.incident))).await;
    screen.choose("#site", site.as_str()).await;
    screen.fill("#service", service).await;
    screen.press(&format!("input[name='state'][value='{}']", state.word())).await;
    screen.fill("#wait", &wait.map(|minutes| minutes.to_string()).unwrap_or_default()).await;
    screen.fill("#note", note).await;
    send(screen, "#by", who, "form:has(#service) button[type='submit']").await;
    note.to_owned()
}

async fn begins_sitrep(day: &Day<'_>, who: &str) -> String {
    let screen = day.staff;
    // The button signs with the name that this screen remembers.
    screen.go(&day.address("/who")).await;
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    screen.go(&day.address(&format!("/sitreps?incident={}", day.incident))).await;
    screen.press("form[action='/sitreps/begin'] button").await;
    "itrep".to_owned()
}

async fn approves_sitrep(day: &Day<'_>, who: &str, next: Option<i64>) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/sitreps/draft?incident={}", day.incident))).await;
    match next {
        Some(minutes) => screen.fill("#at", &day.clock(day.at.plus_seconds(minutes * 60))).await,
        None => screen.press("label[for='none']").await,
    }
    send(screen, "#by", who, "button[value='approve']").await;
    "itrep".to_owned()
}

async fn drafts_update(
    day: &mut Day<'_>,
    who: &str,
    words: &Words,
    places: &[Alternative],
    next: Option<i64>,
) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/public-updates?ground=exercise-{}", day.incident))).await;
    screen.press(".list-deeds a.nhsuk-button").await;
    screen.fill("#sentence", &words.sentence).await;
    screen.fill("#do_this", &words.do_this.join("\n")).await;
    screen.fill("#not_for", &words.not_for.join("\n")).await;
    let rows = screen.attributes("input[name^='place_name_']", "id").await.len();
    assert!(rows >= places.len(), "{}: {rows} rows for {} places", day.line, places.len());
    let nowhere = Alternative::default();
    for row in 0..rows {
        let place = places.get(row).unwrap_or(&nowhere);
        for (field, text) in [("name", &place.name), ("for", &place.good_for), ("hours", &place.hours)] {
            screen.fill(&format!("#place_{field}_{}", row + 1), text).await;
        }
    }
    let next = next.map(|minutes| day.at.plus_seconds(minutes * 60));
    screen.choose("#next", if next.is_some() { "at" } else { "last" }).await;
    screen.fill("#next_time", &next.map(|at| day.clock(at)).unwrap_or_default()).await;
    send(screen, "#by", who, "form.form button[type='submit']").await;
    day.updates.push((false, words.sentence.clone(), next));
    words.sentence.clone()
}

async fn approves_update(day: &mut Day<'_>, who: &str, number: u32, taken: bool) -> String {
    day.staff.go(&day.address(&update_page(day, number))).await;
    send(day.staff, "#by-approve", who, "form[action$='/approve'] button").await;
    if taken {
        day.updates[number as usize - 1].0 = true;
    }
    format!("pdate {number}")
}

async fn withdraws_update(day: &mut Day<'_>, who: &str, number: u32, reason: &str) -> String {
    day.staff.go(&day.address(&update_page(day, number))).await;
    day.staff.fill("#reason-withdraw", reason).await;
    send(day.staff, "#by-withdraw", who, "form[action$='/withdraw'] button").await;
    day.updates[number as usize - 1].0 = false;
    reason.to_owned()
}

async fn stands_down(day: &Day<'_>, who: &str, reason: &str, despite_open: bool) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/incidents/{}/stand-down", day.incident))).await;
    if despite_open {
        screen.press("input[name='despite_open']").await;
    }
    screen.fill("#reason", reason).await;
    send(screen, "#by", who, "main form.form button[type='submit']").await;
    reason.to_owned()
}

/// Signs the form and presses its button.
pub async fn send(screen: &Browser, by: &str, who: &str, button: &str) {
    screen.fill(by, who).await;
    screen.press(button).await;
}

/// A system's own page, found on the board as a person finds it.
async fn system_page(day: &Day<'_>, site: Option<&SiteId>, system: &str) -> String {
    let board = format!("/systems?incident={}", day.incident);
    day.staff.go(&day.address(&board)).await;
    let [site, system] = [site.map_or("Whole trust", SiteId::as_str), system]
        .map(|words| serde_json::to_string(words).unwrap());
    let find = format!(
        "const all = [...document.querySelectorAll('section.site')].filter(s => s.querySelector('h2').innerText.includes({site}));\
         const links = all.flatMap(s => [...s.querySelectorAll('.system-tiles a, .system-lines a')]);\
         const found = links.find(a => a.innerText.trim() === {system}); return found ? found.getAttribute('href') : ''"
    );
    let found = day.staff.js(&find).await.as_str().unwrap_or("").to_owned();
    assert!(!found.is_empty(), "{}: the board does not show it", day.line);
    found
}

fn post_page(day: &Day<'_>, post: &Post) -> String {
    format!("/incidents/{}/post?role={}&place={}", day.incident, post.role.as_str(), encoded(&post.place))
}

fn step_page(day: &Day<'_>, post: &Post, step: StepKey) -> String {
    let phase = match step.phase {
        Phase::Standby => "standby",
        Phase::Declared => "declared",
        Phase::StandDown => "stand-down",
    };
    format!(
        "/cards/step?incident={}&role={}&place={}&phase={phase}&number={}",
        day.incident,
        post.role.as_str(),
        encoded(&post.place),
        step.number
    )
}

fn update_page(day: &Day<'_>, number: u32) -> String {
    format!("/public-updates/{number}?ground=exercise-{}", day.incident)
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::BusinessContinuity => "business-continuity",
        Level::Critical => "critical",
        Level::Major => "major",
    }
}

/// A name in an address.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
