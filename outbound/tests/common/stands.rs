//! A gateway of each kind with the machine at its other end, and the weather there.

use super::fake_notify::{FakeNotify, FakeNotifySetup, Mishap};
use super::mail_server::{self, MailServer};
use super::webhook_server::{self, WebhookServer};
use super::{TestClock, email, notify_gateway, slip, sms, webhook};
use outbound::gateways::*;
use outbound::{Gateway, Route};
use std::sync::{Arc, Mutex};

/// What is to happen at the other end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weather {
    Good,
    /// It will never take this message.
    Refuses,
    /// It does not take it now.
    NotNow,
    /// It takes it, and its answer never comes whole.
    TakesAndIsCutOff,
    /// It takes it and says nothing.
    TakesAndIsSilent,
    /// It takes it and answers nonsense.
    TakesAndTalksNonsense,
    /// It says nothing and takes nothing.
    Silent,
    /// It does not take it and answers nonsense.
    Nonsense,
}

/// A message as somebody at the other end would read it.
#[derive(Clone, Debug)]
pub struct Read {
    pub text: String,
    pub reference: String,
}

/// A gateway with the machine at its other end.
pub trait Stand {
    fn gateway(&self) -> Arc<dyn Gateway>;
    fn route(&self) -> Route;
    /// `false` when there is no such weather here.
    fn set(&self, weather: Weather) -> bool;
    fn read(&self) -> Vec<Read>;
    /// Nobody listens there any more: a gateway of the same kind, pointed at a closed port.
    fn unreachable(&self) -> Option<Arc<dyn Gateway>>;
}

pub struct NotifyStand {
    pub fake: FakeNotify,
    pub gateway: Arc<Notify>,
    pub mishap: Arc<Mutex<Mishap>>,
    pub route: Route,
}

impl NotifyStand {
    pub async fn new(route: Route) -> Self {
        let mishap = Arc::new(Mutex::new(Mishap::None));
        let shared = mishap.clone();
        let setup = FakeNotifySetup {
            mishap: Arc::new(move |_| *shared.lock().unwrap()),
            ..FakeNotifySetup::default()
        };
        let fake = FakeNotify::start(setup, Arc::new(TestClock::real())).await.unwrap();
        let gateway = Arc::new(notify_gateway(&fake.base_url(), &fake.key()));
        Self { fake, gateway, mishap, route }
    }
}

impl Stand for NotifyStand {
    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateway.clone()
    }
    fn route(&self) -> Route {
        self.route.clone()
    }
    fn set(&self, weather: Weather) -> bool {
        *self.mishap.lock().unwrap() = match weather {
            Weather::Good => Mishap::None,
            // Its refusals hang on the message: see `what_notify_refuses_is_said_in_its_words`.
            Weather::Refuses => return false,
            Weather::NotNow => Mishap::TooMany(7),
            Weather::TakesAndIsCutOff => Mishap::KeptTruncated,
            Weather::TakesAndIsSilent => Mishap::KeptSilent,
            Weather::TakesAndTalksNonsense => Mishap::KeptErrorInside,
            Weather::Silent => Mishap::Silent,
            Weather::Nonsense => Mishap::Garbage,
        };
        true
    }
    fn read(&self) -> Vec<Read> {
        let accepted = self.fake.accepted().into_iter();
        accepted
            .map(|n| Read {
                text: format!("{}\n{}", n.subject.unwrap_or_default(), n.body),
                reference: n.reference.unwrap(),
            })
            .collect()
    }
    fn unreachable(&self) -> Option<Arc<dyn Gateway>> {
        Some(Arc::new(notify_gateway("http://127.0.0.1:9", &self.fake.key())))
    }
}

pub struct MailStand {
    pub server: MailServer,
    pub gateway: Arc<Smtp>,
}

pub fn smtp(host: &str, port: u16, tls: MailTls, ca_pem: Option<Vec<u8>>) -> Smtp {
    Smtp::new(SmtpSetup {
        name: "smtp".into(),
        host: host.into(),
        port,
        tls,
        ca_pem,
        credentials: None,
        from: "Northgate Trust <incident@northgate.example>".into(),
        hello: "lifeboat.northgate.example".into(),
    })
    .unwrap()
}

impl Stand for MailStand {
    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateway.clone()
    }
    fn route(&self) -> Route {
        email()
    }
    fn set(&self, weather: Weather) -> bool {
        self.server.set(match weather {
            Weather::Good => mail_server::Manner::Good,
            Weather::Refuses => mail_server::Manner::NoSuchRecipient,
            Weather::NotNow => mail_server::Manner::Later,
            Weather::TakesAndIsCutOff => mail_server::Manner::TakesAndHangsUp,
            Weather::TakesAndIsSilent => mail_server::Manner::TakesAndIsSilent,
            Weather::TakesAndTalksNonsense | Weather::Silent => return false,
            Weather::Nonsense => mail_server::Manner::Garbage,
        });
        true
    }
    fn read(&self) -> Vec<Read> {
        let mails = self.server.mails().into_iter();
        mails
            .map(|mail| Read {
                text: decoded(&mail.text),
                reference: mail.header("Message-ID")[0]
                    .trim_start_matches('<')
                    .split('@')
                    .next()
                    .unwrap()
                    .into(),
            })
            .collect()
    }
    fn unreachable(&self) -> Option<Arc<dyn Gateway>> {
        Some(Arc::new(smtp("127.0.0.1", 9, MailTls::None, None)))
    }
}

