//! Files that somebody else named: only regular ones are read, and no more of them than a limit.
//!
//! A pipe would be waited for, and a device may have no end. The program includes this module, too.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

const MIB: u64 = 1 << 20;

/// Reads a file of at most so many MiB.
pub(crate) fn read(path: &Path, mib: u64) -> io::Result<Vec<u8>> {
    let most = mib.saturating_mul(MIB);
    // Before it is opened, which would wait for the other end of a pipe.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(invalid("is no regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= most {
        // It may have grown since, and some of the system's files have no length.
        let file = File::open(path)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if metadata.len().max(bytes.len() as u64) > most {
        return Err(invalid(format!("is larger than the limit of {mib} MiB")));
    }
    Ok(bytes)
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_length_is_limited_too() {
        let maps = Path::new("/proc/self/maps");
        assert_eq!(fs::metadata(maps).unwrap().len(), 0);
        assert!(!read(maps, 1).unwrap().is_empty());
        let error = read(maps, 0).unwrap_err().to_string();
        assert_eq!(error, "is larger than the limit of 0 MiB");
    }
}
