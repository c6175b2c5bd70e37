//! Test 18 of the reliability list: what a sender writes is printed, never obeyed. 200 payloads of markup, templates,
//! PDF operators and writing-direction tricks go into every text field of a patient and must be read back literally.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::sample;

use basics::Zone;
use care::*;
use paper::Press;

/// Two hundred payloads: forty shapes, five guises each.
fn payloads() -> Vec<String> {
    let shapes = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</title><h1>x",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "<?xml version='1.0'?>",
        "&lt;b&gt;",
        "&#x202e;",
        "<a href='javascript:1'>",
        "<svg/onload=1>",
        "{{7*7}}",
        "${7*7}",
        "{% raw %}",
        "#{7*7}",
        "<%= 1 %>",
        "{{{x}}}",
        "$(id)",
        "`id`",
        "%n%s%x",
        "{0}",
        "\\begin{document}",
        "\\input{/etc/hosts}",
        "#set page(width: 1pt)",
        "@import url(x)",
        "*/ } body{}",
        "(x) Tj ET Q",
        "BT /F1 9 Tf",
        "endstream endobj",
        "/JS (app.alert(1))",
        "<</S/JavaScript>>",
        "%%EOF",
        "xref 0 1",
        "\\(unbalanced",
        "(()",
        "\\051\\050",
        "<48656C6C6F>",
        "[(a) -250 (b)] TJ",
        "/Type/Action",
        "'; DROP TABLE x;--",
        "=HYPERLINK(1)",
    ];
    let mut out = Vec::new();
    for shape in shapes {
        out.push(shape.to_owned());
        out.push(format!("{shape}{shape}"));
        out.push(format!("\u{202e}{shape}\u{202c}"));
        out.push(format!("a\u{0}{shape}\u{1b}[2J"));
        out.push(format!("é{shape}\u{feff}ß"));
    }
    assert_eq!(out.len(), 200);
    out
}

/// How a payload must look on paper: what acts is spelt out.
fn spelt(payload: &str) -> String {
    payload
        .chars()
        .map(|c| match c {
            '\u{202e}' | '\u{202c}' | '\u{0}' | '\u{1b}' | '\u{feff}' => format!("[U+{:04X}]", c as u32),
            c => c.to_string(),
        })
        .collect()
}

type Field = (&'static str, fn(&mut PatientRecord, &str));

/// Fields that are printed as sent, one at a time.
fn fields() -> Vec<Field> {
    vec![
        ("allergy", |r, p| r.allergies.list[0].substance = p.to_owned()),
        ("reaction", |r, p| r.allergies.list[0].reaction = p.to_owned()),
        ("flag", |r, p| r.flags[0].text = p.to_owned()),
        ("condition", |r, p| r.conditions[0].text = p.to_owned()),
        ("reason", |r, p| r.encounters[0].reason = Some(p.to_owned())),
        ("consultant", |r, p| r.encounters[0].consultant = Some(p.to_owned())),
        ("route", |r, p| r.medications[0].route = p.to_owned()),
        ("indication", |r, p| r.medications[0].indication = p.to_owned()),
        ("prescriber", |r, p| r.medications[0].prescriber = p.to_owned()),
        ("test", |r, p| r.reports[1].results[0].name = p.to_owned()),
        ("range", |r, p| r.reports[1].results[0].range = p.to_owned()),
        ("value", |r, p| r.reports[1].results[0].value = Some(Value::Text(p.to_owned()))),
        ("report", |r, p| r.reports[0].text = p.to_owned()),
        ("order", |r, p| r.orders[0].name = p.to_owned()),
        ("note", |r, p| r.orders[0].note = p.to_owned()),
        ("contact", |r, p| r.contacts[0].telecoms[0].value = p.to_owned()),
        ("given name", |r, p| r.name.as_mut().unwrap().given = vec![p.to_owned()]),
        ("GP", |r, p| r.gp = Some(p.to_owned())),
        ("address", |r, p| r.address.as_mut().unwrap().lines = vec![p.to_owned()]),
        ("language", |r, p| r.language = Some(p.to_owned())),
    ]
}

/// Text without any white space: lines break where they must.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn missing(printed: &str, payloads: &[String]) -> Vec<String> {
    let printed = squeezed(printed);
    payloads.iter().filter(|p| !printed.contains(&squeezed(&spelt(p)))).cloned().collect()
}

#[test]
fn two_hundred_payloads_print_literally_in_every_field() {
    let press = Press::new().unwrap();
    let payloads = payloads();
    let fields = fields();
    // One field for each payload keeps it short; in full size every payload goes into every field.
    let full = std::env::var_os("LIFEBOAT_TORTURE").is_some();
    let mut tried = 0;
    for n in 0..payloads.len() * fields.len() {
        let (payload, (name, set)) = (&payloads[n / fields.len()], fields[n % fields.len()]);
        if !full && n % fields.len() != n / fields.len() % fields.len() {
            continue;
        }
        let mut record = sample::fredrica();
        set(&mut record, payload);
        let pack = sample::pack(vec![record]);
        let pages = press.ward_pack_words(&pack, &Zone::london());
        let printed: String = pages.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let lost = missing(&printed, std::slice::from_ref(payload));
        assert!(lost.is_empty(), "{name}: {payload:?} did not print literally");
        assert!(
            !printed.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{feff}')),
            "{name}"
        );
        tried += 1;
    }
    println!("{tried} packs with a payload");
}

#[test]
fn payloads_are_read_back_from_the_file_itself() {
    let press = Press::new().unwrap();
    let mut record = sample::fredrica();
    let payloads = payloads();
    record.flags = payloads.iter().map(|p| Flag { text: p.clone(), ..record.flags[0].clone() }).collect();
    let pdf = press.patient_sheets(&sample::pack(vec![record]), PatientKey(1), &Zone::london()).unwrap().pdf;
    for needle in [&b"/JavaScript"[..], b"/JS", b"/OpenAction", b"/Launch", b"/EmbeddedFile"] {
        assert!(
            !pdf.windows(needle.len()).any(|w| w == needle),
            "the file holds {:?}",
            String::from_utf8_lossy(needle)
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.pdf");
    std::fs::write(&path, &pdf).unwrap();
    let Ok(output) = std::process::Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output() else {
        return println!("pdftotext absent, skipped: reading the payloads back from the file");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let lost = missing(&text, &payloads);
    assert!(lost.is_empty(), "not in the file as written: {lost:?}");
}

#[test]
fn a_press_that_drops_what_it_cannot_draw_is_caught() {
    // The planted bug: a printer that leaves control and direction characters out, and one that eats angle brackets.
    let payloads = payloads();
    let drops: String = payloads
        .iter()
        .map(|p| p.replace(['\u{202e}', '\u{202c}', '\u{0}', '\u{1b}', '\u{feff}'], ""))
        .collect();
    assert_eq!(missing(&drops, &payloads).len(), 120);
    let eats: String = payloads.iter().map(|p| spelt(p).replace('<', "&lt;")).collect();
    assert!(!missing(&eats, &payloads).is_empty());
    let honest: String = payloads.iter().map(|p| spelt(p)).collect();
    assert!(missing(&honest, &payloads).is_empty());
}
