//! A drill on the Lifeboat that is running: played as an exercise before those who sit at its screens, on no other
//! ground, one at a time, and never as a real incident.

use crate::common::{self, Server, ok, refused};
use std::process::Stdio;

const DRILL: &str = r#"drill "A short one"
start 2026-03-02T08:00:00Z
staff ann "Ann Example"
staff bob "Bob Example"
08:00 ann lists trust Email owner "IT" workaround "Runners"
08:00 inject note "A ransom note at reception"
08:00 ann notes "Nobody has clicked anything"
08:00 ann opens exercise critical "Exercise Heron" because "Ransom note at reception"
08:00 ann takes strategic-commander on "ext 1"
08:00 bob takes strategic-commander refused "hand over"
08:00 expect post strategic-commander held within 5m of note
08:00 ann ticks strategic-commander 1
08:00 expect log "Inject: A ransom note at reception"
08:00 expect log "Nobody has clicked anything"
"#;

fn written(dir: &std::path::Path, text: &str) -> String {
    let path = dir.join("heron.drill");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_drill_is_played_on_the_running_lifeboat_as_an_exercise_and_on_no_other_ground() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let at = data.to_str().unwrap();
    let file = written(temp.path(), DRILL);
    let err = refused(&["drill", "run", &file, "--live", "--data", at], 1);
    assert!(err.contains("no Lifeboat runs on"), "{err}");
    let server = Server::start(&data, "");
    let told = ok(&["drill", "run", &file, "--live", "--data", at], 0);
    assert!(told.contains("Everything went as the drill has it"), "{told}");
    assert!(told.contains("met     08:00 expect post strategic-commander held"), "{told}");
    assert!(told.contains("(not here) 08:00 ann lists trust Email"), "the inventory stays as it is: {told}");
    let (_, page) = server.http("GET /incidents/1 HTTP/1.1", b"");
    assert!(page.contains("Exercise Heron") && page.contains("EXERCISE"), "{page}");
    let (_, log) = server.http("GET /log HTTP/1.1", b"");
    for words in ["Inject: A ransom note at reception", "Nobody has clicked anything"] {
        let row = log.split("class=\"log-entry").find(|row| row.contains(words)).expect(words);
        assert!(row.contains("EXERCISE"), "{words} stands on no real ground: {row}");
    }
    let (_, systems) = server.http("GET /systems HTTP/1.1", b"");
    assert!(systems.contains("No system is listed yet"));
    // A second time is another exercise.
    ok(&["drill", "run", &file, "--live", "--data", at], 0);
    assert!(server.http("GET /incidents/2 HTTP/1.1", b"").1.contains("Exercise Heron (2)"));
    let real = written(temp.path(), &DRILL.replace("opens exercise", "opens real"));
    let err = refused(&["drill", "run", &real, "--live", "--data", at], 1);
    assert!(err.contains("heron.drill:8: this drill opens a real incident"), "{err}");
    // Somebody who does not do their part is noticed.
    let lazy = DRILL.replace("08:00 ann takes strategic-commander on \"ext 1\"\n", "");
    let lazy = written(temp.path(), &format!("{lazy}08:00 expect post loggist held\n"));
    let told = ok(&["drill", "run", &lazy, "--live", "--data", at], 3);
    assert!(told.contains("OTHERWISE") && told.contains("NOT MET"), "{told}");
    assert_eq!(server.stop(), 0);
}

#[test]
fn one_is_played_at_a_time_and_it_ends_with_whoever_started_it() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let at = data.to_str().unwrap();
    let server = Server::start(&data, "");
    let long = written(temp.path(), &format!("{DRILL}09:00 ann notes \"an hour later\"\n"));
    let mut first = common::command(&["drill", "run", &long, "--live", "--data", at]);
    let mut first = first.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    common::eventually("the first is under way", || server.http("GET /incidents/1 HTTP/1.1", b"").0 == 200);
    let again = |code: i32| {
        common::lifeboat(&["drill", "run", &long, "--live", "--pace", "100000", "--data", at]).status.code()
            == Some(code)
    };
    common::eventually("the second is turned away", || again(1));
    first.kill().unwrap();
    first.wait().unwrap();
    common::eventually("the first has ended with whoever started it", || again(0));
}
