//! Thousands of small random clinics against brute force: every subset of the bookings.
//!
//! Always: as many of A, B, C, D as the best subset keeps, and among those as many of the greedy choice; a search that is
//! cut short never claims more than it has, and what it says no choice can exceed, none exceeds. A search that takes the
//! greedy choice for the best, and one that forgets a limit, must fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod random;

use planning::clinics::{Class, Counts, Effort, Instance, Proof, Selection, exact, first_come, greedy};
use random::{clinics, fail, seeds};

/// Whether a choice can be worked, by the plain meaning of the words.
fn possible(instance: &Instance, kept: &dyn Fn(usize) -> bool) -> bool {
    let chosen = || instance.bookings.iter().enumerate().filter(|(n, _)| kept(*n)).map(|(_, b)| b);
    let fits = |s: usize| {
        chosen().filter(|b| b.session == s).map(|b| b.minutes).sum::<u32>() <= instance.sessions[s].minutes
    };
    let enough = |l: usize| {
        chosen().flat_map(|b| &b.uses).filter(|u| u.limit == l).map(|u| u.units).sum::<u32>()
            <= instance.shared[l].units
    };
    chosen().all(|b| b.doable)
        && (0..instance.sessions.len()).all(fits)
        && (0..instance.shared.len()).all(enough)
}

fn counts(instance: &Instance, kept: &dyn Fn(usize) -> bool) -> Counts {
    let mut counts = Counts::default();
    instance.bookings.iter().enumerate().filter(|(n, _)| kept(*n)).for_each(|(_, b)| counts.add(b.class));
    counts
}

/// The best counts, and how much of the greedy choice can stay with them.
fn by_subsets(instance: &Instance, now: &Selection) -> (Counts, u32) {
    let bookings = instance.bookings.len();
    let in_set = |set: u32| move |n: usize| set >> n & 1 == 1;
    (0u32..1 << bookings)
        .filter(|set| possible(instance, &in_set(*set)))
        .map(|set| {
            let stays = (0..bookings).filter(|n| in_set(set)(*n) && now.outcomes[*n].is_kept()).count();
            (counts(instance, &in_set(set)), stays as u32)
        })
        .max()
        .unwrap()
}

fn check(seed: u64, instance: &Instance, planted_greedy: bool) -> Result<(), String> {
    let now = greedy(instance).unwrap();
    let best = by_subsets(instance, &now);
    let optimum = exact(instance, Effort::default()).unwrap();
    let chosen = if planted_greedy { &now } else { &optimum.selection };
    let kept = |n: usize| chosen.outcomes[n].is_kept();
    let stays =
        (0..instance.bookings.len()).filter(|n| kept(*n) && now.outcomes[*n].is_kept()).count() as u32;
    if !possible(instance, &kept) || chosen.kept != counts(instance, &kept) {
        return Err(format!("seed {seed}: cannot be worked"));
    }
    if (chosen.kept, stays) != best {
        return Err(format!("{:?}, {stays} as now, instead of {best:?}", chosen.kept));
    }
    if optimum.proof != Proof::Optimal {
        return Err("not proved".to_owned());
    }
    let also: Vec<usize> =
        (0..instance.bookings.len()).filter(|n| kept(*n) && !now.outcomes[*n].is_kept()).collect();
    if !planted_greedy && optimum.swap.also != also {
        return Err(format!("could also keep {also:?}, not {:?}", optimum.swap.also));
    }
    Ok(())
}

#[test]
fn no_subset_of_the_bookings_is_better() {
    for seed in seeds(4_000) {
        if let Err(what) = check(seed, &clinics::small(seed), false) {
            fail(seed, &what);
        }
    }
}

#[test]
fn a_search_that_takes_the_greedy_choice_for_the_best_is_found() {
    let found = (0..1_000).filter(|seed| check(*seed, &clinics::small(*seed), true).is_err()).count();
    assert!(found > 20, "{found} of 1,000");
}

#[test]
fn a_search_that_forgets_a_limit_is_found() {
    let forgets = |seed: &u64| {
        let instance = clinics::small(*seed);
        let mut without = instance.clone();
        without.shared.iter_mut().for_each(|l| l.units = 1_000);
        let chosen = exact(&without, Effort::default()).unwrap().selection;
        !possible(&instance, &|n| chosen.outcomes[n].is_kept())
    };
    let found = (0..300).filter(forgets).count();
    assert!(found > 50, "{found} of 300");
}

#[test]
fn a_search_cut_short_claims_no_more_than_it_has() {
    let mut cut = 0;
    for seed in seeds(2_000) {
        let instance = clinics::small(seed);
        let best = exact(&instance, Effort::default()).unwrap().selection.kept;
        for effort in [
            Effort { steps_max: 0, labels_max: 1 },
            Effort { steps_max: u64::MAX, labels_max: 1 + seed as usize % 3 },
        ] {
            let short = exact(&instance, effort).unwrap();
            let kept = short.selection.kept;
            if kept > best || kept < greedy(&instance).unwrap().kept {
                fail(seed, &format!("{kept:?} beside {best:?}"));
            }
            match short.proof {
                Proof::Optimal if kept != best => fail(seed, "claims to be the best and is not"),
                Proof::AtMost(most) if most < best => fail(seed, &format!("{most:?} is below {best:?}")),
                Proof::AtMost(_) => cut += 1,
                Proof::Optimal => {}
            }
        }
    }
    assert!(cut > 0 || std::env::var_os("LIFEBOAT_SEED").is_some(), "no search was cut short");
}

#[test]
fn the_order_of_a_file_changes_nothing() {
    for seed in seeds(500) {
        let instance = clinics::small(seed);
        let mut shuffled = instance.clone();
        let mut chance = random::Chance::of(seed);
        chance.shuffle(&mut shuffled.bookings);
        let names = |i: &Instance, s: &Selection| {
            let kept = i.bookings.iter().zip(&s.outcomes).filter(|(_, o)| o.is_kept());
            let mut names: Vec<String> = kept.map(|(b, _)| b.id.clone()).collect();
            names.sort();
            names
        };
        let both = |i: &Instance| {
            let best = exact(i, Effort::default()).unwrap().selection;
            (names(i, &greedy(i).unwrap()), names(i, &best))
        };
        if both(&instance) != both(&shuffled) {
            fail(seed, "another order gives another choice");
        }
    }
}

/// The design asks for 98 % of the optimum's class A; B to D are printed beside it.
#[test]
fn the_greedy_choice_keeps_nearly_all_of_class_a_on_lists_of_two_hundred() {
    let (mut now, mut best, mut first) = ([0u32; 4], [0u32; 4], [0u32; 4]);
    for seed in 0..30 {
        let list = clinics::list(seed);
        let optimum = exact(&list, Effort::default()).unwrap();
        assert_eq!(optimum.proof, Proof::Optimal, "list {seed}");
        for class in Class::ALL {
            now[class as usize] += greedy(&list).unwrap().kept.of(class);
            best[class as usize] += optimum.selection.kept.of(class);
            first[class as usize] += first_come(&list).unwrap().kept.of(class);
        }
    }
    println!("30 lists of 200: greedy {now:?}, optimum {best:?}, first come {first:?}");
    assert!(now[0] * 100 >= best[0] * 98, "greedy {now:?}, optimum {best:?}");
    assert!(first[0] < now[0]);
}
