//! Which ward's pack is rendered next, and when: pure, handed the time.
//!
//! Always: a change is printed soon after the ward has gone quiet, and at the latest after a bounded wait; a ward that
//! changes all the time is not rendered again until a multiple of its rendering time has passed, and when many wards
//! change all the time the room as a whole rests three times as long as it renders, so that it never takes the machine
//! from the record; what a person asks for, and a ward without a pack, comes first and waits for no rest. A feed that falls
//! silent or returns is printed on its wards too, but feeds that come and go have no ward printed every time.

use care::ward_list::WardKey;
use std::collections::BTreeMap;

/// Times in milliseconds since the program started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// A ward counts as quiet after so long without a change.
    quiet_ms: u64,
    /// A changed ward waits no longer than this for quiet.
    wait_ms_max: u64,
    /// From one rendering of a ward to the next, at least so many times what the last one took.
    rest_times: u64,
    /// And at least this long.
    rest_ms_min: u64,
    /// Between renderings of wards that have a pack already, the whole room rests so many times what the last one took.
    room_rest_times: u64,
    /// An unchanged pack is made again at this age.
    age_ms_max: u64,
    /// A ward of which only a feed fell silent or returned waits so long for the other feeds of the same outage,
    silence_ms: u64,
    /// and after any rendering at least this long.
    silence_rest_ms: u64,
}

