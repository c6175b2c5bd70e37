//! How far the cards have come: one person's next step, and for the control room every card and what is overdue.

use super::{ActionCard, Completion, HeldAt, Phase, Step, StepKey, Target, phase_began};
use crate::IncidentBook;
use crate::declare::Incident;
use crate::roles::{Holder, Post};
use basics::{Moment, SiteId};

/// When a step is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// No time target, or its phase has not begun.
    NoTarget,
    /// At that moment, which lies ahead.
    At(Moment),
    /// It was due at that moment and is not done.
    Overdue(Moment),
}

/// One step of a card as it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct StepRow {
    /// Which step.
    pub key: StepKey,
    /// What to do.
    pub text: String,
    /// Its time target.
    pub target: Option<Target>,
    /// What became of it; `None` while nothing was noted.
    pub completion: Option<Completion>,
    /// Whether there is something to do now: never done, or due again.
    pub open: bool,
    /// When it is due.
    pub due: Due,
}

/// One post's card.
#[derive(Clone, PartialEq, Debug)]
pub struct CardBoard {
    /// Which post.
    pub post: Post,
    /// The post in words.
    pub title: String,
    /// The card: base, reports to, purpose.
    pub card: ActionCard,
    /// Who holds the post now.
    pub holder: Option<Holder>,
    /// Who may stand in.
    pub deputies: Vec<Holder>,
    /// The phase now.
    pub phase: Phase,
    /// Open steps of this phase: overdue ones first by how long, then in the card's order. The first is the next step.
    pub next: Vec<StepRow>,
    /// Steps of this phase that are done, set aside, or not yet due again; in the card's order.
    pub done: Vec<StepRow>,
    /// Steps of earlier phases that nobody ticked.
    pub left: Vec<StepRow>,
    /// Steps of later phases, to read ahead.
    pub later: Vec<StepRow>,
    /// How many steps are overdue.
    pub overdue: usize,
}

/// All cards of an incident.
#[derive(Clone, PartialEq, Debug)]
pub struct CardsBoard {
    /// Every post that should be held or has a card in use: most overdue first, then in the order of cards and places.
    pub cards: Vec<CardBoard>,
    /// Overdue steps on all cards.
    pub overdue: usize,
    /// Posts that nobody holds.
    pub unheld: usize,
    /// Steps done of this phase, of all steps in this phase.
    pub done: (usize, usize),
}

/// One post's card at `now`; `None` when the incident has no card for the role.
pub fn card_board(book: &IncidentBook, incident: &Incident, post: &Post, now: Moment) -> Option<CardBoard> {
    let card = incident.cards.card(&post.role)?;
    let now = book.now(now);
    let phase = Phase::of(incident.stage);
    let rows = |phase: Phase| rows(incident, card, post, phase, now);
    let (mut next, done): (Vec<StepRow>, Vec<StepRow>) = rows(phase).into_iter().partition(|row| row.open);
    // Sorting is stable: what is not overdue keeps the card's order.
    next.sort_by_key(|row| match row.due {
        Due::Overdue(at) => (0, at),
        Due::At(_) | Due::NoTarget => (1, Moment::default()),
    });
    let overdue = next.iter().filter(|row| matches!(row.due, Due::Overdue(_))).count();
    let begun = |p: &Phase| phase_began(incident, *p).is_some();
    let earlier = Phase::ALL.into_iter().filter(|p| *p < phase).filter(begun);
    let left = earlier.flat_map(rows).filter(|row| row.completion.is_none()).collect();
    let later = Phase::ALL.into_iter().filter(|p| *p > phase).flat_map(rows).collect();
    let posting = incident.roles.posting(post);
    Some(CardBoard {
        post: post.clone(),
        title: post.words(incident),
        card: card.clone(),
        holder: posting.and_then(|p| p.holder.clone()),
        deputies: posting.map_or_else(Vec::new, |p| p.deputies.clone()),
        phase,
        next,
        done,
        left,
        later,
        overdue,
    })
}

