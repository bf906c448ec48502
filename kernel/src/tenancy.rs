//! Tells whether somebody still lives in a session's folder.
//!
//! A process number says little: it may be given again, and in another container it means another process. A lock on a file of the
//! folder goes with the process that holds it, however that ends.

use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::io::{FdFlags, fcntl_setfd};
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The variable that tells a program which takes our place the descriptor of the lock.
pub(crate) const LOCK: &str = "GENOLENS_LOCK";

const NAME: &str = "lock";

/// Takes a folder for as long as the file that is returned is open.
pub(crate) fn occupy(folder: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(NAME))
        .context("cannot lock the session's folder")?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)
        .context("cannot lock the session's folder")?;
    Ok(file)
}

/// Moves in: the folder is taken until this process ends, also if it becomes another program. Gives the descriptor of the lock.
pub(crate) fn move_in(folder: &Path) -> Result<String> {
    let file = occupy(folder)?;
    fcntl_setfd(&file, FdFlags::empty()).context("cannot keep the lock of the session's folder")?;
    let number = file.as_raw_fd().to_string();
    // It ends with the process.
    std::mem::forget(file);
    Ok(number)
}

/// Keeps the lock that the program before us has taken to ourselves: a process that a cell leaves behind must not hold it.
pub(crate) fn stay() {
    let number = std::env::var(LOCK).ok().and_then(|text| text.parse().ok());
    if let Some(number) = number {
        // SAFETY: the program before us has left the descriptor open for us, and nobody closes it.
        #[expect(unsafe_code, reason = "a raw descriptor is looked at")]
        let lock = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(lock, FdFlags::CLOEXEC);
    }
}

/// Tells whether this is a folder of ours in which nobody lives any more.
pub(crate) fn is_abandoned(folder: &Path) -> bool {
    let ours = std::fs::symlink_metadata(folder)
        .is_ok_and(|entry| entry.is_dir() && entry.uid() == rustix::process::getuid().as_raw());
    let lock = File::options()
        .write(true)
        .custom_flags(libc::O_NOFOLLOW)
        .open(folder.join(NAME));
    ours && lock.is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{NAME, is_abandoned};
    use rustix::fs::{FlockOperation, flock};

    #[test]
    fn only_our_own_folder_with_a_free_lock_is_abandoned() {
        let desk = tempfile::tempdir().unwrap();
        let folder = desk.path().join("session");
        std::fs::create_dir(&folder).unwrap();
        assert!(!is_abandoned(&folder), "it may be about to be locked");
        let lock = std::fs::File::create(folder.join(NAME)).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        assert!(!is_abandoned(&folder));
        drop(lock);
        assert!(is_abandoned(&folder));
        let link = desk.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(!is_abandoned(&link), "a link may lead anywhere");
    }
}
