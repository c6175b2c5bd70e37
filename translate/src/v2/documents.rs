//! TXA and the documents inside OBX: letters, scans, notes. Their bytes stay in the entry; the record keeps where.

use super::Reader;
use super::orders::{Observed, OrderGroup, first_moment, numbers};
use super::reading::{Coded, clinician, coded_field, place, text_field, words_field};
use crate::words::running;
use care::{DocumentReference, ProblemKind, ResultStatus, What};
use hl7::{Document, Segment};

/// Largest document decoded, in bytes.
const DOCUMENT_BYTES_MAX: usize = 12 * 1024 * 1024;

/// A TXA and what followed it.
pub(super) struct Draft {
    document: DocumentReference,
    lines: Vec<String>,
    found: Vec<DocumentReference>,
    title: String,
}

pub(super) fn txa(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    super::orders::finish(reader);
    finish(reader);
    if reader.group.about.is_none() {
        return;
    }
    let author =
        [9, 5, 10].into_iter().map(|n| clinician(segment.field(n).first())).find(|name| !name.is_empty());
    let title = [16, 25].into_iter().map(|n| text_field(segment, n)).find(|t| !t.is_empty());
    let document = DocumentReference {
        id: text_field(segment, 12),
        title: title.unwrap_or_default(),
        status: status(segment, &reader.trigger),
        at: first_moment(reader, segment, &[4, 6, 7, 8]).or(Some(reader.times.told)),
        author: author.unwrap_or_default(),
        part: u32::try_from(segment.index()).unwrap_or(u32::MAX),
        ..DocumentReference::default()
    };
    let title = kind_words(&coded_field(segment, 2));
    reader.document = Some(Draft { document, lines: Vec::new(), found: Vec::new(), title });
}

/// TXA-17 (table 0271) and TXA-19 (table 0273); T11 cancels.
fn status(segment: &Segment<'_>, trigger: &str) -> ResultStatus {
    let completion = text_field(segment, 17).to_ascii_uppercase();
    let availability = text_field(segment, 19).to_ascii_uppercase();
    if trigger == "T11" || matches!(availability.as_str(), "CA" | "OB") {
        return ResultStatus::Withdrawn;
    }
    match completion.as_str() {
        "DI" | "IN" | "IP" | "PA" | "DO" if !matches!(trigger, "T09" | "T10") => ResultStatus::Preliminary,
        _ if matches!(trigger, "T08" | "T09" | "T10") => ResultStatus::Corrected,
        _ => ResultStatus::Final,
    }
}

/// Table 0270, where the sender gives no words.
fn kind_words(kind: &Coded) -> String {
    if kind.words != kind.code {
        return kind.words.clone();
    }
    let words = match kind.code.to_ascii_uppercase().as_str() {
        "AR" => "Autopsy report",
        "CD" => "Cardiodiagnostics",
        "CN" => "Consultation",
        "DI" => "Diagnostic imaging",
        "DS" => "Discharge summary",
        "ED" => "Emergency department report",
        "HP" => "History and physical examination",
        "OP" => "Operative report",
        "PC" => "Psychiatric consultation",
        "PH" => "Psychiatric history and physical examination",
        "PN" => "Procedure note",
        "PR" => "Progress note",
        "SP" => "Surgical pathology",
        "TS" => "Transfer summary",
        _ => return kind.words.clone(),
    };
    words.to_owned()
}

/// An OBX of the document.
pub(super) fn content(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let name = words_field(segment, 3);
    let embedded = is_document(segment).then(|| read(reader, segment));
    let Some(draft) = reader.document.as_mut() else { return };
    if draft.document.title.is_empty() {
        draft.document.title = name;
    }
    match embedded {
        Some(Some(found)) => draft.found.push(found),
        Some(None) => {}
        None => {
            let text = running(&segment.field(5).full_text());
            if draft.lines.len() < LINES_MAX {
                draft.lines.push(text);
            }
        }
    }
}

/// Most lines of text kept of one document.
const LINES_MAX: usize = 5_000;

/// A remark to a document is part of its text.
pub(super) fn note(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if let Some(draft) = reader.document.as_mut()
        && draft.lines.len() < LINES_MAX
    {
        draft.lines.push(running(&segment.field(3).full_text()));
    }
}

