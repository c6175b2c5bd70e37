//! `GET /directory/print/{wall,cards,pocket}.pdf`: the directory to hang up, to cut apart, to fold into a pocket.

use super::ground;
use crate::desk::{Desk, Visit};
use crate::mishap::Mishap;
use crate::press::{letterhead, pdf};
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Ground;
use incident::directory::Question;
use paper::DirectorySheet;

/// Entries on one print; the rest are counted in a refusal to print more.
const ENTRIES_MAX: usize = 5_000;

/// `GET /directory/print/{sheet}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(name): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let sheet = match name.as_str() {
            "wall.pdf" => DirectorySheet::Wall,
            "cards.pdf" => DirectorySheet::Cards,
            "pocket.pdf" => DirectorySheet::Pocket,
            _ => return Err(Mishap::no_page()),
        };
        let (board, head) = look.incidents(|book| {
            let ground = ground(book);
            let question = Question { limit: ENTRIES_MAX, ..Question::default() };
            let mut head = letterhead(look, book, None);
            if let Ground::Exercise(_) = ground {
                head.watermark = ground.watermark().map(str::to_owned);
            }
            (book.directory.board(book, ground, &question, look.now), head)
        });
        if board.found.is_empty() {
            return Err(Mishap::Refused(
                "The directory is empty: import it first, then print it.".to_owned(),
            ));
        }
        let name_of = |site: &incident::directory::SiteRoutes| {
            site.site.as_ref().map_or_else(|| "Whole trust".to_owned(), ToString::to_string)
        };
        let routes =
            board.routes.iter().filter_map(|site| Some(format!("{}: {}", name_of(site), site.words()?)));
        let routes: Vec<String> = routes.collect();
        let press = look.press()?;
        let rendered = press.directory(sheet, &board.found, &routes, &head, look.zone());
        pdf(look, rendered, name.trim_end_matches(".pdf"))
    })
    .await
}
