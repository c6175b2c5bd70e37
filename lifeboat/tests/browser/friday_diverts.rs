//! The diverts of `drills/friday-12-may.drill` through the browser: every deed about diverts and plans is done on its page,
//! every expectation read off one, with the program's clock where the drill has it.
//!
//! Always: the same file as the drill's own test; a deed or an expectation about diverts that this journey does not know
//! fails it. The program's clock is set by libfaketime (`xtask/setup.sh test` installs it); nothing waits an hour.

use crate::common::{PROGRAM, Server};
use crate::driver::{Browser, SOON, pause};
use crate::every_page::faults_of;
use basics::{Moment, Zone};
use drill::Scenario;
use drill::scenario::response::{Deed, DivertDeed, DivertSought, PlanStands, Sought, What};
use drill::scenario::{Act, Expectation};
use incident::Person;
use incident::diverts::{Figures, Pathway, Stage};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where `xtask/setup.sh test` lays the checker, which is not part of this repository.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe/node_modules/axe-core/axe.min.js");
const DRILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../drills/friday-12-may.drill");
/// Who is strategic commander when diverts are authorised.
const COMMANDER: &str = "Gwen Ashworth";

/// The library that sets the program's clock, where it is installed.
pub fn clock_library() -> Option<PathBuf> {
    let of = |machine: &str| PathBuf::from(format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1"));
    let found = [of("x86_64"), of("aarch64")].into_iter().find(|path| path.exists());
    if found.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "libfaketime is not installed");
        println!("libfaketime absent, skipped: the diverts of the day in a browser");
    }
    found
}

/// The clock of the program under test: never back, and on by itself between two settings.
struct SetClock {
    file: PathBuf,
    ahead_ms: i64,
}

#[allow(clippy::disallowed_methods, reason = "what the program's clock is set against")]
fn machine_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

impl SetClock {
    fn at(file: PathBuf, start: Moment) -> Self {
        let clock = Self { file, ahead_ms: start.milliseconds() - machine_ms() };
        clock.write();
        clock
    }

    fn write(&self) {
        // Put in place whole: a half-written file would be another time.
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{:+}\n", self.ahead_ms / 1_000)).unwrap();
        std::fs::rename(new, &self.file).unwrap();
    }

    fn no_earlier_than(&mut self, at: Moment) {
        self.ahead_ms = self.ahead_ms.max(at.milliseconds() - machine_ms());
        self.write();
    }
}

/// The journey and all that it needs.
struct Day<'a> {
    phone: &'a Browser,
    desk: &'a Browser,
    server: Server,
    clock: SetClock,
    jobs: u32,
    deeds: usize,
    seen: usize,
}

/// From the first figures to the debrief; gives each fault of a page in a line.
pub async fn from_figures_to_the_debrief(
    phone: &Browser,
    desk: &Browser,
    (dir, library): (&Path, &Path),
    widths: (u64, u64),
) -> Vec<String> {
    let text = std::fs::read_to_string(DRILL).unwrap();
    let scenario = Scenario::parse("drills/friday-12-may.drill", &text).unwrap();
    let clock = SetClock::at(dir.join("clock"), scenario.start);
    let region = dir.join("region.json");
    std::fs::write(&region, scenario.region_json().unwrap()).unwrap();
    let mut program = Command::new(PROGRAM);
    program
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock.file)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let extra = format!("[diverts]\nregion = {:?}\n[diverts.estimate]\nfactor = 1.4\n", region.to_str().unwrap());
    let server = Server::start_under(&dir.join("data"), &extra, program);
    let mut day = Day { phone, desk, server, clock, jobs: 0, deeds: 0, seen: 0 };
    day.region_is_read().await;
    for step in &scenario.steps {
        day.clock.no_earlier_than(step.at);
        match &step.act {
            Act::Deed(deed) => day.deed(deed, step.at, &step.text).await,
            Act::Expect { what: Expectation::Response(wanted) } => day.sees(&wanted.what, &step.text).await,
            _ => {}
        }
    }
    assert!(day.deeds > 60 && day.seen > 30, "{} deeds, {} expectations", day.deeds, day.seen);
    day.papers();
    day.faults(widths).await
}

