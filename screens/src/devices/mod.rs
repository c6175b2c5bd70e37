//! The hospital's own devices: which are enrolled, enrolling one by a square code or on the spot, revoking one.
//!
//! `list` is all of them, `one` a single one and its deeds, `code` the sheet with the square code, `enrol` what the tablet
//! shows, `pending` the codes that wait in memory. Always: an enrolment is judged by the rules at the moment it is done, in the
//! name of whoever opened it. Never: a device's secret or a code kept, but by its hash. Proved by `tests/devices.rs`.

mod code;
pub mod enrol;
pub mod list;
pub mod one;
pub mod pending;
pub mod places;

use crate::desk::{FormAgain, IntoPage, Look};
use crate::mishap::Mishap;
use access::devices::DeviceKey;
use axum::response::Response;
use std::fmt::Write;

/// `/devices/{key}`: the key in 64 hexadecimal digits.
pub fn address(key: &DeviceKey) -> String {
    let digits = key.bytes().iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    format!("/devices/{digits}")
}

/// The key that an address holds; `None` for what is none.
pub fn key_of(text: &str) -> Option<DeviceKey> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0u8; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(DeviceKey::from_bytes(bytes))
}

/// Goes on when a form was taken; else shows it again with why at its top.
///
/// # Errors
/// What is no refusal and cannot be shown on the form; a page that cannot be filled.
pub fn answered<T: askama::Template>(
    look: &Look<'_>,
    done: Result<Response, Mishap>,
    again: impl FnOnce(String) -> Result<T, Mishap>,
) -> Result<Response, Mishap> {
    match done {
        Ok(response) => Ok(response),
        Err(mishap) => {
            let (why, status) = look.form_again(mishap)?;
            FormAgain { page: again(why)?, status }.into_page()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::devices::DEVICE;

    #[test]
    fn a_key_survives_its_address() {
        let key = DeviceKey::of(DEVICE, b"AMU terminal 3");
        let address = address(&key);
        assert_eq!(address.strip_prefix("/devices/").and_then(key_of), Some(key));
        for odd in ["", "new", "waiting", &"g".repeat(64), &"a".repeat(63), &"ä".repeat(32)] {
            assert_eq!(key_of(odd), None, "{odd}");
        }
    }
}
