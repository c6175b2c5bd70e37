//! Diverts as people run them: figures from a telephone, request, refusal, consent, authorisation, a plan accepted, a
//! receiver that takes its word back, the plan adapted, an expiry that is asked about and renewed; pages held to axe.

use crate::demo::Demo;
use crate::driver::{Browser, SOON};
use crate::every_page::faults_of;

/// Where `xtask/setup.sh test` lays the checker, which is not part of this repository.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe/node_modules/axe-core/axe.min.js");
const FROM: &str = "Eastmere General";
const TO: &str = "Kelling Cross";

/// From figures to a renewed divert; gives each fault of a page in a line.
pub async fn figures_to_renewal(
    phone: &Browser,
    desk: &Browser,
    demo: &Demo,
    widths: (u64, u64),
) -> Vec<String> {
    demo.says("/diverts", TO).await;
    demo.says("/diverts/plans", "Make a plan from the board").await;
    let page = "/diverts/sites/Kelling%20Cross";
    phone.go(&demo.address(page)).await;
    // Figures from a telephone: one box, a name that is remembered afterwards, one press.
    phone.type_into("#waiting", "3 12 14").await;
    phone.type_into("#by", "Cass Orr").await;
    phone.press(".divert-quick button").await;
    phone.until("the figures are on the board", "main", SOON, |t| t.contains("3 waiting")).await;
    for (site, figures) in [("Eastmere%20General", "12 70 6"), ("Harrowdale%20General", "1 5 20")] {
        phone.go(&demo.address(&format!("/diverts/sites/{site}"))).await;
        phone.type_into("#waiting", figures).await;
        phone.press(".divert-quick button").await;
        phone.until("the figures are on the board", ".done", SOON, |t| t.contains("on the board")).await;
    }
    times_of_the_agreement(desk, demo).await;
    asked_refused_consented_authorised(phone, desk, demo).await;
    renewed(desk, demo).await;
    planned_accepted_and_adapted(phone, desk, demo).await;
    let axe = std::fs::read_to_string(AXE).ok();
    let mut faults = Vec::new();
    for (browser, width) in [(phone, widths.0), (desk, widths.1)] {
        for address in PAGES {
            browser.go(&demo.address(address)).await;
            browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
            let found = faults_of(browser, width, axe.as_deref()).await;
            faults.extend(found.into_iter().map(|fault| format!("{address} at {width} px: {fault}")));
        }
    }
    faults
}

const PAGES: [&str; 11] = [
    "/diverts",
    "/diverts/list",
    "/diverts/map",
    "/diverts/ask",
    "/diverts/1",
    "/diverts/sites/Kelling%20Cross",
    "/diverts/moved",
    "/diverts/plans",
    "/diverts/plans/1",
    "/diverts/plans?ask=what-if&close=Kelling%20Cross&more=10",
    "/diverts/setup",
];

async fn choose(browser: &Browser, css: &str, value: &str) {
    browser.js(&format!("document.querySelector({css:?}).value = {value:?}")).await;
}

async fn sign(browser: &Browser, css: &str, name: &str) {
    choose(browser, css, name).await;
}

/// Lifeboat asks almost at once, so that the journey need not last an hour.
async fn times_of_the_agreement(desk: &Browser, demo: &Demo) {
    desk.go(&demo.address("/diverts/setup")).await;
    for (field, minutes) in [("dwell", "1"), ("expiry", "60"), ("ask", "59"), ("stale", "60")] {
        choose(desk, &format!("#{field}"), minutes).await;
    }
    sign(desk, "#rules-by", "Anna Bell").await;
    desk.press("form[action='/diverts/setup/rules'] button").await;
    desk.until("the times hold", ".done", SOON, |t| t.contains("These times hold")).await;
}

