//! The pages people read: the latest update and the history, in each language, complete without JavaScript.
//!
//! Always: the newest word first, then what to do; the promised time, and "late" when it has passed; state in words,
//! never by colour alone; the scam warning. Never: a script, a font, a picture, a second request. Called by `press`;
//! proved by `tests/page.rs` (golden text, size, escaping) and read in a browser on a desk, a phone, at night, printed.

use crate::markup::Markup;
use crate::settings::Settings;
use crate::words::{Language, Words};
use basics::{Moment, SiteId};
use incident::Ground;
use incident::hospitals::ServiceState;
use incident::public_updates::{Content, Latest, PublicBoard, Published, ServiceNotice, Spoken};

/// Earlier updates named on the first page.
const RECENT_MAX: usize = 5;
/// Updates on one page of the history.
const HISTORY_PAGE_MAX: usize = 50;

struct Press<'a> {
    board: &'a PublicBoard,
    settings: &'a Settings,
    words: &'a Words,
    now: Moment,
}

/// Every page of one language.
pub fn pages(board: &PublicBoard, settings: &Settings, words: &Words, now: Moment) -> Vec<(String, Vec<u8>)> {
    let press = Press { board, settings, words, now };
    let mut files = vec![(index_path(words.language).to_owned(), press.index())];
    let pages = board.history.chunks(HISTORY_PAGE_MAX).len().max(1);
    for page in 1..=pages {
        let from = (page - 1) * HISTORY_PAGE_MAX;
        let items = board.history.get(from..).unwrap_or_default();
        let items = items.get(..HISTORY_PAGE_MAX.min(items.len())).unwrap_or_default();
        files.push((history_path(words.language, page), press.history(items, page, pages)));
    }
    files
}

fn index_path(language: Language) -> &'static str {
    match language {
        Language::English => "index.html",
        Language::Welsh => "cy.html",
    }
}

fn history_path(language: Language, page: usize) -> String {
    let suffix = if language == Language::Welsh { "-cy" } else { "" };
    if page == 1 { format!("history{suffix}.html") } else { format!("history{suffix}-{page}.html") }
}

/// The hospitals of an update in the order in which they are told, each with its services.
pub fn by_hospital(content: &Content) -> Vec<(&SiteId, Vec<&ServiceNotice>)> {
    let mut out: Vec<(&SiteId, Vec<&ServiceNotice>)> = Vec::new();
    for told in &content.services {
        match out.iter_mut().find(|(site, _)| **site == told.site) {
            Some((_, services)) => services.push(told),
            None => out.push((&told.site, vec![told])),
        }
    }
    out
}

/// Open when all are, closed when all are, else reduced.
pub fn overall(services: &[&ServiceNotice]) -> ServiceState {
    let all = |state| services.iter().all(|told| told.state == state);
    match () {
        () if all(ServiceState::Open) => ServiceState::Open,
        () if all(ServiceState::Closed) => ServiceState::Closed,
        () => ServiceState::Reduced,
    }
}

