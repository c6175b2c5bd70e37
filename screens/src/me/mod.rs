//! One's own page: who I am here, how I get in, where I am signed in; and the steps of whoever came for the first time.
//!
//! Always: everybody changes their own alone, and shows that it is still them where they last did so a while ago; a phone is
//! added only once it has shown a code. Never: a secret of a phone in a cookie or a form; a recovery code shown twice.
//! The rules are in `access::sign_in::credentials`; proved by `tests/sign_in.rs`.

pub mod deed;
pub mod page;
mod passphrase;
mod pending;
mod phone;
mod proof;
mod recovery;
mod sessions;

pub use pending::Pending;
