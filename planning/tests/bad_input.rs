//! What planners are given at three in the morning: holes, words for numbers, sites nobody can reach.
//!
//! Always: refused in a sentence that names the place, or planned with the reason told; never half read. Every field of
//! a good instance is damaged in turn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::diverts::{
    Change, Coordinates, EstimateRule, LeastBad, Matrix, Plan, Planner, WhyUnserved, estimate_times,
    great_circle_km, plan, read_instance,
};
use serde_json::{Value, json};

fn good() -> Value {
    json!({
        "name": "two towns", "format": "lifeboat-divert-instance/1", "horizon_h": 4.0, "target_load": 0.92,
        "switch_penalty_min": 2.0, "service_h": 2.5,
        "pathways": [
            {"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5.0},
            {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1.0},
            {"id": "STR", "name": "stroke", "limit_min": 45, "weight": 4.0}
        ],
        "sites": [
            {"name": "Fairford General", "postcode": "ZZ1 1AA", "lat": 51.5, "lon": -0.1, "caps": ["RES", "GEN", "STR"],
             "status": "open", "off": [], "cap_per_h": 2.0, "servers": 5, "walkin_per_h": 0.5, "background_per_h": 0.0,
             "queue": 1.0, "usual_load": 0.8},
            {"name": "Lowmoor", "postcode": "ZZ2 2BB", "lat": 51.6, "lon": -0.2, "caps": ["RES", "GEN"], "status": "open",
             "off": [], "cap_per_h": 1.0, "servers": 3, "walkin_per_h": 0.2, "background_per_h": 0.0, "queue": 0.0,
             "usual_load": 0.7}
        ],
        "zones": [
            {"name": "Fairford East", "lat": 51.51, "lon": -0.1, "demand": [0.1, 0.8, 0.05],
             "times": [[0, 9.5], [1, 22.0]]},
            {"name": "Moor Top", "lat": 51.61, "lon": -0.2, "demand": [0.05, 0.6, 0.02], "times": [[1, 7.0], [0, 24.5]]}
        ]
    })
}

fn refusal(value: &Value) -> String {
    read_instance(value.to_string().as_bytes()).expect_err(&value.to_string()).to_string()
}

/// The good instance with one place changed.
fn with(pointer: &str, wrong: Value) -> Value {
    let mut value = good();
    *value.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = wrong;
    value
}

fn planned(value: &Value) -> Plan {
    plan(&read_instance(value.to_string().as_bytes()).unwrap()).unwrap()
}

#[test]
fn every_damaged_field_is_named() {
    for (pointer, wrong, sentence) in [
        (
            "/zones/1/times/1/1",
            json!("24 min"),
            "zone 1 (Moor Top): the travel time to Fairford General is \"24 min\"; it must be a number of minutes",
        ),
        (
            "/zones/1/times/1/1",
            json!(null),
            "zone 1 (Moor Top): the travel time to Fairford General is null; it must be a number of minutes",
        ),
        (
            "/zones/1/times/1/1",
            json!(-3),
            "zone 1 (Moor Top): the travel time to Fairford General is -3 minutes; it must be from 0 to 1440",
        ),
        (
            "/zones/1/times/1/0",
            json!(7),
            "zone 1 (Moor Top): a travel time is for site 7; the last site is 1",
        ),
        ("/zones/1/times/1/0", json!(1), "zone 1 (Moor Top): it has two travel times to Lowmoor"),
        (
            "/zones/1/times/1",
            json!("x"),
            "zone 1 (Moor Top): \"x\" is no travel time; it must be [site, minutes]",
        ),
        (
            "/zones/0/demand/1",
            json!("many"),
            "zone 0 (Fairford East): the demand for GEN is \"many\"; it must be a number",
        ),
        (
            "/zones/0/demand/1",
            json!(-0.1),
            "zone 0 (Fairford East): the demand for GEN is -0.1; it must be from 0 to 10000 an hour",
        ),
        (
            "/zones/0/demand",
            json!([0.1]),
            "zone 0 (Fairford East): it has 1 demands for 3 pathways; one each is needed",
        ),
        ("/sites/1/cap_per_h", json!(-1), "site 1 (Lowmoor): cap_per_h is -1; it must be from 0 to 10000"),
        ("/sites/1/cap_per_h", json!("six"), "site 1 (Lowmoor): found string \"six\", expected a number"),
        (
            "/sites/1/status",
            json!("shut"),
            "site 1 (Lowmoor): the status \"shut\" is not one of open, divert, closed",
        ),
        (
            "/sites/1/caps/0",
            json!("XYZ"),
            "site 1 (Lowmoor): there is no pathway \"XYZ\"; there are RES, GEN, STR",
        ),
        (
            "/sites/1/lat",
            json!(151.6),
            "site 1 (Lowmoor): latitude 151.6, longitude -0.2 is no place on Earth",
        ),
        ("/sites", json!([]), "the instance: it needs at least one pathway and one site"),
        ("/sites", json!("none"), "the instance: \"sites\" is missing or no list"),
        ("/horizon_h", json!(0), "the instance: horizon_h is 0; it must be from 0.01 to 168"),
        (
            "/format",
            json!("other/9"),
            "the file: its format is \"other/9\"; \"lifeboat-divert-instance/1\" is read here",
        ),
        ("/pathways/1/id", json!("RES"), "pathway 1 (RES): another pathway has the same id"),
        ("/pathways/1/limit_min", json!(null), "pathway 1 (GEN): found null, expected a number"),
    ] {
        assert_eq!(refusal(&with(pointer, wrong)), sentence);
    }
    let mut value = good();
    value["sites"][0].as_object_mut().unwrap().remove("cap_per_h");
    assert_eq!(refusal(&value), "site 0 (Fairford General): \"cap_per_h\" is missing");
    assert!(read_instance(b"{").unwrap_err().to_string().starts_with("this is not a divert instance"));
    assert!(read_instance(b"[]").unwrap_err().to_string().starts_with("this is not a divert instance"));
}

/// Whatever is put in place of any value, the reader refuses or the planner answers; neither panics.
#[test]
fn no_damage_anywhere_ends_in_a_panic() {
    fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(k, v)| pointers(v, format!("{at}/{k}"), all)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(k, v)| pointers(v, format!("{at}/{k}"), all))
            }
            _ => {}
        }
        all.push(at);
    }
    let mut all = Vec::new();
    pointers(&good(), String::new(), &mut all);
    let wrong = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!("x"),
        json!([]),
        json!({}),
        json!(0),
        json!(1e9),
        json!(true),
    ];
    let mut refused = 0;
    for pointer in &all {
        for wrong in &wrong {
            match read_instance(with(pointer, wrong.clone()).to_string().as_bytes()) {
                Ok(instance) => drop(Planner::new(instance).map(|p| p.help(&Default::default()))),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 200, "{refused} refused");
}

#[test]
fn a_site_nobody_can_reach_gets_nobody_and_hurts_nobody() {
    let mut value = good();
    let mut far = value["sites"][1].clone();
    far["name"] = json!("Far Island");
    value["sites"].as_array_mut().unwrap().push(far);
    let plan = planned(&value);
    assert!(plan.unserved.is_empty());
    assert_eq!(plan.sites[2].ambulances_planned_per_h, 0.0);
}

#[test]
fn demand_without_capacity_is_named_with_the_reason_and_the_least_bad() {
    // Stroke is on divert at the only site that can do it.
    let value = with("/sites/0/off", json!(["STR"]));
    let instance = read_instance(value.to_string().as_bytes()).unwrap();
    let found = plan(&instance).unwrap();
    assert_eq!(found.unserved.len(), 2);
    assert_eq!(found.unserved[0].why, WhyUnserved::AllRefuse(vec![0]));
    assert_eq!(found.unserved[0].least_bad, Some((0, 9.5, LeastBad::AskToTakeAfterAll)));
    assert_eq!(
        found.unserved[0].words(&instance),
        "Fairford East, STR (stroke), 0.050 an hour: nobody takes them, because those that are able do not take them \
         now: Fairford General. Least bad: ask Fairford General to take them after all (10 min)."
    );
    assert_eq!(found.flows_of(0, 2)[0].site, 0, "they are not dropped from the plan");
    // Closed altogether: nobody is able who is not closed, so the nearest open department.
    let found = planned(&with("/sites/0/status", json!("closed")));
    let stroke = found.unserved.iter().find(|u| (u.zone, u.pathway) == (1, 2)).unwrap();
    assert_eq!(stroke.least_bad, Some((1, 7.0, LeastBad::NearestOpenDepartment)));
    // No staffed capacity is no capacity.
    let found = planned(&with("/sites/0/cap_per_h", json!(0)));
    assert!(found.unserved.iter().all(|u| u.pathway == 2) && found.unserved.len() == 2);
    // No travel times at all: by great circle, and it says so.
    let found = planned(&with("/zones/0/times", json!([])));
    assert_eq!(found.unserved[0].why, WhyUnserved::NoTravelTimes);
    assert!(matches!(found.unserved[0].least_bad, Some((0, _, LeastBad::ByGreatCircle))));
    assert!(found.flows_of(0, 1)[0].estimated);
}

#[test]
fn a_region_that_cannot_carry_its_patients_gets_the_least_bad_and_the_reason() {
    let value = with("/zones/0/demand", json!([0.1, 6.0, 0.05]));
    let plan = planned(&value);
    assert!(plan.unserved.is_empty() && plan.excess_levels[0] > 1.0);
    assert!(
        plan.cuts[0].words.starts_with("Fairford General and Lowmoor are the only 2 sites that"),
        "{}",
        plan.cuts[0].words
    );
    let over: Vec<f64> = plan.sites.iter().map(|s| s.load_planned - s.tolerated_load).collect();
    assert!((over[0] - over[1]).abs() < 1e-9, "both carry the same excess: {over:?}");
}

#[test]
fn ten_more_minutes_open_a_way() {
    let value = with("/zones/0/times/1/1", json!(50.0));
    let mut value = value;
    value["sites"][0]["status"] = json!("divert");
    let planner = Planner::new(read_instance(value.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(planner.plan().over_limit_groups, 1);
    let more = planner.what_if(&[Change::MoreMinutes(10.0)]).unwrap();
    assert_eq!(more.plan().over_limit_groups, 0);
    assert_eq!(planner.plan().over_limit_groups, 1, "asking changes nothing");
}

#[test]
fn a_matrix_names_row_and_column_of_every_fault() {
    let check = |csv: &str, faults: &[&str]| {
        let told = Matrix::read(csv.as_bytes()).expect_err(csv).to_string();
        for fault in faults {
            assert!(told.contains(fault), "{told}\n  has not: {fault}");
        }
    };
    check("zone,A,B\nNorth,1,\n", &["row 2 (\"North\"), column \"B\": the cell is empty"]);
    check("zone,A,B\nNorth,1\n", &["row 2 (\"North\"), column \"B\": the cell is empty"]);
    check(
        "zone,A,B\nNorth,-4,x\nSouth,1,2\n",
        &["column \"A\": -4 is negative", "column \"B\": \"x\" is text"],
    );
    check("zone,A\nNorth,NaN\n", &["row 2 (\"North\"), column \"A\": \"NaN\" is no number of minutes"]);
    check("zone,A\nNorth,inf\n", &["\"inf\" is no number of minutes"]);
    check("zone,A\nNorth,9999\n", &["9999 minutes are more than a day"]);
    check("zone,A\nNorth,1,2\n", &["row 2 (\"North\") has 1 cells more than the first row"]);
    check("zone,A,a\nNorth,1,2\n", &["two columns are called \"a\""]);
    check("zone,A\nNorth,1\nnorth,2\n", &["two rows are called \"north\""]);
    check("zone,A\n,1\n", &["row 2 has no name in its first cell"]);
    check(
        "zone;A;B\nNorth;1,5;2\n",
        &["column \"A\": \"1,5\" is text; give the minutes as a number such as 12.5"],
    );
    check("", &["it is empty; the first row must name the sites"]);
    check("zone,A\n", &["it has no rows of times"]);
    let many: String = (0..50).map(|n| format!("z{n},?\n")).collect();
    check(&format!("zone,A\n{many}"), &["and 30 more faults"]);
}

#[test]
fn a_good_matrix_replaces_the_times_in_any_spelling() {
    let csv =
        "\u{feff}zone\tzz11aa\tLOWMOOR\tElsewhere\r\nmoor top\t20\t6.5\t1\r\nFairford East\t8\t21\t1\r\n";
    let mut instance = read_instance(good().to_string().as_bytes()).unwrap();
    let fitted = Matrix::read(csv.as_bytes()).unwrap().fit(&mut instance, None).unwrap();
    assert_eq!((fitted.columns_unused, fitted.sites_without.len(), fitted.zones_without.len()), (1, 0, 0));
    let times: Vec<(usize, f64)> = instance.zones[1].times.iter().map(|t| (t.site, t.minutes)).collect();
    assert_eq!(times, [(0, 20.0), (1, 6.5)]);
    // A zone without a row refuses, unless it may be estimated; then it says so.
    let half = Matrix::read(b"zone,Lowmoor\nMoor Top,6.5\n").unwrap();
    let before = instance.clone();
    let told = half.fit(&mut instance, None).unwrap_err().to_string();
    assert!(told.contains("there is no row for the zone \"Fairford East\""), "{told}");
    assert_eq!(instance, before);
    let fitted = half.fit(&mut instance, Some(&EstimateRule::default())).unwrap();
    assert_eq!((fitted.zones_without, fitted.sites_without), (vec![0], vec![0]));
    assert!(instance.zones[0].times.iter().all(|t| t.estimated) && !instance.zones[1].times[0].estimated);
    // A matrix of another region is refused.
    let other = Matrix::read(b"zone,Nowhere\nMoor Top,6.5\n").unwrap().fit(&mut instance, None).unwrap_err();
    assert!(other.to_string().contains("no column is a site of the instance"), "{other}");
}

#[test]
fn distances_and_estimates_are_right_and_marked() {
    let place = |lat, lon| Coordinates { lat, lon };
    // A quarter of the meridian, and London to Paris.
    assert!((great_circle_km(place(0.0, 0.0), place(90.0, 0.0)) - 10_007.557).abs() < 0.01);
    assert!((great_circle_km(place(51.5074, -0.1278), place(48.8566, 2.3522)) - 343.556).abs() < 0.5);
    assert_eq!(great_circle_km(place(51.0, 1.0), place(51.0, 1.0)), 0.0);
    let mut value = good();
    value["zones"][0]["times"] = json!([]);
    let mut instance = read_instance(value.to_string().as_bytes()).unwrap();
    assert_eq!(estimate_times(&mut instance, &EstimateRule::default()), 1);
    let found = plan(&instance).unwrap();
    assert!(found.unserved.is_empty());
    assert!(found.flows_of(0, 1).iter().all(|f| f.estimated) && !found.flows_of(1, 0)[0].estimated);
}

#[test]
fn what_would_help_is_said_in_words() {
    let value = with("/zones/0/demand", json!([0.1, 6.0, 0.05]));
    let planner = Planner::new(read_instance(value.to_string().as_bytes()).unwrap()).unwrap();
    let help = planner.help(&Default::default());
    assert_eq!(
        help[0].words(planner.instance()),
        "two more majors nurses at Fairford General are worth 0.4 patients an hour"
    );
}
