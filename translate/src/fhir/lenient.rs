//! JSON read without ever refusing a value: what has the wrong shape is skipped and noted, the rest is read.
//!
//! Always: one odd value loses that value, never the resource; unknown names are skipped without being built. Never: a
//! type error (only broken JSON stops the reading). Called by `datatypes` and the resources; proved by the table here.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Most elements read of one list; far above any real list.
pub(super) const ELEMENTS_MAX: usize = 2_000;

/// A value that can say that it, or something in it, could not be read.
pub(super) trait Odd {
    /// The name of the first part that could not be read; empty for the value itself.
    fn odd(&self) -> Option<&'static str>;
}

/// A string. Numbers and truth values count as their words.
#[derive(Default, Debug, Clone)]
pub(super) struct Text<'a> {
    text: Cow<'a, str>,
    odd: bool,
}

impl<'a> Text<'a> {
    pub(super) fn as_str(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    pub(super) fn of(text: Cow<'a, str>) -> Self {
        Self { text, odd: false }
    }
}

impl Odd for Text<'_> {
    fn odd(&self) -> Option<&'static str> {
        self.odd.then_some("")
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Borrowed(v)))
    }
    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Owned(v.to_owned())))
    }
    fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Borrowed(if v { "true" } else { "false" })))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Owned(v.to_string())))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Owned(v.to_string())))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        Ok(Text::of(Cow::Owned(v.to_string())))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text { odd: true, ..Text::default() })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text { odd: true, ..Text::default() })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// A number exactly as sent ("4.10" stays so), or a number sent as a string.
#[derive(Default, Debug, Clone, Copy)]
pub(super) struct Number<'a>(Option<&'a RawValue>);

impl<'a> Number<'a> {
    /// The figure; empty when there is none or it is no number.
    pub(super) fn figure(&self) -> &'a str {
        let Some(raw) = self.0 else { return "" };
        let text = raw.get().trim().trim_matches('"').trim();
        let number = text.len() <= 40
            && text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
        if number { text } else { "" }
    }

    pub(super) fn value(&self) -> Option<f64> {
        self.figure().parse().ok()
    }
}

impl Odd for Number<'_> {
    fn odd(&self) -> Option<&'static str> {
        (self.0.is_some_and(|raw| raw.get() != "null") && self.figure().is_empty()).then_some("")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

/// Any JSON, kept as sent to be read later.
#[derive(Default, Debug, Clone, Copy)]
pub(super) struct Raw<'a>(pub(super) Option<&'a RawValue>);

impl<'a> Raw<'a> {
    pub(super) fn get(&self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|text| *text != "null")
    }
}

impl Odd for Raw<'_> {
    fn odd(&self) -> Option<&'static str> {
        None
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

/// True or false; the words count too.
#[derive(Default, Debug, Clone, Copy)]
pub(super) struct Truth {
    pub(super) said: Option<bool>,
    odd: bool,
}

impl Truth {
    pub(super) fn yes(self) -> bool {
        self.said == Some(true)
    }
}

impl Odd for Truth {
    fn odd(&self) -> Option<&'static str> {
        self.odd.then_some("")
    }
}

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let said = match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        Ok(Self { said, odd: said.is_none() && (text.odd || !text.is_empty()) })
    }
}

/// A list. One element without its brackets counts as a list of one.
#[derive(Debug, Clone)]
pub(super) struct Many<T> {
    list: Vec<T>,
    odd: bool,
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self { list: Vec::new(), odd: false }
    }
}

impl<T> std::ops::Deref for Many<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.list
    }
}

impl<T: Odd> Odd for Many<T> {
    fn odd(&self) -> Option<&'static str> {
        if self.odd { Some("") } else { self.list.iter().find_map(Odd::odd) }
    }
}

struct ManyVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while list.len() < ELEMENTS_MAX {
            match seq.next_element()? {
                Some(element) => list.push(element),
                None => return Ok(Many { list, odd: false }),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Many { list, odd: true })
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(Many { list: vec![T::deserialize(MapAccessDeserializer::new(map))?], odd: false })
    }
    fn visit_borrowed_str<E: serde::de::Error>(self, v: &'de str) -> Result<Self::Value, E> {
        let one = T::deserialize(serde::de::value::BorrowedStrDeserializer::new(v))?;
        Ok(Many { list: vec![one], odd: false })
    }
    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Self::Value, E> {
        let one = T::deserialize(serde::de::value::StrDeserializer::new(v))?;
        Ok(Many { list: vec![one], odd: false })
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Many { list: Vec::new(), odd: true })
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Many { list: Vec::new(), odd: true })
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Many { list: Vec::new(), odd: true })
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Many { list: Vec::new(), odd: true })
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Many::default())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(std::marker::PhantomData))
    }
}