impl Press<'_> {
    fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    fn time(&self, at: Moment) -> String {
        self.words.time(at, &self.board.zone)
    }

    fn index(&self) -> Vec<u8> {
        let mut m = Markup::default();
        let other = match self.words.language {
            Language::English => Language::Welsh,
            Language::Welsh => Language::English,
        };
        self.open(&mut m, &self.say("title"), index_path(other), other);
        match &self.board.latest {
            Latest::Nothing => {
                m.wrap("<p class=\"lead\">", &self.say("nothing"), "</p>\n");
                m.wrap("<p>", &self.say("nothing-more"), "</p>\n");
            }
            Latest::Withdrawn { published_at, withdrawn_at, .. } => {
                let (published, at) = (self.time(*published_at), self.time(*withdrawn_at));
                let said = self.words.with("withdrawn", &[("published", &published), ("at", &at)]);
                m.raw("<section class=\"callout late\">").wrap("<p><strong>", &said, "</strong></p>");
                m.wrap("<p>", &self.say("withdrawn-more"), "</p></section>\n");
            }
            Latest::Update(published) => self.lead(&mut m, published),
        }
        self.promise(&mut m);
        m.wrap("<section class=\"callout\"><h2>", &self.say("emergency-title"), "</h2>");
        m.wrap("<p>", &self.say("emergency"), "</p></section>\n");
        if let Latest::Update(published) = &self.board.latest {
            self.body(&mut m, published, "h2");
        }
        m.wrap("<section class=\"callout\"><h2>", &self.say("scam-title"), "</h2>");
        let scam = self.words.with("scam", &[("address", &self.settings.address)]);
        m.wrap("<p>", &scam, "</p></section>\n");
        self.recent(&mut m);
        self.follow(&mut m);
        self.close(m)
    }

    fn lead(&self, m: &mut Markup, published: &Published) {
        let at = self.words.with("published", &[("at", &self.time(published.at))]);
        m.wrap("<p class=\"quiet\">", &at, "</p>\n");
        if self.in_english(&published.content) {
            m.wrap("<p class=\"quiet\">", &self.say("not-in-welsh"), "</p>\n");
        }
        m.raw("<p class=\"lead\"").raw(self.lang(&published.content)).raw(">");
        m.text(&self.spoken(&published.content).sentence).raw("</p>\n");
    }

    /// The Welsh page speaks English where nobody wrote Welsh.
    fn in_english(&self, content: &Content) -> bool {
        self.words.language == Language::Welsh && content.welsh.is_none()
    }

    fn lang(&self, content: &Content) -> &'static str {
        if self.in_english(content) { " lang=\"en\"" } else { "" }
    }

    fn spoken<'c>(&self, content: &'c Content) -> &'c incident::public_updates::Words {
        match (self.words.language, &content.welsh) {
            (Language::Welsh, Some(welsh)) => welsh,
            _ => &content.english,
        }
    }

    fn promise(&self, m: &mut Markup) {
        match self.board.next_update {
            Some(at) if self.board.late(self.now) => {
                m.wrap("<section class=\"callout late\"><h2>", &self.say("late"), "</h2>");
                let more = self.words.with("late-more", &[("at", &self.time(at))]);
                m.wrap("<p>", &more, "</p></section>\n");
            }
            Some(at) => {
                let next = self.words.with("next", &[("at", &self.time(at))]);
                m.wrap("<section class=\"next\"><p><strong>", &next, "</strong></p>");
                m.wrap("<p class=\"quiet\">", &self.say("next-more"), "</p></section>\n");
            }
            None if matches!(self.board.latest, Latest::Update(_)) => {
                m.wrap("<p class=\"next\"><strong>", &self.say("last"), "</strong></p>\n");
            }
            None => {}
        }
    }

    /// What one update says below its sentence. `h`: the level of its headings.
    fn body(&self, m: &mut Markup, published: &Published, h: &'static str) {
        let content = &published.content;
        let spoken = self.spoken(content);
        for (key, class, lines) in [
            ("do-this", "<ul class=\"do\"", &spoken.do_this),
            ("not-for", "<ul class=\"not\"", &spoken.not_for),
        ] {
            if lines.is_empty() {
                continue;
            }
            heading(m, h, &self.say(key));
            m.raw(class).raw(self.lang(content)).raw(">\n");
            for line in lines {
                m.wrap("<li>", line, "</li>\n");
            }
            m.raw("</ul>\n");
        }
        if !content.alternatives.is_empty() {
            heading(m, h, &self.say("alternatives"));
            m.raw("<ul class=\"places\">\n");
            for place in &content.alternatives {
                m.raw("<li><strong>");
                self.theirs(m, &place.name);
                m.raw("</strong>");
                if !place.good_for.is_empty() {
                    let good_for = self.words.with("good-for", &[("what", &place.good_for)]);
                    m.wrap("<br>", &good_for, "");
                }
                m.wrap("<br>", &self.words.with("hours", &[("hours", &place.hours)]), "");
                if !place.contact.is_empty() {
                    m.wrap("<br>", &place.contact, "");
                }
                m.raw("</li>\n");
            }
            m.raw("</ul>\n");
        }
        self.hospitals(m, published, h);
    }

    fn hospitals(&self, m: &mut Markup, published: &Published, h: &'static str) {
        let hospitals = by_hospital(&published.content);
        heading(m, h, &self.say("state"));
        if hospitals.is_empty() {
            m.wrap("<p>", &self.say("state-none"), "</p>\n");
            return;
        }
        let as_at = self.words.with("state-as-at", &[("at", &self.time(published.at))]);
        m.wrap("<p class=\"quiet\">", &as_at, "</p>\n<div class=\"hospitals\">\n");
        for (site, services) in hospitals {
            let key = match overall(&services) {
                ServiceState::Open => "hospital-open",
                ServiceState::Reduced => "hospital-reduced",
                ServiceState::Closed => "hospital-closed",
            };
            m.raw("<section>");
            heading(m, if h == "h2" { "h3" } else { "h4" }, site.as_str());
            m.wrap("<p>", &self.say(key), "</p>\n<ul class=\"services\">\n");
            for told in services {
                self.service(m, told);
            }
            m.raw("</ul></section>\n");
        }
        m.raw("</div>\n");
    }

    fn service(&self, m: &mut Markup, told: &ServiceNotice) {
        let (class, word) = match told.state {
            ServiceState::Open => ("<li class=\"open\">", "open"),
            ServiceState::Reduced => ("<li class=\"reduced\">", "reduced"),
            ServiceState::Closed => ("<li class=\"closed\">", "closed"),
        };
        m.raw(class);
        self.theirs(m, &told.service);
        m.raw(": ").wrap("<strong>", &self.say(word), "</strong>");
        if let Some(wait) = told.wait_minutes {
            m.wrap(", ", &self.words.wait(wait), "");
        }
        if !told.note.is_empty() {
            m.raw(". ");
            self.theirs(m, &told.note);
        }
        m.raw("</li>\n");
    }

    /// Names and notes are written once, in English: a screen reader on the Welsh page is told so.
    fn theirs(&self, m: &mut Markup, text: &str) {
        match self.words.language {
            Language::English => m.text(text),
            Language::Welsh => m.wrap("<span lang=\"en\">", text, "</span>"),
        };
    }

    fn recent(&self, m: &mut Markup) {
        let earlier: Vec<&Spoken> = self.board.history.iter().skip(1).take(RECENT_MAX).collect();
        if !earlier.is_empty() {
            heading(m, "h2", &self.say("history-recent"));
            m.raw("<ul class=\"places\">\n");
            for item in earlier {
                match item {
                    Spoken::Update(p) => {
                        m.wrap("<li><span class=\"quiet\">", &self.time(p.at), "</span><br><span");
                        m.raw(self.lang(&p.content)).raw(">");
                        m.text(&self.spoken(&p.content).sentence).raw("</span></li>\n");
                    }
                    Spoken::Withdrawn { published_at, withdrawn_at, .. } => {
                        let said = self.words.with("history-withdrawn", &[("at", &self.time(*withdrawn_at))]);
                        m.wrap("<li><span class=\"quiet\">", &self.time(*published_at), "</span><br>");
                        m.text(&said).raw("</li>\n");
                    }
                }
            }
            m.raw("</ul>\n");
        }
        m.raw("<p><a href=\"").text(&history_path(self.words.language, 1)).raw("\">");
        m.text(&self.say("history")).raw("</a></p>\n");
    }

    fn follow(&self, m: &mut Markup) {
        m.raw("<section class=\"links\">");
        heading(m, "h2", &self.say("follow"));
        m.wrap("<p><a href=\"atom.xml\">", &self.say("feed"), "</a>");
        m.wrap(" <a href=\"updates.ics\">", &self.say("calendar"), "</a></p>\n<p class=\"quiet\">");
        m.text(&self.say("data")).raw(": <a href=\"summary.json\">JSON</a>");
        if let Latest::Nothing = self.board.latest {
        } else {
            m.raw(" <a href=\"cap.xml\">CAP 1.2</a>");
        }
        if self.board.latest.published().is_some_and(|p| !p.content.services.is_empty()) {
            m.raw(" <a href=\"have.xml\">EDXL-HAVE 2.0</a>");
        }
        m.raw("</p></section>\n");
        if !self.settings.contact.is_empty() {
            let line = self.words.with("contact-line", &[("contact", &self.settings.contact)]);
            m.wrap("<p>", &line, "</p>\n");
        }
    }

    fn history(&self, items: &[Spoken], page: usize, pages: usize) -> Vec<u8> {
        let mut m = Markup::default();
        let other = match self.words.language {
            Language::English => Language::Welsh,
            Language::Welsh => Language::English,
        };
        let title = if pages == 1 {
            self.say("history-all")
        } else {
            let (page, pages) = (page.to_string(), pages.to_string());
            self.words.with("history-page", &[("page", &page), ("pages", &pages)])
        };
        self.open(&mut m, &title, &history_path(other, page), other);
        m.raw("<p><a href=\"").raw(index_path(self.words.language)).raw("\">");
        m.text(&self.say("back")).raw("</a></p>\n");
        if items.is_empty() {
            m.wrap("<p>", &self.say("history-none"), "</p>\n");
        }
        for item in items {
            self.item(&mut m, item);
        }
        m.raw("<p class=\"links\">");
        for (there, to, key) in [(page > 1, page.wrapping_sub(1), "newer"), (page < pages, page + 1, "older")]
        {
            if there {
                m.raw("<a href=\"").text(&history_path(self.words.language, to)).raw("\">");
                m.text(&self.say(key)).raw("</a> ");
            }
        }
        m.raw("</p>\n");
        self.close(m)
    }

    fn item(&self, m: &mut Markup, item: &Spoken) {
        let (number, at) = match item {
            Spoken::Update(p) => (p.number, p.at),
            Spoken::Withdrawn { number, published_at, .. } => (*number, *published_at),
        };
        m.raw("<article id=\"update-").text(&number.to_string()).raw("\">");
        heading(m, "h2", &self.words.with("update-at", &[("at", &self.time(at))]));
        match item {
            Spoken::Update(p) => {
                // Feeds lead here: nobody is to take old advice for what holds now.
                if self.board.latest.published().is_none_or(|latest| latest.number != p.number) {
                    m.wrap("<p><strong>", &self.say("superseded"), "</strong></p>\n");
                }
                m.raw("<p class=\"lead\"").raw(self.lang(&p.content)).raw(">");
                m.text(&self.spoken(&p.content).sentence).raw("</p>\n");
                self.body(m, p, "h3");
            }
            Spoken::Withdrawn { withdrawn_at, .. } => {
                let said = self.words.with("history-withdrawn", &[("at", &self.time(*withdrawn_at))]);
                m.wrap("<p>", &said, "</p>\n");
            }
        }
        m.raw("</article>\n");
    }

    fn open(&self, m: &mut Markup, title: &str, other_path: &str, other: Language) {
        let exercise = self.board.ground != Ground::Real;
        let whole = self.words.with("trust-title", &[("trust", &self.settings.trust)]);
        m.raw("<!doctype html>\n<html lang=\"").raw(self.words.language.code()).raw("\">\n<head>\n");
        m.raw("<meta charset=\"utf-8\">\n<title>").raw(if exercise { "EXERCISE: " } else { "" });
        m.text(&whole).raw("</title>\n");
        m.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        m.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
        m.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
        m.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n");
        m.raw(if exercise { "<meta name=\"robots\" content=\"noindex\">\n" } else { "" });
        m.raw("<link rel=\"alternate\" type=\"application/atom+xml\" href=\"atom.xml\" title=\"Atom\">\n");
        m.raw("<link rel=\"alternate\" hreflang=\"").raw(other.code()).raw("\" href=\"");
        m.text(other_path)
            .raw("\">\n<style>")
            .raw(include_str!("page.css"))
            .raw("</style>\n</head>\n<body>\n");
        m.wrap("<a class=\"skip\" href=\"#main\">", &self.say("skip"), "</a>\n");
        if exercise {
            m.wrap("<p class=\"exercise\" role=\"note\">", &self.say("exercise"), "</p>\n");
        }
        m.raw("<header><p class=\"trust\">").text(&self.settings.trust).raw("</p>\n<p><a lang=\"");
        m.raw(other.code()).raw("\" hreflang=\"").raw(other.code()).raw("\" href=\"").text(other_path);
        m.raw("\">").text(&self.say("other-language")).raw("</a></p></header>\n<main id=\"main\">\n");
        m.wrap("<h1>", title, "</h1>\n");
    }

    fn close(&self, mut m: Markup) -> Vec<u8> {
        let made = self.words.with("made", &[("at", &self.time(self.now))]);
        m.wrap("</main>\n<footer><p>", &made, "</p>\n");
        m.raw("<p>").text(&self.settings.address).raw("</p></footer>\n</body>\n</html>\n");
        m.bytes()
    }
}

fn heading(m: &mut Markup, level: &'static str, words: &str) {
    m.raw("<").raw(level).raw(">").text(words).raw("</").raw(level).raw(">\n");
}
