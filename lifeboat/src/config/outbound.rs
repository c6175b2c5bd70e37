//! `[outbound]`: the gateways by which messages leave, and what each carries.
//!
//! Always: reading the section opens no file and no socket; secrets are in files of their own, named here, and are read
//! only when the gateways are made. A gateway that cannot be made is said in a sentence and left out: its messages
//! wait, and Lifeboat starts all the same.

use super::read_small;
use care::notices::Gateways;
use outbound::gateways::{
    MailTls, Notify, NotifySetup, SlipShelf, Slips, Smtp, SmtpSetup, Webhook, WebhookSetup,
};
use outbound::{Gateway, GatewaySetup, InDoubt, OutboxSetup, Patience, Way, WebhookName};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The section as written; paths are relative to the configuration's folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// The gateway for text messages.
    pub sms: Option<String>,
    /// The gateway for mail.
    pub email: Option<String>,
    /// Whether slips for runners can be asked for.
    pub slips: bool,
    /// Most messages that may be open.
    pub open_max: Option<usize>,
    /// GOV.UK Notify.
    pub notify: Option<NotifyPart>,
    /// The mail relay.
    pub smtp: Option<SmtpPart>,
    /// Machines.
    pub webhooks: Vec<WebhookPart>,
    #[serde(skip)]
    folder: PathBuf,
}

/// `[outbound.notify]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyPart {
    #[serde(default = "notify_url")]
    base_url: String,
    pub key_file: PathBuf,
    #[serde(default)]
    sms_template: String,
    #[serde(default)]
    email_template: String,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    per_minute_max: Option<u32>,
    ca_file: Option<PathBuf>,
}

/// `[outbound.smtp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpPart {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: MailEncryption,
    from: String,
    hello: Option<String>,
    user: Option<String>,
    pub password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    per_minute_max: Option<u32>,
    in_doubt: Option<InDoubt>,
}

/// `[[outbound.webhooks]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookPart {
    name: String,
    url: String,
    pub secret_file: PathBuf,
    #[serde(default)]
    idempotent: bool,
    per_minute_max: Option<u32>,
    in_doubt: Option<InDoubt>,
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MailEncryption {
    #[default]
    StartTls,
    Implicit,
    None,
}

impl SmtpPart {
    /// The port named, else the usual one.
    fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailEncryption::StartTls => 587,
            MailEncryption::Implicit => 465,
            MailEncryption::None => 25,
        })
    }
}

fn notify_url() -> String {
    "https://api.notifications.service.gov.uk".to_owned()
}

/// The gateways made, and what could not be.
#[derive(Default)]
pub struct Made {
    /// Ready for the courier.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// One sentence for each that could not be made.
    pub faults: Vec<String>,
}

impl Outbound {
    /// Checks what can be checked without opening anything.
    pub fn checked(mut self, folder: &Path) -> Result<Self, String> {
        self.folder = folder.to_owned();
        let names = self.names();
        for hook in &self.webhooks {
            if WebhookName::new(&hook.name).is_err()
                || ["notify", "smtp", "slips"].contains(&hook.name.as_str())
            {
                return Err(format!(
                    "\"{}\" cannot be a webhook's name: use letters, digits and hyphens, and not notify, smtp or slips",
                    hook.name
                ));
            }
            if names.iter().filter(|name| **name == hook.name).count() > 1 {
                return Err(format!("two webhooks are called {}", hook.name));
            }
        }
        for (key, chosen) in [("sms", &self.sms), ("email", &self.email)] {
            let Some(chosen) = chosen else { continue };
            let carries = names.contains(&chosen.as_str()) && !(key == "sms" && chosen == "smtp");
            if !carries {
                return Err(format!("outbound.{key} = \"{chosen}\" names no gateway that can carry that"));
            }
        }
        // Paper needs nothing but a printer: where nothing else is set up, runners carry what is to be said.
        self.slips |= self.names().is_empty();
        Ok(self)
    }

    /// Whether anything but paper is set up.
    pub fn reaches_people(&self) -> bool {
        !self.names().is_empty()
    }

    /// Whether anything can be sent at all.
    pub fn is_configured(&self) -> bool {
        self.slips || !self.names().is_empty()
    }

    fn names(&self) -> Vec<&str> {
        let hooks = self.webhooks.iter().map(|hook| hook.name.as_str());
        let notify = self.notify.as_ref().map(|_| "notify");
        let smtp = self.smtp.as_ref().map(|_| "smtp");
        notify.into_iter().chain(smtp).chain(hooks).collect()
    }

