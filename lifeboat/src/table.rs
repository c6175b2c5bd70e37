//! Tables for people at a terminal: columns as wide as what is in them, cut to fit, control characters made harmless.

/// Widest cell, in characters.
const CELL_MAX: usize = 60;

/// Prints `rows` under `headings` to stdout.
pub fn print(headings: &[&str], rows: &[Vec<String>]) {
    let mut lines: Vec<Vec<String>> = vec![headings.iter().map(|h| (*h).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| row.iter().map(|cell| harmless(cell)).collect()));
    let mut widths: Vec<usize> = Vec::new();
    for line in &lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for line in &lines {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        put(padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// One line to stdout; a reader that has gone (`| head`) ends the program quietly, as other tools do.
pub fn put(line: &str) {
    use std::io::Write;
    if writeln!(std::io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// Text from a message may hold anything, terminal commands too.
pub fn harmless(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match clean.char_indices().nth(CELL_MAX) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or(&clean).trim_end()),
        None => clean,
    }
}
