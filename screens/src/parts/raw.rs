//! A message exactly as received, line by line, with the places that a problem names marked.
//!
//! Shows text only: bytes that are no UTF-8 and control characters appear as signs that can be seen. Long messages
//! are cut after `SHOWN_BYTES_MAX`, and say so. Knows only that HL7 lines begin with a name of three letters and are
//! parted by the character after MSH; everything else is shown unmarked.

use care::{Problem, ProblemKind};

/// Most bytes of a message shown on a page.
pub const SHOWN_BYTES_MAX: usize = 256 * 1024;

/// A message made ready to be read by a person.
#[derive(Clone, Debug, Default)]
pub struct RawMessage {
    /// Its lines.
    pub lines: Vec<RawLine>,
    /// Bytes of the whole message.
    pub bytes: usize,
    /// Bytes left out at the end; 0 when all of it is shown.
    pub cut: usize,
    /// Problems whose place is no line of this message.
    pub elsewhere: Vec<Said>,
}

/// One line.
#[derive(Clone, Debug, Default)]
pub struct RawLine {
    /// From 1.
    pub number: usize,
    /// Its text in pieces; marked pieces are what a problem points to.
    pub pieces: Vec<Piece>,
    /// What is wrong on this line.
    pub problems: Vec<Said>,
}

/// A piece of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// As received.
    pub text: String,
    /// A problem points here.
    pub marked: bool,
}

/// A problem in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// "PID-7".
    pub place: String,
    /// What is wrong.
    pub text: String,
    /// "Odd value, the rest stands".
    pub cost: &'static str,
}

impl Said {
    /// A problem as shown.
    pub fn new(problem: &Problem) -> Self {
        Self { place: problem.place.clone(), text: problem.text.clone(), cost: cost(problem.kind) }
    }
}

/// What a problem costs, in words.
pub fn cost(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Imperfect => "Odd value, the rest stands",
        ProblemKind::PartLost => "Part of the message was lost",
        ProblemKind::NotUnderstood => "Nothing could be understood",
    }
}

impl RawMessage {
    /// Makes `bytes` ready to be read, with `problems` marked at their places.
    pub fn new(bytes: &[u8], problems: &[Problem]) -> Self {
        let shown = bytes.get(..SHOWN_BYTES_MAX).unwrap_or(bytes);
        let text = String::from_utf8_lossy(shown);
        let unified = text.replace("\r\n", "\n").replace('\r', "\n");
        let separator = unified.strip_prefix("MSH").and_then(|rest| rest.chars().next()).unwrap_or('|');
        let text_lines: Vec<&str> = unified.trim_end_matches('\n').split('\n').collect();
        let meant: Vec<Option<Meant>> =
            problems.iter().map(|p| Meant::in_lines(&p.place, &text_lines)).collect();
        let lines = text_lines
            .iter()
            .enumerate()
            .map(|(i, line)| {
                let here = || {
                    meant
                        .iter()
                        .zip(problems)
                        .filter_map(|(m, p)| m.as_ref().filter(|m| m.line == i).map(|m| (m, p)))
                };
                let fields: Vec<Option<usize>> = here().map(|(m, _)| m.field).collect();
                RawLine {
                    number: i + 1,
                    pieces: pieces(line, separator, &fields),
                    problems: here().map(|(m, p)| Said { place: m.short.clone(), ..Said::new(p) }).collect(),
                }
            })
            .collect();
        let elsewhere =
            problems.iter().zip(&meant).filter(|(_, m)| m.is_none()).map(|(p, _)| Said::new(p)).collect();
        Self { lines, bytes: bytes.len(), cut: bytes.len() - shown.len(), elsewhere }
    }
}

/// Which line and field a problem's place means.
struct Meant {
    /// From 0.
    line: usize,
    field: Option<usize>,
    /// The place as shown beside the line: "OBX-5".
    short: String,
}

