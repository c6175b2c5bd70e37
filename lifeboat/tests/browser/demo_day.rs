//! The attack's day in the demonstration: one press, and the feeds fall silent while the response of 12 May 2017 plays
//! itself as an exercise; a second press changes nothing; restored, the feeds talk and nothing more is played.

use crate::common::ok;
use crate::demo::Demo;
use crate::driver::{Browser, SOON, pause};
use std::path::Path;

/// Looks, a tenth of a second apart, in which a day that was not stopped would have gone on by a quarter of an hour.
const QUIET_LOOKS: u32 = 150;

/// Runs it: the demonstration plays its day fast.
pub async fn played_by_itself_and_stopped(browser: &Browser, demo: &Demo, data: &Path) {
    let data = data.to_str().unwrap();
    browser.go(&demo.address("/")).await;
    browser.press("form[action='/demo/attack'] button").await;
    browser.arrive("the attack is on", |path| path == "/?done=attack").await;
    browser.until("the day is played", ".demo", SOON, |text| text.contains("the day is played")).await;
    // Pressed again from another terminal: still one attack, one exercise.
    ok(&["demo", "attack", "--data", data], 0);
    demo.says("/feeds", "Silent").await;
    demo.says("/incidents/1", "Cyber attack").await;
    for (page, words) in [
        ("/incidents/1", "EXERCISE"),
        ("/systems?incident=1", "Ransom note on all viewers"),
        ("/log", "Inject: A newspaper"),
        ("/diverts/1?exercise=1", "authorised by Edwin Sayle"),
        ("/public-updates?ground=exercise-1", "Our hospitals have a serious computer fault"),
        ("/sitreps?incident=1", "Sitrep 1"),
    ] {
        demo.says(page, words).await;
    }
    assert_eq!(demo.get("/incidents/2").0, 404, "two presses are one exercise");
    assert!(
        !told(demo, "/public-updates?ground=real").contains("serious computer fault"),
        "nothing of it is real"
    );
    browser.go(&demo.address("/")).await;
    browser.press("form[action='/demo/restore'] button").await;
    browser.arrive("the feeds are back", |path| path == "/?done=restore").await;
    demo.says("/feeds", "class=\"mark-word\">Live<").await;
    demo.says("/", "Five invented hospitals send their feeds").await;
    browser.go(&demo.address("/incidents/1")).await;
    browser
        .until("the exercise is in people's hands", ".incident-head", SOON, |t| t.contains("Declared"))
        .await;
    // The line that was being played may still have been written; after it nothing of the drill is. What Lifeboat notes by
    // itself goes on, so the drill's own words are counted.
    let injects = || told(demo, "/log").matches("Inject: ").count();
    let stood = injects();
    for _ in 0..QUIET_LOOKS {
        pause().await;
    }
    assert!(stood > 0 && injects() == stood, "something was still played after the end");
}

fn told(demo: &Demo, page: &str) -> String {
    String::from_utf8_lossy(&demo.get(page).1).into_owned()
}
