//! The files of a profile: who may read them, and how they are written.

use std::fs::{self, File};
use std::io::{self, ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::document::Document;
use super::failure::Failure;

/// Neither file is anywhere near as large.
const MAX_FILE: u64 = 1 << 20;
/// The end of the name of a file that is being written.
const PARTIAL: &str = ".partial";

/// Runs what blocks off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Failure::config("the work on a profile's files was interrupted").caused_by(error))
    })
}

fn unreadable(what: &str, path: &Path) -> impl Fn(io::Error) -> Failure {
    let message = format!("{what} {} can't be read", path.display());
    move |error| Failure::config(message.clone()).caused_by(error)
}

/// Reads `configs/NAME.json`. `None` is a file that isn't there.
pub(super) fn read_config(path: &Path) -> Result<Option<Document>, Failure> {
    let what = "the profile's file";
    let unreadable = unreadable(what, path);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == Io::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let meta = file.metadata().map_err(&unreadable)?;
    check_mode(&meta, 0o022, || {
        let path = path.display();
        format!("{what} {path} can be written by others; run `chmod go-w {path}`")
    })?;
    parse(&file, what, path).map(Some)
}

/// Reads `credentials/NAME.json`. `None` is a file that isn't there.
pub(super) fn read_credentials(path: &Path) -> Result<Option<Document>, Failure> {
    read(path, Err)
}

/// Reads a `credentials/NAME.json` whose token can be had anew: one that is no document is as good
/// as none, and will be replaced.
pub(super) fn read_cache(path: &Path) -> Result<Option<Document>, Failure> {
    read(path, |fault| {
        let error = fault.error();
        tracing::warn!(%error, "a stored access token can't be read, so another one is fetched");
        Ok(None)
    })
}

fn read(
    path: &Path,
    no_document: fn(Failure) -> Result<Option<Document>, Failure>,
) -> Result<Option<Document>, Failure> {
    let what = "the credentials file";
    let unreadable = unreadable(what, path);
    // Somebody may put another file in its place meanwhile.
    for _ in 0..8 {
        let meta = match fs::symlink_metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == Io::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        if meta.is_symlink() {
            let path = path.display();
            return Err(Failure::config(format!(
                "{what} {path} is a symbolic link, which is not followed; put the file itself there"
            )));
        }
        if !meta.is_file() {
            return Err(Failure::config(format!(
                "{what} {} is not a file",
                path.display()
            )));
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == Io::NotFound => continue,
            Err(error) => return Err(unreadable(error)),
        };
        if !is_same(&meta, &file.metadata().map_err(&unreadable)?) {
            continue;
        }
        check_mode(&meta, 0o077, || {
            let path = path.display();
            format!("{what} {path} is open to others; run `chmod 600 {path}`")
        })?;
        let document = match parse(&file, what, path) {
            Ok(document) => document,
            Err(fault) => return no_document(fault),
        };
        return match document.value("type") {
            Some(found) if *found != "oauth_token" => Err(Failure::config(format!(
                "{what} {} is of another type than `oauth_token`",
                path.display()
            ))),
            _ => Ok(Some(document)),
        };
    }
    Err(Failure::config(format!(
        "{what} {} is replaced all the time",
        path.display()
    )))
}

/// Reads a text from a file that something else renews, such as a mounted token.
pub(super) fn read_text(what: &str, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let unreadable = unreadable(what, path);
    let meta = fs::metadata(path).map_err(&unreadable)?;
    if meta.is_dir() {
        return Err(Failure::config(format!(
            "{what} {} is a folder",
            path.display()
        )));
    }
    // To open a pipe may take for ever.
    if !meta.is_file() {
        return Err(Failure::config(format!(
            "{what} {} is a pipe or a device, and must be a file",
            path.display()
        )));
    }
    let file = File::open(path).map_err(&unreadable)?;
    let mut text = Zeroizing::new(String::with_capacity(room(&file)));
    file.take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(&unreadable)?;
    Ok(text)
}

/// What a file's text fits into: one that is erased would leave a copy behind where it has to
/// grow.
fn room(file: &File) -> usize {
    let length = file.metadata().map_or(0, |meta| meta.len());
    usize::try_from(length.min(MAX_FILE)).unwrap_or(0) + (8 << 10)
}

