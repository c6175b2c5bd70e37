//! The adapters: each a thin translation between a gateway's contract and the house's one interface.

mod http;
mod notify;
mod slips;
mod smtp;
mod webhook;

pub use notify::{Notify, NotifySetup};
pub use slips::{Slip, SlipShelf, Slips};
pub use smtp::{MailTls, Smtp, SmtpSetup};
pub use webhook::{Webhook, WebhookSetup};
