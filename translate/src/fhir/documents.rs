//! DocumentReference and attachments: letters, notes and scans; the bytes stay in the entry.
//!
//! Called by `fhir` and `reports`.

use super::datatypes::{Attachment, Concept, Meta, Period, Reference, plain};
use super::lenient::{Many, Raw, Text, object};
use super::reader::Reader;
use crate::words::{TEXT_BYTES_MAX, line, running};
use base64::Engine;
use care::{DocumentReference, ProblemKind, ResultStatus, What};

/// Most attachments of one document.
const ATTACHMENTS_MAX: usize = 20;

object!(Document {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    doc_status "docStatus": Text<'a>,
    kind "type": Concept<'a>,
    subject "subject": Reference<'a>,
    date "date": Text<'a>,
    author "author": Many<Reference<'a>>,
    description "description": Text<'a>,
    content "content": Many<Content<'a>>,
    context "context": Context<'a>,
});

object!(Content { attachment "attachment": Attachment<'a> });

object!(Context { period "period": Period<'a> });

pub(super) fn document(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(document) = reader.read::<Document<'_>>(part) else { return };
    let here = reader.here(part, &document.id, document.contained);
    let Some(about) = reader.subject(&here, "subject", &document.subject) else { return };
    let at = match reader.moment(&here, "date", &document.date) {
        None => reader.moment(&here, "context.period.start", &document.context.period.start),
        at => at,
    };
    let status = status(document.status.as_str(), document.doc_status.as_str());
    let author = document.author.iter().map(|a| reader.name_of(&here, a)).find(|a| !a.is_empty());
    let kind = document.kind.words();
    let title = if kind.is_empty() { line(document.description.as_str()) } else { kind };
    let cite = reader.cite(&document.meta, at);
    let bare = Attachment::default();
    let contents: Vec<&Attachment<'_>> = document.content.iter().map(|c| &c.attachment).collect();
    let contents = if contents.is_empty() { vec![&bare] } else { contents };
    for (index, attachment) in contents.into_iter().enumerate().take(ATTACHMENTS_MAX) {
        let Some(mut told) = attached(attachment, &title) else {
            let text = "The document's text is no base64, so only its title is shown.";
            reader.problem(ProblemKind::PartLost, &here, "content.attachment.data", text);
            continue;
        };
        told.id = numbered(&here.key, index);
        told.part = u32::try_from(part).unwrap_or(u32::MAX);
        told.status = status;
        told.at = at;
        told.author = author.clone().unwrap_or_default();
        reader.push(&about, &cite, What::Document(Box::new(told)));
    }
}

/// The first attachment has the document's own key.
pub(super) fn numbered(key: &str, index: usize) -> String {
    if index == 0 || key.is_empty() { key.to_owned() } else { format!("{key}#{}", index + 1) }
}

fn status(word: &str, doc_status: &str) -> ResultStatus {
    match (word, doc_status) {
        ("entered-in-error", _) | (_, "entered-in-error") => ResultStatus::Withdrawn,
        ("superseded", _) => ResultStatus::Cancelled,
        (_, "preliminary") => ResultStatus::Preliminary,
        (_, "amended") => ResultStatus::Corrected,
        _ => ResultStatus::Final,
    }
}

/// An attachment as a document: its text where it is text, else its size. `None` when its bytes cannot be decoded.
pub(super) fn attached(attachment: &Attachment<'_>, title_default: &str) -> Option<DocumentReference> {
    let mime = line(attachment.mime.as_str()).to_ascii_lowercase();
    let data = attachment.data.as_str();
    let sent = attachment.title.as_str();
    let title = if sent.is_empty() { title_default.to_owned() } else { line(sent) };
    let title = if title.is_empty() { "Document".to_owned() } else { title };
    let mut document = DocumentReference { title, mime, ..DocumentReference::default() };
    if data.is_empty() {
        document.bytes = attachment.size.figure().parse().unwrap_or(0);
        return Some(document);
    }
    if !document.mime.starts_with("text/") || document.mime.starts_with("text/rtf") {
        let padding = data.bytes().rev().take(2).filter(|b| *b == b'=').count();
        document.bytes = (data.len() / 4 * 3).saturating_sub(padding) as u64;
        return Some(document);
    }
    // The record keeps a bounded part of the text; whole groups of four characters decode on their own.
    let most = TEXT_BYTES_MAX / 3 * 4 + 4;
    let spaced = data.bytes().any(|b| b.is_ascii_whitespace());
    let packed: std::borrow::Cow<'_, str> =
        if spaced { data.split_ascii_whitespace().collect::<String>().into() } else { data.into() };
    let head = packed.get(..most.min(packed.len()))?;
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    let bytes = engine.decode(head).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = if document.mime.contains("html") { plain(&text) } else { running(&text) };
    document.text = if head.len() < packed.len() { format!("{text} …") } else { text };
    Some(document)
}
