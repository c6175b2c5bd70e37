//! The divert room of the real program: bad matrices said in words, a routing server and a neighbour's report on real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{Server, eventually, ok};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const REGION: &str = r#"{
  "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
  "pathways": [{"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5},
               {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
  "sites": [
    {"name": "Northgate General", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7, "lat": 51.50, "lon": -0.10},
    {"name": "Whipps Green", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5, "lat": 51.56, "lon": 0.02}],
  "zones": [
    {"name": "Zone N", "demand": [0.1, 2.0], "times": [], "lat": 51.51, "lon": -0.09},
    {"name": "Zone W", "demand": [0.1, 1.0], "times": [], "lat": 51.55, "lon": 0.01}]
}"#;

/// A server that answers like OSRM's table service, and with a neighbour's report that is an hour old.
fn fake() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                head.push(byte[0]);
            }
            let asked = String::from_utf8_lossy(&head).into_owned();
            let body = if asked.starts_with("GET /table/v1/driving/-0.090000,51.510000;") {
                // Nobody can drive from Zone N to Whipps Green.
                r#"{"code":"Ok","durations":[[300.0,null],[900.0,240.0]]}"#.to_owned()
            } else {
                r#"<h:HAVE xmlns:h="urn:oasis:names:tc:emergency:edxl:have:2.0" xmlns:ct="y"><h:facility><h:facilityInformation>
                   <h:facilityName>Whipps Green</h:facilityName></h:facilityInformation><h:reportingPeriod>
                   <ct:fromDateTime>2026-01-02T03:00:00Z</ct:fromDateTime><ct:toDateTime>2026-01-02T03:00:00Z</ct:toDateTime></h:reportingPeriod>
                   <h:facilityColourStatus><h:colourCodeDefault><ct:Value>yellow</ct:Value></h:colourCodeDefault></h:facilityColourStatus>
                   </h:facility></h:HAVE>"#
                    .to_owned()
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            // Whoever asked may have gone.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// A routing server that answers until `down`, and counts how often it was asked.
fn routing(asked: Arc<AtomicUsize>, down: Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                head.push(byte[0]);
            }
            asked.fetch_add(1, Ordering::SeqCst);
            let (status, body) = match down.load(Ordering::SeqCst) {
                true => ("503 Service Unavailable", "{}"),
                false => ("200 OK", r#"{"code":"Ok","durations":[[300.0,600.0],[900.0,240.0]]}"#),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            // Whoever asked may have gone.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn a_routing_server_is_asked_again_and_pages_say_from_when_its_times_are() {
    let dir = tempfile::tempdir().unwrap();
    let (asked, down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let address = routing(Arc::clone(&asked), Arc::clone(&down));
    std::fs::write(dir.path().join("region.json"), REGION).unwrap();
    let extra = format!(
        "[diverts]\nregion = '{}'\n[diverts.osrm]\nurl = 'http://{address}'\n",
        dir.path().join("region.json").display()
    );
    let server = Server::start(&dir.path().join("record"), &extra);
    let plans = || server.http("GET /diverts/plans HTTP/1.1", b"").1;
    let again = || {
        let head = "POST /diverts/setup/times HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
        server.http(head, b"by=Anna+Bell&exercise=0")
    };
    eventually("the travel times came", || plans().contains("the routing server http://"));
    assert!(plans().contains("Read the region and its travel times again"), "{}", plans());
    let before = asked.load(Ordering::SeqCst);
    assert_eq!(again().0, 303);
    eventually("it is asked again on demand", || asked.load(Ordering::SeqCst) > before);
    // It fails: the times that are there stay, and the page says since when no others could be had.
    down.store(true, Ordering::SeqCst);
    assert_eq!(again().0, 303);
    eventually("the failure is said", || plans().contains("They could not be asked for again"));
    assert!(plans().contains("the routing server http://") && plans().contains("503"), "{}", plans());
    // Of its own accord it is asked again, soon after a failure; then the trouble is gone.
    down.store(false, Ordering::SeqCst);
    eventually("it is had again by itself", || !plans().contains("They could not be asked for again"));
}

const HAVE: &str = r#"<h:HAVE xmlns:h="urn:oasis:names:tc:emergency:edxl:have:2.0" xmlns:ct="y"><h:facility><h:facilityInformation>
    <h:facilityName>Whipps Green</h:facilityName></h:facilityInformation><h:reportingPeriod>
    <ct:fromDateTime>2026-01-02T03:00:00Z</ct:fromDateTime><ct:toDateTime>2026-01-02T03:00:00Z</ct:toDateTime></h:reportingPeriod>
    <h:facilityColourStatus><h:colourCodeDefault><ct:Value>red</ct:Value></h:colourCodeDefault></h:facilityColourStatus>
    </h:facility></h:HAVE>"#;

/// The door for neighbours' reports of the real program: hostile ones are refused at once, a good one stands beside the
/// board with its source and age and changes nothing.
#[test]
fn a_posted_report_is_shown_beside_the_board_and_a_hostile_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("region.json"), REGION).unwrap();
    let extra = format!(
        "[diverts]\nregion = '{}'\n[diverts.estimate]\nfactor = 1.4\n\
         [[diverts.neighbours]]\nname = 'a'\n[[diverts.neighbours]]\nname = 'b'\n[[diverts.neighbours]]\nname = 'c'\n\
         [[diverts.neighbours]]\nname = 'Eastern network'\n",
        dir.path().join("region.json").display()
    );
    let server = Server::start(&dir.path().join("record"), &extra);
    let page = |path: &str| server.http(&format!("GET {path} HTTP/1.1"), b"").1;
    eventually("the region is read", || page("/diverts/plans").contains("Make a plan from the board"));
    let says = |name: &str, body: &[u8]| {
        let head = format!("POST /neighbours/{name}/have HTTP/1.1\r\nContent-Type: application/xml");
        server.http(&head, body)
    };
    let called = TcpListener::bind("127.0.0.1:0").unwrap();
    called.set_nonblocking(true).unwrap();
    let outside = called.local_addr().unwrap();
    let fetches = format!(r#"<!DOCTYPE x [<!ENTITY e SYSTEM "http://{outside}/">]><x>&e;</x>"#);
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>"#;
    let have = "h:HAVE xmlns:h=\"urn:oasis:names:tc:emergency:edxl:have:2.0\"";
    let deep = format!("<{have}>{}{}</h:HAVE>", "<a>".repeat(50_000), "</a>".repeat(50_000));
    for (name, body, words) in
        [("a", fetches.as_str(), "document type"), ("b", laughs, "document type"), ("c", &deep, "deep")]
    {
        let (status, said) = says(name, body.as_bytes());
        assert!(status == 422 && said.contains(words), "{status} {said}");
    }
    assert!(called.accept().is_err(), "nothing outside is ever opened");
    let (status, said) = says("Eastern%20network", HAVE.as_bytes());
    assert!(status == 200 && said.contains("not confirmed"), "{status} {said}");
    let board = page("/diverts");
    assert!(board.contains("Feed Eastern network") && board.contains("not confirmed: red"), "{board}");
    assert!(board.contains("(old)") && board.contains("No figures"), "shown with its age, and no figure");
}

/// What `lifeboat doctor` says with such travel times.
fn doctor(times: &str, code: i32) -> String {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("region.json"), REGION).unwrap();
    std::fs::write(dir.path().join("times.csv"), times).unwrap();
    let config = "data = 'record'\n[web]\nlisten = '127.0.0.1:0'\n[diverts]\nregion = 'region.json'\ntimes = 'times.csv'\n";
    let path = dir.path().join("lifeboat.toml");
    std::fs::write(&path, config).unwrap();
    ok(&["doctor", "--config", path.to_str().unwrap()], code)
}

#[test]
fn a_matrix_with_holes_negative_or_text_cells_is_refused_by_row_and_column() {
    for (times, words) in [
        (
            "zone,Northgate General,Whipps Green\nZone N,5,\nZone W,20,6\n",
            "row 2 (\"Zone N\"), column \"Whipps Green\": the cell is empty",
        ),
        (
            "zone,Northgate General,Whipps Green\nZone N,5,12\nZone W,-20,6\n",
            "row 3 (\"Zone W\"), column \"Northgate General\": -20 is negative",
        ),
        ("zone,Northgate General,Whipps Green\nZone N,5,far\nZone W,20,6\n", "\"far\" is text"),
        ("zone,Northgate General,Whipps Green\nZone N,5,12\n", "no row for the zone \"Zone W\""),
        ("", "it is empty"),
    ] {
        let said = doctor(times, 3);
        let line = said
            .lines()
            .find(|l| l.contains("WRONG") && l.contains("diverts"))
            .unwrap_or_default()
            .to_owned();
        assert!(said.contains(words) && !line.is_empty(), "{times:?}: {said}");
    }
    // A site that nobody can reach is planned around, and named.
    let said = doctor("zone,Northgate General\nZone N,5\nZone W,20\n", 0);
    assert!(said.contains("cannot be reached: Whipps Green"), "{said}");
}

#[test]
fn a_routing_server_and_a_neighbours_report_are_asked_and_shown_with_their_source() {
    let dir = tempfile::tempdir().unwrap();
    let fake = fake();
    std::fs::write(dir.path().join("region.json"), REGION).unwrap();
    let extra = format!(
        "[diverts]\nregion = '{}'\n[diverts.osrm]\nurl = 'http://{fake}'\n\
         [[diverts.neighbours]]\nname = 'Eastern network'\nurl = 'http://{fake}/have.xml'\nevery_seconds = 15\n",
        dir.path().join("region.json").display()
    );
    let server = Server::start(&dir.path().join("record"), &extra);
    let page = |path: &str| server.http(&format!("GET {path} HTTP/1.1"), b"").1;
    eventually("the travel times came", || page("/diverts/plans").contains("the routing server http://"));
    let plans = page("/diverts/plans");
    assert!(plans.contains("knows no way for 1 pairs of zone and site"), "{plans}");
    // Whipps Green is out of reach from Zone N, so its crew goes to Northgate.
    assert!(page("/diverts/plans?ask=crew&zone=Zone%20N&code=GEN").contains("Go to Northgate General"));
    eventually("the report came", || page("/diverts").contains("Feed Eastern network"));
    let board = page("/diverts");
    assert!(board.contains("not confirmed: yellow") && board.contains("(old)"), "{board}");
    assert!(board.contains("No figures"), "what a neighbour says is no figure of the board");
}
