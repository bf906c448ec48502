//! Memory that a cell has freed: kept while it runs, given back when it is over.
//!
//! By default the C library gives the end of its memory back as soon as some is free, and takes it again for the next tensor. The system
//! then clears every page anew: a training step of a small network takes a third longer.

#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "the allocator is the C library's")
)]

/// What is kept at most, in bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: libc::c_int = 1 << 30;

/// Asks the C library to keep what is freed.
pub(super) fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for option in [libc::M_TRIM_THRESHOLD, libc::M_MMAP_THRESHOLD] {
        // SAFETY: an option that is refused changes nothing.
        unsafe { libc::mallopt(option, KEPT) };
    }
}

/// Gives everything back that is free.
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: only what is free goes.
    unsafe {
        libc::malloc_trim(0);
    }
}