/// Enough of quoted-printable and base64 to read what was written.
pub fn decoded(mail: &str) -> String {
    use base64::Engine;
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let mut words = String::new();
    for line in head.split("\r\n").filter(|line| line.starts_with("Subject: ") || line.starts_with(' ')) {
        for word in line.split_whitespace() {
            match word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?=")) {
                Some(b64) => {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(b64).unwrap();
                    words.push_str(&String::from_utf8(bytes).unwrap());
                }
                None => words.push_str(&format!(" {word} ")),
            }
        }
    }
    let body = if head.to_lowercase().contains("transfer-encoding: base64") {
        let packed: String = body.split_whitespace().collect();
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(packed).unwrap()).unwrap()
    } else if head.to_lowercase().contains("quoted-printable") {
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'=' {
                let hex: String =
                    [rest.next().unwrap() as char, rest.next().unwrap() as char].iter().collect();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    } else {
        body.to_owned()
    };
    format!("{words}\n{}", body.replace("\r\n", "\n"))
}

pub struct HookStand {
    pub server: WebhookServer,
    pub gateway: Arc<Webhook>,
}

pub fn hook(url: &str, idempotent: bool) -> Webhook {
    Webhook::new(WebhookSetup {
        name: "rota".into(),
        url: url.into(),
        secret: webhook_server::SECRET.to_owned().into(),
        idempotent,
        ca_pem: None,
    })
    .unwrap()
}

impl Stand for HookStand {
    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateway.clone()
    }
    fn route(&self) -> Route {
        webhook("rota")
    }
    fn set(&self, weather: Weather) -> bool {
        self.server.set(match weather {
            Weather::Good => webhook_server::Manner::Good,
            Weather::Refuses => webhook_server::Manner::Refuses,
            Weather::NotNow => webhook_server::Manner::TooMany,
            Weather::TakesAndIsCutOff => webhook_server::Manner::TakesAndCutsShort,
            Weather::TakesAndIsSilent => webhook_server::Manner::TakesAndIsSilent,
            Weather::TakesAndTalksNonsense => webhook_server::Manner::TakesAndSaysError,
            Weather::Silent => webhook_server::Manner::Silent,
            Weather::Nonsense => webhook_server::Manner::Html,
        });
        true
    }
    fn read(&self) -> Vec<Read> {
        let messages = self.server.messages().into_iter();
        messages
            .map(|(key, body)| Read {
                text: format!("{}\n{}", body["subject"].as_str().unwrap(), body["body"].as_str().unwrap()),
                reference: key,
            })
            .collect()
    }
    fn unreachable(&self) -> Option<Arc<dyn Gateway>> {
        Some(Arc::new(hook("http://127.0.0.1:9/hook", true)))
    }
}

pub struct SlipStand {
    pub shelf: SlipShelf,
    pub gateway: Arc<Slips>,
}

impl Stand for SlipStand {
    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateway.clone()
    }
    fn route(&self) -> Route {
        slip()
    }
    fn set(&self, weather: Weather) -> bool {
        weather == Weather::Good
    }
    fn read(&self) -> Vec<Read> {
        let slips = self.shelf.waiting().into_iter();
        slips
            .map(|slip| Read {
                text: format!("{}\n{}", slip.subject, slip.body),
                reference: slip.reference.to_string(),
            })
            .collect()
    }
    fn unreachable(&self) -> Option<Arc<dyn Gateway>> {
        None
    }
}

pub async fn stands() -> Vec<(&'static str, Box<dyn Stand>)> {
    let server = MailServer::start(None).await;
    let gateway = Arc::new(smtp("127.0.0.1", server.address.port(), MailTls::None, None));
    let mail = MailStand { server, gateway };
    let server = WebhookServer::start().await;
    let gateway = Arc::new(hook(&server.url, true));
    let hooks = HookStand { server, gateway };
    let shelf = SlipShelf::default();
    let slips = SlipStand { gateway: Arc::new(Slips::new("slips", shelf.clone())), shelf };
    vec![
        ("notify, text messages", Box::new(NotifyStand::new(sms()).await)),
        ("notify, mail", Box::new(NotifyStand::new(email()).await)),
        ("mail relay", Box::new(mail)),
        ("webhook", Box::new(hooks)),
        ("slips", Box::new(slips)),
    ]
}
