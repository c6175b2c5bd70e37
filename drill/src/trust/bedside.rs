//! What is measured, taken and looked at: observations, bloods, cultures, imaging; requests first, results later.

use super::{Task, Trust};
use crate::feeds::Source;
use crate::messages::results::{self, Request};
use crate::names::DOCTORS;
use crate::panels::{IMAGING, Measured, ORGANISMS, PANELS, Panel, VITALS, measure};
use crate::people::Person;
use basics::Moment;

impl Trust {
    /// Anybody in a bed of whom this holds, if one is soon found.
    pub(super) fn somebody(&mut self, fits: impl Fn(&Person) -> bool) -> Option<usize> {
        for _ in 0..24 {
            let nth = self.chance.below(self.beds.len());
            let who = *self.beds.values().nth(nth)?;
            let settled =
                |p: &Person| p.stay.as_ref().is_some_and(|stay| self.now.seconds_since(stay.stepped) >= 60);
            if !self.held.contains(&who) && self.person(who).is_some_and(|p| settled(p) && fits(p)) {
                return Some(who);
            }
        }
        None
    }

    pub(super) fn observations(&mut self) {
        if let Some(who) = self.somebody(|p| p.stay.as_ref().is_some_and(|stay| !stay.on_leave)) {
            let at = self.now;
            self.observations_of(who, at);
        }
    }