impl Meant {
    /// Reads "PID-7" and "OBX[3]-5.2". The number in brackets counts the message's segments from 0; should that
    /// segment be another one, it is taken as the how-manieth of its kind, from 1.
    fn in_lines(place: &str, lines: &[&str]) -> Option<Self> {
        let segment = segment_name(place)?;
        let rest = place.get(3..)?;
        let (number, rest) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            Some((n, rest)) => (Some(n.parse::<usize>().ok()?), rest),
            None => (None, rest),
        };
        let full = || lines.iter().enumerate().filter(|(_, l)| !l.trim().is_empty());
        let same = |l: &&str| segment_name(l) == Some(segment);
        let counted = number.and_then(|n| full().nth(n)).filter(|(_, l)| same(l));
        let nth = number.unwrap_or(1).max(1) - 1;
        let (line, _) = counted.or_else(|| full().filter(|(_, l)| same(l)).nth(nth))?;
        let digits: String =
            rest.strip_prefix('-').unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
        Some(Self { line, field: digits.parse().ok(), short: format!("{segment}{rest}") })
    }
}

fn segment_name(line: &str) -> Option<&str> {
    let name = line.get(..3)?;
    let mut chars = name.chars();
    let first = chars.next()?.is_ascii_uppercase();
    let others = chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    (first && others).then_some(name)
}

/// Parts a line so that the fields asked for are pieces of their own; a place without a field marks the whole line.
fn pieces(line: &str, separator: char, fields: &[Option<usize>]) -> Vec<Piece> {
    let whole = fields.iter().any(Option::is_none);
    if fields.is_empty() || whole {
        return vec![Piece { text: visible(line), marked: whole }];
    }
    // In MSH the separator itself is field 1, so what stands after the first separator is field 2.
    let shift = usize::from(line.starts_with("MSH"));
    let mut out: Vec<Piece> = Vec::new();
    for (i, field) in line.split(separator).enumerate() {
        if i > 0 {
            push(&mut out, &separator.to_string(), false);
        }
        let marked = i > 0 && fields.contains(&Some(i + shift));
        let empty = if marked && field.is_empty() { "\u{2423}" } else { field };
        push(&mut out, &visible(empty), marked);
    }
    out
}

fn push(out: &mut Vec<Piece>, text: &str, marked: bool) {
    match out.last_mut() {
        Some(last) if last.marked == marked && !marked => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => out.push(Piece { text: text.to_owned(), marked }),
    }
}

/// Control characters as their picture signs, so that nothing on the page is invisible.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            n @ 0..=0x1f if c != '\t' => char::from_u32(0x2400 + n).unwrap_or(c),
            0x7f => '\u{2421}',
            // Characters that turn the direction of writing could make a line read as what it is not.
            0x202a..=0x202e | 0x2066..=0x2069 => '\u{fffd}',
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_a_problem_names_is_marked() {
        let problem = |place: &str| Problem {
            kind: ProblemKind::Imperfect,
            place: place.to_owned(),
            text: "odd".to_owned(),
        };
        let message = b"MSH|^~\\&|A|B\rPID|1||X\rOBX|1|NM\rOBX|2|ST\r";
        for (place, line, marked) in [
            ("PID-3", 2, "X"),
            ("PID-2", 2, "\u{2423}"),
            ("OBX[2]-2", 3, "NM"),
            ("OBX[3]-2", 4, "ST"),
            ("OBX[3]-2.1", 4, "ST"),
            ("MSH-3", 1, "A"),
            ("OBX", 3, "OBX|1|NM"),
        ] {
            let raw = RawMessage::new(message, &[problem(place)]);
            let found: Vec<(usize, &str)> = raw
                .lines
                .iter()
                .flat_map(|l| l.pieces.iter().filter(|p| p.marked).map(|p| (l.number, p.text.as_str())))
                .collect();
            assert_eq!(found, [(line, marked)], "{place}");
            assert!(raw.elsewhere.is_empty());
        }
        let raw = RawMessage::new(message, &[problem("Bundle.entry[4]")]);
        assert_eq!(raw.elsewhere.len(), 1);
    }
}
