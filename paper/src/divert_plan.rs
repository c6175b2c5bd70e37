//! A divert plan on paper: for the sites that receive, for ambulance control, for whoever accepts it.
//!
//! Always: the first page says how the plan stands and on which figures it rests; each receiving site has a sheet of its
//! own with who comes from where; estimated travel times are marked; nothing is cut short. Proved by
//! `tests/divert_papers.rs`.

use crate::flow::Flow;
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::Zone;
use incident::diverts::{Proposal, Proposed, Settled};
use std::collections::{BTreeMap, BTreeSet};

/// Size of running text.
const SIZE: f32 = 10.0;

impl Press {
    /// One plan: its first sheet, then one for each site that receives. `how`: how it stands, in words.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn divert_plan(
        &self,
        proposed: &Proposed,
        how: &str,
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        let title = format!("Divert plan {}", proposed.number);
        self.ink_plain(&title, head, &self.lay_divert_plan(proposed, how, head, zone))
    }

    /// The words of [`Press::divert_plan`], page by page in drawing order, exactly as drawn.
    pub fn divert_plan_words(
        &self,
        proposed: &Proposed,
        how: &str,
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_divert_plan(proposed, how, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    /// The plain divert list, numbered as it is read out.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn divert_list(&self, lines: &[String], head: &Letterhead, zone: &Zone) -> Result<Rendered, Fault> {
        let frame = self.plain(zone, head, "Divert list".to_owned(), format!("{} lines", lines.len()));
        let mut flow = Flow::new(&frame);
        for (line, number) in lines.iter().zip(1..) {
            let mut rich = Rich::default();
            rich.say(&format!("{number}. "), Style::bold(12.0)).say(line, Style::plain(12.0));
            flow.say(&rich);
        }
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, "Divert list".to_owned(), leaves);
        self.ink_plain("Divert list", head, &stack)
    }

    fn lay_divert_plan(&self, proposed: &Proposed, how: &str, head: &Letterhead, zone: &Zone) -> Stack {
        let mut stack = Stack::default();
        let name = format!("Divert plan {}", proposed.number);
        let aside = format!("Made {} by {}", zone.clinical(proposed.stamp.at), proposed.stamp.by);
        let frame = self.plain(zone, head, name.clone(), aside.clone());
        let mut flow = Flow::new(&frame);
        flow.boxed(&about(proposed, how, zone), "");
        first_sheet(&mut flow, &proposed.plan);
        stack.add(&frame, name.clone(), flow.finish());
        for site in proposed.plan.receiving() {
            let title = format!("{site}: divert plan {}", proposed.number);
            let frame = self.plain(zone, head, title.clone(), aside.clone());
            let mut flow = Flow::new(&frame);
            flow.boxed(&about(proposed, how, zone), "");
            site_sheet(&mut flow, &proposed.plan, site);
            stack.add(&frame, title, flow.finish());
        }
        stack
    }
}

fn about(proposed: &Proposed, how: &str, zone: &Zone) -> Rich {
    let mut rich = Rich::default();
    rich.say(how, Style::bold(SIZE + 1.0));
    rich.next_line(Style::plain(SIZE));
    match &proposed.settled {
        Settled::Accepted(by, stamp) => {
            let words = format!("Accepted by {by} at {} (entry {})", zone.clinical(stamp.at), stamp.entry);
            rich.say(&words, Style::plain(SIZE));
        }
        Settled::Waiting => {
            rich.say("A PROPOSAL: nobody has accepted it. Do not act on it", Style::bold(SIZE));
        }
        Settled::Refused(by, stamp, _) => {
            let words = format!("REFUSED by {by} at {}. Do not act on it", zone.clinical(stamp.at));
            rich.say(&words, Style::bold(SIZE));
        }
        Settled::Changed(into, ..) => {
            rich.say(&format!("CHANGED into plan {into}. Do not act on it"), Style::bold(SIZE));
        }
    }
    let figures: Vec<String> =
        proposed.plan.figures.iter().map(|f| format!("{} {}", f.site, zone.hour_minute(f.as_at))).collect();
    rich.next_line(Style::plain(SIZE));
    let rests = if figures.is_empty() { "no told figures".to_owned() } else { figures.join(", ") };
    rich.say(&format!("Rests on figures of: {rests}"), Style::plain(9.0));
    for more in [proposed.plan.times.clone(), proposed.plan.estimate_mark().unwrap_or_default()] {
        if !more.is_empty() {
            rich.next_line(Style::plain(9.0));
            rich.say(&format!("Travel times: {more}"), Style::plain(9.0));
        }
    }
    if !proposed.plan.without_figures.is_empty() {
        rich.next_line(Style::plain(9.0));
        rich.say(&format!("Without current figures of: {}", proposed.plan.without()), Style::bold(9.0));
    }
    rich.next_line(Style::plain(9.0));
    let rule = "Resuscitation goes to the closest department that can take it. A crew may always override this plan.";
    rich.say(rule, Style::plain(9.0));
    rich
}