impl Day<'_> {
    fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.web)
    }

    async fn region_is_read(&self) {
        for _ in 0..SOON {
            let (_, page) = self.server.http("GET /diverts/plans HTTP/1.1", b"");
            if page.contains("Make a plan from the board") {
                return;
            }
            pause().await;
        }
        panic!("the region was never read");
    }

    async fn deed(&mut self, deed: &Deed, at: Moment, text: &str) {
        let who = &deed.who;
        let said = match &deed.what {
            What::Opens { name, reason, .. } => self.opens(who, name, reason).await,
            What::TellsFigures { site, figures } => {
                let fields = [("waiting", words(figures)), ("by", who.to_string())];
                let page = site_page(site.as_str());
                self.sends(self.phone, &page, &format!("form[action='{page}/figures']"), &fields).await
            }
            What::Requests { .. } => self.requests(who, &deed.what).await,
            What::Answers { number, site, consents, reason } => {
                let answer = if *consents { "consent" } else { "refuse" };
                let fields = [("site", site.to_string()), ("answer", answer.to_owned()), ("reason", reason.clone())];
                self.of_divert(self.phone, who, *number, "answer", &fields).await
            }
            What::Authorises { number, executive } => {
                let fields = [("executive", executive.to_string()), ("commander", COMMANDER.to_owned())];
                self.of_divert(self.desk, who, *number, "authorise", &fields).await
            }
            What::Renews { number, executive, minutes, reason } => {
                let minutes = minutes.map_or_else(String::new, |minutes| minutes.to_string());
                let (executive, commander) = (executive.to_string(), COMMANDER.to_owned());
                let fields = [
                    ("executive", executive),
                    ("commander", commander),
                    ("minutes", minutes),
                    ("reason", reason.clone()),
                ];
                self.of_divert(self.desk, who, *number, "renew", &fields).await
            }
            What::Ends { number, pathways, reason, sooner } => {
                let mut fields: Vec<(&str, String)> =
                    pathways.iter().map(|p| ("pathway", code(*p).to_owned())).collect();
                fields.extend([("reason", reason.clone()), ("sooner", sooner.clone())]);
                self.of_divert(self.desk, who, *number, "end", &fields).await
            }
            What::HandsOff { count, from, to, pathway } => {
                let jobs: Vec<String> =
                    (self.jobs..self.jobs + count).map(|n| format!("JOB{:04}", n + 1)).collect();
                self.jobs += count;
                let fields = [
                    ("jobs", jobs.join("\n")),
                    ("from", from.to_string()),
                    ("to", to.to_string()),
                    ("pathway", code(*pathway).to_owned()),
                    ("by", who.to_string()),
                ];
                let form = "form:has(#jobs)";
                self.sends(self.phone, "/diverts/moved", form, &fields).await
            }
            What::Divert(deed) => self.of_plan(who, deed, at).await,
            // What is not about diverts is the business of other journeys.
            _ => return,
        };
        self.deeds += 1;
        match (said, &deed.refused) {
            (Ok(()), None) => {}
            (Err(why), Some(wanted)) => {
                assert!(why.to_lowercase().contains(&wanted.to_lowercase()), "{text}: refused otherwise: {why}");
            }
            (said, wanted) => panic!("{text}: {said:?}, and not refused with {wanted:?}"),
        }
    }

    async fn opens(&self, who: &Person, name: &str, reason: &str) -> Result<(), String> {
        self.desk.go(&self.address("/incidents/declare")).await;
        let fields = [
            ("level", "critical"),
            ("nature", "exercise"),
            ("when", "standby"),
            ("name", name),
            ("reason", reason),
            ("by", who.as_str()),
        ];
        let fields = fields.map(|(field, value)| (field, value.to_owned()));
        fill(self.desk, "form[action='/incidents/declare']", &fields).await;
        self.desk.press("form[action='/incidents/declare'] button[type=submit]").await;
        self.desk.arrive("the incident", |path| path.starts_with("/incidents/1")).await;
        Ok(())
    }

    async fn requests(&self, who: &Person, what: &What) -> Result<(), String> {
        let What::Requests { from, receivers, pathways, reason, minutes, follows } = what else { return Ok(()) };
        if pathways.contains(&Pathway::Resuscitation) {
            // The form does not even offer it.
            self.desk.go(&self.address("/diverts/ask")).await;
            let offered = self.desk.attributes("input[name=pathway]", "value").await;
            assert!(!offered.is_empty() && !offered.contains(&"resuscitation".to_owned()), "{offered:?}");
            return Err(self.desk.text(".lead").await);
        }
        let mut fields = vec![("from", from.to_string()), ("reason", reason.clone()), ("by", who.to_string())];
        fields.extend(receivers.iter().map(|site| ("to", site.to_string())));
        fields.extend(pathways.iter().map(|p| ("pathway", code(*p).to_owned())));
        fields.extend(minutes.map(|minutes| ("minutes", minutes.to_string())));
        fields.extend(follows.map(|number| ("follows", number.to_string())));
        self.sends(self.desk, "/diverts/ask", "form[action='/diverts/ask']", &fields).await
    }

    async fn of_divert(
        &self,
        browser: &Browser,
        who: &Person,
        number: u32,
        deed: &str,
        fields: &[(&str, String)],
    ) -> Result<(), String> {
        let mut fields = fields.to_vec();
        fields.push(("by", who.to_string()));
        let form = format!("form[action='/diverts/{number}/{deed}']");
        self.sends(browser, &format!("/diverts/{number}"), &form, &fields).await
    }

    async fn of_plan(&self, who: &Person, deed: &DivertDeed, at: Moment) -> Result<(), String> {
        let by = ("by", who.to_string());
        match deed {
            DivertDeed::Proposes { .. } => {
                let form = "form[action='/diverts/plans'][method=post]";
                self.sends(self.desk, "/diverts/plans", form, &[by]).await
            }
            DivertDeed::Accepts { number, .. } => {
                let page = format!("/diverts/plans/{number}");
                self.desk.go(&self.address(&page)).await;
                let form = format!("form[action='{page}/accept']");
                if self.desk.attributes(&form, "action").await.is_empty() {
                    // What is settled offers no button; the page says how it was settled.
                    return Err(self.desk.text(".divert-state").await);
                }
                self.sends(self.desk, &page, &form, &[by]).await
            }
            DivertDeed::RefusesPlan { number, reason } => {
                let (page, fields) = (format!("/diverts/plans/{number}"), [("reason", reason.clone()), by]);
                self.sends(self.desk, &page, &format!("form[action='{page}/refuse']"), &fields).await
            }
            DivertDeed::Acknowledges { number, site } => {
                let page = site_page(site.as_str());
                self.phone.go(&self.address(&page)).await;
                let mark = format!(
                    "const own = [...document.querySelectorAll('.divert-alert section')].find(s => \
                     s.innerText.includes('Plan {number} accepted')); \
                     if (own) own.querySelector('form').id = 'of-the-plan'; return !!own"
                );
                assert_eq!(self.phone.js(&mark).await, true, "{site} is not asked to acknowledge plan {number}");
                assert!(self.phone.text("main").await.contains("The plan in force, for here"));
                self.presses(self.phone, "#of-the-plan", &[by]).await
            }
            DivertDeed::RefusesWith { divert, site, figures, reason } => {
                let fields = [
                    ("site", site.to_string()),
                    ("answer", "refuse".to_owned()),
                    ("figures", words(figures)),
                    ("reason", reason.clone()),
                ];
                self.of_divert(self.phone, who, *divert, "answer", &fields).await
            }
            DivertDeed::Counts { count, from, to, service, over_minutes } => {
                let time = |at: Moment| Zone::london().hour_minute(at);
                let fields = [
                    ("service", service.clone()),
                    ("from", from.to_string()),
                    ("to", to.to_string()),
                    ("since", time(at.plus_seconds(-i64::from(*over_minutes) * 60))),
                    ("until", time(at)),
                    ("patients", count.to_string()),
                    by,
                ];
                self.sends(self.desk, "/diverts/moved", "form:has(#service)", &fields).await
            }
        }
    }

    async fn sends(
        &self,
        browser: &Browser,
        page: &str,
        form: &str,
        fields: &[(&str, String)],
    ) -> Result<(), String> {
        browser.go(&self.address(page)).await;
        self.presses(browser, form, fields).await
    }

    /// Fills the form that is shown and presses its button; the sentence of a refusal.
    async fn presses(&self, browser: &Browser, form: &str, fields: &[(&str, String)]) -> Result<(), String> {
        fill(browser, form, fields).await;
        browser.press(&format!("{form} button[type=submit]")).await;
        for _ in 0..SOON {
            if browser.path().await.contains("done=") {
                return Ok(());
            }
            let refused = browser.text(".refused").await;
            if !refused.is_empty() {
                return Err(refused);
            }
            pause().await;
        }
        panic!("nothing came of {form} on {}", browser.path().await);
    }

    async fn sees(&mut self, what: &Sought, text: &str) {
        match what {
            Sought::Divert(number, stage) => {
                let word = stage_word(*stage);
                self.reads(&format!("/diverts/{number}"), ".list-head", text, |t| t.contains(word)).await;
            }
            Sought::Asked(number) => {
                self.reads(&format!("/diverts/{number}"), "main", text, |t| t.contains("time to renew it")).await;
            }
            Sought::Back(number, pathway) => {
                let words = format!("back: {}", pathway.words());
                self.reads(&format!("/diverts/{number}"), "main", text, |t| t.contains(&words)).await;
            }
            Sought::Moved { count, from, to } => {
                let words = format!("{from} to {to}: {count}").to_lowercase();
                self.reads("/diverts/moved", "main", text, |t| t.contains(&words)).await;
            }
            Sought::OfPlan(what) => self.sees_plan(what, text).await,
            _ => return,
        }
        self.seen += 1;
    }

    async fn sees_plan(&self, what: &DivertSought, text: &str) {
        let page = |number: &u32| format!("/diverts/plans/{number}");
        match what {
            DivertSought::Plan(number, stands) => {
                let words = match stands {
                    PlanStands::Proposed => "is proposed",
                    PlanStands::Current => "is in force",
                    PlanStands::Overtaken => "is not current",
                    PlanStands::Past => "is replaced by",
                };
                self.reads(&page(number), ".divert-state", text, |t| t.contains(words)).await;
            }
            DivertSought::Told(number, site) => {
                let row = self.told(&page(number), site.as_str()).await;
                assert!(row.contains("Message") && row.contains("Runner's slip"), "{text}: {row}");
            }
            DivertSought::Acknowledged(number, site) => {
                let row = self.told(&page(number), site.as_str()).await;
                assert!(row.contains("Acknowledged by"), "{text}: {row}");
            }
            DivertSought::Lighter(number, than, site) => {
                let (new, old) = (
                    self.planned(&page(number), site.as_str()).await,
                    self.planned(&page(than), site.as_str()).await,
                );
                assert!(new < old, "{text}: {new} an hour, before {old}");
            }
            DivertSought::Debrief(words) => {
                let words = words.to_lowercase();
                self.reads("/debrief?incident=1", "main", text, |t| t.contains(&words)).await;
            }
        }
    }

    /// The line of a site in the list of those told.
    async fn told(&self, page: &str, site: &str) -> String {
        self.desk.go(&self.address(page)).await;
        let rows = self.desk.texts(".divert-told li").await;
        rows.into_iter().find(|row| row.starts_with(site)).unwrap_or_default()
    }

    /// Ambulances an hour that a plan brings to a site, as its page says.
    async fn planned(&self, page: &str, site: &str) -> f64 {
        self.desk.go(&self.address(page)).await;
        let find = format!(
            "const row = [...document.querySelectorAll('.divert-effects tbody tr')].find(r => \
             r.querySelector('th a').innerText == {site:?}); \
             return row.querySelectorAll('td')[1].querySelector('strong').innerText"
        );
        self.desk.js(&find).await.as_str().unwrap().parse().unwrap()
    }

    async fn reads(&self, page: &str, css: &str, what: &str, pleases: impl Fn(&str) -> bool) {
        self.desk.go(&self.address(page)).await;
        self.desk.until(what, css, SOON, |text| pleases(&text.to_lowercase())).await;
    }

    /// The papers are there without anybody having made them.
    fn papers(&self) {
        for paper in ["plan.pdf", "slips.pdf"] {
            let (status, body) = self.server.http(&format!("GET /diverts/plans/3/{paper} HTTP/1.1"), b"");
            assert!(status == 200 && body.starts_with("%PDF"), "{paper}: {status}");
        }
    }

    async fn faults(&self, widths: (u64, u64)) -> Vec<String> {
        let axe = std::fs::read_to_string(AXE).ok();
        let mut faults = Vec::new();
        for (browser, width) in [(self.phone, widths.0), (self.desk, widths.1)] {
            for page in ["/diverts", "/diverts/plans/2", "/diverts/plans/3", "/diverts/moved"] {
                browser.go(&self.address(page)).await;
                let found = faults_of(browser, width, axe.as_deref()).await;
                faults.extend(found.into_iter().map(|fault| format!("{page} at {width} px: {fault}")));
            }
        }
        faults
    }
}

