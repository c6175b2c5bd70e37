//! Whatever a sender writes into a patient is shown as text (tests 17 and 18): no field on any page can become markup.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post};
use fixture::messages::stamp;
use fixture::{Hospital, nhs};

/// Script strings and template payloads, made from a few hands' worth of tricks.
fn payloads() -> Vec<String> {
    let openers = [
        "<script>",
        "<img src=x onerror=",
        "<svg onload=",
        "\"><script>",
        "'><b ",
        "</td><script>",
        "<iframe srcdoc=",
        "<style>@import",
        "{{1337*1337}}",
        "{% raw %}",
        "${7*7}",
        "<!--",
        "]]>",
        "</title><script>",
        "</textarea><script>",
        "<a href=javascript:",
        "<math><mi xlink:href=",
        "<body onpageshow=",
        "<x onclick=",
        "&lt;script&gt;",
        "&#60;script&#62;",
        "<sCrIpT>",
        "<script/x>",
        "<\u{0}script>",
        "\u{ff1c}script\u{ff1e}",
    ];
    let bodies = [
        "alert(1)",
        "fetch('//evil.example')",
        "document.cookie",
        "%3Cb%3E",
        "`${x}`",
        "x=\"y\"",
        "x='y'",
        "&amp;",
        "\u{202e}gnp",
        "()=>1",
        "//",
        "constructor",
        "__proto__",
        "\u{2028}",
        "eval(x)",
        "top[1]",
        "a{b:c}",
        "/*",
        "*/",
        "-->",
    ];
    openers.iter().flat_map(|o| bodies.iter().map(move |b| format!("{o}{b}"))).collect()
}

/// HL7 cannot hold its own separators in a value: they are sent as escapes, as a real sender would.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '|' => "\\F\\".to_owned(),
            '^' => "\\S\\".to_owned(),
            '&' => "\\T\\".to_owned(),
            '~' => "\\R\\".to_owned(),
            '\\' => "\\E\\".to_owned(),
            c if c.is_control() => String::new(),
            c => c.to_string(),
        })
        .collect()
}

/// One patient of whom every field is a payload.
fn attacker(n: u32, x: &str) -> Vec<(&'static str, i64, String)> {
    let x = escaped(x);
    let t = stamp(600);
    let msh = |kind: &str, id: &str| {
        format!("MSH|^~\\&|PAS|NORTHGATE|LIFEBOAT|NORTHGATE|{t}||{kind}|{id}{n}|P|2.4|||AL|NE||UNICODE UTF-8")
    };
    let pid = format!(
        "PID|1||{}^^^NHS^NH~M{n}{x}^^^{x}^MR||{x}^{x}^^^{x}||19500101|F|||{x}^{x}^^^{x}||{x}|||{x}||||||{x}",
        nhs(500 + n)
    );
    let adt = [
        msh("ADT^A01", "A"),
        format!("EVN|A01|{t}"),
        pid.clone(),
        format!("PD1||||C9^{x}^{x}"),
        format!("NK1|1|{x}^{x}|{x}|{x}|{x}"),
        format!("PV1|1|I|XSS^{x}^{n}^Northgate General||||C1^{x}^{x}|||{x}||||||||C1^{x}^{x}|IP|V{n}"),
        format!("PV2|||^{x}"),
        format!("AL1|1|DA|^{x}|SV|{x}"),
        format!("DG1|1|{x}|{x}^{x}^{x}|{x}|{t}|A"),
        format!("ZFL|1|INFECTION|{x}^{x}|Y"),
    ];
    let oru = [
        msh("ORU^R01", "B"),
        pid.clone(),
        format!("ORC|RE|P{n}|F{n}"),
        format!("OBR|1|P{n}|F{n}|{x}^{x}^L|||{t}|||||||||C2^{x}^{x}||||||{t}|||F"),
        format!("OBX|1|NM|{x}^{x}^L||5|{x}|{x}|H|||F|||{t}"),
        format!("NTE|1||{x}"),
        format!("OBX|2|ST|Q^{x}^L||{x}||||||F|||{t}"),
        format!("OBX|3|TX|T^{x}^L||{x}||||||F|||{t}"),
    ];
    let rde = [
        msh("RDE^O11", "C"),
        pid.clone(),
        format!("ORC|NW|RX{n}||||||^BID^^{t}||{t}|||C2^{x}^{x}"),
        format!("RXE|^BID^^{t}|{x}^{x}^L|5||{x}|{x}|^{x}"),
        format!("RXR|{x}^{x}"),
    ];
    let orm = [
        msh("ORM^O01", "D"),
        pid.clone(),
        format!("ORC|NW|Q{n}|||||||{t}|||C2^{x}^{x}"),
        format!("OBR|1|Q{n}||{x}^{x}^L|S|{t}"),
        format!("NTE|1||{x}"),
    ];
    let siu = [
        msh("SIU^S12", "E"),
        format!("SCH|A{n}|A{n}|||||{x}^{x}|{x}^{x}||30|min|^^30^{t}"),
        pid.clone(),
        format!("AIL|1|A|{x}^{x}"),
    ];
    let mdm = [
        msh("MDM^T02", "F"),
        format!("EVN|T02|{t}"),
        pid,
        format!("TXA|1|{x}|AP|{t}|C2^{x}^{x}"),
        format!("OBX|1|ED|{x}^{x}^L||{x}^text^html^Base64^PHNjcmlwdD4=||||||F"),
    ];
    let odd = format!("MSH|^~\\&|{x}|{x}|{x}|{x}|{x}||{x}^{x}|ODD{n}|P|2.4\rPID|1||{x}\rOBX|1|NM|{x}||{x}\r");
    let all =
        [adt.join("\r"), oru.join("\r"), rde.join("\r"), orm.join("\r"), siu.join("\r"), mdm.join("\r"), odd];
    all.into_iter().map(|m| ("pas", 600, m + "\r")).collect()
}

