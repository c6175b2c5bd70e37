//! Mail by SMTP to the hospital's own relay, on rustls.
//!
//! The dialogue is led step by step, because what a failure means hangs on the step: before the text was sent nothing
//! was accepted; after its last byte nobody can say, and SMTP cannot be asked. So such a mail is "perhaps sent": the
//! default is that a person decides; `in_doubt = "send_again"` is for relays whose readers would rather have it twice.
//! The `Message-ID` is made of the message's reference, so that mail systems that merge doubles can. Headers are built
//! by `lettre` from checked text: nothing in a subject or an address can begin another header. Proved by
//! `tests/contract.rs` and `tests/mail.rs`.

use crate::Fault;
use crate::gateway::{Blame, Doing, Gateway, Handed, Parcel, Question, Told};
use crate::outgoing::Route;
use basics::Moment;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Response};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Longest wait for a connection with its greeting, TLS and sign-in.
const CONNECT_MS_MAX: u64 = 10_000;
/// Longest wait for one step of the dialogue.
const STEP_MS_MAX: u64 = 8_000;
/// Unused connections kept.
const IDLE_MAX: usize = 4;

/// How the relay is reached.
#[derive(Clone)]
pub struct SmtpSetup {
    /// The gateway's name in the outbox's setup.
    pub name: String,
    /// Its host name or address.
    pub host: String,
    /// 587 with `StartTls`, 465 with `Implicit`, 25 with `None`.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: MailTls,
    /// Certificates to trust instead of the public ones: a hospital's relay has its own.
    pub ca_pem: Option<Vec<u8>>,
    /// User and password, where the relay wants them; never sent without TLS.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// From whom: `Northgate Trust <incident@northgate.example>` or an address alone.
    pub from: String,
    /// How we greet: our host's name; also the right side of the `Message-ID`.
    pub hello: String,
}

/// How a connection to the relay is kept private.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// After `STARTTLS`, which the relay must offer.
    StartTls,
    /// Not at all: only for a relay on this machine or a closed network.
    None,
}

/// The adapter.
pub struct Smtp {
    setup: SmtpSetup,
    from: Mailbox,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

/// Why a mail was not handed over before its text was sent.
enum Before {
    Gateway(String),
    Message(String),
    Never(String),
}

impl Smtp {
    /// Checks sender, name and certificates; connects to nothing.
    pub fn new(setup: SmtpSetup) -> Result<Self, Fault> {
        let fault = |why: String| Fault::Setup { gateway: setup.name.clone(), why };
        let from: Mailbox =
            setup.from.parse().map_err(|e| fault(format!("the sender {:?}: {e}", setup.from)))?;
        let hello_fine = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        if setup.hello.is_empty() || !setup.hello.chars().all(hello_fine) {
            return Err(fault(format!("{:?} is not a host's name to greet with", setup.hello)));
        }
        if setup.credentials.is_some() && setup.tls == MailTls::None {
            return Err(fault("a password must not be sent without TLS".to_owned()));
        }
        let tls = match setup.tls {
            MailTls::None => None,
            MailTls::Implicit | MailTls::StartTls => Some(tls_parameters(&setup).map_err(fault)?),
        };
        Ok(Self { from, tls, idle: Mutex::new(Vec::new()), setup })
    }

    fn message(&self, parcel: &Parcel, to: &str, at: Moment) -> Result<Vec<u8>, String> {
        let address = to.parse().map_err(|e| format!("the address cannot be used in a mail: {e}"))?;
        let seconds = u64::try_from(at.milliseconds().div_euclid(1000)).unwrap_or(0);
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(parcel.subject())
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{}@{}>", parcel.reference, self.setup.hello)))
            .header(ContentType::TEXT_PLAIN)
            .body(parcel.body());
        message.map(|message| message.formatted()).map_err(|e| format!("the mail cannot be written: {e}"))
    }

    async fn send(&self, parcel: &Parcel, at: Moment) -> Handed {
        let Route::Email(address) = &parcel.outgoing.route else {
            return Handed::Refused { why: "mail takes mail addresses alone".to_owned() };
        };
        let text = match self.message(parcel, address.as_str(), at) {
            Ok(text) => text,
            Err(why) => return Handed::Refused { why },
        };
        let mut connection = match self.connection().await {
            Ok(connection) => connection,
            Err(why) => return Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
        };
        if let Err(before) = self.envelope(&mut connection, address.as_str()).await {
            connection.abort().await;
            return match before {
                Before::Gateway(why) => Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
                Before::Message(why) => Handed::NotNow { why, wait_ms: None, blame: Blame::Message },
                Before::Never(why) => Handed::Refused { why },
            };
        }
        // From here on a broken connection leaves the outcome unknown. The courier bounds the wait.
        match connection.message(&text).await {
            Ok(response) => {
                let gateway_id = response.first_line().unwrap_or("accepted").to_owned();
                self.keep(connection);
                Handed::Accepted { gateway_id }
            }
            Err(error) => after_text(&error),
        }
    }

