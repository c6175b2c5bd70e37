//! One contract for every gateway: what it may say, and what must then be true at the other end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::fake_notify::Mishap;
use common::mail_server::{self, MailServer};
use common::stands::*;
use common::webhook_server::{self, WebhookServer};
use common::*;
use outbound::gateways::*;
use outbound::{Blame, Gateway, Handed, Outgoing, Parcel, Question, Reference, Told};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

fn now() -> basics::Moment {
    basics::Clock::now(&TestClock::real())
}

fn parcel(outgoing: Outgoing, n: u8) -> Parcel {
    let (number, reference) = (basics::EntryNumber(u64::from(n)), Reference::new([n; 16]));
    let (queued_at, valid_until) = (now(), outgoing.valid_until);
    Parcel { number, reference, outgoing: Arc::new(outgoing), queued_at, valid_until }
}

async fn handed(gateway: &Arc<dyn Gateway>, parcel: &Parcel) -> Handed {
    timeout(Duration::from_secs(30), gateway.hand_over(parcel, now())).await.unwrap()
}

/// The courier bounds every answer; here as there an answer that does not come is unknown.
async fn handed_in(weather: Weather, gateway: &Arc<dyn Gateway>, parcel: &Parcel) -> Handed {
    let silent = matches!(weather, Weather::Silent | Weather::TakesAndIsSilent);
    let wait = Duration::from_secs(if silent { 2 } else { 30 });
    let waited = timeout(wait, gateway.hand_over(parcel, now())).await;
    waited.unwrap_or(Handed::Unknown { why: "no answer in time".into() })
}

async fn told(gateway: &Arc<dyn Gateway>, parcel: &Parcel) -> Told {
    let question = Question { reference: parcel.reference, gateway_id: None, since: now() };
    timeout(Duration::from_secs(20), gateway.ask(&question, now())).await.unwrap()
}

#[tokio::test]
async fn what_is_accepted_arrives_once_whole_and_under_its_reference() {
    for (name, stand) in stands().await {
        let outgoing = message("a-1", stand.route());
        let sent = parcel(outgoing.clone(), 1);
        let said = handed(&stand.gateway(), &sent).await;
        assert!(matches!(said, Handed::Accepted { .. }), "{name}: {said:?}");
        let read = stand.read();
        assert_eq!(read.len(), 1, "{name}: {read:?}");
        assert_eq!(read[0].reference, sent.reference.to_string(), "{name}");
        assert!(read[0].text.contains(&outgoing.words.body), "{name}: {:?}", read[0].text);
        assert!(!read[0].text.contains("EXERCISE"), "{name}");
        // And what it has it says it has, where it can be asked.
        let answer = told(&stand.gateway(), &sent).await;
        assert_ne!(answer, Told::NeverSeen, "{name}");
    }
}

#[tokio::test]
async fn an_exercise_says_so_whichever_way_it_goes() {
    for (name, stand) in stands().await {
        let mut outgoing = message("a-1", stand.route());
        outgoing.exercise = true;
        outgoing.words.template = Some("clinic_cancelled".into());
        outgoing.words.fields = [("clinic".into(), "eyes".into()), ("day".into(), "Monday".into())].into();
        assert!(
            matches!(handed(&stand.gateway(), &parcel(outgoing, 1)).await, Handed::Accepted { .. }),
            "{name}"
        );
        assert!(stand.read()[0].text.contains("EXERCISE EXERCISE EXERCISE\nMessage a-1."), "{name}");
    }
}

