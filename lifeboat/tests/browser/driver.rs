//! A real browser: headless Chromium, driven through its own chromedriver over WebDriver.
//!
//! Always: every wait has a ceiling and says what it waited for; the browser keeps what it keeps in a folder of its own
//! and ends with the test, also when the test fails. Never waits a fixed time to be right.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Time between two looks at a page.
const LOOK_EVERY_MS: u64 = 100;
/// Longest wait for one command to the browser.
const COMMAND_WAIT_MS_MAX: u64 = 150_000;
/// Looks that an ordinary thing may take to appear on a busy machine: a minute.
pub const SOON: u32 = 600;

/// How the browser is to be.
#[derive(Clone, Copy, Default)]
pub struct Kind {
    /// 390 by 844 and touched, as a telephone is.
    pub phone: bool,
    /// JavaScript is switched off in the browser's settings.
    pub no_script: bool,
}

/// One browser window.
pub struct Browser {
    client: Client,
    session: String,
    port: u16,
    driver: Child,
    _profile: tempfile::TempDir,
}

/// Whether this machine has a browser to drive; where it must have one (CI), absence is a failure.
pub fn there_is_one() -> bool {
    let there = Command::new("chromedriver").arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "chromedriver is not installed");
        println!("chromedriver absent, skipped: the journey in a browser");
    }
    there
}

