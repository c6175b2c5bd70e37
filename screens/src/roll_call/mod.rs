//! `GET /roll-call?incident=`: who needs help, who has not answered, then who is safe; how the answers came in, as a plot.

use crate::chosen::{IncidentBar, Which, chosen};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::names::{capital, counted};
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::response::Response;
use incident::messages::Heard;
use incident::messages::roll_call::{Accounted, RollBoard, RollRow, Work, roll_board};

/// People of one kind listed; the rest are counted.
const ROWS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "roll_call/page.html")]
struct RollPage {
    layout: Layout,
    bar: Option<IncidentBar>,
    incident: u32,
    running: bool,
    call: Option<Call>,
}

struct Call {
    id: u32,
    open: bool,
    sent: Stamp,
    by: String,
    to: String,
    marks: Vec<Mark>,
    all: usize,
    unaccounted: usize,
    plot: ProgressPlot,
    groups: Vec<Group>,
}

struct Group {
    title: String,
    count: usize,
    rows: Vec<Row>,
}

struct Row {
    address: String,
    name: String,
    mark: Mark,
    said: String,
    asked: String,
}

/// How answers came in over time: a staircase from the first minute to now.
#[derive(Template, Clone, Debug)]
#[template(path = "roll_call/plot.html")]
struct ProgressPlot {
    line: String,
    words: String,
    minutes: String,
    all: usize,
}

impl HtmlSafe for ProgressPlot {}

const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 72.0;

impl ProgressPlot {
    fn new(board: &RollBoard, elapsed_seconds: i64) -> Self {
        let all = board.rows.len();
        let span = elapsed_seconds.max(board.progress.last().map_or(0, |last| last.0)).max(60);
        let x = |seconds: i64| (seconds as f64 / span as f64 * WIDTH * 10.0).round() / 10.0;
        let y =
            |count: usize| ((1.0 - count as f64 / all.max(1) as f64) * HEIGHT * 10.0).round() / 10.0 + 4.0;
        let mut line = String::new();
        let mut last = 0;
        for (nth, (seconds, count)) in board.progress.iter().enumerate() {
            if nth == 0 {
                line.push_str(&format!("M{} {}", x(*seconds), y(*count)));
            } else {
                line.push_str(&format!("H{}V{}", x(*seconds), y(*count)));
            }
            last = *count;
        }
        line.push_str(&format!("H{}", x(span)));
        let minutes = counted(usize::try_from(span / 60).unwrap_or(0), "minute", "minutes");
        let words = format!("Answers in {minutes}: {last} of {all} people have answered.");
        Self { line, words, minutes, all }
    }
}

/// `GET /roll-call`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        look.incidents(|book| {
            let layout = Layout::of_incident(look, "Roll-call", Beside::RollCall);
            let Some(incident) = chosen(book, &asked.incident)? else {
                return Ok(Html(RollPage { layout, bar: None, incident: 0, running: false, call: None }));
            };
            let now = book.now(look.now);
            Ok(Html(RollPage {
                layout: layout.on(incident.ground()),
                bar: Some(IncidentBar::new(book, incident, "/roll-call")),
                incident: incident.id.0,
                running: incident.running(),
                call: book.messages.roll_call(incident.id).map(|message| {
                    let board = roll_board(message, now);
                    Call {
                        id: message.id.0,
                        open: message.open(now),
                        sent: look.stamp(message.sent.at),
                        by: message.sent.by.to_string(),
                        to: message.to_words.clone(),
                        marks: marks(&board),
                        all: board.rows.len(),
                        unaccounted: board.unaccounted,
                        plot: ProgressPlot::new(&board, now.seconds_since(message.sent.at)),
                        groups: groups(look, message.id.0, &board),
                    }
                }),
            }))
        })
    })
    .await
}

fn marks(board: &RollBoard) -> Vec<Mark> {
    let level = |n: usize, bad: Level| if n == 0 { Level::Good } else { bad };
    vec![
        Mark::new(level(board.need_help, Level::Red), format!("{} need help", board.need_help)),
        Mark::new(level(board.unaccounted, Level::Amber), format!("{} unaccounted for", board.unaccounted)),
        Mark::new(Level::Good, format!("{} safe", board.safe)),
        Mark::new(Level::Good, format!("{} able to work now", board.able)),
    ]
}

fn groups(look: &Look<'_>, message: u32, board: &RollBoard) -> Vec<Group> {
    Accounted::ALL
        .into_iter()
        .map(|kind| {
            let of = |row: &&RollRow| row.accounted == kind;
            Group {
                title: capital(kind.words()),
                count: board.rows.iter().filter(of).count(),
                rows: board.rows.iter().filter(of).take(ROWS_MAX).map(|r| row(look, message, r)).collect(),
            }
        })
        .filter(|group| group.count > 0)
        .collect()
}

fn row(look: &Look<'_>, message: u32, row: &RollRow) -> Row {
    let time = |at| look.zone().hour_minute(at);
    let level = match row.accounted {
        Accounted::NeedsHelp => Level::Red,
        Accounted::Unaccounted => Level::Amber,
        Accounted::Safe => Level::Good,
    };
    let mut said = Vec::new();
    if !row.place.is_empty() {
        said.push(row.place.clone());
    }
    match row.work {
        Work::NotSaid => {}
        Work::No => said.push("cannot work".to_owned()),
        Work::Until(until) => said.push(format!("can work until {}", time(until))),
    }
    if let Some((at, heard, by)) = &row.answered {
        let how = if *heard == Heard::Link { String::new() } else { format!(", written down by {by}") };
        said.push(format!("answered {}{how}", time(*at)));
    }
    Row {
        address: format!("/messages/{message}/people/{}", row.person),
        name: row.name.clone(),
        mark: Mark::new(level, capital(row.accounted.words())),
        said: capital(&said.join(", ")),
        asked: format!("{}: {}", row.asked, row.reach),
    }
}