async fn asked_refused_consented_authorised(phone: &Browser, desk: &Browser, demo: &Demo) {
    desk.go(&demo.address("/diverts/ask")).await;
    choose(desk, "#from", FROM).await;
    desk.press("input[name=pathway][value=general]").await;
    desk.press("input[name=pathway][value=stroke]").await;
    desk.press(&format!("input[name=to][value='{TO}']")).await;
    desk.type_into("#reason", "No imaging since 13:40").await;
    choose(desk, "#minutes", "58").await;
    desk.press("main form button.nhsuk-button").await;
    desk.arrive("the request", |path| path.starts_with("/diverts/1")).await;
    // The receiver sees on its own page that it is asked, and refuses with its figures.
    phone.go(&demo.address("/diverts/sites/Kelling%20Cross")).await;
    phone.until("it is asked", "main", SOON, |t| t.contains("You are asked to take patients")).await;
    phone.press(".divert-alert a").await;
    phone.arrive("the request", |path| path.starts_with("/diverts/1")).await;
    phone.press("label[for=answer-no]").await;
    phone.type_into("#figures", "14 52 14").await;
    phone.press("#answer button").await;
    let refused = "Kelling Cross has refused: 14 waiting, longest 52 minutes";
    desk.until("the refusal in words, by itself", "main", SOON, |t| t.contains(refused)).await;
    // Nobody can authorise what nobody takes, and what was typed stays.
    desk.go(&demo.address("/diverts/1")).await;
    desk.js("document.querySelector('#authorise').open = true").await;
    desk.type_into("#executive", "Dr Osei").await;
    desk.type_into("#commander", "Kit Marlow").await;
    desk.press("#authorise button").await;
    desk.until("why not", ".refused", SOON, |t| t.contains("obody has consented")).await;
    assert_eq!(desk.js("return document.querySelector('#executive').value").await, "Dr Osei");
    // It consents after all.
    phone.go(&demo.address("/diverts/1")).await;
    phone.js("document.querySelector('#answer').open = true").await;
    phone.press("label[for=answer-yes]").await;
    phone.press("#answer button").await;
    phone.until("it consents", "main", SOON, |t| t.contains("consents")).await;
    desk.press("#authorise button").await;
    desk.until("in force", "main", SOON, |t| t.contains("authorised by Dr Osei and Kit Marlow")).await;
    // The receiver is alerted, and acknowledges.
    phone.go(&demo.address("/diverts/sites/Kelling%20Cross")).await;
    phone.until("the change", ".divert-alert", SOON, |t| t.contains("acknowledge it")).await;
    phone.press(".divert-alert button").await;
    phone.until("acknowledged", ".done", SOON, |t| t.contains("Acknowledged")).await;
}

async fn renewed(desk: &Browser, demo: &Demo) {
    desk.go(&demo.address("/diverts/1")).await;
    desk.until("Lifeboat has asked", "main", SOON, |t| {
        t.contains("Time to renew it") && t.contains("Dr Osei")
    })
    .await;
    desk.go(&demo.address("/diverts/1")).await;
    desk.type_into("#renew-reason", "The scanner is not back").await;
    desk.press("#renew button").await;
    desk.until("renewed", "main", SOON, |t| t.contains("Renewed")).await;
    // Stroke comes back before the rest, and it says why so soon.
    desk.js("document.querySelector('#end').open = true").await;
    desk.press("#end input[value=stroke]").await;
    desk.type_into("#end-reason", "One scanner is back").await;
    desk.type_into("#sooner", "For stroke it is enough").await;
    desk.press("#end button").await;
    desk.until("stroke is back", "main", SOON, |t| t.contains("Back: stroke")).await;
}

async fn planned_accepted_and_adapted(phone: &Browser, desk: &Browser, demo: &Demo) {
    desk.go(&demo.address("/diverts/plans")).await;
    desk.press("form[action='/diverts/plans'][method=post] button").await;
    desk.until("a proposal", "main", SOON, |t| t.contains("Plan 1 is proposed")).await;
    assert!(desk.text("main").await.contains("estimated"), "estimated times are marked");
    desk.press("input[name=knowing]").await;
    desk.press("form[action='/diverts/plans/1/accept'] button").await;
    desk.until("accepted", "main", SOON, |t| t.contains("Accepted by Anna Bell")).await;
    // The receiver takes its word back: the plan says itself that it is not current, and a new one is made.
    phone.go(&demo.address("/diverts/1")).await;
    phone.js("document.querySelector('#answer').open = true").await;
    phone.press("label[for=answer-no]").await;
    phone.type_into("#figures", "19 75 14").await;
    phone.press("#answer button").await;
    desk.until("it is not current any more, by itself", "main", SOON, |t| t.contains("is not current")).await;
    desk.go(&demo.address("/diverts/plans")).await;
    desk.press("form[action='/diverts/plans'][method=post] button").await;
    desk.until("the adapted plan", "main", SOON, |t| t.contains("Plan 2 is proposed")).await;
    desk.press("input[name=knowing]").await;
    desk.press("form[action='/diverts/plans/2/accept'] button").await;
    desk.until("accepted", "main", SOON, |t| t.contains("Accepted by Anna Bell")).await;
    desk.go(&demo.address("/diverts/plans/1")).await;
    desk.until("the old plan stays", "main", SOON, |t| t.contains("Plan 2") && t.contains("took its place"))
        .await;
}
