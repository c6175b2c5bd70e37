//! The record's keys through the real program: the ceremony, every way in, rotation, a Lifeboat that waits for its keys, and
//! the plug that is pulled.

use crate::common::ceremony::{
    PHRASE, asked, dealt, held, right, shares_in, with_phrase, without_network, words,
};
use crate::common::{self, PROGRAM, Server, adt, command, json_lines, ok, refused, write_messages};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// `keys unseal` by these files of shares.
fn unsealed_by(data: &Path, shares: &[&Path]) -> Output {
    let mut arguments = vec!["keys", "unseal", "--data", path(data)];
    shares.iter().for_each(|share| arguments.extend(["--share", path(share)]));
    common::lifeboat(&arguments)
}

/// A record of one invented patient.
fn import(data: &Path) {
    let file = data.with_extension("hl7");
    write_messages(&file, &[adt("A01", "1", "100", "ZZTEST", "3")]);
    let done = with_phrase(PHRASE, &["import", path(&file), "--data", path(data)]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
}

#[test]
fn a_ceremony_makes_a_record_that_opens_by_passphrase_and_by_any_two_sheets() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let shares = held(&data, &out, &[]);
    assert_eq!(shares.len(), 3);
    for entry in fs::read_dir(&out).unwrap().chain(fs::read_dir(&data).unwrap()).flatten() {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
    let pdfs =
        fs::read_dir(&out).unwrap().flatten().filter(|e| e.path().extension().is_some_and(|x| x == "pdf"));
    assert_eq!(pdfs.count(), 4, "one sheet for each share, one of instructions");
    import(&data);
    let shown = json_lines(&ok(&["keys", "show", "--json", "--data", path(&data)], 0));
    let ways: Vec<_> = shown.iter().filter_map(|line| line["opens_by"].as_str()).collect();
    assert_eq!(ways, ["passphrase", "shares"]);
    let fingerprint = shown.last().unwrap()["verifying_key_in_words"].as_str().unwrap();
    assert_eq!(fingerprint.split(' ').count(), 8);
    for pair in [[0, 1], [1, 2], [2, 0]] {
        let done = unsealed_by(&data, &pair.map(|n: usize| shares[n].as_path()));
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        assert!(text(&done.stdout).contains(fingerprint), "the words to compare are shown");
    }
    let by_phrase = with_phrase(PHRASE, &["patients", "--json", "--data", path(&data)]);
    assert_eq!(json_lines(&text(&by_phrase.stdout)).len(), 1);
    // With no network at all, too.
    let arguments =
        ["keys", "unseal", "--data", path(&data), "--share", path(&shares[1]), "--share", path(&shares[2])];
    if let Some(alone) = without_network(&arguments) {
        assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
    }
    for share in &shares {
        let line =
            json_lines(&ok(&["keys", "check", path(share), "--json", "--data", path(&data)], 0)).remove(0);
        assert_eq!((&line["belongs_to_this_record"], &line["needed"]), (&json!(true), &json!(2)));
    }
    // A disk that was stolen: everything is there but what people have.
    let stolen = dir.path().join("stolen");
    common::copy_folder(&data, &stolen);
    assert!(refused(&["patients", "--data", path(&stolen)], 7).contains("opens by a passphrase"));
    assert_eq!(
        with_phrase("guess after guess after guess", &["patients", "--data", path(&stolen)]).status.code(),
        Some(7)
    );
    // It is not made twice by mistake.
    let again = dealt(asked(&data, &out, &[]), &out, right);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("holds keys already"), "{}", text(&again.stderr));
}

