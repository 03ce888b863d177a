//! A lock across processes: whoever has it may use the refresh token.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs4::{FileExt, TryLockError};

use super::exchange::Exchange;
use super::failure::Failure;
use super::files::{blocking, make_folder, private};
use crate::ErrorKind;

/// How long it is waited for.
const LIMIT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// More tries than fit into the limit, for a clock that stands still.
const MOST_TRIES: u32 = 1000;

/// The lock, until it is dropped. Its file stays: one that is removed could be locked by two.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = FileExt::unlock(&self.0);
    }
}

/// The file beside the credentials that is locked; it has no content.
pub(super) fn file_of(credentials: &Path) -> PathBuf {
    let mut name = credentials.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    credentials.with_file_name(name)
}

/// Takes the lock of a credentials file. `None`: the file system has no locks, or can't be written
/// to.
///
/// # Errors
///
/// When another process has it for too long.
pub(super) async fn acquire(
    exchange: &Exchange,
    credentials: &Path,
) -> Result<Option<Lock>, Failure> {
    let path = file_of(credentials);
    let clock = exchange.clock();
    let began = clock.now();
    let mut pause = FIRST_PAUSE;
    for _ in 0..MOST_TRIES {
        let tried = path.clone();
        match blocking(move || Ok(try_once(&tried))).await? {
            Ok(Some(file)) => return Ok(Some(Lock(file))),
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(file = %path.display(), %error, "a profile is renewed without a lock");
                return Ok(None);
            }
        }
        if clock.now().saturating_sub(began) >= LIMIT {
            break;
        }
        clock.sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
    Err(Failure::new(
        ErrorKind::Timeout,
        format!(
            "another process has locked {} for {LIMIT:?}",
            path.display()
        ),
    ))
}

fn try_once(path: &Path) -> io::Result<Option<File>> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let file = private().create(true).truncate(false).open(path)?;
    match FileExt::try_lock(&file) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