    pub(super) fn observations_of(&mut self, who: usize, at: Moment) {
        let (register, hospital) = self.register(who);
        let ill = self.chance.happens(1_200);
        let figures: Vec<_> = VITALS
            .iter()
            .map(|(code, name, unit, middle, spread, decimals)| {
                let push = match *code {
                    "59408-5" if ill => -6.0,
                    "8310-5" if ill => 1.6,
                    "9279-1" if ill => 8.0,
                    "8867-4" if ill => 30.0,
                    "8480-6" if ill => -30.0,
                    _ => 0.0,
                };
                let figure = self.chance.about(middle + push, *spread);
                let figure = if *code == "59408-5" { figure.min(100.0) } else { figure };
                (*code, *name, *unit, format!("{figure:.decimals$}"))
            })
            .collect();
        let (alert, oxygen) = (!(ill && self.chance.happens(2_000)), ill || self.chance.happens(900));
        self.send(Source::Prescribing, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            results::vitals(sent, person, register, at, &figures, alert, oxygen)
        });
    }

    fn request(&mut self, who: usize, prefix: &str, code: &'static str, name: &'static str) -> Request {
        let placer = self.order_number("PL");
        let filler = self.order_number(prefix);
        Request {
            placer,
            filler,
            code,
            name,
            requested: self.now,
            requester: self.chance.word(&DOCTORS),
            urgent: self.chance.happens(2_500),
            bed: self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed),
        }
    }

    fn tell_request(&mut self, source: Source, who: usize, control: &str, request: &Request) {
        let (register, hospital) = self.register(who);
        self.send(source, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            results::request(sent, control, person, register, request)
        });
    }

    pub(super) fn blood_is_taken(&mut self) {
        let Some(who) = self.somebody(|_| true) else { return };
        if self.chance.happens(600) {
            return self.group_and_save(who);
        }
        let panel = self.chance.below(PANELS.len());
        let Some(Panel { code, name, .. }) = PANELS.get(panel) else { return };
        let request = self.request(who, "B", code, name);
        self.tell_request(Source::Pathology, who, "NW", &request);
        if self.chance.happens(400) {
            // Requested twice by mistake; the second is taken back.
            return self.tell_request(Source::Pathology, who, "CA", &request);
        }
        let collected = self.now;
        self.later_between(30, 900, Task::Results { who, collected, requests: vec![(request, panel)] });
    }

    fn group_and_save(&mut self, who: usize) {
        let request = self.request(who, "T", "GS", "Group and save");
        let group = self.chance.word(&[
            "O Rh(D) positive",
            "A Rh(D) positive",
            "B Rh(D) negative",
            "AB Rh(D) positive",
            "O Rh(D) negative",
        ]);
        let text = format!("{group}\nAntibody screen negative\nSample valid for 7 days");
        let collected = self.now;
        self.tell_words(Source::Pathology, who, collected, "F", &request, &text);
    }

    pub(super) fn results_come(&mut self, who: usize, collected: Moment, requests: &[(Request, usize)]) {
        self.tell_panels(who, collected, "F", requests);
        if self.chance.happens(150) {
            // The analyser was recalibrated: the same request again, corrected.
            self.tell_panels(who, collected, "C", requests);
        }
    }

    /// The morning round's bloods, already back: one message with three requests.
    pub(super) fn routine_bloods(&mut self, who: usize, collected: Moment) {
        let requests: Vec<_> = [0usize, 1, 3]
            .into_iter()
            .filter_map(|panel| {
                let Panel { code, name, .. } = PANELS.get(panel)?;
                Some((self.request(who, "B", code, name), panel))
            })
            .collect();
        self.tell_panels(who, collected, "F", &requests);
    }

    fn tell_panels(&mut self, who: usize, collected: Moment, status: &str, requests: &[(Request, usize)]) {
        let (register, hospital) = self.register(who);
        let measured: Vec<(&Request, &Panel, Vec<Measured>)> = requests
            .iter()
            .filter_map(|(request, panel)| {
                let panel = PANELS.get(*panel)?;
                let figures =
                    panel.analytes.iter().map(|analyte| measure(&mut self.chance, analyte)).collect();
                Some((request, panel, figures))
            })
            .collect();
        self.send(Source::Pathology, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            results::panels(sent, person, register, collected, status, &measured)
        });
    }

    fn tell_words(
        &mut self,
        source: Source,
        who: usize,
        collected: Moment,
        status: &str,
        request: &Request,
        text: &str,
    ) {
        let (register, hospital) = self.register(who);
        self.send(source, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            results::narrative(sent, person, register, collected, status, request, text)
        });
    }

    pub(super) fn culture_is_taken(&mut self) {
        let Some(who) = self.somebody(|_| true) else { return };
        let name = self.chance.word(&["Blood culture", "Urine culture", "Wound swab", "Sputum culture"]);
        let request = self.request(who, "M", "CULT", name);
        self.tell_request(Source::Pathology, who, "NW", &request);
        let (collected, organism) = (self.now, self.chance.below(ORGANISMS.len() * 2));
        self.later_between(60, 600, Task::Culture { who, collected, request, organism, stage: 0 });
    }

    pub(super) fn culture_comes(
        &mut self,
        who: usize,
        collected: Moment,
        request: Request,
        organism: usize,
        stage: u8,
    ) {
        let grown = ORGANISMS.get(organism);
        let (status, text) = match (stage, grown) {
            (0, Some((organism, _))) => {
                ("P", format!("Preliminary: growth after 18 hours\n{organism} presumed"))
            }
            (0, None) => ("P", "Preliminary: no growth after 24 hours".to_owned()),
            (1, Some((organism, sensitivity))) => ("F", format!("{organism}\n{sensitivity}")),
            (1, None) => ("F", "No growth after 5 days".to_owned()),
            (_, Some((organism, sensitivity))) => (
                "C",
                format!("CORRECTED REPORT\n{organism}\n{sensitivity}\nSensitivity to ciprofloxacin added"),
            ),
            (_, None) => ("C", "CORRECTED REPORT\nNo significant growth".to_owned()),
        };
        self.tell_words(Source::Pathology, who, collected, status, &request, &text);
        if stage == 0 || (stage == 1 && self.chance.happens(2_000)) {
            self.later_between(
                120,
                1_800,
                Task::Culture { who, collected, request, organism, stage: stage + 1 },
            );
        }
    }

    pub(super) fn imaging_is_requested(&mut self) {
        let Some(who) = self.somebody(|_| true) else { return };
        let examination = self.chance.below(IMAGING.len());
        let Some((code, name, _)) = IMAGING.get(examination) else { return };
        let request = self.request(who, "X", code, name);
        self.tell_request(Source::Imaging, who, "NW", &request);
        let collected = self.now;
        self.later_between(60, 1_200, Task::Report { who, collected, request, examination });
    }

    pub(super) fn report_comes(
        &mut self,
        who: usize,
        collected: Moment,
        request: &Request,
        examination: usize,
    ) {
        let Some((_, name, text)) = IMAGING.get(examination) else { return };
        if !self.chance.happens(2_500) {
            return self.tell_words(Source::Imaging, who, collected, "F", request, text);
        }
        let (register, hospital) = self.register(who);
        let lines: Vec<&str> = ["SIMULATED REPORT", name, ""].into_iter().chain(text.lines()).collect();
        let pdf = crate::pdf::letter(&lines);
        self.send(Source::Imaging, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            results::document(sent, person, register, collected, request, &pdf)
        });
    }

    /// An examination of the days before, for the beginning.
    pub(super) fn old_report(&mut self, who: usize, collected: Moment) {
        let examination = self.chance.below(IMAGING.len());
        if let Some((code, name, _)) = IMAGING.get(examination) {
            let mut request = self.request(who, "X", code, name);
            request.requested = collected;
            self.report_comes(who, collected, &request, examination);
        }
    }
}
