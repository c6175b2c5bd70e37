//! RELIABILITY test 17 in a real browser: script strings in names, and none runs under the strict policy.

use crate::demo::{Demo, adt};
use crate::driver::{Browser, SOON};

/// Twenty ways by which a name could become a script that sets `window.__ran`.
const TRICKS: [&str; 20] = [
    "<script>window.__ran=1</script>",
    "\"><script>window.__ran=1</script>",
    "'><script>window.__ran=1</script>",
    "</title><script>window.__ran=1</script>",
    "</textarea><script>window.__ran=1</script>",
    "</td></tr></table><script>window.__ran=1</script>",
    "--><script>window.__ran=1</script>",
    "<ScRiPt>window.__ran=1</sCrIpT>",
    "<script src=data:text/javascript,window.__ran=1></script>",
    "<img src=x onerror=window.__ran=1>",
    "<svg onload=window.__ran=1>",
    "<svg><script>window.__ran=1</script></svg>",
    "<body onpageshow=window.__ran=1>",
    "<input autofocus onfocus=window.__ran=1>",
    "\" autofocus onfocus=window.__ran=1 x=\"",
    "<details open ontoggle=window.__ran=1>",
    "<iframe srcdoc=\"<script>top.__ran=1</script>\">",
    "<a href=javascript:window.__ran=1>press</a>",
    "<div hx-on:load=window.__ran=1 hx-trigger=load hx-get=/>",
    "<math><mi xlink:href=javascript:window.__ran=1>x</mi></math>",
];

pub async fn none_runs(browser: &Browser, demo: &Demo) {
    for (n, trick) in TRICKS.iter().enumerate() {
        let n = u32::try_from(n).unwrap();
        // HL7 cannot hold its own separators in a value: they are sent as escapes, as a real sender would.
        let trick = trick.replace('&', "\\T\\");
        demo.hear(&adt("A01", &format!("3{n}"), 10 + n, &format!("Zebedee{trick}"), &trick, &trick));
    }
    demo.says("/find?q=zebedee", "ZEBEDEE").await;
    browser.go(&demo.address("/find?q=zebedee")).await;
    browser.until("the messages were read", ".match .name", SOON, |name| name.contains("ZEBEDEE")).await;
    let ward = browser.attributes(".match .where a", "href").await.remove(0);
    browser.go(&demo.address(&ward)).await;
    let of_tricks =
        "return [...document.querySelectorAll('a.name')].filter(a => /zebedee/i.test(a.textContent)).length";
    for _ in 0..SOON {
        if browser.js(of_tricks).await == TRICKS.len() {
            break;
        }
        crate::driver::pause().await;
    }
    assert_eq!(browser.js(of_tricks).await, TRICKS.len(), "every name is shown, as text");
    assert!(!ran(browser).await, "{ward}");
    for patient in patients(browser).await {
        browser.go(&demo.address(&patient)).await;
        assert!(browser.text(".banner-name").await.contains("ZEBEDEE"), "{patient}");
        browser.press(".banner-name").await;
        assert!(!ran(browser).await, "{patient}");
    }
    pasted(browser, demo).await;
    for address in ["/", "/wards", "/tray", "/find?q=%3Cimg+src=x+onerror=window.__ran=1%3E", "/print"] {
        browser.go(&demo.address(address)).await;
        assert!(!ran(browser).await, "{address}");
    }
    the_policy_holds_where_escaping_failed(browser, demo).await;
}

async fn patients(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a.name')].filter(a => /zebedee/i.test(a.textContent))\
                  .map(a => a.getAttribute('href'))";
    let found = browser.js(script).await;
    found.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// Through the paste page, which shows a message back.
async fn pasted(browser: &Browser, demo: &Demo) {
    for trick in TRICKS.iter().step_by(4) {
        browser.go(&demo.address("/paste")).await;
        browser.type_into("#message", &adt("A01", "4", 40, "Zebedee", trick, trick)).await;
        browser.press("main form button").await;
        browser.until("what it says", ".facts", SOON, |facts| facts.contains("ZEBEDEE")).await;
        assert!(!ran(browser).await, "pasted {trick}");
    }
}

/// Whether a script ran; whatever waited to be loaded has been by now.
async fn ran(browser: &Browser) -> bool {
    browser.js_later("const tell = arguments[0]; requestAnimationFrame(() => setTimeout(tell, 0))").await;
    !browser.js("return window.__ran === undefined").await.as_bool().unwrap_or(false)
}

/// Markup that got into a page after all: the browser refuses to run it, and says so.
async fn the_policy_holds_where_escaping_failed(browser: &Browser, demo: &Demo) {
    browser.go(&demo.address("/wards")).await;
    let refused = browser
        .js_later(
            "const tell = arguments[0]; addEventListener('securitypolicyviolation', e => tell(e.effectiveDirective));\
             document.body.insertAdjacentHTML('beforeend', '<svg onload=\"window.__ran=1\">')",
        )
        .await;
    assert_eq!(refused, "script-src-attr");
    assert!(!ran(browser).await, "the policy let a handler run");
    // The checker must notice a script on a page without a policy.
    browser.go("data:text/html,<p>planted</p><script>window.__ran=1</script>").await;
    assert!(ran(browser).await, "the checker sees nothing");
}