pub(super) fn finish(reader: &mut Reader<'_>) {
    let Some(draft) = reader.document.take() else { return };
    let Draft { mut document, lines, found, title } = draft;
    if document.title.is_empty() {
        document.title = title;
    }
    if document.title.is_empty() {
        document.title = "Document".to_owned();
    }
    document.text = running(&lines.join("\n"));
    if document.text.is_empty() && found.len() == 1 {
        for one in found {
            (document.mime, document.bytes, document.part) = (one.mime, one.bytes, one.part);
        }
        return reader.group.others.push(What::Document(Box::new(document)));
    }
    let (id, title) = (document.id.clone(), document.title.clone());
    let (status, at, author) = (document.status, document.at, document.author.clone());
    for (index, one) in found.into_iter().enumerate() {
        let title = format!("{title}, part {}", index + 1);
        let part = DocumentReference { id: id.clone(), title, status, at, author: author.clone(), ..one };
        reader.group.others.push(What::Document(Box::new(part)));
    }
    document.mime = "text/plain".to_owned();
    reader.group.others.push(What::Document(Box::new(document)));
}

/// A document within a result (ORU with OBX-2 = ED, or with none and a document in OBX-5).
pub(super) fn of_result(
    reader: &mut Reader<'_>,
    group: &OrderGroup<'_>,
    observed: &Observed<'_>,
    report: &Coded,
    status: ResultStatus,
) {
    let Some(mut document) = read(reader, &observed.segment) else { return };
    let (placer, filler) = numbers(group);
    document.id = if filler.is_empty() { placer } else { filler };
    document.title = words_field(&observed.segment, 3);
    if document.title.is_empty() {
        document.title.clone_from(&report.words);
    }
    if document.title.is_empty() {
        document.title = "Document".to_owned();
    }
    document.status = status;
    document.author = group.obr.as_ref().map(|obr| clinician(obr.field(16).first())).unwrap_or_default();
    let collected = group.obr.as_ref().and_then(|obr| first_moment(reader, obr, &[7, 22]));
    document.at = first_moment(reader, &observed.segment, &[14]).or(collected).or(Some(reader.times.told));
    if !observed.notes.is_empty() {
        document.text = running(&format!("{}\n{}", document.text, observed.notes.join("\n")));
    }
    reader.group.others.push(What::Document(Box::new(document)));
}

/// Whether OBX-5 holds a document: said so, or an ED's shape (`^^pdf^base64^…`) without being said so.
pub(super) fn is_document(segment: &Segment<'_>) -> bool {
    let kind = text_field(segment, 2).to_ascii_uppercase();
    match kind.as_str() {
        "ED" | "RP" => true,
        "" => {
            let first = segment.field(5).first();
            first.component(1).is_empty() && !first.component(3).is_empty() && !first.component(5).is_empty()
        }
        _ => false,
    }
}

fn read(reader: &mut Reader<'_>, segment: &Segment<'_>) -> Option<DocumentReference> {
    let field = segment.field(5);
    let part = u32::try_from(segment.index()).unwrap_or(u32::MAX);
    match Document::decode(field, DOCUMENT_BYTES_MAX) {
        Ok(Document { mime, bytes }) => {
            let text = if mime.starts_with("text/plain") {
                running(&String::from_utf8_lossy(&bytes))
            } else {
                String::new()
            };
            let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            Some(DocumentReference { mime, bytes, part, text, ..DocumentReference::default() })
        }
        Err(hl7::NotADocument::NoneHere) => plain(segment, part),
        Err(damaged) => {
            reader.out.problem(ProblemKind::PartLost, &place(segment, 5), &damaged.to_string());
            None
        }
    }
}

/// An ED whose data are not encoded: plain text, RTF, HTML; or a pointer (RP), which is kept as what it says.
fn plain(segment: &Segment<'_>, part: u32) -> Option<DocumentReference> {
    let first = segment.field(5).first();
    let subtype = first.component(3).text().trim().to_ascii_lowercase();
    let mut data = first.component(5);
    if data.is_empty() {
        data = first.component(1);
    }
    if data.is_empty() {
        return None;
    }
    let mime = match subtype.as_str() {
        "rtf" => "application/rtf",
        "html" | "htm" => "text/html",
        _ => "text/plain",
    };
    let text = if mime == "text/plain" { running(&data.text()) } else { String::new() };
    let bytes = u64::try_from(data.raw().len()).unwrap_or(u64::MAX);
    Some(DocumentReference { mime: mime.to_owned(), bytes, part, text, ..DocumentReference::default() })
}
