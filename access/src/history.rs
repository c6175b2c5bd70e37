//! What the access book says of one person, in sentences: for the page of their account.
//!
//! Always: who changed what, and when something was taken away. Never: whom they looked at, nor which glass they broke:
//! that is the privacy officer's alone. Called by `control_room` while it reads the book backwards; proved by the table below.

use crate::book::{Act, Fact};
use crate::people::Fact as People;
use crate::sessions::{Fact as Sessions, Revoke};
use crate::sign_in::credentials::Fact as Credentials;
use crate::sign_in::way_back::Fact as WayBack;
use crate::{StaffNumber, devices};
use basics::Zone;

/// What one act says of somebody, a sentence each; nothing where it is about others.
pub fn about(act: &Act, number: &StaffNumber, zone: &Zone) -> Vec<String> {
    act.facts.iter().filter_map(|fact| said(fact, number, zone)).collect()
}

fn said(fact: &Fact, me: &StaffNumber, zone: &Zone) -> Option<String> {
    match fact {
        Fact::People(fact) => of_account(fact, me, zone),
        Fact::Credentials(fact) => of_ways_in(fact, me, zone),
        Fact::Sessions(fact) => of_sessions(fact, me),
        Fact::Devices(devices::Fact::Enrolled { label, owner: Some(owner), .. }) if owner == me => {
            Some(format!("Device enrolled as theirs: {label}"))
        }
        Fact::WayBack(WayBack::Taken { number, shares: [one, other], .. }) if number == me => {
            Some(format!("Made an administrator by key shares {one} and {other}"))
        }
        _ => None,
    }
}

fn of_account(fact: &People, me: &StaffNumber, zone: &Zone) -> Option<String> {
    match fact {
        People::Joined { number, account } | People::Changed { number, account } if number == me => {
            let deed = if matches!(fact, People::Joined { .. }) { "Opened" } else { "Changed" };
            let until = account.valid_until.map(|at| format!(", until {}", zone.clinical(at)));
            Some(format!(
                "{deed}: {}, {}, {}{}",
                account.name,
                account.roles_words(),
                account.scope,
                until.unwrap_or_default()
            ))
        }
        People::Closed { number, why } if number == me => Some(format!("Closed: {why}")),
        People::Reopened { number, why } if number == me => Some(format!("Opened again: {why}")),
        _ => None,
    }
}

fn of_ways_in(fact: &Credentials, me: &StaffNumber, zone: &Zone) -> Option<String> {
    let (number, words) = match fact {
        Credentials::PassphraseSet { number, .. } => (number, "Passphrase set".to_owned()),
        Credentials::AuthenticatorAdded { number, label, .. } => (number, format!("Phone added: {label}")),
        Credentials::AuthenticatorRemoved { number, authenticator } => {
            (number, format!("Phone {authenticator} removed"))
        }
        Credentials::PasskeyAdded { number, passkey } => {
            (number, format!("Passkey added: {}", passkey.label))
        }
        Credentials::PasskeyRemoved { number, .. } => (number, "Passkey removed".to_owned()),
        Credentials::RecoveryCodesMade { number, .. } => (number, "Recovery codes made".to_owned()),
        Credentials::Invited { number, until, .. } => (
            number,
            format!("Invited until {}; what they signed in by before was taken away", zone.clinical(*until)),
        ),
    };
    (number == me).then_some(words)
}

fn of_sessions(fact: &Sessions, me: &StaffNumber) -> Option<String> {
    match fact {
        Sessions::Opened { number, way, from, .. } if number == me => {
            let at = if from.is_empty() { String::new() } else { format!(" at {from}") };
            Some(format!("Signed in by {}{at}", way.words()))
        }
        Sessions::Revoked { what: Revoke::Person(number), why } if number == me => {
            Some(format!("Every session ended: {why}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::By;
    use crate::secrets::Hashed;
    use basics::Moment;

    #[test]
    fn only_what_is_about_somebody_is_said_and_no_secret_is() {
        let (me, other) = (StaffNumber::new("N1").unwrap(), StaffNumber::new("N2").unwrap());
        let until = Moment::parse_rfc3339("2026-05-20T08:00:00Z").unwrap();
        let code = Hashed::of("invitation", b"x");
        let invited =
            |number: &StaffNumber| Fact::from(Credentials::Invited { number: number.clone(), code, until });
        let act = Act {
            by: By::Lifeboat,
            facts: vec![
                invited(&other),
                invited(&me),
                Fact::from(People::Closed { number: me.clone(), why: "left in May".to_owned() }),
                Fact::from(Sessions::Revoked { what: Revoke::Everything, why: "stolen".to_owned() }),
            ],
        };
        let said = about(&act, &me, &Zone::london());
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].starts_with("Invited until 20-May-2026") && said[1] == "Closed: left in May",
            "{said:?}"
        );
        assert!(!said.join(" ").contains("Hashed"), "{said:?}");
        assert_eq!(about(&act, &other, &Zone::london()).len(), 1);
    }
}
