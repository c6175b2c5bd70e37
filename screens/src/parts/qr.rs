//! A square code for a telephone's camera, drawn into the page itself.
//!
//! Always: crisp at every size, dark on white by night too, with a title in words for who cannot see it. Never: a picture
//! that is fetched, and so could be kept somewhere; its text in `Debug`. Called by pages that hand something to a telephone;
//! proved by the tests below.

use askama::Template;
use askama::filters::HtmlSafe;
use fast_qr::{ECL, QRBuilder};
use std::fmt;

/// Empty modules around the code, without which cameras do not find it.
const QUIET: usize = 4;

/// A square code; in a template: `{{ qr }}`.
#[derive(Template, Clone)]
#[template(path = "parts/qr.html")]
pub struct Qr {
    title: String,
    /// Modules of a side, the quiet ones among them.
    side: usize,
    /// The dark modules, those of a row that touch drawn as one.
    path: String,
}

impl Qr {
    /// The code that says `text`, under a title in words. `None` for more text than a code takes (about 2,300 bytes).
    pub fn new(text: &str, title: impl Into<String>) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let dark =
            |row: usize, column: usize| code.data.get(row * code.size + column).is_some_and(|m| m.value());
        let mut path = String::new();
        for row in 0..code.size {
            let mut start: Option<usize> = None;
            for column in 0..=code.size {
                match (column < code.size && dark(row, column), start) {
                    (true, None) => start = Some(column),
                    (false, Some(from)) => {
                        let (x, y, wide) = (from + QUIET, row + QUIET, column - from);
                        path.push_str(&format!("M{x} {y}h{wide}v1h-{wide}z"));
                        start = None;
                    }
                    _ => {}
                }
            }
        }
        Some(Self { title: title.into(), side: code.size + 2 * QUIET, path })
    }
}

impl HtmlSafe for Qr {}

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qr(…)")
    }
}

/// The code that says `text`, as a piece of a page; empty for more text than a code takes.
pub fn svg(text: &str) -> String {
    Qr::new(text, "Square code for a telephone’s camera").and_then(|qr| qr.render().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drawing as rows of modules again.
    fn read(path: &str, side: usize) -> Vec<Vec<bool>> {
        let mut rows = vec![vec![false; side]; side];
        for stroke in path.split('M').skip(1) {
            let (at, rest) = stroke.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let wide: usize = rest.split('v').next().unwrap().parse().unwrap();
            rows[y][x..x + wide].fill(true);
        }
        rows
    }

    #[test]
    fn every_module_is_drawn_where_the_code_has_it() {
        let text = "otpauth://totp/Lifeboat:10482?secret=GEZDGNBVGY3TQOJQ";
        let qr = Qr::new(text, "x").unwrap();
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok().unwrap();
        assert_eq!(qr.side, code.size + 8);
        let drawn = read(&qr.path, qr.side);
        for (row, modules) in drawn.iter().enumerate() {
            for (column, dark) in modules.iter().enumerate() {
                let inside = |n: usize| (QUIET..QUIET + code.size).contains(&n);
                let want = inside(row)
                    && inside(column)
                    && code.data[(row - QUIET) * code.size + column - QUIET].value();
                assert_eq!(*dark, want, "{row} {column}");
            }
        }
    }

    #[test]
    fn it_has_a_title_and_nothing_that_the_content_policy_forbids() {
        let drawn = svg("LIFEBOAT:CARD:ABC");
        assert!(drawn.starts_with("<svg") && drawn.contains("<title>Square code"), "{drawn}");
        assert!(!drawn.contains("style=") && !drawn.contains("LIFEBOAT:CARD"), "{drawn}");
        assert_eq!(svg(&"x".repeat(5_000)), "");
        assert_eq!(format!("{:?}", Qr::new("hush", "x").unwrap()), "Qr(…)");
    }
}