/// Markup that a page may hold: everything that its templates write. Anything else came from a sender.
fn foreign_markup(html: &str) -> Vec<String> {
    let lower = html.to_lowercase();
    let mut found = Vec::new();
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or("");
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        let own = [
            "a", "article", "body", "br", "button", "circle", "code", "dd", "details", "div", "dl", "dt",
            "fieldset", "footer", "form", "h1", "h2", "h3", "head", "header", "html", "input", "kbd",
            "label", "legend", "li", "link", "main", "mark", "meta", "nav", "noscript", "ol", "option", "p",
            "path", "polyline", "rect", "script", "section", "select", "span", "strong", "summary", "svg",
            "table", "tbody", "td", "textarea", "th", "thead", "time", "title", "tr", "ul", "doctype",
        ];
        let known = own.contains(&name.as_str()) || tag.starts_with("!doctype");
        let names: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let handler = names.split_whitespace().any(|n| n.starts_with("on") && n.contains('='));
        let script = name == "script" && !tag.starts_with('/') && !tag.contains("src=\"/assets/");
        if !known || handler || script {
            found.push(tag.chars().take(80).collect());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_payloads_in_every_field_of_every_page_stay_text() {
    let hospital = Hospital::empty();
    let all = payloads();
    assert!(all.len() >= 500, "{}", all.len());
    // Each patient carries one payload in every field.
    let chosen: Vec<&String> = all.iter().collect();
    let sent: Vec<_> =
        chosen.iter().enumerate().flat_map(|(n, x)| attacker(u32::try_from(n).unwrap(), x)).collect();
    hospital.play(&sent);
    let router = hospital.router();
    let mut addresses: Vec<String> =
        ["/", "/wards", "/wards/Northgate%20General/XSS", "/feeds", "/tray", "/print", "/mode"]
            .map(String::from)
            .into();
    let patients = hospital.room.totals().patients;
    assert!(patients >= u64::try_from(chosen.len()).unwrap(), "{patients} patients");
    let keys: Vec<u64> = hospital.room.patients().unwrap().map(|r| r.unwrap().key.0).collect();
    addresses.extend(keys.iter().map(|k| format!("/patients/{k}")));
    addresses.extend(chosen.iter().map(|x| format!("/find?q={}", common::encoded(x))));
    addresses.extend((1..=sent.len()).step_by(7).map(|n| format!("/entries/{n}")));
    addresses.extend((7..=sent.len()).step_by(7).map(|n| format!("/tray/{n}")));
    addresses.extend(chosen.iter().map(|x| format!("/wards/{0}/{0}", common::encoded(x))));
    let mut shown_as_text = 0;
    for address in addresses {
        let html = get(&router, &address).await.text();
        assert_eq!(foreign_markup(&html), Vec::<String>::new(), "{address}");
        shown_as_text += u64::from(
            address.starts_with("/patients/")
                && (html.contains("&#60;") || html.contains("{{") || html.contains("&#39;")),
        );
        assert!(!html.contains("1787569"), "a template ran in {address}");
    }
    // Most payloads hold something that must be escaped; so many pages must show it escaped, or nothing was tested.
    let sent = u64::try_from(chosen.len()).unwrap();
    assert!(shown_as_text * 10 >= sent * 8, "{shown_as_text} pages showed a payload, {sent} were sent");
    for x in chosen {
        let message = attacker(9000, x).remove(0).2;
        let html = post(&router, "/paste", &[("message", &message)]).await.text();
        assert_eq!(foreign_markup(&html), Vec::<String>::new(), "pasted {x:?}");
    }
}

#[test]
fn planted_markup_is_found() {
    for planted in
        ["<p><script>alert(1)</script>", "<iframe>", "<p onclick=x>", "<svg onload=alert(1)>", "<img src=x>"]
    {
        assert!(!foreign_markup(planted).is_empty(), "{planted}");
    }
}
