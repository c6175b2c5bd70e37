//! The file in which a site's keys lie wrapped: by a passphrase a person types, or by a machine key kept elsewhere.
//!
//! Always written whole and synced before it takes its name (mode 0600); a wrong passphrase is told apart from a
//! damaged file by a checksum; an older file is replaced only by a complete new one. Format: docs/formats/logbook.md.

use crate::disk::{Disk, RealDisk, put_whole, read_whole};
use crate::keys::{Keys, derive, fill_random};
use crate::{Fault, RealDisk as Real};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use sha2::{Digest, Sha256};
use std::path::Path;
use zeroize::Zeroizing;

const PASSPHRASE: &[u8; 8] = b"LBKEYS01";
const MACHINE: &[u8; 8] = b"LBKEYM01";
/// Magic 8, three Argon2id costs 12, zero 4, salt 16, verifying key 32.
const HEAD_BYTES: usize = 72;
const FILE_BYTES: usize = HEAD_BYTES + 64 + 16 + 32;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

impl Keys {
    /// Wraps the keys by a passphrase (Argon2id, 64 MiB, 3 passes: about 0.8 s a guess) into `path`.
    pub fn save_wrapped(&self, path: &Path, passphrase: &str) -> Result<(), Fault> {
        let mut head = self.file_head(PASSPHRASE, [MEMORY_KIB, PASSES, LANES])?;
        let wrapping = passphrase_key(path, passphrase, &head)?;
        self.put(&RealDisk, path, &mut head, &wrapping)
    }

    /// Opens what `save_wrapped` wrote. `WrongPassphrase` when the file is whole, `Damaged` when it is not.
    pub fn load_wrapped(path: &Path, passphrase: &str) -> Result<Self, Fault> {
        let file = whole_file(path, PASSPHRASE)?;
        let wrapping = passphrase_key(path, passphrase, &file)?;
        unwrap(path, &file, &wrapping)?.ok_or_else(|| Fault::WrongPassphrase(path.to_owned()))
    }

    /// Wraps the keys by a machine key, 32 random bytes in a file elsewhere, which is made (0600) if absent.
    pub fn save_machine(&self, path: &Path, machine_key: &Path) -> Result<(), Fault> {
        if !machine_key.exists() {
            let mut fresh = Zeroizing::new([0u8; 32]);
            fill_random(&mut *fresh)?;
            put_whole(&Real, machine_key, &*fresh).map_err(|e| Fault::io("write", machine_key, e))?;
        }
        let mut head = self.file_head(MACHINE, [0; 3])?;
        let wrapping = machine_wrapping(machine_key, &head)?;
        self.put(&RealDisk, path, &mut head, &wrapping)
    }

    /// Opens what `save_machine` wrote. `WrongMachineKey` when the file is whole but the key is another.
    pub fn load_machine(path: &Path, machine_key: &Path) -> Result<Self, Fault> {
        let file = whole_file(path, MACHINE)?;
        let wrapping = machine_wrapping(machine_key, &file)?;
        unwrap(path, &file, &wrapping)?.ok_or_else(|| Fault::WrongMachineKey(path.to_owned()))
    }

    /// The verifying key that a key file of either kind shows in clear, for verifying without any secret. The file's
    /// checksum is checked; only opening the file proves the key.
    pub fn read_verifying_key(path: &Path) -> Result<[u8; 32], Fault> {
        let file = whole_file(path, PASSPHRASE).or_else(|_| whole_file(path, MACHINE))?;
        Ok(field(&file, 40))
    }

    fn file_head(&self, magic: &[u8; 8], costs: [u32; 3]) -> Result<Vec<u8>, Fault> {
        let mut head = Vec::with_capacity(FILE_BYTES);
        head.extend_from_slice(magic);
        costs.iter().for_each(|cost| head.extend_from_slice(&cost.to_le_bytes()));
        head.extend_from_slice(&[0; 4]);
        let mut salt = [0u8; 16];
        fill_random(&mut salt)?;
        head.extend_from_slice(&salt);
        head.extend_from_slice(&self.verifying_key());
        Ok(head)
    }

