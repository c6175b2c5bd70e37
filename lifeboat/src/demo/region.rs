//! The demonstration's region: its five hospitals, four invented neighbours and a grid of invented zones, for diverts.
//!
//! Nothing in it is a real place: the coordinates are a patch of sea. Travel times are estimates and marked so.

use serde_json::{Value, json};

/// Rows and columns of zones.
const GRID: [usize; 2] = [7, 8];
/// South-west corner, degrees: the Dogger Bank.
const CORNER: (f64, f64) = (54.60, 1.60);

/// A site: its name, who runs it, its place in the grid, patients an hour that it takes, pathways.
type Neighbour = (&'static str, &'static str, (f64, f64), f64, &'static str);

const NEIGHBOURS: [Neighbour; 4] = [
    ("Harrowdale General", "Harrowdale (invented)", (1.0, 7.4), 8.0, "RES GEN STR STE PAE MAT TRA CT"),
    ("St Osyth's", "Harrowdale (invented)", (3.6, 6.9), 6.0, "RES GEN PAE MAT CT"),
    ("Kelling Cross", "Kelling (invented)", (5.6, 1.0), 7.0, "RES GEN STR STE CT"),
    ("Low Marsh", "Kelling (invented)", (6.4, 4.6), 5.0, "RES GEN PAE CT"),
];
/// The trust's own hospitals, by the names that its feeds have for them.
const OWN: [(&str, (f64, f64), f64, &str); 5] = [
    ("St Brannock's", (3.0, 3.4), 9.0, "RES GEN STR STE PAE MAT TRA CT"),
    ("Eastmere General", (2.2, 5.4), 7.0, "RES GEN STR PAE MAT CT"),
    ("Quillford Infirmary", (4.6, 2.0), 6.0, "RES GEN STR STE CT"),
    ("Tarnwater Royal", (1.2, 1.6), 5.0, "RES GEN STE PAE CT"),
    ("Pennyfold Women's and Children's", (4.8, 4.8), 4.0, "RES PAE MAT"),
];

/// The region as a divert instance (docs/formats/divert_instance.md).
pub fn region(trust: &str) -> String {
    let own = OWN.map(|(name, at, takes, able)| site(name, trust, at, takes, able));
    let neighbours = NEIGHBOURS.map(|(name, run_by, at, takes, able)| site(name, run_by, at, takes, able));
    let zones: Vec<Value> = (0..GRID[0] * GRID[1]).map(zone).collect();
    json!({
        "format": "lifeboat-divert-instance/1", "name": "Wendmere Vale and around (invented)",
        "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
        "pathways": [
            {"id": "RES", "name": "resuscitation", "limit_min": 45, "weight": 5},
            {"id": "TRA", "name": "major trauma", "limit_min": 60, "weight": 3},
            {"id": "STR", "name": "stroke", "limit_min": 60, "weight": 2},
            {"id": "STE", "name": "heart attack", "limit_min": 60, "weight": 2},
            {"id": "PAE", "name": "children", "limit_min": 60, "weight": 1.5},
            {"id": "MAT", "name": "obstetrics", "limit_min": 60, "weight": 1.5},
            {"id": "CT", "name": "scan", "limit_min": 60, "weight": 1.5},
            {"id": "GEN", "name": "general", "limit_min": 60, "weight": 1}],
        "sites": own.into_iter().chain(neighbours).collect::<Vec<_>>(),
        "zones": zones,
    })
    .to_string()
}

fn place((row, column): (f64, f64)) -> (f64, f64) {
    (CORNER.0 + row * 0.045, CORNER.1 + column * 0.075)
}

fn site(name: &str, run_by: &str, at: (f64, f64), takes: f64, able: &str) -> Value {
    let (lat, lon) = place(at);
    json!({
        "name": name, "trust": run_by, "lat": lat, "lon": lon,
        "caps": able.split(' ').collect::<Vec<_>>(), "status": "open", "off": [],
        "cap_per_h": takes, "servers": (takes * 2.5).round(), "usual_load": 0.8,
        "walkin_per_h": takes * 0.3,
    })
}

fn zone(number: usize) -> Value {
    let (row, column) = (number / GRID[1], number % GRID[1]);
    let (lat, lon) = place((row as f64, column as f64));
    // More people in the middle than at the edges.
    let near = 1.0 / (1.0 + (row as f64 - 3.0).abs() + (column as f64 - 3.5).abs());
    let per_h = 0.12 + 0.9 * near;
    let parts = [0.05, 0.02, 0.06, 0.03, 0.12, 0.05, 0.12, 0.55];
    let name = format!("{}{}", char::from(b'A' + u8::try_from(row).unwrap_or(0)), column + 1);
    json!({"name": name, "lat": lat, "lon": lon, "demand": parts.map(|part| per_h * part), "times": []})
}
