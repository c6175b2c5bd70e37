//! A gateway in memory that answers as it is told to, and remembers what it took.

use basics::Moment;
use outbound::{Doing, Gateway, Handed, Parcel, Question, Told};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What happens to the next messages; when the list is empty they are accepted.
#[derive(Clone, Debug)]
pub enum Next {
    Say(Handed),
    /// Taken, and then this is said.
    TakeAndSay(Handed),
    Panic,
}

#[derive(Clone, Default)]
pub struct Scripted {
    pub inner: Arc<Mutex<Inside>>,
}

#[derive(Default)]
pub struct Inside {
    pub next: VecDeque<Next>,
    pub taken: Vec<(String, String, Moment)>,
    pub asked: usize,
    pub cannot_be_asked: bool,
}

impl Scripted {
    pub fn will(&self, next: impl IntoIterator<Item = Next>) {
        self.inner.lock().unwrap().next.extend(next);
    }

    /// References taken, in order.
    pub fn taken(&self) -> Vec<String> {
        self.inner.lock().unwrap().taken.iter().map(|(reference, ..)| reference.clone()).collect()
    }

    /// Bodies' first lines, in order.
    pub fn texts(&self) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        inner.taken.iter().map(|(_, body, _)| body.lines().next().unwrap_or_default().to_owned()).collect()
    }

    pub fn asked(&self) -> usize {
        self.inner.lock().unwrap().asked
    }

    pub fn twice(&self) -> Vec<String> {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        self.taken().into_iter().for_each(|reference| *count.entry(reference).or_default() += 1);
        count.into_iter().filter(|(_, n)| *n > 1).map(|(reference, _)| reference).collect()
    }
}

impl Gateway for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn hand_over<'a>(&'a self, parcel: &'a Parcel, at: Moment) -> Doing<'a, Handed> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            let accepted = Handed::Accepted { gateway_id: "g".into() };
            let (takes, says) = match inner.next.pop_front() {
                None => (true, accepted),
                Some(Next::Say(handed)) => (false, handed),
                Some(Next::TakeAndSay(handed)) => (true, handed),
                Some(Next::Panic) => {
                    drop(inner);
                    panic!("on purpose")
                }
            };
            if takes {
                inner.taken.push((parcel.reference.to_string(), parcel.body(), at));
            }
            says
        })
    }

    fn ask<'a>(&'a self, question: &'a Question, _: Moment) -> Doing<'a, Told> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            inner.asked += 1;
            if inner.cannot_be_asked {
                return Told::CannotBeAsked;
            }
            let reference = question.reference.to_string();
            match inner.taken.iter().any(|(taken, ..)| *taken == reference) {
                true => Told::Accepted { gateway_id: "g".into(), progress: outbound::Progress::OnItsWay },
                false => Told::NeverSeen,
            }
        })
    }

    fn reports_delivery(&self) -> bool {
        false
    }
}
