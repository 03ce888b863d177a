//! Text that is written once and may be long: in memory up to a limit, and beyond it in a file that
//! nobody else sees.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::sync::lock;

/// How much is in memory before it is written to a file.
const MAX_MEMORY: usize = 1024 * 1024;
/// How many names are tried for a file.
const MAX_NAMES: usize = 100;

/// The text so far.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    file: Option<Mutex<File>>,
    /// How much is in the file.
    written: u64,
    /// What comes after that.
    memory: Vec<u8>,
}

impl Spool {
    /// Adds to the end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.memory.extend_from_slice(bytes);
        if self.memory.len() < MAX_MEMORY {
            return Ok(());
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => Mutex::new(unnamed()?),
        };
        lock(&file).write_all(&self.memory)?;
        self.file = Some(file);
        self.written += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    pub(crate) fn len(&self) -> u64 {
        self.written + self.memory.len() as u64
    }

    /// At most `most` bytes from `at` on; none at the end.
    pub(crate) fn read(&self, at: u64, most: usize) -> io::Result<Bytes> {
        if let Some(start) = at.checked_sub(self.written) {
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let end = start.saturating_add(most).min(self.memory.len());
            let piece = self.memory.get(start..end).unwrap_or_default();
            return Ok(Bytes::copy_from_slice(piece));
        }
        let Some(file) = &self.file else {
            return Ok(Bytes::new());
        };
        let left = usize::try_from(self.written - at).unwrap_or(usize::MAX);
        let mut piece = vec![0; most.min(left)];
        let mut file = lock(file);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut piece)?;
        Ok(piece.into())
    }
}

/// A file that is gone with its handle, whatever happens to the process.
fn unnamed() -> io::Result<File> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut tried = 0;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anthropic-sim-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        tried += 1;
        match created(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < MAX_NAMES => {}
            other => return other,
        }
    }
}

fn created(path: &PathBuf) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(spool: &Spool, most: usize) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let piece = spool.read(all.len() as u64, most).unwrap();
            if piece.is_empty() {
                return all;
            }
            all.extend_from_slice(&piece);
        }
    }

    #[test]
    fn short_and_long_texts_are_read_as_they_were_written() {
        let mut spool = Spool::default();
        let mut expected = Vec::new();
        for number in 0..400_u32 {
            let line = format!("{number}: {}\n", "x".repeat(9_000));
            spool.push(line.as_bytes()).unwrap();
            expected.extend_from_slice(line.as_bytes());
            if number == 3 {
                assert!(spool.file.is_none());
                assert_eq!(all(&spool, 7_777), expected);
            }
        }
        assert_eq!(spool.len(), expected.len() as u64);
        assert!(spool.file.is_some() && spool.memory.len() < MAX_MEMORY);
        assert_eq!(all(&spool, 65_536), expected);
        assert_eq!(spool.read(spool.len() + 5, 10).unwrap(), Bytes::new());
    }

    #[test]
    fn the_file_has_no_name() {
        let mut spool = Spool::default();
        spool.push(&vec![b'x'; MAX_MEMORY]).unwrap();
        let own = format!("anthropic-sim-{}-", std::process::id());
        let names = std::fs::read_dir(std::env::temp_dir()).unwrap();
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        assert_eq!(names.filter(|name| name.starts_with(&own)).count(), 0);
    }
}