fn parse(file: &File, what: &str, path: &Path) -> Result<Document, Failure> {
    let mut text = Zeroizing::new(Vec::with_capacity(room(file)));
    file.take(MAX_FILE + 1)
        .read_to_end(&mut text)
        .map_err(unreadable(what, path))?;
    if text.len() as u64 > MAX_FILE {
        let message = format!("{what} {} is longer than {MAX_FILE} bytes", path.display());
        return Err(Failure::config(message));
    }
    Document::parse(&text)
        .map_err(|fault| Failure::config(format!("{what} {} {fault}", path.display())))
}

#[cfg(unix)]
fn check_mode(
    meta: &fs::Metadata,
    forbidden: u32,
    message: impl FnOnce() -> String,
) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    if meta.permissions().mode() & forbidden == 0 {
        return Ok(());
    }
    Err(Failure::config(message()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "there are no such bits here")]
fn check_mode(_: &fs::Metadata, _: u32, _: impl FnOnce() -> String) -> Result<(), Failure> {
    Ok(())
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

/// Makes a folder that only its owner may enter.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// How a file is opened that only its owner may read.
pub(super) fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts the credentials in place of the old ones, as a whole: whoever reads the file finds the old
/// ones or these, whatever happens meanwhile.
///
/// `is_locked`: nobody else writes, so what a process has left behind that was killed while it
/// wrote is removed.
pub(super) fn write_credentials(
    path: &Path,
    document: &Document,
    is_locked: bool,
) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(Io::InvalidInput));
    };
    let prefix = format!(".{}.", name.to_string_lossy());
    make_folder(folder)?;
    if is_locked {
        remove_partial(folder, &prefix);
    }
    let (partial, mut file) = create_partial(folder, &prefix)?;
    let written = file
        .write_all(&document.to_text())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&partial, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    // That the name lasts, too; not every file system can do it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn create_partial(folder: &Path, prefix: &str) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}{}-{number}{PARTIAL}", std::process::id());
        let partial = folder.join(name);
        match private().create_new(true).open(&partial) {
            // Left by a process of the same number.
            Err(error) if error.kind() == Io::AlreadyExists => {}
            made => return made.map(|file| (partial, file)),
        }
    }
}

fn remove_partial(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_partial(&name, prefix) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether it is a name of [`create_partial`], and not that of another profile, whose name may
/// begin with this one's.
fn is_partial(name: &str, prefix: &str) -> bool {
    let numbers = name
        .strip_prefix(prefix)
        .and_then(|name| name.strip_suffix(PARTIAL));
    let numbers = numbers.and_then(|numbers| numbers.split_once('-'));
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(process, number)| is_number(process) && is_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_files_of_other_profiles_stay() {
        assert!(is_partial(".work.json.17-0.partial", ".work.json."));
        for other in [
            ".work.json.x.17-0.partial",
            ".work.json.17.partial",
            ".work.json.-0.partial",
            ".work.json.partial",
            "work.json",
        ] {
            assert!(!is_partial(other, ".work.json."), "{other}");
        }
    }

    #[test]
    fn a_partial_file_has_a_name_of_its_own() {
        let folder = std::env::temp_dir().join(format!("anthropic-partial-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        make_folder(&folder).unwrap();
        let prefix = ".work.json.";
        let (first, _) = create_partial(&folder, prefix).unwrap();
        let name = first.file_name().unwrap().to_string_lossy().into_owned();
        assert!(is_partial(&name, prefix), "{name}");
        // Left by a process that had the same number.
        let number = name.rsplit_once('-').unwrap().1.strip_suffix(PARTIAL);
        let number: u64 = number.unwrap().parse().unwrap();
        for next in number + 1..number + 20 {
            let name = format!("{prefix}{}-{next}{PARTIAL}", std::process::id());
            fs::write(folder.join(name), "left").unwrap();
        }
        let (second, _) = create_partial(&folder, prefix).unwrap();
        assert_eq!(fs::read_to_string(&second).unwrap(), "");
        fs::remove_dir_all(&folder).unwrap();
        let error = create_partial(&folder, prefix).unwrap_err();
        assert_eq!(error.kind(), Io::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_in_another_ones_place_is_not_the_same() {
        let root = fs::metadata("/").unwrap();
        let program = fs::metadata(std::env::current_exe().unwrap()).unwrap();
        assert!(is_same(&root, &fs::metadata("/").unwrap()));
        assert!(!is_same(&root, &program));
    }
}
