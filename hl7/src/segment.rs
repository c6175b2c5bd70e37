//! One line of a message: a patient, a bed, a result.
//!
//! Promises: fields are found when asked for, numbered as the standard numbers them; a field that is not there is an
//! empty field. Called by `translate`; proved by the tests of the message and by the corpus test.

use crate::field::Field;
use crate::{Charset, Delimiters};

/// How the parts of one message are to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
}

/// A segment, borrowed from the message's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) context: Context,
    pub(crate) index: u32,
}

impl<'a> Segment<'a> {
    /// The three characters it opens with (`PID`, `ZXY`); empty when they are no segment's name.
    pub fn name(&self) -> &'a str {
        let name =
            if names_a_segment(self.raw, self.context.delimiters.field) { self.raw.get(..3) } else { None };
        name.and_then(|n| std::str::from_utf8(n).ok()).unwrap_or_default()
    }

    /// Field `n`, from 1, as the standard numbers them: MSH-1 is the separator itself. Empty when it is not there.
    pub fn field(&self, n: usize) -> Field<'a> {
        let separator = self.context.delimiters.field;
        if self.opens_a_message_or_batch() {
            return self.header_field(n);
        }
        let raw = if n == 0 { None } else { nth(self.raw, separator, n) };
        Field { raw: raw.unwrap_or_default(), context: self.context }
    }

    /// The number of the last field present; 0 for a bare name.
    pub fn fields_count(&self) -> usize {
        let separators = memchr::memchr_iter(self.context.delimiters.field, self.raw).count();
        if self.opens_a_message_or_batch() { separators + 1 } else { separators }
    }

    /// The bytes as received, without the line end.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its place in the message, from 0.
    pub fn index(&self) -> usize {
        self.index as usize
    }

    fn opens_a_message_or_batch(&self) -> bool {
        matches!(self.raw, [b'M', b'S', b'H', ..] | [b'F' | b'B', b'H', b'S', ..])
    }

    fn header_field(&self, n: usize) -> Field<'a> {
        let literal = Context { delimiters: Delimiters::none(), charset: self.context.charset };
        let separator = self.context.delimiters.field;
        match n {
            0 => Field { raw: &[], context: literal },
            1 => Field { raw: self.raw.get(3..4).unwrap_or_default(), context: literal },
            2 => Field { raw: nth(self.raw, separator, 1).unwrap_or_default(), context: literal },
            _ => Field { raw: nth(self.raw, separator, n - 1).unwrap_or_default(), context: self.context },
        }
    }
}

/// Piece `n`, from 0, of `bytes` cut at `separator`.
#[inline]
pub(crate) fn nth(bytes: &[u8], separator: u8, n: usize) -> Option<&[u8]> {
    let mut rest = bytes;
    for _ in 0..n {
        let cut = memchr::memchr(separator, rest)?;
        rest = rest.get(cut + 1..)?;
    }
    rest.get(..memchr::memchr(separator, rest).unwrap_or(rest.len()))
}

/// Whether a line opens as the standard's segments do: a capital, two capitals or digits, then a separator or
/// nothing.
#[inline]
pub(crate) fn names_a_segment(line: &[u8], separator: u8) -> bool {
    let capital_or_digit = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    match line {
        [a, b, c, rest @ ..] => {
            rest.first().is_none_or(|&next| next == separator)
                && a.is_ascii_uppercase()
                && capital_or_digit(b)
                && capital_or_digit(c)
        }
        _ => false,
    }
}