/// Defines an object of which only the named fields are read. With `word field`, a plain string in the object's place
/// counts as that field (older versions of FHIR send a code where R4 has a concept).
macro_rules! object {
    ($(#[$meta:meta])* $name:ident $(word $word:ident)? { $($field:ident $key:literal : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Default, Debug, Clone)]
        #[allow(missing_docs)]
        pub(super) struct $name<'a> {
            $(pub(super) $field: $type,)*
            /// The first field that could not be read.
            odd: Option<&'static str>,
            borrows: std::marker::PhantomData<&'a ()>,
        }

        impl $crate::fhir::lenient::Odd for $name<'_> {
            fn odd(&self) -> Option<&'static str> {
                self.odd
            }
        }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<'a>(std::marker::PhantomData<&'a ()>);
                #[allow(unused_variables)]
                impl<'de: 'a, 'a> serde::de::Visitor<'de> for Fields<'a> {
                    type Value = $name<'a>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<$crate::fhir::lenient::Text<'de>>()? {
                            match key.as_str() {
                                $($key => {
                                    object.$field = map.next_value()?;
                                    if object.odd.is_none()
                                        && $crate::fhir::lenient::Odd::odd(&object.$field).is_some()
                                    {
                                        object.odd = Some($key);
                                    }
                                })*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(object)
                    }
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                        // A list where one is meant: the first counts.
                        let first: Option<$name<'a>> = seq.next_element()?;
                        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                        Ok(first.unwrap_or_default())
                    }
                    fn visit_borrowed_str<E: serde::de::Error>(self, v: &'de str) -> Result<Self::Value, E> {
                        $(if true {
                            let $word = $crate::fhir::lenient::Text::of(std::borrow::Cow::Borrowed(v));
                            return Ok($name { $word, ..$name::default() });
                        })?
                        #[allow(unreachable_code)]
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Self::Value, E> {
                        $(if true {
                            let $word = $crate::fhir::lenient::Text::of(std::borrow::Cow::Owned(v.to_owned()));
                            return Ok($name { $word, ..$name::default() });
                        })?
                        #[allow(unreachable_code)]
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
                        Ok($name { odd: Some(""), ..$name::default() })
                    }
                    fn visit_unit<E>(self) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }
                }
                deserializer.deserialize_any(Fields(std::marker::PhantomData))
            }
        }
    };
}
pub(super) use object;

#[cfg(test)]
mod tests {
    use super::*;

    object!(Sample word code {
        code "code": Text<'a>,
        value "value": Number<'a>,
        flag "flag": Truth,
        list "list": Many<Text<'a>>,
        inner "inner": Many<Sample<'a>>,
    });

    #[test]
    fn what_has_the_wrong_shape_is_skipped_and_the_rest_is_read() {
        for (json, code, figure, list, odd) in [
            (r#"{"code":"a","value":4.10,"list":["x","y"],"more":{"deep":[1]}}"#, "a", "4.10", 2, None),
            (r#"{"code":{"x":1},"value":"4.10","list":"x"}"#, "", "4.10", 1, Some("code")),
            (r#"{"code":7,"value":[1],"list":{"a":1}}"#, "7", "", 1, Some("value")),
            (r#"{"code":null,"value":null,"list":null,"flag":null,"inner":null}"#, "", "", 0, None),
            (r#"{"code":"a","flag":"perhaps"}"#, "a", "", 0, Some("flag")),
            (r#"{"inner":[{"code":"b"},"c",3],"code":"a"}"#, "a", "", 0, Some("inner")),
            (r#""a""#, "a", "", 0, None),
            (r#"[{"code":"a"},{"code":"b"}]"#, "a", "", 0, None),
            ("3", "", "", 0, Some("")),
        ] {
            let sample: Sample<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(sample.code.as_str(), code, "{json}");
            assert_eq!(sample.value.figure(), figure, "{json}");
            assert_eq!(sample.list.len(), list, "{json}");
            assert_eq!(sample.odd(), odd, "{json}");
        }
    }
}
