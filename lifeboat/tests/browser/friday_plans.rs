//! The day's plans: proposed, accepted, told to the sites by themselves, overtaken, adapted, counted; each deed on its
//! form, each expectation on its page.
//!
//! Called by `friday_divert_forms` and `friday_sights`. A deed or an expectation that is not known here does not compile.

use crate::driver::{Browser, SOON, pause};
use crate::every_page;
use crate::friday::Day;
use crate::friday_divert_forms::page_of;
use crate::friday_forms::{encoded, send};
use drill::scenario::response::{DivertDeed, DivertSought, PlanStands};
use incident::diverts::Figures;

/// Where `xtask/setup.sh test` lays the checker, which is not part of this repository.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe/node_modules/axe-core/axe.min.js");

/// Enters it; gives words that must stand in the log afterwards.
pub async fn enter(day: &Day<'_>, who: &str, deed: &DivertDeed) -> String {
    let screen = day.staff;
    match deed {
        DivertDeed::Proposes { .. } => {
            screen.go(&day.address(&of_day(day, "/diverts/plans"))).await;
            send_form(screen, "form[action='/diverts/plans'][method=post]", who).await;
            "proposed".to_owned()
        }
        DivertDeed::Accepts { number, .. } => accepts(day, who, *number).await,
        DivertDeed::RefusesPlan { number, reason } => {
            screen.go(&day.address(&plan(day, *number))).await;
            screen.unfold("#refuse").await;
            screen.fill("#refuse [name=reason]", reason).await;
            send_form(screen, &format!("form[action='/diverts/plans/{number}/refuse']"), who).await;
            reason.clone()
        }
        DivertDeed::Acknowledges { number, site } => {
            let page = format!("/diverts/sites/{}", encoded(site.as_str()));
            screen.go(&day.address(&of_day(day, &page))).await;
            let mark = format!(
                "const own = [...document.querySelectorAll('.divert-alert section')].find(s => \
                 s.innerText.includes('Plan {number} accepted')); \
                 if (own) own.querySelector('form').id = 'of-the-plan'; return !!own"
            );
            assert_eq!(screen.js(&mark).await, true, "{}: {site} is not asked", day.line);
            assert!(screen.text("main").await.contains("The plan in force, for here"), "{}", day.line);
            send_form(screen, "#of-the-plan", who).await;
            site.to_string()
        }
        DivertDeed::RefusesWith { divert, site, figures, reason } => {
            let screen = page_of(day, *divert, "#answer").await;
            screen.choose("#site", site.as_str()).await;
            screen.press("label[for='answer-no']").await;
            screen.fill("#figures", &written(figures)).await;
            screen.fill("#answer-reason", reason).await;
            send(screen, "#answer-by", who, "#answer button").await;
            site.to_string()
        }
        DivertDeed::Counts { count, from, to, service, over_minutes } => {
            screen.go(&day.address(&of_day(day, "/diverts/moved"))).await;
            let form = "form:has(#service)";
            let since = day.clock(day.at.plus_seconds(-i64::from(*over_minutes) * 60));
            for (field, text) in [
                ("service", service.clone()),
                ("since", since),
                ("until", day.clock(day.at)),
                ("patients", count.to_string()),
            ] {
                screen.fill(&format!("{form} [name={field}]"), &text).await;
            }
            screen.choose(&format!("{form} [name=from]"), from.as_str()).await;
            screen.choose(&format!("{form} [name=to]"), to.as_str()).await;
            send_form(screen, form, who).await;
            service.clone()
        }
    }
}

/// By the button; where a settled plan offers none, past it: the rule says no as well, and the page says how it was settled.
async fn accepts(day: &Day<'_>, who: &str, number: u32) -> String {
    let screen = day.staff;
    screen.go(&day.address(&plan(day, number))).await;
    let form = format!("form[action='/diverts/plans/{number}/accept']");
    if screen.attributes(&form, "action").await.is_empty() {
        let forged = format!(
            "const f = document.createElement('form'); f.method = 'post'; f.action = '/diverts/plans/{number}/accept'; \
             for (const [name, value] of [['exercise', '{}'], ['by', {who:?}]]) {{ const i = document.createElement('input'); \
             i.name = name; i.value = value; f.append(i); }} document.body.append(f); f.submit()",
            day.incident
        );
        screen.js(&forged).await;
    } else {
        send_form(screen, &form, who).await;
    }
    format!("plan {number} accepted by {who}")
}

