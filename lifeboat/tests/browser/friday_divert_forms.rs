//! From a divert's deed to the form on which a person does it: one function a kind. A deed that has no form here fails,
//! with the line of the file.

use crate::friday::Day;
use crate::friday_forms::{encoded, send};
use crate::friday_plans;
use basics::SiteId;
use drill::scenario::response::What;
use incident::diverts::{Figures, Pathway};

/// Enters it; gives words that must stand in the log afterwards.
pub async fn enter(day: &mut Day<'_>, who: &str, what: &What) -> String {
    match what {
        What::TellsFigures { site, figures } => tells_figures(day, who, site, *figures).await,
        What::Requests { from, receivers, pathways, reason, minutes, follows } => {
            requests(day, who, (from, receivers), pathways, reason, (*minutes, *follows)).await
        }
        What::Answers { number, site, consents, reason } => {
            answers(day, who, *number, site, *consents, reason).await
        }
        What::Authorises { number, executive } => authorises(day, who, *number, &executive.to_string()).await,
        What::Renews { number, executive, minutes, reason } => {
            renews(day, who, *number, &executive.to_string(), *minutes, reason).await
        }
        What::Ends { number, pathways, reason, sooner } => {
            ends(day, who, *number, pathways, [reason, sooner]).await
        }
        What::HandsOff { count, from, to, pathway } => {
            hands_off(day, who, *count, [from, to], *pathway).await
        }
        What::Divert(deed) => friday_plans::enter(day, who, deed).await,
        other => panic!("{}: no form is known for this deed; write its function here: {other:?}", day.line),
    }
}

async fn tells_figures(day: &Day<'_>, who: &str, site: &SiteId, figures: Figures) -> String {
    let screen = day.staff;
    let page = format!("/diverts/sites/{}?exercise={}", encoded(site.as_str()), day.incident);
    screen.go(&day.address(&page)).await;
    screen.fill("#waiting", &figures.waiting.to_string()).await;
    screen.fill("#longest", &figures.longest_minutes.to_string()).await;
    screen.fill("#staffed", &figures.staffed.map(|n| n.to_string()).unwrap_or_default()).await;
    send(screen, "#by", who, ".divert-quick button").await;
    figures.words()
}

async fn requests(
    day: &Day<'_>,
    who: &str,
    (from, receivers): (&SiteId, &[SiteId]),
    pathways: &[Pathway],
    reason: &str,
    (minutes, follows): (Option<u32>, Option<u32>),
) -> String {
    let screen = day.staff;
    let mut page = format!("/diverts/ask?exercise={}", day.incident);
    if let Some(number) = follows {
        page += &format!("&follows={number}");
    }
    screen.go(&day.address(&page)).await;
    screen.choose("#from", from.as_str()).await;
    for pathway in pathways {
        // Resuscitation has no box to tick: whoever asks without any reads why.
        if *pathway == Pathway::Resuscitation {
            let page = screen.text("main").await.to_lowercase();
            assert!(page.contains("resuscitation is never diverted"), "{}", day.line);
            assert!(screen.attributes("input[value='resuscitation']", "name").await.is_empty());
            // A box is put there all the same: the rule says no as well.
            screen
                .js("const box = document.querySelector('input[name=pathway]'); box.value = 'resuscitation'")
                .await;
        }
        screen.press(&format!("input[name='pathway'][value='{}']", word(*pathway))).await;
    }
    for receiver in receivers {
        screen.press(&format!("input[name='to'][value=\"{receiver}\"]")).await;
    }
    screen.fill("#reason", reason).await;
    screen.fill("#minutes", &minutes.map(|n| n.to_string()).unwrap_or_default()).await;
    send(screen, "#by", who, "main form button.nhsuk-button").await;
    reason.to_owned()
}

async fn answers(
    day: &Day<'_>,
    who: &str,
    number: u32,
    site: &SiteId,
    consents: bool,
    reason: &str,
) -> String {
    let screen = page_of(day, number, "#answer").await;
    screen.choose("#site", site.as_str()).await;
    screen.press(if consents { "label[for='answer-yes']" } else { "label[for='answer-no']" }).await;
    screen.fill("#answer-reason", reason).await;
    send(screen, "#answer-by", who, "#answer button").await;
    site.to_string()
}

async fn authorises(day: &Day<'_>, who: &str, number: u32, executive: &str) -> String {
    let commander = commander(day).await;
    let screen = page_of(day, number, "#authorise").await;
    screen.fill("#executive", executive).await;
    screen.fill("#commander", &commander).await;
    send(screen, "#authorise-by", who, "#authorise button").await;
    executive.to_owned()
}

async fn renews(
    day: &Day<'_>,
    who: &str,
    number: u32,
    executive: &str,
    minutes: Option<u32>,
    reason: &str,
) -> String {
    let commander = commander(day).await;
    let screen = page_of(day, number, "#renew").await;
    screen.fill("#renew-executive", executive).await;
    screen.fill("#renew-commander", &commander).await;
    screen.fill("#minutes", &minutes.map(|n| n.to_string()).unwrap_or_default()).await;
    screen.fill("#renew-reason", reason).await;
    send(screen, "#renew-by", who, "#renew button").await;
    reason.to_owned()
}

async fn ends(day: &Day<'_>, who: &str, number: u32, pathways: &[Pathway], why: [&str; 2]) -> String {
    let screen = page_of(day, number, "#end").await;
    for pathway in pathways {
        screen.press(&format!("#end input[value='{}']", word(*pathway))).await;
    }
    screen.fill("#end-reason", why[0]).await;
    screen.fill("#sooner", why[1]).await;
    send(screen, "#end-by", who, "#end button").await;
    why[0].to_owned()
}

async fn hands_off(
    day: &mut Day<'_>,
    who: &str,
    count: u32,
    sites: [&SiteId; 2],
    pathway: Pathway,
) -> String {
    let screen = day.staff;
    screen.go(&day.address(&format!("/diverts/moved?exercise={}", day.incident))).await;
    let jobs: Vec<String> = (1..=count).map(|n| format!("JOB{:04}", day.jobs + n)).collect();
    day.jobs += count;
    screen.fill("#jobs", &jobs.join("\n")).await;
    screen.choose("#from", sites[0].as_str()).await;
    screen.choose("#to", sites[1].as_str()).await;
    screen.choose("#pathway", word(pathway)).await;
    send(screen, "#by", who, "form:has(#jobs) button").await;
    sites[1].to_string()
}

/// A divert's page with that part unfolded.
pub async fn page_of<'d>(day: &Day<'d>, number: u32, part: &str) -> &'d crate::driver::Browser {
    day.staff.go(&day.address(&format!("/diverts/{number}?exercise={}", day.incident))).await;
    day.staff.unfold(part).await;
    day.staff
}

/// Who leads, as the page of the role says; in this drill the strategic commander speaks for the ambulance service too.
async fn commander(day: &Day<'_>) -> String {
    let page = format!("/incidents/{}/post?role=strategic-commander", day.incident);
    day.staff.go(&day.address(&page)).await;
    let held = day.staff.text("#now").await;
    held.strip_prefix("Held by ").unwrap_or_else(|| panic!("{}: {held}", day.line)).to_owned()
}

/// A pathway as the forms write it.
pub fn word(pathway: Pathway) -> &'static str {
    match pathway {
        Pathway::Resuscitation => "resuscitation",
        Pathway::MajorTrauma => "trauma",
        Pathway::HyperAcuteStroke => "stroke",
        Pathway::PrimaryPci => "pci",
        Pathway::Children => "children",
        Pathway::Obstetrics => "obstetrics",
        Pathway::General => "general",
    }
}
