//! The region's file and its travel times: a matrix, a routing server, its own, or estimates as the crow flies.
//!
//! Always: where the times come from is said in words, and estimates are counted; what cannot be used is one sentence
//! that names the file or the server. Called by `divert_room` and `lifeboat doctor`.

use crate::cli::divert::{instance, unpacked};
use crate::config::Diverts;
use basics::Moment;
use control_room::{Region, fill_table};
use intake::osrm::Spot;
use planning::diverts::{Instance, Matrix, estimate_times, read_instance};

/// Names listed before "and n more".
const NAMES_MAX: usize = 8;

/// The region with its travel times.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub async fn read_region(settings: &Diverts, at: Moment) -> Result<Region, String> {
    let own = settings.clone();
    let read = tokio::task::spawn_blocking(move || from_files(&own, at)).await;
    let mut region = read.map_err(|error| format!("the region's reader stopped: {error}"))??;
    if let Some(osrm) = settings.routing() {
        ask(&osrm, settings, &mut region).await?;
    }
    finish(settings, &mut region)?;
    Ok(region)
}

/// What needs no network.
///
/// # Errors
/// A sentence that names the file.
pub fn from_files(settings: &Diverts, at: Moment) -> Result<Region, String> {
    let (mut instance, file) = match (&settings.region, &settings.handed) {
        (Some(path), _) => (instance(path).map_err(|failure| failure.sentence)?, path.display().to_string()),
        (None, Some(text)) => {
            (read_instance(text.as_bytes()).map_err(|e| e.to_string())?, "the demonstration".to_owned())
        }
        (None, None) => return Err("no region is named".to_owned()),
    };
    let (mut times, mut notes) = ("the region's own file".to_owned(), Vec::new());
    if let Some(path) = &settings.times {
        let bytes = unpacked(path).map_err(|failure| failure.sentence)?;
        let of_file = |e: planning::diverts::Refusal| format!("{}: {e}", path.display());
        let matrix = Matrix::read(&bytes).map_err(of_file)?;
        let fitted = matrix.fit(&mut instance, settings.estimate_rule().as_ref()).map_err(of_file)?;
        let without: Vec<String> = fitted
            .sites_without
            .iter()
            .filter_map(|s| instance.sites.get(*s))
            .map(|s| s.name.clone())
            .collect();
        if !without.is_empty() {
            let how = if settings.estimate.is_some() { "estimated" } else { "cannot be reached" };
            notes.push(format!("Without a column in the matrix, {how}: {}", some(&without)));
        }
        times = format!("the matrix {}", path.display());
    }
    Ok(Region { instance, file, times, estimated: 0, notes, read_at: at })
}

/// Asks the routing server for every zone and site whose place is known.
async fn ask(osrm: &intake::osrm::Osrm, settings: &Diverts, region: &mut Region) -> Result<(), String> {
    let ca_file = settings.osrm.as_ref().and_then(|part| part.ca_file.as_deref());
    let puller = super::puller(ca_file).await?;
    let spot = |place: planning::diverts::Coordinates| Spot { latitude: place.lat, longitude: place.lon };
    let zones: Vec<(usize, Spot)> =
        region.instance.zones.iter().enumerate().filter_map(|(i, z)| Some((i, spot(z.place?)))).collect();
    let sites: Vec<(usize, Spot)> =
        region.instance.sites.iter().enumerate().filter_map(|(i, s)| Some((i, spot(s.place?)))).collect();
    if zones.is_empty() || sites.is_empty() {
        return Err("the region's zones or sites have no coordinates, so no server can be asked for their travel times".to_owned());
    }
    let spots = |of: &[(usize, Spot)]| of.iter().map(|(_, spot)| *spot).collect::<Vec<_>>();
    let index = |of: &[(usize, Spot)]| of.iter().map(|(index, _)| *index).collect::<Vec<_>>();
    let table =
        osrm.table(&puller, &spots(&zones), &spots(&sites)).await.map_err(|fault| fault.to_string())?;
    let gap = fill_table(&mut region.instance, &index(&zones), &index(&sites), &table)?;
    if gap.pairs > 0 {
        region
            .notes
            .push(format!("The routing server knows no way for {} pairs of zone and site", gap.pairs));
    }
    if !gap.sites.is_empty() {
        region.notes.push(format!("Nobody can reach: {}", some(&gap.sites)));
    }
    region.times = format!("the routing server {}", osrm.address);
    Ok(())
}

/// Estimates what is missing, if that is wanted, and says what nobody can reach.
fn finish(settings: &Diverts, region: &mut Region) -> Result<(), String> {
    if let Some(rule) = settings.estimate_rule() {
        estimate_times(&mut region.instance, &rule);
        let times = || region.instance.zones.iter().flat_map(|z| &z.times);
        let (all, estimated) = (times().count(), times().filter(|t| t.estimated).count());
        region.estimated = estimated;
        if estimated > 0 && estimated == all {
            region.times = format!("all estimated, {}", rule.words());
        } else if estimated > 0 {
            region.times =
                format!("{}; {} of them estimated: {}", region.times, region.estimated, rule.words());
        }
    }
    region.instance.check().map_err(|e| e.to_string())?;
    let unreached = unreached(&region.instance);
    if !unreached.is_empty() {
        region.notes.push(format!("No zone has a travel time to: {}", some(&unreached)));
    }
    let without: Vec<String> =
        region.instance.zones.iter().filter(|z| z.times.is_empty()).map(|z| z.name.clone()).collect();
    if !without.is_empty() {
        region.notes.push(format!("No travel time to any site from: {}", some(&without)));
    }
    Ok(())
}

fn unreached(instance: &Instance) -> Vec<String> {
    let mut reached = vec![false; instance.sites.len()];
    for time in instance.zones.iter().flat_map(|z| &z.times) {
        if let Some(reached) = reached.get_mut(time.site) {
            *reached = true;
        }
    }
    let sites = instance.sites.iter().zip(reached);
    sites.filter(|(_, reached)| !reached).map(|(site, _)| site.name.clone()).collect()
}

fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMES_MAX);
    let shown = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
