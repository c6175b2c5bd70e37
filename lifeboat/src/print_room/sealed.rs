//! The cabinet: packs on the disk, sealed, each put in place whole.
//!
//! A file is `LBPACK01`, a nonce of 24 bytes, then XChaCha20-Poly1305 over the length of a JSON header (4 bytes, little
//! endian), the header and the PDF; the magic and the file's own name are authenticated, so that one ward's pack
//! cannot be put in another's place. Always: written beside, synced, renamed, folder synced; a file that does not
//! open is left where it is and passed over, since it is made again. Nothing here is the record.

use basics::{Moment, SiteId, WardId};
use care::PatientKey;
use care::ward_list::WardKey;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"LBPACK01";
const NONCE_BYTES: usize = 24;
/// No pack is longer; a longer file is not read.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// What is known of a pack without opening its PDF.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct About {
    pub(super) ward: WardKey,
    pub(super) ward_name: String,
    pub(super) made_at: Moment,
    pub(super) data_as_at: Option<Moment>,
    pub(super) pages: u32,
    pub(super) patients: u32,
    /// Codes of its sheets and whose they are.
    pub(super) sheets: Vec<(String, PatientKey)>,
}

/// The header as it lies in the file.
#[derive(Serialize, Deserialize)]
struct Header {
    site: String,
    ward: String,
    ward_name: String,
    made_at_ms: i64,
    data_as_at_ms: Option<i64>,
    pages: u32,
    patients: u32,
    sheets: Vec<(String, u64)>,
}

pub(super) struct Cabinet {
    dir: PathBuf,
    cipher: XChaCha20Poly1305,
}

impl Cabinet {
    pub(super) fn open(dir: &Path, key: &[u8; 32]) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned(), cipher: XChaCha20Poly1305::new(key.into()) })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts a pack in the place of the ward's last.
    pub(super) fn put(&self, about: &About, pdf: &[u8]) -> io::Result<()> {
        let header = serde_json::to_vec(&Header::of(about)).map_err(io::Error::other)?;
        let length = u32::try_from(header.len()).map_err(io::Error::other)?;
        let mut plain = Vec::with_capacity(4 + header.len() + pdf.len());
        plain.extend_from_slice(&length.to_le_bytes());
        plain.extend_from_slice(&header);
        plain.extend_from_slice(pdf);
        let name = file_name(&about.ward);
        put_whole(&self.dir, &name, &self.seal(&name, &plain)?)
    }

    /// A ward's pack; `None` when there is none.
    pub(super) fn get(&self, ward: &WardKey) -> io::Result<Option<(About, Vec<u8>)>> {
        match self.read(&file_name(ward)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Every pack that can be opened.
    pub(super) fn all(&self) -> Vec<About> {
        let names = match fs::read_dir(&self.dir) {
            Ok(entries) => entries.filter_map(|e| e.ok()?.file_name().into_string().ok()),
            Err(error) => {
                tracing::error!(%error, "the packs could not be listed");
                return Vec::new();
            }
        };
        let mut packs = Vec::new();
        for name in names.filter(|name| name.ends_with(".pack")) {
            match self.read(&name) {
                Ok((about, _)) => packs.push(about),
                Err(error) => tracing::warn!(%error, name, "a pack could not be opened; it is made again"),
            }
        }
        packs
    }

    /// Seals bytes that belong under that name.
    pub(super) fn seal(&self, name: &str, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| io::Error::other(e.to_string()))?;
        let payload = Payload { msg: plain, aad: &associated(name) };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("it could not be encrypted"))?;
        Ok([MAGIC.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what `seal` gave for that name.
    pub(super) fn unseal(&self, name: &str, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let broken =
            || io::Error::new(io::ErrorKind::InvalidData, "it is damaged, or was sealed by another record");
        let rest = sealed.strip_prefix(MAGIC).ok_or_else(broken)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let payload = Payload { msg: body, aad: &associated(name) };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())
    }

    fn read(&self, name: &str) -> io::Result<(About, Vec<u8>)> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        let mut sealed = Vec::new();
        File::open(self.dir.join(name))?.take(FILE_BYTES_MAX).read_to_end(&mut sealed)?;
        let plain = self.unseal(name, &sealed)?;
        let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(broken)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, pdf) = rest.split_at_checked(length).ok_or_else(broken)?;
        let about =
            serde_json::from_slice::<Header>(header).ok().and_then(Header::about).ok_or_else(broken)?;
        Ok((about, pdf.to_vec()))
    }
}