#[test]
fn nothing_counts_before_the_words_were_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let wrong = dealt(asked(&data, &out, &[]), &out, |_, _| "acorn".to_owned());
    let said = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(1), "{said}");
    assert!(said.contains("look at the numbers on the paper") && said.contains("burn the sheets"), "{said}");
    assert!(!data.join("keys").exists(), "no keys were made");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "and no sheet is left");
    // Nor when nobody answers, nor with a passphrase that is no passphrase, nor with numbers that cannot be.
    let nobody = asked(&data, &out, &[]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(nobody.status.code(), Some(1));
    let short =
        asked(&data, &out, &[]).env("LIFEBOAT_PASSPHRASE", "short").stdin(Stdio::null()).output().unwrap();
    assert!(short.status.code() == Some(7) && text(&short.stderr).contains("too short"));
    let none =
        asked(&data, &out, &[]).env_remove("LIFEBOAT_PASSPHRASE").stdin(Stdio::null()).output().unwrap();
    assert!(none.status.code() == Some(7) && text(&none.stderr).contains("never on the command line"));
    let one = asked(&data, &out, &["--needed", "1"]).stdin(Stdio::null()).output().unwrap();
    assert!(text(&one.stderr).contains("1 of 3 shares cannot be"), "{}", text(&one.stderr));
    for inside in [data.clone(), data.join("papers")] {
        let refused = asked(&data, &inside, &[]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("inside the data directory"), "{}", text(&refused.stderr));
    }
    assert!(!data.join("keys").exists());
    // With the words read back it counts.
    held(&data, &out, &["--needed", "3", "--many", "5"]);
    assert_eq!(shares_in(&out).len(), 5);
}

/// A share's file with other words.
fn changed(share: &Path, change: impl FnOnce(&mut Vec<String>)) -> PathBuf {
    let mut typed = words(share);
    change(&mut typed);
    let path = share.with_extension("changed");
    fs::write(&path, typed.join(" ")).unwrap();
    path
}

#[test]
fn what_is_wrong_with_a_share_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let shares = held(&data, &out, &[]);
    let said = |shares: &[&Path]| {
        let done = unsealed_by(&data, shares);
        assert_eq!(done.status.code(), Some(7), "{}", text(&done.stdout));
        text(&done.stderr)
    };
    let right = words(&shares[0])[6].clone();
    let slip = changed(&shares[0], |all| _ = all[6].pop());
    // A word cut short by a letter is still known by its first four, unless it was one of four letters.
    let cut = unsealed_by(&data, &[&slip, &shares[1]]);
    let heard = text(&cut.stderr);
    match right.len() {
        ..=4 => assert!(cut.status.code() == Some(7) && heard.contains("word 7"), "{right}: {heard}"),
        _ => assert_eq!(cut.status.code(), Some(0), "{right}: {heard}"),
    }
    let slip = changed(&shares[0], |all| all[6] = "harbuor".to_owned());
    let heard = said(&[&slip, &shares[1]]);
    assert!(heard.contains("word 7, 'harbuor', is not on the list") && heard.contains(&right), "{heard}");
    let checked = refused(&["keys", "check", path(&slip), "--data", path(&data)], 3);
    assert!(checked.contains("word 7"), "{checked}");
    assert!(said(&[&shares[0], &shares[0]]).contains("share 1 was given twice"));
    assert!(said(&[&shares[0]]).contains("2 shares are needed and 1 was given"));
    // Sheets of another ceremony, alone and mixed.
    let (data2, out2) = (dir.path().join("data2"), dir.path().join("papers2"));
    let others = held(&data2, &out2, &[]);
    assert!(said(&[&shares[0], &others[1]]).contains("two ceremonies"));
    let foreign = said(&[&others[0], &others[1]]);
    assert!(
        foreign.contains(&words(&others[0])[..2].join(" "))
            && foreign.contains(&words(&shares[0])[..2].join(" ")),
        "{foreign}"
    );
    let checked = ok(&["keys", "check", path(&others[0]), "--data", path(&data)], 3);
    assert!(checked.contains("does NOT belong"), "{checked}");
    // A key file that was cut short, or changed by a bit.
    let whole = fs::read(data.join("keys")).unwrap();
    for damaged in
        [whole[..whole.len() / 2].to_vec(), [&whole[..100], &[whole[100] ^ 4], &whole[101..]].concat()]
    {
        fs::write(data.join("keys"), damaged).unwrap();
        let done = unsealed_by(&data, &[&shares[0], &shares[1]]);
        assert_eq!(done.status.code(), Some(4), "{}", text(&done.stderr));
        assert!(
            text(&done.stderr).contains("is damaged") && text(&done.stderr).contains("put a copy of it back")
        );
    }
    fs::write(data.join("keys"), whole).unwrap();
    assert_eq!(unsealed_by(&data, &[&shares[2], &shares[1]]).status.code(), Some(0));
}