    fn put(
        &self,
        disk: &dyn Disk,
        path: &Path,
        file: &mut Vec<u8>,
        wrapping: &[u8; 32],
    ) -> Result<(), Fault> {
        let mut secret = self.secret();
        // The wrapping key is used once: its salt is fresh, so the nonce may be zero.
        let tag = ChaCha20Poly1305::new(wrapping.into())
            .encrypt_inout_detached(&Nonce::default(), file, secret.as_mut_slice().into())
            .map_err(|_| Fault::damaged(path, None, "could not be encrypted"))?;
        file.extend_from_slice(&*secret);
        file.extend_from_slice(&tag);
        let checksum = Sha256::digest(&file);
        file.extend_from_slice(&checksum);
        put_whole(disk, path, file).map_err(|e| Fault::io("write", path, e))
    }
}

/// Reads a key file and checks everything that needs no secret.
fn whole_file(path: &Path, magic: &[u8; 8]) -> Result<Vec<u8>, Fault> {
    let file = read_whole(&RealDisk, path, 64 << 10).map_err(|e| Fault::io("read", path, e))?;
    let damaged = |what: &str| Err(Fault::damaged(path, None, what));
    if file.len() != FILE_BYTES {
        return damaged("a key file has 184 bytes, this one has not");
    }
    let (content, checksum) = file.split_at(FILE_BYTES - 32);
    if Sha256::digest(content).as_slice() != checksum {
        return damaged("its checksum does not agree");
    }
    if !file.starts_with(magic) {
        return damaged("it is not a key file of this kind");
    }
    Ok(file)
}

fn unwrap(path: &Path, file: &[u8], wrapping: &[u8; 32]) -> Result<Option<Keys>, Fault> {
    let mut secret = Zeroizing::new(field::<64>(file, HEAD_BYTES));
    let tag = Tag::from(field::<16>(file, HEAD_BYTES + 64));
    let head = file.get(..HEAD_BYTES).unwrap_or_default();
    let opened = ChaCha20Poly1305::new(wrapping.into()).decrypt_inout_detached(
        &Nonce::default(),
        head,
        secret.as_mut_slice().into(),
        &tag,
    );
    if opened.is_err() {
        return Ok(None);
    }
    let keys = Keys::from_secret(&secret);
    if keys.verifying_key() != field::<32>(file, 40) {
        return Err(Fault::damaged(path, None, "its verifying key belongs to other keys"));
    }
    Ok(Some(keys))
}

fn passphrase_key(path: &Path, passphrase: &str, file: &[u8]) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let cost = |at| u32::from_le_bytes(field(file, at));
    let (memory_kib, passes, lanes) = (cost(8), cost(12), cost(16));
    // A budget: a foreign file may not ask for more memory or time than our own costs times sixteen.
    if memory_kib > MEMORY_KIB * 16 || passes > PASSES * 16 || lanes > 16 {
        return Err(Fault::damaged(path, None, "it asks for an absurd amount of work"));
    }
    let params = Params::new(memory_kib, passes, lanes, Some(32))
        .map_err(|e| Fault::damaged(path, None, format!("its costs are not usable: {e}")))?;
    let mut out = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &field::<16>(file, 24), &mut *out)
        .map_err(|e| Fault::damaged(path, None, format!("Argon2id refused: {e}")))?;
    Ok(out)
}

fn machine_wrapping(machine_key: &Path, file: &[u8]) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let bytes = read_whole(&RealDisk, machine_key, 4096).map_err(|e| Fault::io("read", machine_key, e))?;
    let bytes = Zeroizing::new(bytes);
    if bytes.len() != 32 {
        return Err(Fault::damaged(machine_key, None, "a machine key has 32 bytes, this one has not"));
    }
    Ok(derive(&bytes, Some(&field::<16>(file, 24)), b"lifeboat machine key"))
}

/// `N` bytes at `at`; zeros past the end, which cannot be since the length was checked.
fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(source) = bytes.get(at..at + N) {
        out.copy_from_slice(source);
    }
    out
}