impl Browser {
    /// Opens a window.
    pub async fn open(kind: Kind) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            lines.find_map(|l| l.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let port = port.expect("chromedriver said its port");
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let folder = profile.path().to_str().unwrap().to_owned();
        let opened = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(kind, &folder))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = match opened {
            Ok(client) => client,
            Err(error) => {
                let _ = driver.kill();
                panic!("Chromium did not open: {error}");
            }
        };
        let session = client.session_id().await.unwrap().unwrap_or_default();
        // The session is ended by `drop`, whatever becomes of the runtime.
        client.persist().await.unwrap();
        Self { client, session, port, driver, _profile: profile }
    }

    /// Goes to an address as if it were typed.
    pub async fn go(&self, address: &str) {
        bounded(address, self.client.goto(address)).await.unwrap();
    }

    /// The path, with its query, of the page shown.
    pub async fn path(&self) -> String {
        let url = bounded("the address", self.client.current_url()).await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// What a script gives; the page's own policy does not bind it.
    pub async fn js(&self, script: &str) -> Value {
        bounded(script, self.client.execute(script, vec![])).await.unwrap()
    }

    /// What a script hands to its last argument.
    pub async fn js_later(&self, script: &str) -> Value {
        bounded("a script", self.client.execute_async(script, vec![])).await.unwrap()
    }

    /// The visible text of the first element that matches; empty where there is none.
    pub async fn text(&self, css: &str) -> String {
        self.texts(css).await.into_iter().next().unwrap_or_default()
    }

    /// The visible text of all that match.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        self.all(css, async |element| element.text().await.map(Some)).await
    }

    /// That attribute of all that match and have it.
    pub async fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.all(css, async |element| element.attr(name).await).await
    }

    /// Reads something of all that match. A live page may be renewed in the midst of it: then all is read again.
    async fn all(
        &self,
        css: &str,
        read: impl AsyncFn(&Element) -> Result<Option<String>, CmdError>,
    ) -> Vec<String> {
        'again: for _ in 0..SOON {
            let Ok(elements) = bounded(css, self.client.find_all(Locator::Css(css))).await else {
                pause().await;
                continue;
            };
            let mut values = Vec::new();
            for element in elements {
                match bounded(css, read(&element)).await {
                    Ok(value) => values.extend(value),
                    Err(_) => continue 'again,
                }
            }
            return values;
        }
        panic!("{css} could not be read on {}", self.path().await);
    }

    /// Waits until the text of that element pleases; gives the text.
    pub async fn until(&self, what: &str, css: &str, looks: u32, pleases: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for _ in 0..looks {
            text = self.text(css).await;
            if pleases(&text) {
                return text;
            }
            pause().await;
        }
        panic!("it never came to be: {what}; {css} says {text:?} on {}", self.path().await);
    }

    /// Waits until the page's path pleases.
    pub async fn arrive(&self, what: &str, pleases: impl Fn(&str) -> bool) {
        for _ in 0..SOON {
            if pleases(&self.path().await) {
                return;
            }
            pause().await;
        }
        panic!("never arrived: {what}; still on {}", self.path().await);
    }

    /// Presses what matches; a part that is renewed meanwhile is looked for again.
    pub async fn press(&self, css: &str) {
        let mut why = String::new();
        for _ in 0..SOON {
            match bounded(css, self.client.find(Locator::Css(css))).await {
                Ok(element) => match bounded(css, element.click()).await {
                    Ok(()) => return,
                    Err(error) => why = error.to_string(),
                },
                Err(error) => why = error.to_string(),
            }
            pause().await;
        }
        panic!("could not press {css} on {}: {why}", self.path().await);
    }

    /// Types into what matches.
    pub async fn type_into(&self, css: &str, text: &str) {
        let field = bounded(css, self.client.find(Locator::Css(css))).await.unwrap();
        bounded(css, field.send_keys(text)).await.unwrap();
    }

    /// Types this into a field in place of what stands there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = bounded(css, self.client.find(Locator::Css(css))).await;
        let field =
            field.unwrap_or_else(|error| panic!("there is no field {css} to write {text:?} in: {error}"));
        bounded(css, field.clear())
            .await
            .unwrap_or_else(|error| panic!("{css} could not be emptied: {error}"));
        if !text.is_empty() {
            bounded(css, field.send_keys(text)).await.unwrap();
        }
    }

    /// Chooses the option of a list that has this value.
    pub async fn choose(&self, css: &str, value: &str) {
        let wanted = serde_json::to_string(value).unwrap();
        let find = format!(
            "return [...document.querySelector('{css}').options].findIndex(o => o.value === {wanted})"
        );
        let index = self.js(&find).await.as_i64().unwrap_or(-1);
        assert!(index >= 0, "{css} does not offer {value:?} on {}", self.path().await);
        let list = bounded(css, self.client.find(Locator::Css(css))).await.unwrap();
        bounded(css, list.select_by_index(usize::try_from(index).unwrap())).await.unwrap();
    }

    /// Opens a part that is folded away, unless it is open.
    pub async fn unfold(&self, css: &str) {
        if self.js(&format!("return document.querySelector('{css}').open")).await != true {
            self.press(&format!("{css} > summary")).await;
        }
    }

    /// Presses a key wherever the focus is.
    pub async fn key(&self, key: Key) {
        let focused = bounded("the focus", self.client.active_element()).await.unwrap();
        bounded("a key", focused.send_keys(&char::from(key).to_string())).await.unwrap();
    }

    /// That attribute of whatever has the focus.
    pub async fn focused(&self, name: &str) -> String {
        let focused = bounded("the focus", self.client.active_element()).await.unwrap();
        bounded("the focus", focused.attr(name)).await.ok().flatten().unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session; chromedriver alone would leave it running.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_millis(COMMAND_WAIT_MS_MAX)));
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
                self.session, self.port
            );
            let _ = stream.write_all(request.as_bytes());
            // The first byte of the answer comes once Chromium is gone; the connection itself stays open.
            let _ = stream.read(&mut [0; 1]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The pause between two looks; never waited to be right, only to look again.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
}

async fn bounded<T>(what: &str, command: impl Future<Output = T>) -> T {
    let wait = Duration::from_millis(COMMAND_WAIT_MS_MAX);
    tokio::time::timeout(wait, command).await.unwrap_or_else(|_| panic!("the browser did not answer: {what}"))
}

fn capabilities(kind: Kind, profile: &str) -> Capabilities {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--window-size=1366,900".to_owned(),
        format!("--user-data-dir={profile}"),
    ];
    if kind.no_script {
        arguments.push("--blink-settings=scriptEnabled=false".to_owned());
    }
    let mut options = json!({ "args": arguments });
    if kind.phone {
        let metrics =
            json!({ "width": 390, "height": 844, "pixelRatio": 3.0, "mobile": true, "touch": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    // Chromium's own limit for a script is 30 s, which the accessibility rules may take on a busy machine.
    let timeouts =
        json!({ "script": COMMAND_WAIT_MS_MAX - 30_000, "pageLoad": COMMAND_WAIT_MS_MAX - 30_000 });
    let Value::Object(all) =
        json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": timeouts })
    else {
        unreachable!("an object was written")
    };
    all
}
