//! The hospital's own rights, read when the program starts; else those that are shipped.
//!
//! Always: a file with a fault is not used at all, the shipped rights stand in for it, and the faults are shown with file and
//! line. Never: half of a file.

use access::rights::{Rights, RightsFault, RightsFaults, read, shipped};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// More than the file may have.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Rights in force.
#[derive(Clone, Debug)]
pub struct AccessForms {
    /// Who may look at which page, and send which form.
    pub rights: Rights,
    /// Why the hospital's own are not used, each with file and line.
    pub faults: Vec<String>,
}

impl AccessForms {
    /// Reads `forms/access/rights.txt` of the data directory.
    pub fn read(data_dir: &Path) -> Self {
        let own = data_dir.join("forms").join("access").join(shipped().0);
        if !own.is_file() {
            return Self { rights: shipped_rights(), faults: Vec::new() };
        }
        match read_rights(&own) {
            Ok(rights) => Self { rights, faults: Vec::new() },
            Err(fault) => {
                let faults = vec![format!("{}: the shipped rights are used. {fault}", own.display())];
                Self { rights: shipped_rights(), faults }
            }
        }
    }
}

fn shipped_rights() -> Rights {
    let (file, text) = shipped();
    // A test of the rights keeps the shipped file whole.
    read(file, text.as_bytes()).unwrap_or_else(|faults| unreachable!("the shipped rights: {faults}"))
}

/// Reads a file of rights.
///
/// # Errors
/// Every fault with its line.
pub fn read_rights(file: &Path) -> Result<Rights, RightsFaults> {
    let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut bytes = Vec::new();
    File::open(file).and_then(|f| f.take(FILE_BYTES_MAX).read_to_end(&mut bytes)).map_err(|e| {
        RightsFaults(vec![RightsFault {
            file: name.clone(),
            line: 0,
            what: format!("could not be read: {e}"),
        }])
    })?;
    read(&name, &bytes)
}
