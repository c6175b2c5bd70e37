//! Every page on a telephone and on a desk, by day and by night: nothing hangs out at the side, and axe finds nothing.

use crate::demo::{Demo, adt};
use crate::driver::{Browser, SOON};
use serde_json::Value;

/// Width of the telephone, in CSS pixels.
pub const PHONE_WIDTH: u64 = 390;
/// Width of the window on a desk.
pub const DESK_WIDTH: u64 = 1366;
/// Where `xtask/setup.sh test` lays the checker, which is not part of this repository.
pub const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe/node_modules/axe-core/axe.min.js");

/// Looks at every page, by day and by night; gives each fault in a line.
pub async fn by_day_and_by_night(browser: &Browser, demo: &Demo, width_max: u64) -> Vec<String> {
    let axe = std::fs::read_to_string(AXE).ok();
    if axe.is_none() {
        println!("axe-core absent (xtask/setup.sh test lays it into target/axe), skipped: its rules");
    }
    demo.hear(&adt("A01", "20", 5, "Abernethy-Featherstonehaugh-Cholmondeley", "Wilhelmina", "Fall"));
    let addresses = addresses(browser, demo).await;
    let mut faults = Vec::new();
    for night in [false, true] {
        if night {
            browser.go(&demo.address("/")).await;
            browser.press(".night-switch button").await;
            // The phone may lay the switch elsewhere, but it must work.
            browser.until("night", "html.night .night-switch", SOON, |text| text.contains("Day")).await;
        }
        for address in &addresses {
            browser.go(&demo.address(address)).await;
            browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })").await;
            let light = if night { "night" } else { "day" };
            let found = faults_of(browser, width_max, axe.as_deref()).await;
            faults.extend(found.into_iter().map(|fault| format!("{address} by {light}: {fault}")));
        }
    }
    faults
}

/// One address of every page that shows anything.
async fn addresses(browser: &Browser, demo: &Demo) -> Vec<String> {
    demo.says("/find?q=abernethy", "ABERNETHY").await;
    browser.go(&demo.address("/find?q=abernethy")).await;
    browser.until("the admission was read", ".match .name", SOON, |n| n.contains("ABERNETHY")).await;
    let patient = browser.attributes(".match a.name", "href").await.remove(0);
    let ward = browser.attributes(".match .where a", "href").await.remove(0);
    // A patient of the demonstration, with everything that its feeds say.
    browser.go(&demo.address(&ward)).await;
    let fuller = browser.attributes(".ward-list a.name", "href").await.remove(0);
    let signs = format!("{fuller}/signs");
    let fixed = ["/", "/mode", "/wards", "/find", "/find?q=abernehty", "/find?q=smith", "/find?q=zzqx"];
    let incident = ["/incidents", "/incidents/declare", "/log", "/wallboard"];
    let more = ["/feeds", "/tray", "/print", "/paste", "/entries/1", "/entries/1200", "/no-such-page"];
    fixed
        .into_iter()
        .chain(incident)
        .chain(more)
        .map(str::to_owned)
        .chain([ward, patient, fuller, signs])
        .collect()
}

/// What is wrong with the page shown: it is wider than the window, or breaks a rule of axe.
pub async fn faults_of(browser: &Browser, width_max: u64, axe: Option<&str>) -> Vec<String> {
    // On a telephone the window widens with what hangs out, so the true width is compared as well.
    let widths =
        browser.js("return [document.documentElement.scrollWidth, window.innerWidth, window.scrollX]").await;
    let width = |at: usize| widths[at].as_u64().unwrap_or(u64::MAX);
    let mut faults = Vec::new();
    if width(0) > width(1) || width(0) > width_max {
        faults.push(format!(
            "{} px wide in a window of {width_max}: {}",
            width(0),
            widest(browser, width_max).await
        ));
    }
    if let Some(axe) = axe {
        let script = format!(
            "{axe}; const tell = arguments[arguments.length - 1]; axe.run(document, {{ resultTypes: ['violations'] }})\
             .then(r => tell(r.violations.map(v => v.id + ' (' + v.impact + '): ' + v.nodes.slice(0, 2)\
             .map(n => n.html.slice(0, 160) + ' ' + (n.any[0] ? n.any[0].message : '')).join(' ; '))), e => tell([String(e)]))"
        );
        let said = browser.js_later(&script).await;
        let violations = said.as_array().cloned().unwrap_or_else(|| vec![Value::from("axe said nothing")]);
        faults.extend(violations.into_iter().map(|v| v.as_str().unwrap_or("?").to_owned()));
    }
    faults
}

/// What hangs out, for whoever must mend it.
async fn widest(browser: &Browser, width_max: u64) -> String {
    let script = format!(
        "return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > {width_max} + 1)\
         .slice(-3).map(e => e.outerHTML.slice(0, 120)).join(' ; ')"
    );
    browser.js(&script).await.as_str().unwrap_or_default().to_owned()
}

/// The checker must notice a page that is too wide, and a picture that says nothing.
pub async fn planted_faults_are_found(browser: &Browser, demo: &Demo, width_max: u64) {
    browser.go(&demo.address("/wards")).await;
    let axe = std::fs::read_to_string(AXE).ok();
    assert_eq!(faults_of(browser, width_max, axe.as_deref()).await, Vec::<String>::new());
    // A policy that forbids inline styles still lets a script of the driver set one.
    browser
        .js("const w = document.createElement('input'); w.style.width = '3000px'; document.querySelector('main').append(w)")
        .await;
    let found = faults_of(browser, width_max, axe.as_deref()).await;
    let rules = usize::from(axe.is_some());
    assert!(found.len() > rules && found[0].contains("px wide"), "{found:?}");
}
