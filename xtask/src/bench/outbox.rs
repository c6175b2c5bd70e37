//! Messages through the outbox to a gateway limited to 3,000 a minute, killed twenty times: how near to the limit.
//!
//! The figure is the kill test's own, at full size and in release: it fails when one message is lost or doubled.

use super::process::run;
use super::{Figure, Place};
use anyhow::Context;
use std::process::Command;

/// Seconds for 20,000 messages beside what the limit alone allows; and the queueing of them.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let finished = run(Command::new("cargo")
        .args(["test", "--release", "-q", "-p", "outbound", "--test", "kill"])
        .args(["nothing_is_lost_or_doubled_through_kills", "--", "--nocapture"])
        .env("LIFEBOAT_TORTURE", "1")
        .current_dir(&place.root))?;
    let value = |name: &str| -> anyhow::Result<f64> {
        let mut lines = finished.stdout.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let line = lines.find(|parts| parts.first() == Some(&"figure") && parts.get(1) == Some(&name));
        let value = line.and_then(|parts| parts.get(2).and_then(|text| text.parse().ok()));
        value.with_context(|| format!("{name} was not printed"))
    };
    let (through, queued) = (value("outbox_through_s")?, value("outbox_queued_s")?);
    Ok(vec![
        Figure {
            name: "20,000 messages through 20 kill -9, none lost or doubled".to_owned(),
            measured: format!("{through:.0} s"),
            beside: "400 s at 3,000 a minute".to_owned(),
            ratio: through / 400.0,
            wanted: 1.25,
            less_is_better: true,
        },
        Figure {
            name: "20,000 messages checked and queued, durable".to_owned(),
            measured: format!("{queued:.2} s"),
            beside: "10 s allowed".to_owned(),
            ratio: queued / 10.0,
            wanted: 1.0,
            less_is_better: true,
        },
    ])
}