fn rows(incident: &Incident, card: &ActionCard, post: &Post, phase: Phase, now: Moment) -> Vec<StepRow> {
    let began = phase_began(incident, phase).map(|stamp| stamp.at);
    let row = |(at, step): (usize, &Step)| {
        let key = StepKey { phase, number: u16::try_from(at + 1).unwrap_or(u16::MAX) };
        let completion = incident.cards.completion(post, key).cloned();
        let (open, due) = standing(step, completion.as_ref(), began, now, incident.running());
        StepRow { key, text: step.text.clone(), target: step.target, completion, open, due }
    };
    card.steps(phase).iter().enumerate().map(row).collect()
}

/// Whether a step is open, and when it is due.
fn standing(
    step: &Step,
    completion: Option<&Completion>,
    began: Option<Moment>,
    now: Moment,
    running: bool,
) -> (bool, Due) {
    let due = |from: Moment, minutes: u32| {
        let at = from.plus_seconds(i64::from(minutes) * 60);
        if now > at { Due::Overdue(at) } else { Due::At(at) }
    };
    match (step.target, completion) {
        (_, Some(c)) if !c.done => (false, Due::NoTarget),
        (Some(Target::Every { minutes }), Some(c)) => {
            let next = due(c.stamp.at, minutes);
            // Nothing comes again once the incident is over, save in the stand-down's own steps.
            let again = matches!(next, Due::Overdue(_)) && (running || step_is_last(began, c));
            (again, if again { next } else { Due::NoTarget })
        }
        (_, Some(_)) => (false, Due::NoTarget),
        (Some(Target::Within { minutes } | Target::Every { minutes }), None) => {
            (true, began.map_or(Due::NoTarget, |from| due(from, minutes)))
        }
        (None, None) => (true, Due::NoTarget),
    }
}

fn step_is_last(began: Option<Moment>, completion: &Completion) -> bool {
    began.is_some_and(|from| completion.stamp.at >= from)
}

/// The posts that an incident should have: one for each card held in the trust, one at each affected hospital for a
/// card held there, and every post that somebody has taken or ticked a step of.
pub fn posts_expected(book: &IncidentBook, incident: &Incident) -> Vec<Post> {
    let sites: Vec<&SiteId> = match incident.sites.as_slice() {
        [] => book.hospitals.sites().iter().collect(),
        some => some.iter().collect(),
    };
    let taken: Vec<&Post> = incident
        .roles
        .all()
        .filter(|(_, posting)| posting.holder.is_some() || !posting.before.is_empty())
        .map(|(post, _)| post)
        .chain(incident.cards.completions().map(|((post, _), _)| post))
        .collect();
    let mut posts: Vec<Post> = Vec::new();
    for card in incident.cards.all() {
        let at = |place: &str| Post { role: card.role.clone(), place: place.to_owned() };
        let mut of_card: Vec<Post> = match card.held {
            HeldAt::Trust => vec![at("")],
            // A trust whose hospitals are not listed yet counts as one.
            HeldAt::EachHospital if sites.is_empty() => vec![at("")],
            HeldAt::EachHospital => sites.iter().map(|site| at(site.as_str())).collect(),
            HeldAt::EachWard => Vec::new(),
        };
        for post in taken.iter().filter(|post| post.role == card.role) {
            if !of_card.contains(post) {
                of_card.push((*post).clone());
            }
        }
        posts.append(&mut of_card);
    }
    posts
}

/// Every card of an incident at `now`.
pub fn cards_board(book: &IncidentBook, incident: &Incident, now: Moment) -> CardsBoard {
    let posts = posts_expected(book, incident);
    let mut cards: Vec<CardBoard> =
        posts.iter().filter_map(|post| card_board(book, incident, post, now)).collect();
    cards.sort_by_key(|card| std::cmp::Reverse(card.overdue));
    let done = cards.iter().map(|card| card.done.len()).sum();
    let open: usize = cards.iter().map(|card| card.next.len()).sum();
    CardsBoard {
        overdue: cards.iter().map(|card| card.overdue).sum(),
        unheld: cards.iter().filter(|card| card.holder.is_none()).count(),
        done: (done, done + open),
        cards,
    }
}