    /// What the outbox needs to know: also of gateways that cannot be made, so that their messages wait and are seen.
    pub fn setup(&self, seed: u64) -> OutboxSetup {
        let mut gateways = Vec::new();
        for name in self.names() {
            let mut carries = Vec::new();
            carries.extend((self.sms.as_deref() == Some(name)).then_some(Way::Sms));
            carries.extend((self.email.as_deref() == Some(name)).then_some(Way::Email));
            let hook = self.webhooks.iter().find(|hook| hook.name == name);
            carries.extend(hook.map(|_| Way::Webhook));
            let mut setup = GatewaySetup::named(name, &carries);
            let (per_minute_max, in_doubt) = match (name, hook) {
                (_, Some(hook)) => (hook.per_minute_max.unwrap_or(600), hook.in_doubt),
                ("notify", None) => {
                    (self.notify.as_ref().and_then(|part| part.per_minute_max).unwrap_or(3_000), None)
                }
                _ => {
                    let smtp = self.smtp.as_ref();
                    (smtp.and_then(|part| part.per_minute_max).unwrap_or(300), smtp.and_then(|p| p.in_doubt))
                }
            };
            setup.per_minute_max = per_minute_max.clamp(1, 60_000);
            setup.in_flight_max = if name == "notify" { 32 } else { 8 };
            setup.answer_ms_max = if name == "smtp" { 60_000 } else { 20_000 };
            setup.in_doubt = in_doubt.unwrap_or(InDoubt::Hold);
            gateways.push(setup);
        }
        if self.slips {
            let mut setup = GatewaySetup::named("slips", &[Way::Slip]);
            // A runner, not the shelf, says that a slip has arrived: nobody stops waiting for that.
            setup.patience =
                Patience { settle_ms: 1, delivery_asked_for_ms_max: u64::MAX, ..Patience::default() };
            gateways.push(setup);
        }
        OutboxSetup {
            gateways,
            open_max: self.open_max.unwrap_or(100_000).max(1),
            seed,
            ..OutboxSetup::default()
        }
    }

    /// Reads the secrets and makes the gateways. `host` is this machine's name, for greeting a mail relay.
    pub fn make(&self, shelf: &SlipShelf, host: &str) -> Made {
        let mut made = Made::default();
        let mut add = |gateway: Result<Arc<dyn Gateway>, String>| match gateway {
            Ok(gateway) => made.gateways.push(gateway),
            Err(fault) => made.faults.push(fault),
        };
        if let Some(part) = &self.notify {
            add(self.notify(part));
        }
        if let Some(part) = &self.smtp {
            add(self.smtp(part, host));
        }
        for part in &self.webhooks {
            add(self.webhook(part));
        }
        if self.slips {
            add(Ok(Arc::new(Slips::new("slips", shelf.clone()))));
        }
        made
    }

    /// What the gateways that could be made carry to patients.
    pub fn carried(&self, made: &Made) -> Gateways {
        let carries = |chosen: &Option<String>| {
            chosen.as_ref().is_some_and(|name| made.gateways.iter().any(|gateway| gateway.name() == name))
        };
        Gateways { texts: carries(&self.sms), mails: carries(&self.email) }
    }

    /// The files that hold secrets.
    pub fn secret_files(&self) -> Vec<PathBuf> {
        let notify = self.notify.as_ref().map(|part| &part.key_file);
        let smtp = self.smtp.as_ref().and_then(|part| part.password_file.as_ref());
        let hooks = self.webhooks.iter().map(|part| &part.secret_file);
        notify.into_iter().chain(smtp).chain(hooks).map(|path| self.folder.join(path)).collect()
    }

    /// Where messages go, as addresses with their scheme.
    pub fn addresses(&self) -> Vec<String> {
        let notify = self.notify.iter().map(|part| part.base_url.clone());
        let hooks = self.webhooks.iter().map(|part| part.url.clone());
        let relay = self.smtp.iter().map(|part| format!("smtp://{}:{}", part.host, part.port()));
        notify.chain(hooks).chain(relay).collect()
    }

    /// Addresses to which messages go unencrypted and not to this machine.
    pub fn in_clear(&self) -> Vec<&str> {
        let notify = self.notify.iter().map(|part| part.base_url.as_str());
        let hooks = self.webhooks.iter().map(|part| part.url.as_str());
        let here = |url: &str| {
            ["http://127.", "http://[::1]", "http://localhost"].iter().any(|h| url.starts_with(h))
        };
        let web = notify.chain(hooks).filter(|url| url.starts_with("http://") && !here(url));
        let relay = self.smtp.as_ref().filter(|part| matches!(part.tls, MailEncryption::None));
        let relay =
            relay.map(|part| part.host.as_str()).filter(|h| !h.starts_with("127.") && *h != "localhost");
        web.chain(relay).collect()
    }

    fn secret(&self, path: &Path) -> Result<Zeroizing<String>, String> {
        let path = self.folder.join(path);
        let bytes = Zeroizing::new(read_small(&path)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("{} is not text", path.display()))?;
        Ok(Zeroizing::new(text.trim().to_owned()))
    }

    fn certificates(&self, path: Option<&PathBuf>) -> Result<Option<Vec<u8>>, String> {
        path.map(|path| read_small(&self.folder.join(path))).transpose()
    }

    fn notify(&self, part: &NotifyPart) -> Result<Arc<dyn Gateway>, String> {
        let setup = NotifySetup {
            name: "notify".to_owned(),
            base_url: part.base_url.clone(),
            key: self.secret(&part.key_file)?,
            sms_template: part.sms_template.clone(),
            email_template: part.email_template.clone(),
            templates: part.templates.clone(),
            ca_pem: self.certificates(part.ca_file.as_ref())?,
        };
        Ok(Arc::new(Notify::new(setup).map_err(|fault| fault.to_string())?))
    }

