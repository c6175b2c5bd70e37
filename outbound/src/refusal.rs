//! Why a message was not taken on or a decision not carried out: sentences to act on, and faults of the record.

use crate::outgoing::Way;
use basics::EntryNumber;

/// Not done, and why. Nothing was recorded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The asker's id.
    #[error("the message's id must be 1 to 80 letters, digits, \"-\", \"_\" and \".\"")]
    Id,
    /// The number.
    #[error(
        "this is not a telephone number that can be texted; write it like 07700 900123 or +353 20 915 5555"
    )]
    PhoneNumber,
    /// The address.
    #[error("this is not one mail address; write it like name@hospital.example, without a display name")]
    EmailAddress,
    /// The webhook's name.
    #[error("a webhook's name is 1 to 40 letters, digits and hyphens")]
    WebhookName,
    /// The place.
    #[error("say in one line, of at most 120 bytes, where the slip is to be taken")]
    Place,
    /// A text that would run into a header or act upon a reader's screen.
    #[error("the {what} holds a line break or a control character; take it out")]
    ControlCharacter {
        /// Which text.
        what: &'static str,
    },
    /// Above a ceiling.
    #[error("the {what} is too long; at most {most}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Bytes, or items of a list.
        most: usize,
    },
    /// No text.
    #[error("the message says nothing; write its text")]
    NothingSaid,
    /// No name.
    #[error("say who asked for the message: a name or initials")]
    NobodyAsked,
    /// No reason.
    #[error("say why, so that the next shift understands the decision")]
    NoReason,
    /// Would never be sent.
    #[error("the time until which the message is valid is already past; give a later one")]
    AlreadyPast,
    /// No gateway for it.
    #[error("no gateway is configured for {}; set one under [outbound], or choose another way", .0.words())]
    NoGateway(Way),
    /// The same id with other words or to somebody else.
    #[error("another message already has this id (entry {0}); give the new one an id of its own")]
    SameIdOtherMessage(EntryNumber),
    /// The same id twice at the same time.
    #[error("two messages that are being queued now have the same id; give each an id of its own")]
    SameIdTwice,
    /// The ceiling of the outbox.
    #[error(
        "the outbox holds {open} messages that are not done, and {open_max} is its ceiling; look at what holds it up \
         before adding more"
    )]
    Full {
        /// Open messages.
        open: usize,
        /// The ceiling.
        open_max: usize,
    },
    /// Too many in one go.
    #[error("{asked} messages at once are too many; queue at most {most} at a time")]
    TooManyAtOnce {
        /// Handed in.
        asked: usize,
        /// The ceiling.
        most: usize,
    },
    /// Nothing there.
    #[error("there is no open message {0} in the outbox; it is done, or never was")]
    NoSuchMessage(EntryNumber),
    /// It is being handed over at this moment.
    #[error("message {0} is being handed over at this moment; look again in a minute")]
    InFlight(EntryNumber),
    /// Too late or too early for this decision.
    #[error("message {number} is {state}, so that this cannot be decided about it any more")]
    WrongState {
        /// Which message.
        number: EntryNumber,
        /// What it is, in words.
        state: &'static str,
    },
}

/// Not done: either a sentence for the person, or the record could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A sentence to act on.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The record is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What should work and does not.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The outbox's book could not be opened, read or written.
    #[error("the outbox could not be recorded, so nothing was sent: {0}")]
    Record(#[from] logbook::Fault),
    /// An entry of the book that this version cannot read.
    #[error("entry {0} of the outbox is of a kind or version that this Lifeboat does not know: {1}")]
    UnknownEntry(EntryNumber, String),
    /// A note could not be written down.
    #[error("a note for the outbox could not be encoded: {0}")]
    Encode(String),
    /// A certificate, a key or an address in a gateway's setup.
    #[error("the gateway {gateway} cannot be set up: {why}")]
    Setup {
        /// Which gateway.
        gateway: String,
        /// What is wrong, in words.
        why: String,
    },
}