#[test]
fn each_way_in_is_changed_without_the_others_and_without_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let shares = held(&data, &out, &[]);
    import(&data);
    let at = path(&data);
    // The passphrase is forgotten: two sheets make another.
    let fresh = "canyon meadow pigeon ribbon sierra violin";
    let mut replace = command(&[
        "keys",
        "replace",
        "passphrase",
        "--data",
        at,
        "--share",
        path(&shares[0]),
        "--share",
        path(&shares[2]),
    ]);
    let done = replace.env("LIFEBOAT_NEW_PASSPHRASE", fresh).stdin(Stdio::null()).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(
        with_phrase(PHRASE, &["patients", "--data", at]).status.code(),
        Some(7),
        "the old one opens nothing"
    );
    let patients = with_phrase(fresh, &["patients", "--json", "--data", at]);
    assert_eq!(json_lines(&text(&patients.stdout)).len(), 1, "and the record is what it was");
    // A sheet is lost: new ones, and the old open nothing. The passphrase comes by a descriptor this time.
    let phrase_file = dir.path().join("phrase");
    fs::write(&phrase_file, format!("{fresh}\n")).unwrap();
    let again = dir.path().join("papers again");
    let replace = command(&[
        "keys",
        "replace",
        "shares",
        "--text",
        "--data",
        at,
        "--out",
        path(&again),
        "--passphrase-file",
        path(&phrase_file),
    ]);
    let done = dealt(replace, &again, right);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(unsealed_by(&data, &[&shares[0], &shares[2]]).status.code(), Some(7));
    let fresh_shares = shares_in(&again);
    assert_eq!(unsealed_by(&data, &[&fresh_shares[0], &fresh_shares[2]]).status.code(), Some(0));
    // This machine's own key, handed over as systemd does.
    let credentials = dir.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("lifeboat.key"), [9; 32]).unwrap();
    let added = command(&["keys", "add", "machine", "--data", at])
        .env("LIFEBOAT_PASSPHRASE", fresh)
        .env("CREDENTIALS_DIRECTORY", &credentials)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(added.status.code(), Some(0), "{}", text(&added.stderr));
    let unattended = |folder: &Path| {
        command(&["patients", "--data", at])
            .env("CREDENTIALS_DIRECTORY", folder)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    assert_eq!(unattended(&credentials).status.code(), Some(0));
    assert_eq!(unattended(dir.path()).status.code(), Some(7), "without the credential a person is needed");
    // Ways in are taken away, but not the last one for a person.
    for (slot, code) in [("shares", 0), ("9", 1), ("shares", 2), ("passphrase", 1), ("machine", 0)] {
        let done = with_phrase(fresh, &["keys", "remove", slot, "--data", at]);
        assert_eq!(done.status.code(), Some(code), "{slot}: {}", text(&done.stderr));
    }
    assert_eq!(with_phrase(fresh, &["verify", "--data", at]).status.code(), Some(0));
}

#[test]
fn key_files_of_the_first_kind_open_and_take_shares() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    fs::create_dir(&data).unwrap();
    let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/../logbook/tests/frozen/keys_v1.hex");
    let hex = fs::read_to_string(frozen).unwrap();
    let hex = hex.lines().find_map(|line| line.strip_prefix("passphrase ")).unwrap().to_owned();
    let bytes: Vec<u8> =
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    fs::write(data.join("keys"), bytes).unwrap();
    let at = path(&data);
    let words = "correct horse battery staple";
    assert_eq!(json_lines(&ok(&["keys", "show", "--json", "--data", at], 0))[1]["first_kind"], true);
    assert_eq!(with_phrase(words, &["keys", "unseal", "--data", at]).status.code(), Some(0));
    let mut add = command(&["keys", "add", "shares", "--text", "--data", at, "--out", path(&out)]);
    add.env("LIFEBOAT_PASSPHRASE", words);
    let done = dealt(add, &out, right);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let shares = shares_in(&out);
    assert_eq!(unsealed_by(&data, &[&shares[0], &shares[1]]).status.code(), Some(0));
    assert_eq!(with_phrase(words, &["keys", "unseal", "--data", at]).status.code(), Some(0));
}