#[tokio::test]
async fn a_refusal_and_a_not_now_mean_that_nothing_was_taken() {
    for (name, stand) in stands().await {
        let sent = parcel(message("a-1", stand.route()), 1);
        if stand.set(Weather::Refuses) {
            let said = handed(&stand.gateway(), &sent).await;
            assert!(matches!(&said, Handed::Refused { why } if !why.is_empty()), "{name}: {said:?}");
        }
        if stand.set(Weather::NotNow) {
            let said = handed(&stand.gateway(), &sent).await;
            assert!(matches!(&said, Handed::NotNow { .. }), "{name}: {said:?}");
        }
        if let Some(gateway) = stand.unreachable() {
            let said = handed(&gateway, &sent).await;
            assert!(matches!(&said, Handed::NotNow { blame: Blame::Gateway, .. }), "{name}: {said:?}");
        }
        assert_eq!(stand.read().len(), 0, "{name}");
        stand.set(Weather::Good);
        assert!(matches!(handed(&stand.gateway(), &sent).await, Handed::Accepted { .. }), "{name}");
        assert_eq!(stand.read().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_may_have_been_taken_is_never_called_untaken() {
    for weather in [Weather::TakesAndIsCutOff, Weather::TakesAndIsSilent, Weather::TakesAndTalksNonsense] {
        for (name, stand) in stands().await {
            if !stand.set(weather) {
                continue;
            }
            let sent = parcel(message("a-1", stand.route()), 1);
            let said = handed_in(weather, &stand.gateway(), &sent).await;
            assert!(matches!(said, Handed::Unknown { .. }), "{name}, {weather:?}: {said:?}");
            assert_eq!(stand.read().len(), 1, "{name}, {weather:?}");
            stand.set(Weather::Good);
            match told(&stand.gateway(), &sent).await {
                Told::Accepted { .. } | Told::CannotBeAsked => {}
                Told::SafeToRepeat => {
                    assert!(matches!(handed(&stand.gateway(), &sent).await, Handed::Accepted { .. }));
                }
                other => panic!("{name}, {weather:?}: {other:?}"),
            }
            assert_eq!(stand.read().len(), 1, "{name}, {weather:?}: told twice");
        }
    }
}

#[tokio::test]
async fn what_was_not_taken_is_never_called_taken() {
    for weather in [Weather::Silent, Weather::Nonsense] {
        for (name, stand) in stands().await {
            if !stand.set(weather) {
                continue;
            }
            let sent = parcel(message("a-1", stand.route()), 1);
            let said = handed_in(weather, &stand.gateway(), &sent).await;
            let fine = matches!(said, Handed::Unknown { .. } | Handed::NotNow { .. });
            assert!(fine, "{name}, {weather:?}: {said:?}");
            assert_eq!(stand.read().len(), 0, "{name}, {weather:?}");
            stand.set(Weather::Good);
            let answer = told(&stand.gateway(), &sent).await;
            let fine = matches!(answer, Told::NeverSeen | Told::SafeToRepeat | Told::CannotBeAsked);
            assert!(fine, "{name}, {weather:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn words_cannot_become_headers_or_structure() {
    for (name, stand) in stands().await {
        // Past the door's check on purpose: the adapters must hold by themselves.
        let mut outgoing = message("a-1", stand.route());
        outgoing.words.subject = "Clinic\r\nBcc: thief@evil.example\r\n\r\nHello".into();
        outgoing.words.body = "One\r\n.\r\nMAIL FROM:<thief@evil.example>\r\n\"}],\"to\":\"x".into();
        assert!(outgoing.check(now()).is_err());
        let said = handed(&stand.gateway(), &parcel(outgoing, 1)).await;
        if matches!(said, Handed::Accepted { .. }) {
            assert_eq!(stand.read().len(), 1, "{name}");
            assert!(
                stand.read()[0].text.contains("MAIL FROM:<thief@evil.example>"),
                "{name}: the text changed"
            );
        }
    }
    let server = MailServer::start(None).await;
    let gateway = smtp("127.0.0.1", server.address.port(), MailTls::None, None);
    let mut outgoing = message("a-1", email());
    outgoing.words.subject = "Clinic\r\nBcc: thief@evil.example".into();
    gateway.hand_over(&parcel(outgoing, 1), now()).await;
    for mail in server.mails() {
        assert_eq!(mail.header("Bcc"), Vec::<String>::new());
        assert!(!mail.text.split("\r\n").any(|line| line.to_lowercase().starts_with("bcc")), "{}", mail.text);
        assert_eq!(mail.header("Date").len(), 1);
    }
}

#[tokio::test]
async fn what_notify_refuses_is_said_in_its_words() {
    let stand = NotifyStand::new(sms()).await;
    let mut long = message("a-1", sms());
    long.words.body = "x".repeat(919);
    let mut unfilled = message("a-2", sms());
    unfilled.words.template = Some("clinic_cancelled".into());
    for (outgoing, words) in [(long, "greater than the limit"), (unfilled, "Missing personalisation")] {
        let said = handed(&stand.gateway(), &parcel(outgoing, 1)).await;
        assert!(matches!(&said, Handed::Refused { why } if why.contains(words)), "{said:?}");
    }
    let mut filled = message("a-3", sms());
    filled.words.template = Some("clinic_cancelled".into());
    filled.words.fields = [("clinic".into(), "eyes".into()), ("day".into(), "Monday".into())].into();
    handed(&stand.gateway(), &parcel(filled, 3)).await;
    assert_eq!(stand.read()[0].text.trim(), "Your eyes appointment on Monday is cancelled.");
}

#[tokio::test]
async fn a_wrong_key_stops_the_gateway_and_refuses_no_message() {
    let stand = NotifyStand::new(sms()).await;
    let wrong = stand.fake.key().replace("3d844edf", "3d844ede");
    let gateway: Arc<dyn Gateway> = Arc::new(notify_gateway(&stand.fake.base_url(), &wrong));
    let said = handed(&gateway, &parcel(message("a-1", sms()), 1)).await;
    let Handed::NotNow { why, wait_ms: Some(_), blame: Blame::Gateway } = said else { panic!("{said:?}") };
    assert!(why.contains("Check the key"), "{why}");
    *stand.mishap.lock().unwrap() = Mishap::Proxy;
    let said = handed(&stand.gateway(), &parcel(message("a-1", sms()), 1)).await;
    assert!(matches!(said, Handed::NotNow { blame: Blame::Gateway, .. }), "{said:?}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_hours_is_put_right_by_notifys_own() {
    let stand = NotifyStand::new(sms()).await;
    let wrong = now().plus_seconds(-7_200);
    let sent = parcel(message("a-1", sms()), 1);
    let first = stand.gateway().hand_over(&sent, wrong).await;
    assert!(matches!(&first, Handed::NotNow { why, .. } if why.contains("clock")), "{first:?}");
    let second = stand.gateway().hand_over(&sent, wrong.plus_seconds(1)).await;
    assert!(matches!(second, Handed::Accepted { .. }), "{second:?}");
}

#[tokio::test]
async fn a_mail_relay_that_falters_at_each_step_is_told_apart() {
    use mail_server::Manner;
    let server = MailServer::start(None).await;
    let gateway: Arc<dyn Gateway> = Arc::new(smtp("127.0.0.1", server.address.port(), MailTls::None, None));
    for (manner, want, taken) in [
        (Manner::Closing, "NotNow", 0),
        (Manner::HangsUpBeforeText, "NotNow", 0),
        (Manner::LaterAfterText, "NotNow", 0),
        (Manner::RefusesText, "Refused", 0),
        (Manner::TakesAndHangsUp, "Unknown", 1),
        (Manner::Good, "Accepted", 2),
        (Manner::Good, "Accepted", 3),
    ] {
        server.set(manner);
        let said = handed(&gateway, &parcel(message("a-1", email()), 1)).await;
        assert!(format!("{said:?}").starts_with(want), "{manner:?}: {said:?}");
        assert_eq!(server.mails().len(), taken, "{manner:?}");
    }
    assert_eq!(told(&gateway, &parcel(message("a-1", email()), 1)).await, Told::CannotBeAsked);
}

#[tokio::test]
async fn mail_goes_by_tls_to_the_relay_it_knows_and_to_no_other() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    let server = MailServer::start(Some(Arc::new(config))).await;
    let port = server.address.port();
    let pem = made.cert.pem().into_bytes();
    let known: Arc<dyn Gateway> = Arc::new(smtp("localhost", port, MailTls::StartTls, Some(pem)));
    let sent = parcel(message("a-1", email()), 1);
    let said = timeout(Duration::from_secs(20), known.hand_over(&sent, now())).await.unwrap();
    assert!(matches!(said, Handed::Accepted { .. }), "{said:?}");
    assert!(server.mails()[0].private);
    let stranger: Arc<dyn Gateway> = Arc::new(smtp("localhost", port, MailTls::StartTls, None));
    let said = timeout(Duration::from_secs(20), stranger.hand_over(&sent, now())).await.unwrap();
    assert!(matches!(said, Handed::NotNow { .. }), "{said:?}");
    // A relay that offers no TLS gets no mail from us: nobody between may talk us out of it.
    let plain = MailServer::start(None).await;
    let gateway: Arc<dyn Gateway> =
        Arc::new(smtp("localhost", plain.address.port(), MailTls::StartTls, None));
    let said = timeout(Duration::from_secs(20), gateway.hand_over(&sent, now())).await.unwrap();
    assert!(matches!(said, Handed::NotNow { .. }), "{said:?}");
    assert_eq!((server.mails().len(), plain.mails().len()), (1, 0));
}

#[tokio::test]
async fn a_webhook_that_is_not_known_to_merge_is_never_repeated_by_itself() {
    let server = WebhookServer::start().await;
    let gateway: Arc<dyn Gateway> = Arc::new(hook(&server.url, false));
    server.set(webhook_server::Manner::TakesAndIsSilent);
    let sent = parcel(message("a-1", webhook("rota")), 1);
    let said = handed_in(Weather::TakesAndIsSilent, &gateway, &sent).await;
    assert!(matches!(said, Handed::Unknown { .. }), "{said:?}");
    assert_eq!(told(&gateway, &sent).await, Told::CannotBeAsked);
    server.set(webhook_server::Manner::NotAccepted);
    let said = handed(&gateway, &sent).await;
    assert!(matches!(&said, Handed::Refused { why } if why.contains("no such room")), "{said:?}");
    server.set(webhook_server::Manner::Internal);
    assert!(matches!(handed(&gateway, &sent).await, Handed::Unknown { .. }));
}

#[test]
fn a_setup_that_cannot_work_is_refused_in_words() {
    let wrong = [
        Notify::new(NotifySetup {
            name: "notify".into(),
            base_url: "https://notify.example".into(),
            key: "short".to_owned().into(),
            sms_template: String::new(),
            email_template: String::new(),
            templates: Default::default(),
            ca_pem: None,
        })
        .err(),
        Webhook::new(WebhookSetup {
            name: "rota".into(),
            url: "ftp://rota.example".into(),
            secret: webhook_server::SECRET.to_owned().into(),
            idempotent: true,
            ca_pem: None,
        })
        .err(),
        Webhook::new(WebhookSetup {
            name: "rota".into(),
            url: "https://rota.example".into(),
            secret: "short".to_owned().into(),
            idempotent: true,
            ca_pem: Some(b"nothing".to_vec()),
        })
        .err(),
        Smtp::new(SmtpSetup {
            name: "smtp".into(),
            host: "mail.example".into(),
            port: 25,
            tls: MailTls::None,
            ca_pem: None,
            credentials: Some(("user".into(), "password".to_owned().into())),
            from: "a@b.example".into(),
            hello: "lifeboat".into(),
        })
        .err(),
    ];
    for fault in wrong {
        let words = fault.expect("refused").to_string();
        assert!(words.contains("cannot be set up"), "{words}");
    }
}
