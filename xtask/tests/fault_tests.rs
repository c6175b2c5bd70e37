//! The table of fault tests (`docs/safety/tests.md`) names functions that exist, and leaves out no number that is due.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::path::Path;

/// The acceptance tests that durability, intake, injection, log and access owe.
const DUE: [u32; 24] =
    [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 21, 22, 23, 24, 25, 26, 28, 32];

/// What is between backticks.
fn ticked(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// What is wrong with the table: functions that are in no file of their row, files that are absent, numbers left out.
fn faults(table: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut faults, mut numbers) = (Vec::new(), Vec::new());
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| No.")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        numbers.extend(cells[1].split(", ").filter_map(|n| n.parse::<u32>().ok()));
        let place = ticked(cells[3]);
        let Ok(source) = std::fs::read_to_string(root.join(place[0])) else {
            faults.push(format!("{} is missing", place[0]));
            continue;
        };
        let named = place[1..].iter().copied().chain(ticked(cells[6]));
        let absent = named.filter(|name| !source.contains(&format!("fn {name}(")));
        faults.extend(absent.map(|name| format!("{}: no test {name}", place[0])));
    }
    faults.extend(DUE.iter().filter(|n| !numbers.contains(n)).map(|n| format!("test {n} is in no row")));
    faults
}

#[test]
fn every_fault_test_named_in_the_documents_exists() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/safety/tests.md");
    let table = std::fs::read_to_string(path).unwrap();
    assert_eq!(faults(&table), Vec::<String>::new());
    // Planted: a test that was renamed, a row that was lost.
    let renamed = table.replace("`every_changing_call_may_fail_once`", "`every_call_may_fail`");
    assert_eq!(faults(&renamed), ["logbook/tests/faulty_disk.rs: no test every_call_may_fail"]);
    let lost: Vec<&str> = table.lines().filter(|line| !line.starts_with("| 22 |")).collect();
    assert_eq!(faults(&lost.join("\n")), ["test 22 is in no row"]);
}
