//! The codes of every sheet that was handed out, and whose it is.
//!
//! On the ward: a sheet found on the floor, or being reconciled weeks later, leads back to its patient, also after
//! its pack has been made again many times. Always: a code is on the disk, sealed, before its sheet leaves.

use super::sealed::Cabinet;
use care::PatientKey;
use paper::Rendered;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

const NAME: &str = "codes";

/// All codes handed out.
#[derive(Default)]
pub(super) struct Codes {
    known: BTreeMap<String, PatientKey>,
    /// Bytes of the file that are whole.
    whole_bytes: u64,
}

impl Codes {
    /// Reads them. A last block that was cut off belongs to sheets that never left.
    pub(super) fn open(cabinet: &Cabinet) -> io::Result<Self> {
        let mut codes = Self::default();
        let bytes = match std::fs::read(cabinet.dir().join(NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(codes),
            Err(error) => return Err(error),
        };
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let Some((block, after)) = after.split_at_checked(u32::from_le_bytes(*length) as usize) else {
                break;
            };
            let Ok(plain) = cabinet.unseal(NAME, block) else { break };
            let sheets: Vec<(String, u64)> = serde_json::from_slice(&plain).map_err(io::Error::other)?;
            codes.known.extend(sheets.into_iter().map(|(code, key)| (code, PatientKey(key))));
            codes.whole_bytes += 4 + block.len() as u64;
            rest = after;
        }
        Ok(codes)
    }

    /// Keeps the codes of sheets that are about to leave.
    pub(super) fn note(&mut self, cabinet: &Cabinet, sheets: &[(String, PatientKey)]) -> io::Result<()> {
        let fresh: Vec<(&str, u64)> = sheets
            .iter()
            .filter(|(code, _)| !self.known.contains_key(code))
            .map(|(c, k)| (c.as_str(), k.0))
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let plain = serde_json::to_vec(&fresh).map_err(io::Error::other)?;
        let block = cabinet.seal(NAME, &plain)?;
        let length = u32::try_from(block.len()).map_err(io::Error::other)?;
        let path = cabinet.dir().join(NAME);
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        // Whatever an interrupted write left behind is cut off, else nothing after it could be read.
        file.set_len(self.whole_bytes)?;
        file.write_all(&[length.to_le_bytes().as_slice(), &block].concat())?;
        file.sync_data()?;
        self.whole_bytes += 4 + block.len() as u64;
        self.known.extend(sheets.iter().cloned());
        Ok(())
    }

    pub(super) fn find(&self, code: &str) -> Option<PatientKey> {
        self.known.get(code).copied()
    }
}

/// The codes of a finished file that lead to a patient.
pub(super) fn sheets_of(rendered: &Rendered) -> Vec<(String, PatientKey)> {
    rendered.sheets.iter().filter_map(|sheet| Some((sheet.code.clone(), sheet.patient?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_a_restart_and_an_interrupted_write() {
        let dir = tempfile::tempdir().unwrap();
        let cabinet = Cabinet::open(dir.path(), &[7; 32]).unwrap();
        let mut codes = Codes::open(&cabinet).unwrap();
        codes.note(&cabinet, &[("AAAAAAAAAAA".to_owned(), PatientKey(1))]).unwrap();
        let path = dir.path().join(NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(&[200, 0, 0, 0, 1, 2, 3]);
        std::fs::write(&path, bytes).unwrap();
        let mut codes = Codes::open(&cabinet).unwrap();
        codes.note(&cabinet, &[("BBBBBBBBBBB".to_owned(), PatientKey(2))]).unwrap();
        let codes = Codes::open(&cabinet).unwrap();
        assert_eq!(codes.find("AAAAAAAAAAA"), Some(PatientKey(1)));
        assert_eq!(codes.find("BBBBBBBBBBB"), Some(PatientKey(2)));
        assert_eq!(codes.find("CCCCCCCCCCC"), None);
    }
}
