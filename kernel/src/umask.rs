//! Who may read what is written: the files of a session are the user's alone, those of the cells are as the user wants them.

use rustix::fs::Mode;
use rustix::process::umask;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Where the user's own mask stands while another is in force, as an octal number.
pub(crate) const KEPT: &str = "GENOLENS_KEPT_UMASK";

/// Does something that writes for the user alone; gives the user's mask too, as it is kept.
pub(crate) fn privately<T>(work: impl FnOnce() -> T) -> (T, String) {
    let mask = umask(Mode::RWXG | Mode::RWXO);
    let done = work();
    umask(mask);
    (done, format!("{:o}", mask.bits()))
}

/// Lets this process write files that nobody else may open.
pub(crate) fn keep_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Returns to the user's own mask.
pub(crate) fn restore() {
    if let Some(mask) = kept() {
        umask(mask);
    }
}

/// Lets a command return to the user's own mask, for files that belong to no session.
pub(crate) fn restore_in(command: &mut Command) {
    let Some(mask) = kept() else {
        return;
    };
    let before = move || {
        umask(mask);
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes a system call and nothing else.
    #[expect(unsafe_code, reason = "runs between fork and exec")]
    unsafe {
        command.pre_exec(before);
    }
}

/// Sets the mask that is written here as it is kept.
pub(crate) fn set(text: &str) {
    if let Some(mask) = read(text) {
        umask(mask);
    }
}

fn kept() -> Option<Mode> {
    read(&std::env::var(KEPT).ok()?)
}

fn read(text: &str) -> Option<Mode> {
    let bits = u32::from_str_radix(text, 8).ok();
    bits.map(Mode::from_bits_truncate)
}
