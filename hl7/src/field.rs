//! What stands between two separators: fields, their repetitions, components and subcomponents.
//!
//! Promises: nothing is copied until text needs decoding; a part that is not there is empty; `text` never cuts at an
//! ampersand its sender forgot to escape ("A&E", "Nausea&vomiting"): who wants a subcomponent asks for it by number.
//! An explicit null (`""`, meaning "delete what you have") is told apart from an empty part and shows as no text.
//! Called by `translate`; proved by the tests of the message.

use crate::escape::unescape;
use crate::segment::{Context, nth};
use std::borrow::Cow;

/// The two quotes by which a sender deletes a value.
const NULL: &[u8] = b"\"\"";

/// One field; may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) context: Context,
}

/// One repetition of a field; may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Repetition<'a> {
    raw: &'a [u8],
    context: Context,
}

/// One component or subcomponent; may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    raw: &'a [u8],
    context: Context,
}

impl<'a> Field<'a> {
    /// The bytes as received.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether it is exactly two quotes: the sender deletes the value.
    pub fn is_null(&self) -> bool {
        self.raw == NULL
    }

    /// Its repetitions, in order; none when the field is empty.
    pub fn repetitions(&self) -> impl Iterator<Item = Repetition<'a>> + use<'a> {
        let context = self.context;
        parts(self.raw, context.delimiters.repetition).map(move |raw| Repetition { raw, context })
    }

    /// The first repetition.
    #[inline]
    pub fn first(&self) -> Repetition<'a> {
        let raw = nth(self.raw, self.context.delimiters.repetition, 0).unwrap_or_default();
        Repetition { raw, context: self.context }
    }

    /// Component `n`, from 1, of the first repetition.
    pub fn component(&self, n: usize) -> Component<'a> {
        self.first().component(n)
    }

    /// The text of the first repetition's first component.
    pub fn text(&self) -> Cow<'a, str> {
        self.first().text()
    }

    /// All of it as text, for free text (OBX-5 of type TX, FT or ST, NTE-3): components stay joined by their
    /// delimiter, since in free text it is a stray one; repetitions become lines.
    pub fn full_text(&self) -> Cow<'a, str> {
        let mut repetitions = self.repetitions();
        let first = repetitions.next().map(|r| r.full_text()).unwrap_or_default();
        let Some(second) = repetitions.next() else { return first };
        let mut text = first.into_owned();
        for repetition in std::iter::once(second).chain(repetitions) {
            text.push('\n');
            text.push_str(&repetition.full_text());
        }
        Cow::Owned(text)
    }
}

impl<'a> Repetition<'a> {
    /// The bytes as received.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether it is exactly two quotes.
    pub fn is_null(&self) -> bool {
        self.raw == NULL
    }

    /// Component `n`, from 1; empty when it is not there.
    #[inline]
    pub fn component(&self, n: usize) -> Component<'a> {
        let raw = n.checked_sub(1).and_then(|n| nth(self.raw, self.context.delimiters.component, n));
        Component { raw: raw.unwrap_or_default(), context: self.context }
    }

    /// Its components, in order; none when it is empty.
    pub fn components(&self) -> impl Iterator<Item = Component<'a>> + use<'a> {
        let context = self.context;
        parts(self.raw, context.delimiters.component).map(move |raw| Component { raw, context })
    }

    /// The text of the first component.
    pub fn text(&self) -> Cow<'a, str> {
        self.component(1).text()
    }

    /// All of it as text, components joined by their delimiter.
    pub fn full_text(&self) -> Cow<'a, str> {
        text_of(self.raw, self.context)
    }
}

impl<'a> Component<'a> {
    /// The bytes as received.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether it is exactly two quotes.
    pub fn is_null(&self) -> bool {
        self.raw == NULL
    }

    /// Subcomponent `n`, from 1; empty when it is not there. Codes in a component that may have parts (the authority
    /// in PID-3.4, `NHS&2.16.840&ISO`) are read as `subcomponent(1)`.
    pub fn subcomponent(&self, n: usize) -> Component<'a> {
        let raw = n.checked_sub(1).and_then(|n| nth(self.raw, self.context.delimiters.subcomponent, n));
        Component { raw: raw.unwrap_or_default(), context: self.context }
    }

    /// All of it as text, unescaped and decoded; subcomponents stay joined. Empty for a null.
    #[inline]
    pub fn text(&self) -> Cow<'a, str> {
        text_of(self.raw, self.context)
    }
}

#[inline]
fn text_of(raw: &[u8], context: Context) -> Cow<'_, str> {
    if raw.is_empty() || raw == NULL {
        return Cow::Borrowed("");
    }
    unescape(raw, context.delimiters, context.charset)
}

/// `raw` cut at `separator`; nothing at all when it is empty.
fn parts(raw: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = (!raw.is_empty()).then_some(raw);
    std::iter::from_fn(move || {
        let current = rest?;
        let cut = memchr::memchr(separator, current);
        rest = cut.and_then(|i| current.get(i + 1..));
        current.get(..cut.unwrap_or(current.len()))
    })
}