/// Signs the form and presses its button; a browser that knows who sits there asks for no name.
async fn send_form(screen: &Browser, form: &str, who: &str) {
    let named = format!("{form} [name=by]");
    let sign = format!("document.querySelector({named:?}).value = {who:?}");
    screen.js(&sign).await;
    screen.press(&format!("{form} button[type=submit]")).await;
}

/// It stands so.
pub async fn expect(day: &Day<'_>, wanted: &DivertSought) {
    match wanted {
        DivertSought::Plan(number, stands) => {
            let words = match stands {
                PlanStands::Proposed => "is proposed",
                PlanStands::Current => "is in force",
                PlanStands::Overtaken => "is not current",
                PlanStands::Past => "is replaced by",
            };
            day.staff.go(&day.address(&plan(day, *number))).await;
            day.staff.until(&day.line, ".divert-state", SOON, |text| text.contains(words)).await;
        }
        DivertSought::Told(number, site) => {
            told(day, *number, site.as_str(), &["Message", "Runner's slip"]).await;
        }
        DivertSought::Acknowledged(number, site) => {
            told(day, *number, site.as_str(), &["Acknowledged by"]).await;
        }
        DivertSought::Lighter(number, than, site) => {
            let (new, old) =
                (planned(day, *number, site.as_str()).await, planned(day, *than, site.as_str()).await);
            assert!(new < old, "{}: {new} an hour, before {old}", day.line);
        }
        DivertSought::Debrief(words) => {
            let words = words.to_lowercase();
            day.staff.go(&day.address(&format!("/debrief?incident={}", day.incident))).await;
            day.staff.until(&day.line, "main", SOON, |text| text.to_lowercase().contains(&words)).await;
        }
    }
}

/// The line of a site among those told says all of `words`, soon.
async fn told(day: &Day<'_>, number: u32, site: &str, words: &[&str]) {
    let mut row = String::new();
    for _ in 0..SOON {
        day.staff.go(&day.address(&plan(day, number))).await;
        let rows = day.staff.texts(".divert-told li").await;
        row = rows.into_iter().find(|row| row.starts_with(site)).unwrap_or_default();
        if words.iter().all(|word| row.contains(word)) {
            return;
        }
        pause().await;
    }
    panic!("{}: {row}", day.line);
}

/// Ambulances an hour that a plan brings to a site, as its page says.
async fn planned(day: &Day<'_>, number: u32, site: &str) -> f64 {
    day.staff.go(&day.address(&plan(day, number))).await;
    let find = format!(
        "const row = [...document.querySelectorAll('.divert-effects tbody tr')].find(r => \
         r.querySelector('th a').innerText == {site:?}); \
         return row.querySelectorAll('td')[1].querySelector('strong').innerText"
    );
    day.staff.js(&find).await.as_str().unwrap().parse().unwrap()
}

/// The papers of the last plan are there without anybody having made them, and its pages have no fault, at the desk and on
/// a telephone.
pub async fn stand_whole(day: &Day<'_>, phone: &Browser, widths: (u64, u64)) {
    for paper in ["plan.pdf", "slips.pdf"] {
        let body = day.get(&of_day(day, &format!("/diverts/plans/3/{paper}")));
        assert!(body.starts_with(b"%PDF"), "{paper}");
    }
    let axe = std::fs::read_to_string(AXE).ok();
    let mut faults = Vec::new();
    for (browser, width) in [(phone, widths.0), (day.staff, widths.1)] {
        for page in ["/diverts", "/diverts/plans/2", "/diverts/plans/3", "/diverts/moved"] {
            browser.go(&day.address(&of_day(day, page))).await;
            let found = every_page::faults_of(browser, width, axe.as_deref()).await;
            faults.extend(found.into_iter().map(|fault| format!("{page} at {width} px: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn of_day(day: &Day<'_>, page: &str) -> String {
    format!("{page}?exercise={}", day.incident)
}

fn plan(day: &Day<'_>, number: u32) -> String {
    of_day(day, &format!("/diverts/plans/{number}"))
}

fn written(figures: &Figures) -> String {
    let staffed = figures.staffed.map_or_else(String::new, |places| format!(" {places}"));
    format!("{} {}{staffed}", figures.waiting, figures.longest_minutes)
}
