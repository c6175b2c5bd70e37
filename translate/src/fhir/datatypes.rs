//! FHIR's general data types, as far as a ward needs them, and their words.
//!
//! Always: text before display before code. Called by the resources beside this file.

use super::lenient::{Many, Number, Raw, Text, Truth, object};
use crate::words::line;
use care::PersonName;
use care::patient::Telecom;

/// SNOMED CT's system.
pub(super) const SNOMED: &str = "http://snomed.info/sct";
/// LOINC's system.
pub(super) const LOINC: &str = "http://loinc.org";

object!(Coding word code {
    system "system": Text<'a>,
    code "code": Text<'a>,
    display "display": Text<'a>,
});

object!(Concept word text {
    coding "coding": Many<Coding<'a>>,
    text "text": Text<'a>,
});

object!(Named word value {
    system "system": Text<'a>,
    value "value": Text<'a>,
    use_ "use": Text<'a>,
    kind "type": Concept<'a>,
    assigner "assigner": Assigner<'a>,
});

object!(Assigner {
    display "display": Text<'a>,
    identifier "identifier": AssignerNumber<'a>,
});

object!(AssignerNumber { value "value": Text<'a> });

object!(Reference word reference {
    reference "reference": Text<'a>,
    display "display": Text<'a>,
    kind "type": Text<'a>,
    identifier "identifier": Named<'a>,
});

object!(Period { start "start": Text<'a>, end "end": Text<'a> });

object!(Quantity {
    value "value": Number<'a>,
    comparator "comparator": Text<'a>,
    unit "unit": Text<'a>,
    code "code": Text<'a>,
});

object!(Range { low "low": Quantity<'a>, high "high": Quantity<'a> });

object!(Ratio { numerator "numerator": Quantity<'a>, denominator "denominator": Quantity<'a> });

object!(HumanName word text {
    use_ "use": Text<'a>,
    text "text": Text<'a>,
    family "family": Many<Text<'a>>,
    given "given": Many<Text<'a>>,
    prefix "prefix": Many<Text<'a>>,
    suffix "suffix": Many<Text<'a>>,
    period "period": Period<'a>,
});

object!(Address word text {
    use_ "use": Text<'a>,
    text "text": Text<'a>,
    line "line": Many<Text<'a>>,
    city "city": Text<'a>,
    district "district": Text<'a>,
    state "state": Text<'a>,
    postcode "postalCode": Text<'a>,
});

object!(ContactPoint word value {
    system "system": Text<'a>,
    value "value": Text<'a>,
    use_ "use": Text<'a>,
});

object!(Annotation word text { text "text": Text<'a> });

object!(Attachment {
    mime "contentType": Text<'a>,
    data "data": Text<'a>,
    size "size": Number<'a>,
    title "title": Text<'a>,
    created "creation": Text<'a>,
});

object!(Extension {
    url "url": Text<'a>,
    concept "valueCodeableConcept": Concept<'a>,
    string "valueString": Text<'a>,
    truth "valueBoolean": Truth,
    inner "extension": Many<Extension<'a>>,
});

object!(Meta { updated "lastUpdated": Text<'a> });

object!(Narrative { div "div": Text<'a> });

object!(
    /// The names that every resource has; read first, to know which resource it is.
    Peek {
        kind "resourceType": Text<'a>,
        id "id": Text<'a>,
        identifier "identifier": Raw<'a>,
    }
);

impl Coding<'_> {
    pub(super) fn words(&self) -> String {
        line(if self.display.is_empty() { self.code.as_str() } else { self.display.as_str() })
    }
}

impl Concept<'_> {
    /// In words; empty when it has none.
    pub(super) fn words(&self) -> String {
        if !self.text.is_empty() {
            return line(self.text.as_str());
        }
        let shown = self.coding.iter().find(|c| !c.display.is_empty());
        shown.or(self.coding.first()).map(Coding::words).unwrap_or_default()
    }

    /// The coding of that system, else the first that has a code.
    pub(super) fn coding_of(&self, system: &str) -> Option<&Coding<'_>> {
        let coded = || self.coding.iter().filter(|c| !c.code.is_empty());
        coded().find(|c| c.system.as_str() == system).or_else(|| coded().next())
    }

    /// Its code, of that system if it has one.
    pub(super) fn code_of(&self, system: &str) -> String {
        self.coding_of(system).map(|c| line(c.code.as_str())).unwrap_or_default()
    }

    /// Whether one of its codes, or its text, is among `words`, without regard to case.
    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        let among = |text: &str| words.iter().any(|w| w.eq_ignore_ascii_case(text));
        among(self.text.as_str()) || self.coding.iter().any(|c| among(c.code.as_str()))
    }

    /// The first code, or the text where a plain word was sent; for the short code lists of statuses.
    pub(super) fn status(&self) -> &str {
        self.coding.iter().map(|c| c.code.as_str()).find(|c| !c.is_empty()).unwrap_or(self.text.as_str())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.coding.iter().all(|c| c.code.is_empty() && c.display.is_empty())
    }
}

/// The words of several concepts, joined by commas.
pub(super) fn words_of(concepts: &[Concept<'_>]) -> String {
    let words: Vec<String> = concepts.iter().take(5).map(Concept::words).filter(|w| !w.is_empty()).collect();
    line(&words.join(", "))
}

/// Remarks, lines parted by newlines.
pub(super) fn notes(notes: &[Annotation<'_>]) -> String {
    let texts: Vec<&str> = notes.iter().map(|n| n.text.as_str()).filter(|t| !t.is_empty()).take(50).collect();
    crate::words::running(&texts.join("\n"))
}

impl Quantity<'_> {
    pub(super) fn unit(&self) -> &str {
        if self.unit.is_empty() { self.code.as_str() } else { self.unit.as_str() }
    }

    /// The figure as sent, with its comparator.
    pub(super) fn figure(&self) -> String {
        format!("{}{}", self.comparator.as_str(), self.value.figure())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.value.figure().is_empty()
    }

    /// Figure and unit in words, as sent.
    pub(super) fn words(&self) -> String {
        line(&format!("{} {}", self.figure(), self.unit()))
    }
}

impl Range<'_> {
    pub(super) fn unit(&self) -> &str {
        if self.low.unit().is_empty() { self.high.unit() } else { self.low.unit() }
    }

    /// "90–140", "≥90", "≤140", without the unit; empty when neither end is given.
    pub(super) fn figures(&self) -> String {
        match (self.low.value.figure(), self.high.value.figure()) {
            ("", "") => String::new(),
            (low, "") => format!("≥{low}"),
            ("", high) => format!("≤{high}"),
            (low, high) => format!("{low}–{high}"),
        }
    }
}

impl Ratio<'_> {
    /// "1:128", "5 mg / 1 mL".
    pub(super) fn words(&self) -> String {
        let (above, below) = (&self.numerator, &self.denominator);
        match (above.is_empty(), below.is_empty()) {
            (true, _) => String::new(),
            (false, true) => above.words(),
            (false, false) if above.unit().is_empty() && below.unit().is_empty() => {
                format!("{}:{}", above.figure(), below.figure())
            }
            (false, false) => line(&format!("{} / {}", above.words(), below.words())),
        }
    }
}

impl HumanName<'_> {
    /// `None` when neither family nor given name is there. A name sent as one text is split at its comma, else before
    /// its last word.
    pub(super) fn person(&self) -> Option<PersonName> {
        let list = |many: &[Text<'_>]| -> Vec<String> {
            many.iter().map(|t| line(t.as_str())).filter(|t| !t.is_empty()).take(10).collect()
        };
        let (family, given) = (list(&self.family).join(" "), list(&self.given));
        let (prefix, suffix) = (list(&self.prefix).join(" "), list(&self.suffix).join(" "));
        if !family.is_empty() || !given.is_empty() {
            return Some(PersonName { family, given, prefix, suffix });
        }
        let text = line(self.text.as_str());
        if text.is_empty() {
            return None;
        }
        let (family, given) = match (text.split_once(','), text.rsplit_once(' ')) {
            (Some((family, given)), _) => (family.trim(), given.trim()),
            (None, Some((given, family))) => (family, given.trim()),
            (None, None) => (text.as_str(), ""),
        };
        let given = given.split_whitespace().map(str::to_owned).collect();
        Some(PersonName { family: family.to_owned(), given, prefix, suffix })
    }

    /// Family and given names in reading order: "Dr Leo Head".
    pub(super) fn words(&self) -> String {
        if !self.text.is_empty() {
            return line(self.text.as_str());
        }
        let Some(name) = self.person() else { return String::new() };
        let mut parts: Vec<&str> = vec![&name.prefix];
        parts.extend(name.given.iter().map(String::as_str));
        parts.push(&name.family);
        line(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

/// A number or mail address that somebody could be reached by now.
pub(super) fn telecoms(points: &[ContactPoint<'_>]) -> Vec<Telecom> {
    let current = points.iter().filter(|p| p.use_.as_str() != "old" && !p.value.is_empty());
    let reachable = current.filter(|p| !matches!(p.system.as_str(), "fax" | "url" | "pager"));
    reachable
        .take(10)
        .map(|p| {
            let use_ = match (p.system.as_str(), p.use_.as_str()) {
                ("email", _) => "email",
                (_, use_ @ ("home" | "work" | "mobile")) => use_,
                _ => "",
            };
            Telecom { use_: use_.to_owned(), value: line(p.value.as_str()) }
        })
        .collect()
}

/// The first extension, at any depth of two, whose URL ends so, without regard to case.
pub(super) fn extension<'x, 'a>(list: &'x [Extension<'a>], ending: &str) -> Option<&'x Extension<'a>> {
    let ends = |e: &&Extension<'a>| {
        let url = e.url.as_str();
        let start = url.len().wrapping_sub(ending.len());
        url.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
    };
    list.iter().find(ends).or_else(|| list.iter().find_map(|e| e.inner.iter().find(ends)))
}

impl Extension<'_> {
    /// Its value in words; of one made of parts, the part named "text".
    pub(super) fn words(&self) -> String {
        let own = self.concept.words();
        if !own.is_empty() {
            return own;
        }
        if !self.string.is_empty() {
            return line(self.string.as_str());
        }
        let inner = self.inner.iter().find(|e| e.url.as_str() == "text").or(self.inner.first());
        inner
            .map(|e| if e.string.is_empty() { e.concept.words() } else { line(e.string.as_str()) })
            .unwrap_or_default()
    }
}

/// XHTML or HTML as plain text: tags out, blocks on lines of their own, the common entities back to letters.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (text, tag) = rest.split_at(open);
        out.push_str(text);
        let Some(close) = tag.find('>') else {
            rest = "";
            break;
        };
        let name = tag.get(1..close).unwrap_or_default().trim_start_matches('/').to_ascii_lowercase();
        let block = ["p", "br", "div", "tr", "li", "h", "table"];
        if block.iter().any(|b| name.starts_with(b)) && !out.ends_with('\n') {
            out.push('\n');
        } else if name.starts_with("td") || name.starts_with("th") {
            out.push(' ');
        }
        rest = tag.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&amp;", "&"),
    ] {
        if out.contains(entity) {
            out = out.replace(entity, letter);
        }
    }
    let lines = out.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
    crate::words::running(&lines.filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n"))
}