fn an_hour(milli: u32) -> String {
    format!("{:.1} an hour", f64::from(milli) / 1000.0)
}

fn say(flow: &mut Flow<'_, Plain<'_>>, line: &str) {
    flow.say(&Rich::of(line, Style::plain(SIZE)));
}

fn first_sheet(flow: &mut Flow<'_, Plain<'_>>, plan: &Proposal) {
    let name = |index: u16| plan.sites.get(usize::from(index)).map_or("an unknown site", String::as_str);
    flow.heading("Who goes elsewhere than today", "");
    if plan.moves.is_empty() {
        say(flow, "Nobody.");
    }
    for one in &plan.moves {
        let to = name(one.to);
        say(flow, &format!("{} to {to}: {} patients", name(one.from), an_hour(one.per_h_milli)));
    }
    flow.end_section();
    flow.heading("Each site", "");
    for effect in &plan.effects {
        let percent = |milli: u32| (milli + 5) / 10;
        let over = if effect.load_milli > effect.tolerated_milli + 1 { " OVER" } else { "" };
        say(
            flow,
            &format!(
                "{}: {} ambulances (today {}), load {} % of at most {} %{over}",
                name(effect.site),
                an_hour(effect.planned_per_h_milli),
                an_hour(effect.now_per_h_milli),
                percent(effect.load_milli),
                percent(effect.tolerated_milli)
            ),
        );
    }
    flow.end_section();
    let lists = [
        ("Nobody takes them", &plan.unserved),
        ("Why it can be no better", &plan.reasons),
        ("What would help", &plan.help),
    ];
    for (heading, lines) in lists {
        if !lines.is_empty() {
            flow.heading(heading, "");
            lines.iter().for_each(|line| say(flow, line));
            flow.end_section();
        }
    }
}

/// Who comes to one site: from which sites, and by pathway from which zones.
fn site_sheet(flow: &mut Flow<'_, Plain<'_>>, plan: &Proposal, site: &str) {
    let Some(index) = plan.sites.iter().position(|name| name == site).and_then(|i| u16::try_from(i).ok())
    else {
        return;
    };
    flow.heading("More than today, from", "");
    for one in plan.moves.iter().filter(|m| m.to == index) {
        let from = plan.sites.get(usize::from(one.from)).map_or("an unknown site", String::as_str);
        say(flow, &format!("{from}: {} patients", an_hour(one.per_h_milli)));
    }
    flow.end_section();
    let mut by_pathway: BTreeMap<u8, (u64, BTreeSet<&str>, bool)> = BTreeMap::new();
    for line in plan.flows.iter().filter(|f| f.site == index && f.per_h_micro > 0) {
        let zone = plan.zones.get(line.zone as usize).map_or("a zone", String::as_str);
        let entry = by_pathway.entry(line.pathway).or_default();
        entry.0 += u64::from(line.per_h_micro);
        entry.1.insert(zone);
        entry.2 |= line.estimated;
    }
    flow.heading("Everybody whom the plan brings here", "");
    for (pathway, (micro, zones, estimated)) in by_pathway {
        let code = plan.pathways.get(usize::from(pathway)).map_or("", String::as_str);
        let mark = if estimated { " (some travel times estimated)" } else { "" };
        let mut rich = Rich::default();
        let per_h = format!("{code}: {:.1} an hour{mark}, from ", micro as f64 / 1e6);
        rich.say(&per_h, Style::bold(SIZE));
        rich.say(&zones.into_iter().collect::<Vec<_>>().join(", "), Style::plain(SIZE));
        flow.say(&rich);
    }
    flow.end_section();
}