impl Header {
    fn of(about: &About) -> Self {
        Self {
            site: about.ward.site.to_string(),
            ward: about.ward.ward.to_string(),
            ward_name: about.ward_name.clone(),
            made_at_ms: about.made_at.milliseconds(),
            data_as_at_ms: about.data_as_at.map(Moment::milliseconds),
            pages: about.pages,
            patients: about.patients,
            sheets: about.sheets.iter().map(|(code, key)| (code.clone(), key.0)).collect(),
        }
    }

    fn about(self) -> Option<About> {
        Some(About {
            ward: WardKey { site: SiteId::new(&self.site)?, ward: WardId::new(&self.ward)? },
            ward_name: self.ward_name,
            made_at: Moment::from_milliseconds(self.made_at_ms),
            data_as_at: self.data_as_at_ms.map(Moment::from_milliseconds),
            pages: self.pages,
            patients: self.patients,
            sheets: self.sheets.into_iter().map(|(code, key)| (code, PatientKey(key))).collect(),
        })
    }
}

/// What is authenticated beside the content.
fn associated(name: &str) -> Vec<u8> {
    [MAGIC.as_slice(), name.as_bytes()].concat()
}

/// A name of digits alone: what a message calls a ward never becomes a path.
fn file_name(ward: &WardKey) -> String {
    format!("{}.pack", label_digest(&format!("{}\u{0}{}", ward.site, ward.ward)))
}

/// 32 hexadecimal digits that stand for a text, for use in file names.
pub fn label_digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Old or new, never half: written beside, synced, renamed, folder synced.
pub fn put_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = dir.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&fresh, dir.join(name))?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(ward: &str) -> About {
        About {
            ward: WardKey {
                site: SiteId::new("Northgate General").unwrap(),
                ward: WardId::new(ward).unwrap(),
            },
            ward_name: "Acute Medical Unit".to_owned(),
            made_at: Moment::from_milliseconds(5_000),
            data_as_at: None,
            pages: 3,
            patients: 1,
            sheets: vec![("7K3M9QXT2AC".to_owned(), PatientKey(7))],
        }
    }

    #[test]
    fn a_pack_is_readable_with_its_key_alone_and_in_its_place_alone() {
        let dir = tempfile::tempdir().unwrap();
        let cabinet = Cabinet::open(dir.path(), &[7; 32]).unwrap();
        let (amu, sau) = (about("AMU"), about("SAU"));
        cabinet.put(&amu, b"%PDF ZZTEST Ada").unwrap();
        assert_eq!(cabinet.get(&amu.ward).unwrap(), Some((amu.clone(), b"%PDF ZZTEST Ada".to_vec())));
        assert_eq!(cabinet.get(&sau.ward).unwrap(), None);
        let again = Cabinet::open(dir.path(), &[7; 32]).unwrap();
        assert_eq!(again.all(), std::slice::from_ref(&amu));
        let path = dir.path().join(file_name(&amu.ward));
        let bytes = fs::read(&path).unwrap();
        assert!(
            !bytes.windows(6).any(|w| w == b"ZZTEST" || w == b"Northg"),
            "nothing is readable on the disk"
        );
        fs::copy(&path, dir.path().join(file_name(&sau.ward))).unwrap();
        assert!(cabinet.get(&sau.ward).is_err(), "another ward's pack does not open in this place");
        assert!(Cabinet::open(dir.path(), &[8; 32]).unwrap().get(&amu.ward).is_err());
    }
}