/// Sets the fields of a form as a person would have, unticking what stood ticked.
async fn fill(browser: &Browser, form: &str, fields: &[(&str, String)]) {
    let script = format!(
        "const f = document.querySelector({}); if (!f) return 'no such form'; \
         const more = f.closest('details'); if (more) more.open = true; \
         f.querySelectorAll('input[type=checkbox]').forEach(box => {{ box.checked = false }}); \
         for (const [name, value] of {}) {{ \
           const all = [...f.querySelectorAll(`[name=\"${{name}}\"]`)]; \
           const tick = all.find(e => ['checkbox', 'radio'].includes(e.type) && e.value == value); \
           if (tick) tick.checked = true; else if (all.length) all[0].value = value; else return 'no field ' + name; \
         }} return ''",
        json!(form),
        json!(fields)
    );
    assert_eq!(browser.js(&script).await, "", "{form} with {fields:?} on {}", browser.path().await);
}

fn site_page(site: &str) -> String {
    // In an attribute selector of single quotes an apostrophe must not stand bare.
    format!("/diverts/sites/{}", site.replace(' ', "%20").replace('\'', "%27"))
}

fn words(figures: &Figures) -> String {
    let staffed = figures.staffed.map_or_else(String::new, |places| format!(" {places}"));
    format!("{} {}{staffed}", figures.waiting, figures.longest_minutes)
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Requested => "asked for",
        Stage::Active => "in force",
        Stage::Expired => "expired",
        Stage::Ended => "ended",
        Stage::Withdrawn => "withdrawn",
    }
}

/// A pathway as the forms write it.
fn code(pathway: Pathway) -> &'static str {
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
