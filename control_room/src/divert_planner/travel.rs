//! Travel times from a table that a routing server gave, laid into a region.
//!
//! Always: a pair for which the server has no way is left out and counted, never taken for nought; what is negative, no
//! number or longer than a day is refused with the pair named. Called by the program after it asked the server; proved
//! by the table below.

use planning::diverts::{Instance, Limits, TravelTime};

/// What a table lacked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TableGap {
    /// Pairs without a way.
    pub pairs: usize,
    /// Zones from which no site can be reached.
    pub zones: Vec<String>,
    /// Sites that no zone can reach.
    pub sites: Vec<String>,
}

/// Replaces the region's travel times. `seconds`: a row for each of `zones` (indices), a column for each of `sites`.
///
/// # Errors
/// The first time that cannot be, with its pair named; the region is then as before.
pub fn fill_table(
    instance: &mut Instance,
    zones: &[usize],
    sites: &[usize],
    seconds: &[Vec<Option<f64>>],
) -> Result<TableGap, String> {
    let zone_name = |zone: usize| instance.zones.get(zone).map_or("a zone", |z| z.name.as_str());
    let site_name = |site: usize| instance.sites.get(site).map_or("a site", |s| s.name.as_str());
    if seconds.len() != zones.len() || seconds.iter().any(|row| row.len() != sites.len()) {
        return Err(format!("the table has not {} rows of {} times", zones.len(), sites.len()));
    }
    let mut gap = TableGap::default();
    let mut reached = vec![false; instance.sites.len()];
    let mut times = Vec::with_capacity(zones.len());
    for (zone, row) in zones.iter().zip(seconds) {
        let mut own = Vec::with_capacity(row.len());
        for (site, seconds) in sites.iter().zip(row) {
            let Some(seconds) = seconds else {
                gap.pairs += 1;
                continue;
            };
            let minutes = seconds / 60.0;
            if !minutes.is_finite() || !(0.0..=Limits::MINUTES_MAX).contains(&minutes) {
                return Err(format!(
                    "the time from {} to {} is {seconds} seconds, which cannot be",
                    zone_name(*zone),
                    site_name(*site)
                ));
            }
            own.push(TravelTime { site: *site, minutes, estimated: false });
            if let Some(reached) = reached.get_mut(*site) {
                *reached = true;
            }
        }
        if own.is_empty() {
            gap.zones.push(zone_name(*zone).to_owned());
        }
        times.push((*zone, own));
    }
    gap.sites = sites
        .iter()
        .filter(|s| !reached.get(**s).copied().unwrap_or(false))
        .map(|s| site_name(*s).to_owned())
        .collect();
    for (zone, own) in times {
        if let Some(zone) = instance.zones.get_mut(zone) {
            zone.times = own;
        }
    }
    Ok(gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use planning::diverts::read_instance;

    const REGION: &str = r#"{
      "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
      "pathways": [{"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
      "sites": [
        {"name": "A", "caps": ["GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7},
        {"name": "B", "caps": ["GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5}],
      "zones": [{"name": "N", "demand": [2.0], "times": [[0, 5], [1, 12]]}, {"name": "W", "demand": [1.0], "times": [[0, 20]]}]
    }"#;

    #[test]
    fn a_table_with_holes_and_impossible_times_is_told_in_words() {
        let mut region = read_instance(REGION.as_bytes()).unwrap();
        let whole = vec![vec![Some(300.0), None], vec![None, None]];
        let gap = fill_table(&mut region, &[0, 1], &[0, 1], &whole).unwrap();
        assert_eq!((gap.pairs, gap.zones, gap.sites), (3, vec!["W".to_owned()], vec!["B".to_owned()]));
        assert_eq!(region.zones[0].times, [TravelTime { site: 0, minutes: 5.0, estimated: false }]);
        let before = region.clone();
        for (bad, words) in [
            (vec![vec![Some(-1.0), None], vec![None, None]], "from N to A is -1 seconds"),
            (vec![vec![Some(1.0), Some(f64::NAN)], vec![None, None]], "from N to B is NaN seconds"),
            (vec![vec![Some(1.0), None], vec![Some(1e9), None]], "from W to A"),
            (vec![vec![Some(1.0)]], "not 2 rows of 2 times"),
        ] {
            let why = fill_table(&mut region, &[0, 1], &[0, 1], &bad).unwrap_err();
            assert!(why.contains(words), "{why}");
            assert_eq!(region, before);
        }
    }
}
