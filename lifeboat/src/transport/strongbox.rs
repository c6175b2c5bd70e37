//! The folder `authority` of the data directory: what of the authority is secret, sealed under a key of the record's.
//!
//! A file is `LBAUTH01`, a nonce of 24 bytes, then XChaCha20-Poly1305 over the content; the magic and the file's own name are
//! authenticated ([docs/formats/authority.md](../../../docs/formats/authority.md)). Always: written beside, synced, renamed.
//! Never: a file that does not open taken for one that is not there, for that would make another authority in its place.

use crate::failure::Failure;
use crate::print_room::put_whole;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use logbook::Keys;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"LBAUTH01";
const NONCE_BYTES: usize = 24;
/// No file of the folder is longer.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// What the key is derived for.
const PURPOSE: &str = "authority";

/// The folder, with the key that opens it.
pub struct Strongbox {
    dir: PathBuf,
    cipher: XChaCha20Poly1305,
}

impl Strongbox {
    /// The folder of that data directory; it is made when something is first put into it.
    pub fn of(data: &Path, keys: &Keys) -> Self {
        let key = keys.derive(PURPOSE);
        Self { dir: data.join("authority"), cipher: XChaCha20Poly1305::new((&*key).into()) }
    }

    /// What lies under that name; `None` when nothing does.
    ///
    /// # Errors
    /// What lies there does not open, or cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let path = self.dir.join(name);
        let read = || -> io::Result<Vec<u8>> {
            match std::fs::metadata(&path)?.len() {
                length if length > FILE_BYTES_MAX => Err(io::Error::other("it is too long")),
                _ => std::fs::read(&path),
            }
        };
        match read() {
            Ok(sealed) => self.unseal(name, &sealed).map(Some).ok_or_else(|| {
                Failure::failed(format!(
                    "{} is damaged, or belongs to another record; put it back from the backup",
                    path.display()
                ))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::failed(format!("could not read {}: {error}", path.display()))),
        }
    }

    /// Puts it there, in the place of what was.
    ///
    /// # Errors
    /// It could not be sealed or written.
    pub fn put(&self, name: &str, plain: &[u8]) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            Failure::failed(format!("could not write {name} in {}: {error}", self.dir.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(failed)?;
        let sealed = self.seal(name, plain).map_err(failed)?;
        put_whole(&self.dir, name, &sealed).map_err(failed)
    }

    /// Puts what is no secret there, as it is.
    ///
    /// # Errors
    /// It could not be written.
    pub fn put_open(&self, name: &str, text: &str) -> Result<(), Failure> {
        put_whole(&self.dir, name, text.as_bytes()).map_err(|error| {
            Failure::failed(format!("could not write {name} in {}: {error}", self.dir.display()))
        })
    }

    /// Takes away what lies there.
    pub fn remove(&self, name: &str) {
        // One that is gone already is as good.
        let _ = std::fs::remove_file(self.dir.join(name));
    }

    fn seal(&self, name: &str, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| io::Error::other(e.to_string()))?;
        let payload = Payload { msg: plain, aad: &associated(name) };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("it could not be encrypted"))?;
        Ok([MAGIC.as_slice(), &nonce, &sealed].concat())
    }

    fn unseal(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(MAGIC)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: body, aad: &associated(name) };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

/// What is authenticated beside the content.
fn associated(name: &str) -> Vec<u8> {
    [MAGIC.as_slice(), name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_opens_with_its_own_keys_under_its_own_name_and_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::generate().unwrap();
        let strongbox = Strongbox::of(dir.path(), &keys);
        assert!(strongbox.get("key").unwrap().is_none());
        strongbox.put("key", b"a secret of the house").unwrap();
        assert_eq!(strongbox.get("key").unwrap().unwrap().as_slice(), b"a secret of the house");
        let path = dir.path().join("authority/key");
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|w| w == b"secret"), "nothing is readable on the disk");
        std::fs::copy(&path, dir.path().join("authority/other")).unwrap();
        assert!(strongbox.get("other").is_err(), "not under another name");
        assert!(
            Strongbox::of(dir.path(), &Keys::generate().unwrap()).get("key").is_err(),
            "not by other keys"
        );
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert!(strongbox.get("key").is_err(), "byte {place}");
        }
    }
}
