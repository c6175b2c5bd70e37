//! The evidence store: each file sealed beside the book under its own hash, so that it is as it came or not at all.
//!
//! A file is `LBEVID01`, a nonce of 24 bytes, then XChaCha20-Poly1305 over the bytes as they came; the magic and the
//! file's name are authenticated. Always: on the disk and synced before the book says so; hashed again whenever it is
//! handed out. Never: a name that somebody sent as a path, a file understood or run. `docs/formats/evidence.md`.

use super::{IncidentReceipt, IncidentRefused, IncidentRoom};
use crate::Fault;
use basics::Moment;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use incident::evidence::{FILE_BYTES_MAX, FileKind, Intent, Piece};
use incident::{IncidentId, Person};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"LBEVID01";
const NONCE_BYTES: usize = 24;

pub(super) struct Store {
    dir: PathBuf,
    cipher: XChaCha20Poly1305,
}

/// A file that somebody brings as evidence.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// The bytes as they came.
    pub bytes: Vec<u8>,
    /// The name of the file as it came; shown, never used.
    pub file_name: String,
    /// What it shows.
    pub shows: String,
    /// Where it was taken or found.
    pub found_at: String,
}

impl Store {
    pub(super) fn new(data_dir: &Path, key: &Zeroizing<[u8; 32]>) -> Self {
        let key: &[u8; 32] = key;
        Self { dir: data_dir.join("evidence"), cipher: XChaCha20Poly1305::new(key.into()) }
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.dir.join(format!("{sha256}.evidence"))
    }

    fn put(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        if self.get(sha256).is_ok() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| io::Error::other(e.to_string()))?;
        let payload = Payload { msg: bytes, aad: &associated(sha256) };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("it could not be encrypted"))?;
        let fresh = self.dir.join(format!("{sha256}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        let written = file
            .write_all(MAGIC)
            .and_then(|()| file.write_all(&nonce))
            .and_then(|()| file.write_all(&sealed))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Half a file helps nobody, and on a full disk it stands in the way.
            drop(fs::remove_file(&fresh));
            return Err(error);
        }
        fs::rename(&fresh, self.path(sha256))?;
        File::open(&self.dir)?.sync_all()
    }

    fn get(&self, sha256: &str) -> io::Result<Vec<u8>> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "it is not as it was kept");
        let mut sealed = Vec::new();
        let limit = FILE_BYTES_MAX + 1_024;
        File::open(self.path(sha256))?.take(limit).read_to_end(&mut sealed)?;
        let rest = sealed.strip_prefix(MAGIC).ok_or_else(broken)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let payload = Payload { msg: body, aad: &associated(sha256) };
        let bytes = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        if digest(&bytes) == sha256 { Ok(bytes) } else { Err(broken()) }
    }
}

fn associated(sha256: &str) -> Vec<u8> {
    [MAGIC.as_slice(), sha256.as_bytes()].concat()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl IncidentRoom {
    /// Keeps a file as evidence: sealed and synced in the store, then its hash and length in the book.
    ///
    /// # Errors
    /// A refusal in words; a fault when the store or the book could not be written, and then nothing is kept.
    pub fn keep_evidence(
        &self,
        incident: IncidentId,
        upload: Upload,
        who: &Person,
        at: Moment,
    ) -> Result<IncidentReceipt, IncidentRefused> {
        let piece = Piece {
            number: 0,
            shows: upload.shows,
            found_at: upload.found_at,
            file_name: upload.file_name,
            kind: FileKind::of(&upload.bytes),
            bytes: upload.bytes.len() as u64,
            sha256: digest(&upload.bytes),
        };
        let sha256 = piece.sha256.clone();
        let intent = Intent::Keep { incident, piece };
        // Asked first, so that what is refused never takes room on the disk.
        self.read(|book| incident::decide(book, intent.clone().into(), who, at))?;
        self.evidence.put(&sha256, &upload.bytes).map_err(|error| Fault::Folder {
            doing: "keep evidence in",
            path: self.evidence.dir.clone(),
            what: error.to_string(),
        })?;
        self.submit(intent, who, at)
    }

    /// A piece of evidence with its bytes as they came, hashed again; `None` when there is no such piece.
    ///
    /// # Errors
    /// When the file is gone or not as it was kept.
    pub fn evidence(&self, incident: IncidentId, number: u32) -> Result<Option<(Piece, Vec<u8>)>, Fault> {
        let piece = self.read(|book| book.evidence.piece(incident, number).map(|(_, piece)| piece.clone()));
        let Some(piece) = piece else { return Ok(None) };
        let bytes = self.evidence.get(&piece.sha256).map_err(|error| Fault::Folder {
            doing: "read evidence from",
            path: self.evidence.path(&piece.sha256),
            what: error.to_string(),
        })?;
        Ok(Some((piece, bytes)))
    }
}