    fn smtp(&self, part: &SmtpPart, host: &str) -> Result<Arc<dyn Gateway>, String> {
        let tls = match part.tls {
            MailEncryption::StartTls => MailTls::StartTls,
            MailEncryption::Implicit => MailTls::Implicit,
            MailEncryption::None => MailTls::None,
        };
        let credentials = match (&part.user, &part.password_file) {
            (Some(user), Some(path)) => Some((user.clone(), self.secret(path)?)),
            (None, None) => None,
            _ => return Err("outbound.smtp: user and password_file go together".to_owned()),
        };
        let setup = SmtpSetup {
            name: "smtp".to_owned(),
            host: part.host.clone(),
            port: part.port(),
            tls,
            ca_pem: self.certificates(part.ca_file.as_ref())?,
            credentials,
            from: part.from.clone(),
            hello: part.hello.clone().unwrap_or_else(|| host.to_owned()),
        };
        Ok(Arc::new(Smtp::new(setup).map_err(|fault| fault.to_string())?))
    }

    fn webhook(&self, part: &WebhookPart) -> Result<Arc<dyn Gateway>, String> {
        let setup = WebhookSetup {
            name: part.name.clone(),
            url: part.url.clone(),
            secret: self.secret(&part.secret_file)?,
            idempotent: part.idempotent,
            ca_pem: self.certificates(part.ca_file.as_ref())?,
        };
        Ok(Arc::new(Webhook::new(setup).map_err(|fault| fault.to_string())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Outbound, String> {
        let section: Outbound = toml::from_str(text).map_err(|e| e.to_string())?;
        section.checked(Path::new("etc"))
    }

    const HOOK: &str =
        "[[webhooks]]\nname = 'rota'\nurl = 'http://rota.example/hook'\nsecret_file = 'rota.secret'\n";

    #[test]
    fn each_way_has_the_gateway_that_is_named_for_it() {
        let text =
            format!("sms = 'notify'\nemail = 'rota'\nslips = true\n[notify]\nkey_file = 'key'\n{HOOK}");
        let setup = read(&text).unwrap().setup(1);
        let carries: Vec<_> =
            setup.gateways.iter().map(|g| (g.name.as_str(), g.carries.as_slice())).collect();
        let want: [(&str, &[Way]); 3] =
            [("notify", &[Way::Sms]), ("rota", &[Way::Email, Way::Webhook]), ("slips", &[Way::Slip])];
        assert_eq!(carries, want);
        assert_eq!(setup.gateways.first().map(|g| g.per_minute_max), Some(3_000));
        // A hospital that has set nothing up can still send runners.
        let alone: Vec<_> = read("").unwrap().setup(1).gateways.into_iter().map(|g| g.name).collect();
        assert_eq!(alone, ["slips"]);
    }

    /// What is planned for patients goes by this: a gateway that is only named carries nothing.
    #[test]
    fn what_is_carried_is_what_could_be_made() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("rota.secret"), "0123456789abcdef0123456789abcdef").unwrap();
        let rota = Gateways { texts: false, mails: true };
        for (text, carried) in [
            (String::new(), Gateways::NONE),
            ("slips = true".to_owned(), Gateways::NONE),
            (HOOK.to_owned(), Gateways::NONE),
            (format!("email = 'rota'\n{HOOK}"), rota),
            (format!("sms = 'rota'\nemail = 'rota'\n{HOOK}"), Gateways::ALL),
            // Its key is nowhere: the gateway is said to be at fault, and nobody is told by it.
            (format!("sms = 'notify'\nemail = 'rota'\n[notify]\nkey_file = 'key'\n{HOOK}"), rota),
        ] {
            let section: Outbound = toml::from_str(&text).unwrap();
            let section = section.checked(dir.path()).unwrap();
            let made = section.make(&SlipShelf::default(), "lifeboat");
            assert_eq!(section.carried(&made), carried, "{text} {:?}", made.faults);
        }
    }

    #[test]
    fn what_cannot_work_is_said_and_stops_nobody_else() {
        for (text, words) in [
            (
                "sms = 'smtp'\n[smtp]\nhost = 'mail.example'\nfrom = 'a@b.example'".to_owned(),
                "no gateway that can",
            ),
            ("email = 'smtp'".to_owned(), "no gateway that can"),
            (HOOK.replace("rota'", "a b'"), "cannot be a webhook's name"),
            (format!("{HOOK}{HOOK}"), "two webhooks"),
            ("[notify]\nkey_file = 'a'\nkeyfile = 'b'".to_owned(), "unknown field"),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains(words), "{text}: {refused}");
        }
        let section = read(&format!("slips = true\n{HOOK}")).unwrap();
        let made = section.make(&SlipShelf::default(), "lifeboat");
        assert_eq!((made.gateways.len(), made.faults.len()), (1, 1));
        assert!(made.faults.iter().all(|fault| fault.contains("etc/rota.secret")), "{:?}", made.faults);
        assert_eq!(section.in_clear(), ["http://rota.example/hook"]);
    }
}