#[test]
fn a_lifeboat_without_its_keys_waits_and_a_person_opens_it() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    let shares = held(&data, &out, &[]);
    let at = path(&data);
    let mut serve = Command::new(PROGRAM);
    serve.env_remove("LIFEBOAT_PASSPHRASE").env_remove("LIFEBOAT_CONFIG");
    let child = Server::spawn(&data, "", serve);
    common::eventually("it waits", || data.join("keys.socket").exists());
    assert_eq!(fs::metadata(data.join("keys.socket")).unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(
        with_phrase("guess after guess after guess", &["keys", "unseal", "--data", at]).status.code(),
        Some(7)
    );
    let done = unsealed_by(&data, &[&shares[1], &shares[0]]);
    assert!(
        text(&done.stdout).contains("has its keys and starts now"),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    let server = Server::up(child, &data);
    assert_eq!(server.sender().send(&common::person(1)).unwrap(), "AA|1");
    // Keys are changed while it runs.
    let done = command(&["keys", "replace", "passphrase", "--data", at])
        .env("LIFEBOAT_PASSPHRASE", PHRASE)
        .env("LIFEBOAT_NEW_PASSPHRASE", "canyon meadow pigeon ribbon sierra violin")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    pulled(server, &data, &[]);
    assert_eq!(
        common::lost_or_doubled_with("canyon meadow pigeon ribbon sierra violin", &data, &[1]),
        (vec![], vec![])
    );
    assert!(ok(&["seal", "--data", at], 0).contains("no Lifeboat runs"));
}

/// Pulls the plug and waits for the end, which must come at once. Gives what `seal` said.
fn pulled(mut server: Server, data: &Path, more: &[&str]) -> Output {
    let done = common::lifeboat(&[&["seal", "--data", path(data)], more].concat());
    // `seal` itself waits until the program is gone.
    let ended = server.child.try_wait().unwrap();
    assert!(ended.is_some_and(|status| status.code() == Some(0)), "it still runs: {}", text(&done.stderr));
    done
}

#[test]
fn the_plug_is_pulled_and_the_machine_s_own_key_opens_nothing_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("papers"));
    held(&data, &out, &["--machine"]);
    let server = Server::start(&data, "");
    let mut sender = server.sender();
    assert!((1..=20).all(|n| sender.send(&common::person(n)) == Some(format!("AA|{n}"))));
    // Without the second wish the next start is as the last.
    let done = pulled(server, &data, &[]);
    assert!(
        text(&done.stdout).contains("the keys are wiped and Lifeboat has stopped"),
        "{}",
        text(&done.stdout)
    );
    let server = Server::start(&data, "");
    let done = pulled(server, &data, &["--forget-machine-credential"]);
    assert!(
        text(&done.stdout).contains("the next start needs a person"),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    assert!(data.join("machine.key").exists(), "the key is still there, and opens nothing:");
    refused(&["patients", "--data", path(&data)], 7);
    assert_eq!(
        common::lost_or_doubled_with(PHRASE, &data, &(1..=20).collect::<Vec<u64>>()),
        (vec![], vec![])
    );
}

#[test]
fn where_no_person_could_open_the_record_the_machine_s_key_stays_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data, "");
    let done = pulled(server, &data, &["--forget-machine-credential"]);
    assert_eq!(done.status.code(), Some(3));
    let said = text(&done.stderr);
    assert!(
        said.contains("sealed and stopped, but") && said.contains("no person could open the record"),
        "{said}"
    );
    // Where none runs it is refused as well, and the record still opens.
    let said = refused(&["seal", "--forget-machine-credential", "--data", path(&data)], 1);
    assert!(said.contains("no person could open"), "{said}");
    ok(&["patients", "--data", path(&data)], 0);
}
