//! The signals that a process ignores, which it inherits from whoever starts it.

#![expect(
    unsafe_code,
    reason = "what happens on a signal is set by plain C calls"
)]

use std::mem::MaybeUninit;

/// The signals that have a name; no others are ignored by custom.
const NAMED: std::ops::RangeInclusive<i32> = 1..=31;

/// A kernel answers these, and what it starts has them as they are by default, whatever it was given itself.
const ANSWERED: [i32; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];

/// Gives the signals that this process ignores and hands on, each as one bit.
pub(super) fn ignored() -> u32 {
    let ignored = NAMED
        .filter(|signal| !ANSWERED.contains(signal) && handler(*signal) == Some(libc::SIG_IGN));
    ignored.fold(0, |bits, signal| bits | bit(signal))
}

/// Ignores these signals and no others; those that this process answers stay as they are.
pub(super) fn ignore(wanted: u32) {
    for signal in NAMED {
        let change = match handler(signal) {
            Some(libc::SIG_DFL) if wanted & bit(signal) != 0 => libc::SIG_IGN,
            Some(libc::SIG_IGN) if wanted & bit(signal) == 0 => libc::SIG_DFL,
            _ => continue,
        };
        // SAFETY: neither value is an address that could be called.
        unsafe { libc::signal(signal, change) };
    }
}

fn bit(signal: i32) -> u32 {
    1 << (signal - 1)
}

fn handler(signal: i32) -> Option<libc::sighandler_t> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: the system fills in the action, or says that it has not.
    unsafe {
        let asked = libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        (asked == 0).then(|| action.assume_init().sa_sigaction)
    }
}
