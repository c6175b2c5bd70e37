//! Whether somebody can look after accounts, and whether the hospital's own rights are in force: said before the day it counts.
//!
//! Never: the record written; beside a running server the access book is only read.

use super::Findings;
use crate::config::Config;
use crate::keys;
use access::{AccessBook, Role};
use control_room::{AccessForms, AccessRoom};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    rights(config, findings);
    if !keys::key_file(&config.data).exists() {
        return findings.notice(
            "people",
            "nobody has to sign in yet: make the first administrator (lifeboat people begin)",
        );
    }
    if keys::needs_person(config) && std::env::var_os(keys::PASSPHRASE_VARIABLE).is_none() {
        return findings.notice(
            "people",
            "whether there is an administrator cannot be seen before a person opens the keys",
        );
    }
    // Keys that do not open are told above.
    let Ok(keys) = keys::open(config, false, keys::Patience::GiveUp) else { return };
    match AccessRoom::look_at(&config.data, &keys) {
        Ok(book) => administrators(&book, findings),
        Err(fault) => findings.wrong("people", format!("the access book cannot be read: {fault}")),
    }
}

/// The hospital's own file, where it has one.
fn rights(config: &Config, findings: &mut Findings) {
    let own = config.data.join("forms").join("access").join(access::rights::shipped().0);
    let forms = AccessForms::read(&config.data);
    for fault in &forms.faults {
        findings.wrong("rights", fault.replace('\n', "; "));
    }
    if forms.faults.is_empty() {
        let groups = forms.rights.groups().len();
        findings.fine(
            "rights",
            match own.is_file() {
                true => format!("{} can be used: {groups} groups of pages", own.display()),
                false => format!("those that come with Lifeboat are in force: {groups} groups of pages"),
            },
        );
    }
}

fn administrators(book: &AccessBook, findings: &mut Findings) {
    if book.people.is_empty() {
        return findings.notice(
            "people",
            "nobody has to sign in yet: make the first administrator (lifeboat people begin)",
        );
    }
    let standing: Vec<_> =
        book.people.open().filter(|(_, account)| account.stands_as_administrator()).collect();
    let ready = standing.iter().filter(|(number, _)| book.credentials(number).complete()).count();
    match (standing.len(), ready) {
        (0, _) => findings.wrong(
            "people",
            "no administrator is left: two of the three key shares make one (lifeboat people way-back)",
        ),
        (_, 0) => findings.wrong(
            "people",
            "no administrator can sign in: invite one anew (lifeboat people invite), or by key shares (way-back)",
        ),
        (_, 1) => findings.notice(
            "people",
            "one administrator alone can sign in: make a second, for when that one is on leave",
        ),
        (_, ready) => findings.fine("people", format!("{ready} administrators can sign in")),
    }
    if !book.people.open().any(|(_, account)| account.roles.contains(&Role::PrivacyOfficer)) {
        findings.notice("people", "there is no privacy officer: nobody reviews who broke the glass");
    }
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;
    use std::fs;

    /// What is said with these rights of the hospital's own, on a record without keys.
    fn said(rights: Option<&str>) -> Vec<(Grade, String)> {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("forms/access");
        fs::create_dir_all(&own).unwrap();
        if let Some(text) = rights {
            fs::write(own.join("rights.txt"), text).unwrap();
        }
        let mut findings = Findings::default();
        check(&Config::of_data(dir.path().to_owned()), &mut findings);
        findings.0.into_iter().map(|finding| (finding.grade, finding.sentence)).collect()
    }

    #[test]
    fn rights_with_a_fault_are_told_before_the_day() {
        let shipped = access::rights::shipped().1;
        let torn = format!("{shipped}\nPAGES Torn\nlook: king\n");
        for (rights, grade, words) in [
            (None, Grade::Fine, "that come with Lifeboat are in force"),
            (Some(shipped), Grade::Fine, "can be used"),
            (Some(torn.as_str()), Grade::Wrong, "the shipped rights are used"),
        ] {
            let said = said(rights);
            assert!(said.iter().any(|(g, s)| *g == grade && s.contains(words)), "{words}: {said:?}");
            assert!(said.iter().all(|(_, sentence)| !sentence.contains('\n')), "one finding, one line");
            assert!(said.iter().any(|(_, s)| s.contains("lifeboat people begin")), "{said:?}");
        }
    }
}