impl Timing {
    pub(super) fn new(age_ms_max: u64) -> Self {
        Self {
            quiet_ms: 1_000,
            wait_ms_max: 5_000,
            rest_times: 20,
            rest_ms_min: 5_000,
            room_rest_times: 3,
            age_ms_max,
            silence_ms: 20_000,
            silence_rest_ms: 120_000,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Ward {
    /// The first and the last change not yet rendered.
    changed: Option<(u64, u64)>,
    /// When a feed first fell silent or returned since.
    silence: Option<u64>,
    urgent: bool,
    in_hand: bool,
    /// In hand because somebody asked for it.
    asked: bool,
    rendered: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: u64,
    took: u64,
}

#[derive(Debug)]
pub(super) struct Planner {
    timing: Timing,
    wards: BTreeMap<WardKey, Ward>,
    /// Until when the room as a whole rests.
    rests_until: u64,
}

impl Planner {
    pub(super) fn new(timing: Timing) -> Self {
        Self { timing, wards: BTreeMap::new(), rests_until: 0 }
    }

    /// Something on the ward changed.
    pub(super) fn changed(&mut self, ward: WardKey, now: u64) {
        let ward = self.wards.entry(ward).or_default();
        ward.changed = Some((ward.changed.map_or(now, |(first, _)| first), now));
    }

    /// A feed of the ward's hospital fell silent, or was heard again.
    pub(super) fn silence(&mut self, ward: WardKey, now: u64) {
        self.wards.entry(ward).or_default().silence.get_or_insert(now);
    }

    /// Somebody asked for it.
    pub(super) fn urgent(&mut self, ward: WardKey) {
        self.wards.entry(ward).or_default().urgent = true;
    }

    /// Takes the ward that is due and has waited longest; it is in hand until `done`.
    pub(super) fn take(&mut self, now: u64) -> Option<WardKey> {
        let (timing, rests_until) = (self.timing, self.rests_until);
        let due = self.wards.iter().filter(|(_, w)| !w.in_hand).filter_map(|(key, w)| {
            let at = due_at(w, &timing, rests_until)?;
            (at <= now).then_some(((!w.urgent, w.rendered.map_or(0, |last| last.at), at), key))
        });
        let key = due.min_by_key(|(order, _)| *order)?.1.clone();
        if let Some(ward) = self.wards.get_mut(&key) {
            ward.in_hand = true;
            ward.asked = ward.urgent;
            ward.urgent = false;
            (ward.changed, ward.silence) = (None, None);
        }
        Some(key)
    }

    /// The ward's rendering, begun at `began`, has ended.
    pub(super) fn done(&mut self, ward: &WardKey, began: u64, now: u64) {
        if let Some(ward) = self.wards.get_mut(ward) {
            let took = now.saturating_sub(began);
            if ward.rendered.is_some() && !ward.asked {
                self.rests_until = self.rests_until.max(now) + took * self.timing.room_rest_times;
            }
            (ward.in_hand, ward.asked) = (false, false);
            ward.rendered = Some(Last { at: now, took });
        }
    }

    /// The ward is no more.
    pub(super) fn forget(&mut self, ward: &WardKey) {
        self.wards.remove(ward);
    }

    /// Whether a newer pack is being made or waits to be.
    pub(super) fn is_waiting(&self, ward: &WardKey) -> bool {
        self.wards.get(ward).is_some_and(|w| w.in_hand || w.urgent)
    }

    /// How long nothing will be due.
    pub(super) fn wait_ms(&self, now: u64) -> u64 {
        let due = self
            .wards
            .values()
            .filter(|w| !w.in_hand)
            .filter_map(|w| due_at(w, &self.timing, self.rests_until));
        due.min().map_or(u64::MAX, |at| at.saturating_sub(now))
    }
}

fn due_at(ward: &Ward, timing: &Timing, rests_until: u64) -> Option<u64> {
    if ward.urgent {
        return Some(0);
    }
    let Some(last) = ward.rendered else {
        // Never rendered since the start: the pack of before may lie there, but what it misses is not known.
        return ward.changed.map(|_| 0).or(ward.silence.map(|_| 0));
    };
    let aged = last.at + timing.age_ms_max;
    let rested = last.at + timing.rest_ms_min.max(last.took * timing.rest_times);
    let changed = ward
        .changed
        .map(|(first, latest)| (latest + timing.quiet_ms).min(first + timing.wait_ms_max).max(rested));
    let silence = ward
        .silence
        .map(|first| (first + timing.silence_ms).max(rested).max(last.at + timing.silence_rest_ms));
    let due = [changed, silence].into_iter().flatten().fold(aged, u64::min);
    Some(due.max(rests_until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::{SiteId, WardId};

    fn ward(code: &str) -> WardKey {
        WardKey { site: SiteId::new("Northgate").unwrap(), ward: WardId::new(code).unwrap() }
    }

    #[test]
    fn a_ward_is_rendered_once_it_is_quiet_and_not_too_often() {
        let mut planner = Planner::new(Timing::new(900_000));
        planner.changed(ward("AMU"), 100);
        assert_eq!(planner.take(100), Some(ward("AMU")), "the first pack is made at once");
        assert_eq!(planner.take(100), None, "it is in hand");
        planner.changed(ward("AMU"), 200);
        planner.done(&ward("AMU"), 100, 400);
        assert_eq!(planner.take(1_300), None, "it rests first");
        assert_eq!(planner.wait_ms(1_300), 400 + 6_000 - 1_300, "twenty times what it took");
        assert_eq!(planner.take(6_400), Some(ward("AMU")));
        planner.done(&ward("AMU"), 6_400, 6_500);
        for now in (20_000..24_900).step_by(100) {
            planner.changed(ward("AMU"), now);
            assert_eq!(planner.take(now), None, "not quiet yet at {now}");
        }
        assert_eq!(planner.take(25_000), Some(ward("AMU")), "but never later than the longest wait");
    }

    #[test]
    fn many_wards_that_change_all_the_time_leave_the_machine_to_the_record() {
        let mut planner = Planner::new(Timing::new(900_000));
        let codes: Vec<String> = (0..40).map(|n| format!("W{n:02}")).collect();
        let (mut now, mut busy, mut first) = (0, 0, 0);
        while now < 600_000 {
            codes.iter().for_each(|code| planner.changed(ward(code), now));
            match planner.take(now) {
                Some(key) => {
                    (now, busy) = (now + 150, busy + 150);
                    planner.done(&key, now - 150, now);
                }
                None => now += 10,
            }
            if now <= 6_000 {
                first = busy;
            }
        }
        assert_eq!(first, 6_000, "forty first packs are made one after the other");
        assert!((140_000..=156_000).contains(&busy), "a quarter of one processor afterwards: {busy}");
        planner.urgent(ward("W00"));
        assert_eq!(planner.take(now), Some(ward("W00")), "whoever asks does not wait for the room's rest");
    }

    #[test]
    fn a_feed_that_falls_silent_is_printed_once_its_outage_is_known() {
        let mut planner = Planner::new(Timing::new(900_000));
        planner.changed(ward("A"), 0);
        assert_eq!(planner.take(0), Some(ward("A")));
        planner.silence(ward("A"), 5);
        planner.done(&ward("A"), 0, 10);
        assert_eq!(planner.take(120_009), None, "what fell silent meanwhile waits for the rest");
        assert_eq!(planner.take(120_010), Some(ward("A")));
        planner.done(&ward("A"), 120_010, 120_020);
        for (feed_ms, now) in [(400_000, 400_000), (410_000, 419_999)] {
            planner.silence(ward("A"), feed_ms);
            assert_eq!(planner.take(now), None, "other feeds of the same outage are waited for");
        }
        assert_eq!(planner.wait_ms(419_999), 1);
        assert_eq!(planner.take(420_000), Some(ward("A")));
        planner.done(&ward("A"), 420_000, 420_010);
        assert_eq!(planner.take(1_200_000), None, "it is said once");
        // What changes on the ward does not wait for that, and says it too.
        planner.silence(ward("A"), 1_200_000);
        planner.changed(ward("A"), 1_200_100);
        assert_eq!(planner.take(1_201_100), Some(ward("A")));
        planner.done(&ward("A"), 1_201_100, 1_201_110);
        assert_eq!(planner.take(2_000_000), None);
    }

    #[test]
    fn feeds_that_come_and_go_leave_the_machine_to_the_record() {
        let mut planner = Planner::new(Timing::new(900_000));
        let wards: Vec<WardKey> = (0..200).map(|n| ward(&format!("W{n:03}"))).collect();
        wards.iter().for_each(|key| planner.changed(key.clone(), 0));
        let (mut now, mut first, mut rendered) = (0, 0, BTreeMap::<WardKey, Vec<u64>>::new());
        let mut flaps = 0;
        while now < 1_200_000 {
            if now >= flaps * 30_000 {
                flaps += 1;
                wards.iter().for_each(|key| planner.silence(key.clone(), now));
            }
            match planner.take(now) {
                Some(key) => {
                    rendered.entry(key.clone()).or_default().push(now);
                    now += 150;
                    planner.done(&key, now - 150, now);
                    first = if rendered.len() < 200 { now } else { first };
                }
                None => now += 50,
            }
        }
        let all: usize = rendered.values().map(Vec::len).sum();
        let busy = all as u64 * 150 - first;
        assert!(busy * 4 <= now, "a quarter of one processor at most: {busy} of {now}");
        for (key, at) in &rendered {
            assert!(at.len() > 5, "{key:?} was forgotten");
            assert!(at.windows(2).all(|two| two[1] - two[0] >= 120_000), "{key:?} too often: {at:?}");
        }
    }

    #[test]
    fn what_a_person_asks_for_comes_first_and_old_packs_are_made_again() {
        let mut planner = Planner::new(Timing::new(900_000));
        for code in ["A", "B"] {
            planner.changed(ward(code), 0);
            assert_eq!(planner.take(0), Some(ward(code)));
            planner.done(&ward(code), 0, 10);
        }
        planner.urgent(ward("B"));
        assert!(planner.is_waiting(&ward("B")));
        assert_eq!(planner.take(11), Some(ward("B")));
        planner.done(&ward("B"), 11, 20);
        assert_eq!(planner.take(800_000), None);
        assert_eq!(planner.take(900_010), Some(ward("A")));
    }
}
