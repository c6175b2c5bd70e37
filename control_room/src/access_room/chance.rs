//! Chance for access: tokens of sessions and devices, codes, secrets, salts; from the operating system, handed to the rules.
//!
//! Never: a secret in `Debug`, or kept here after it was handed out once.

use super::AccessRoom;
use crate::Fault;
use access::devices::{DEVICE, DeviceKey};
use access::secrets::{Code, Hashed, Secret128};
use access::sessions::SESSION;
use access::sign_in::totp::TotpSecret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use zeroize::Zeroizing;

/// A secret that a browser keeps in a cookie: of a session, or of the browser itself.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    fn fresh() -> Result<Self, Fault> {
        let bytes = random::<32>()?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))))
    }

    /// The cookie's value: 43 letters, digits, hyphens and underscores.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Fault> {
    let mut bytes = Zeroizing::new([0u8; N]);
    getrandom::fill(&mut *bytes).map_err(|e| Fault::from(logbook::Fault::Randomness(e.to_string())))?;
    Ok(bytes)
}

impl AccessRoom {
    /// What a session's token is kept as.
    pub fn session_of(token: &str) -> Hashed {
        Hashed::of(SESSION, token.as_bytes())
    }

    /// What a browser's own token makes it known by.
    pub fn device_of(token: &str) -> DeviceKey {
        Hashed::of(DEVICE, token.as_bytes())
    }

    /// A token for a session or a browser.
    ///
    /// # Errors
    /// No chance from the operating system.
    pub fn fresh_token(&self) -> Result<Token, Fault> {
        Token::fresh()
    }

    /// Sixteen bytes of salt for a passphrase or a PIN.
    ///
    /// # Errors
    /// As for [`AccessRoom::fresh_token`].
    pub fn fresh_salt(&self) -> Result<[u8; 16], Fault> {
        Ok(*random::<16>()?)
    }

    /// A code for an invitation, or a recovery code.
    ///
    /// # Errors
    /// As for [`AccessRoom::fresh_token`].
    pub fn fresh_code(&self) -> Result<Code, Fault> {
        Ok(Code::new(&*random::<10>()?))
    }

    /// The secret of a shift card or of an enrolment.
    ///
    /// # Errors
    /// As for [`AccessRoom::fresh_token`].
    pub fn fresh_secret(&self) -> Result<Secret128, Fault> {
        Ok(Secret128::new(*random::<16>()?))
    }

    /// What a phone and Lifeboat will share.
    ///
    /// # Errors
    /// As for [`AccessRoom::fresh_token`].
    pub fn fresh_authenticator(&self) -> Result<TotpSecret, Fault> {
        Ok(TotpSecret::new(*random::<20>()?))
    }
}
