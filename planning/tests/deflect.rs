//! The deflect rule, minute by minute.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::diverts::{Advice, Allowed, BoardWait, DeflectRule, PathwayKind, Stay, deflect};

/// Planned: site 0, 10 min away. Others: site 1, 15 min; site 2, 18 min. Waits and ages by site; `None`: not on the board.
fn advice(kind: PathwayKind, board: [Option<(f64, f64)>; 3]) -> Advice {
    let allowed: Vec<Allowed> = [10.0, 15.0, 18.0]
        .into_iter()
        .enumerate()
        .map(|(site, minutes)| Allowed { site, minutes, over_limit: false, estimated: false })
        .collect();
    let wait = |site: usize| board[site].map(|(wait_min, age_min)| BoardWait { wait_min, age_min });
    deflect(&DeflectRule::default(), kind, &allowed, 0, wait)
}

fn goes_to(advice: Advice) -> Option<usize> {
    match advice {
        Advice::Deflect { to, .. } => Some(to),
        Advice::Follow(_) => None,
    }
}

#[test]
fn a_crew_is_deflected_only_for_enough_and_by_figures_young_enough() {
    let usual = PathwayKind::Usual;
    for (why, board, to) in [
        ("20 min better at 30 min old", [Some((40.0, 30.0)), Some((15.0, 30.0)), None], Some(1)),
        ("19.9 is not 20", [Some((40.0, 30.0)), Some((15.1, 30.0)), None], None),
        ("10 is enough when fresh", [Some((30.0, 14.9)), Some((15.0, 5.0)), None], Some(1)),
        ("15 min old is not fresh", [Some((30.0, 15.0)), Some((15.0, 5.0)), None], None),
        ("the older of the two counts", [Some((30.0, 1.0)), Some((15.0, 15.0)), None], None),
        ("60 min old is not over 60", [Some((40.0, 60.0)), Some((15.0, 60.0)), None], Some(1)),
        ("61 min old is", [Some((40.0, 61.0)), Some((15.0, 1.0)), None], None),
        (
            "an old neighbour is passed over for a young one",
            [Some((50.0, 5.0)), Some((0.0, 90.0)), Some((5.0, 5.0))],
            Some(2),
        ),
        ("nothing known of the planned site", [None, Some((0.0, 1.0)), None], None),
        ("figures from the future", [Some((90.0, -1.0)), Some((0.0, 1.0)), None], None),
        ("a neighbour from the future", [Some((90.0, 1.0)), Some((0.0, -1.0)), None], None),
        ("an age that is no number", [Some((90.0, f64::NAN)), Some((0.0, 1.0)), None], None),
        ("a wait that is no number", [Some((f64::NAN, 1.0)), Some((0.0, 1.0)), None], None),
        ("equally good: the first", [Some((90.0, 1.0)), Some((8.0, 1.0)), Some((5.0, 1.0))], Some(1)),
    ] {
        assert_eq!(goes_to(advice(usual, board)), to, "{why}");
    }
}

#[test]
fn resuscitation_is_never_deflected_and_every_answer_has_its_reason() {
    let wide = [Some((300.0, 1.0)), Some((0.0, 1.0)), Some((0.0, 1.0))];
    assert_eq!(advice(PathwayKind::Resuscitation, wide), Advice::Follow(Stay::NeverDiverted));
    let usual = PathwayKind::Usual;
    assert_eq!(
        advice(usual, [Some((5.0, 61.0)), None, None]),
        Advice::Follow(Stay::TooOld { age_min: 61.0 })
    );
    assert_eq!(advice(usual, [Some((5.0, -2.0)), None, None]), Advice::Follow(Stay::ClockSetBack));
    assert_eq!(advice(usual, [Some((5.0, 1.0)), None, None]), Advice::Follow(Stay::NoFigures));
    assert_eq!(
        advice(usual, [Some((5.0, 20.0)), Some((5.0, 20.0)), None]),
        Advice::Follow(Stay::NothingBetter { saves_min: -5.0, needed_min: 20.0 })
    );
}