    /// Sender and recipient, and the leave to send the text.
    async fn envelope(&self, connection: &mut AsyncSmtpConnection, to: &str) -> Result<(), Before> {
        let to = to.parse().map_err(|e| Before::Never(format!("the address cannot be used: {e}")))?;
        let step = Duration::from_millis(STEP_MS_MAX);
        let late = || Before::Gateway("the mail relay did not answer in time".to_owned());
        let mail = connection.command(Mail::new(Some(self.from.email.clone()), Vec::new()));
        accepted(timeout(step, mail).await.map_err(|_| late())?, "the sender", Before::Gateway)?;
        let rcpt = connection.command(Rcpt::new(to, Vec::new()));
        accepted(timeout(step, rcpt).await.map_err(|_| late())?, "the recipient", Before::Never)?;
        let data = connection.command(Data);
        accepted(timeout(step, data).await.map_err(|_| late())?, "the mail", Before::Never)
    }

    /// An unused connection that still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, String> {
        let step = Duration::from_millis(STEP_MS_MAX);
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut kept) = kept else { break };
            if timeout(step, kept.test_connected()).await.unwrap_or(false) {
                return Ok(kept);
            }
        }
        match timeout(Duration::from_millis(CONNECT_MS_MAX), self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(format!("no connection to the mail relay: {}", words(&error))),
            Err(_) => Err("the mail relay did not take a connection in time".to_owned()),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let hello = ClientId::Domain(self.setup.hello.clone());
        let at_once = self.tls.clone().filter(|_| self.setup.tls == MailTls::Implicit);
        let place = (self.setup.host.as_str(), self.setup.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(place, None, &hello, at_once, None).await?;
        if self.setup.tls == MailTls::StartTls
            && let Some(tls) = self.tls.clone()
        {
            // A relay that does not offer STARTTLS is an error: nobody may talk us out of it.
            connection.starttls(tls, &hello).await?;
        }
        if let Some((user, password)) = &self.setup.credentials {
            let credentials = Credentials::new(user.clone(), password.to_string());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && !connection.has_broken() {
            idle.push(connection);
        }
    }
}

impl Gateway for Smtp {
    fn name(&self) -> &str {
        &self.setup.name
    }

    fn hand_over<'a>(&'a self, parcel: &'a Parcel, at: Moment) -> Doing<'a, Handed> {
        Box::pin(self.send(parcel, at))
    }

    fn ask<'a>(&'a self, _: &'a Question, _: Moment) -> Doing<'a, Told> {
        Box::pin(std::future::ready(Told::CannotBeAsked))
    }

    fn reports_delivery(&self) -> bool {
        false
    }
}

fn tls_parameters(setup: &SmtpSetup) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(setup.host.clone());
    if let Some(pem) = &setup.ca_pem {
        let certificate = Certificate::from_pem(pem).map_err(|e| format!("its certificate file: {e}"))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    } else {
        builder = builder.certificate_store(CertificateStore::WebpkiRoots);
    }
    builder.build_rustls().map_err(|e| format!("TLS cannot be set up: {}", words(&e)))
}

/// A step before the text: a 4xx is "later", a 5xx is `permanent`, a broken connection is the gateway's matter.
fn accepted(
    step: Result<Response, Error>,
    what: &str,
    permanent: impl Fn(String) -> Before,
) -> Result<(), Before> {
    let error = match step {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let why = format!("the mail relay did not take {what}: {}", words(&error));
    Err(match (error.is_permanent(), error.is_transient()) {
        (true, _) => permanent(why),
        (_, true) => Before::Message(why),
        _ => Before::Gateway(why),
    })
}

/// After the text a clear answer is believed (RFC 5321, 4.2.5: 4xx and 5xx mean "not accepted"); silence is not.
fn after_text(error: &Error) -> Handed {
    let why = format!("the mail relay did not take the text: {}", words(error));
    match (error.is_permanent(), error.is_transient()) {
        (true, _) => Handed::Refused { why },
        (_, true) => Handed::NotNow { why, wait_ms: None, blame: Blame::Message },
        _ => Handed::Unknown {
            why: format!("the mail relay was given the text and then did not answer: {}", words(error)),
        },
    }
}

fn words(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    match error.status() {
        Some(code) => format!("{code} {cause}"),
        None => cause.to_string(),
    }
}
