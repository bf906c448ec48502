//! Stacks for signal handlers: a thread whose own stack has no room left can say where it was only from another one.

#![expect(unsafe_code, reason = "memory that the system uses as a stack")]

use std::ffi::c_void;

/// Enough for the registers of the widest processor and for walking up the calls.
const SIZE: usize = 128 << 10;
/// The part that nobody may touch.
const GUARD: usize = 16 << 10;

/// A stack for the handlers of one thread, until it is dropped on that thread.
pub(super) struct SignalStack(*mut c_void);

impl SignalStack {
    /// Gives the current thread one. Without memory for it the thread is as it would be without this.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: fresh memory that belongs to nobody else and stays as long as the system knows it.
        unsafe {
            let memory = libc::mmap(
                std::ptr::null_mut(),
                SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK,
                -1,
                0,
            );
            if memory == libc::MAP_FAILED {
                return None;
            }
            let stack = libc::stack_t {
                ss_sp: memory.byte_add(GUARD),
                ss_flags: 0,
                ss_size: SIZE - GUARD,
            };
            libc::mprotect(memory, GUARD, libc::PROT_NONE);
            libc::sigaltstack(&raw const stack, std::ptr::null_mut());
            Some(Self(memory))
        }
    }
}

impl Drop for SignalStack {
    fn drop(&mut self) {
        let none = libc::stack_t {
            ss_sp: std::ptr::null_mut(),
            ss_flags: libc::SS_DISABLE,
            ss_size: SIZE,
        };
        // SAFETY: the system forgets the memory before it is given back.
        unsafe {
            libc::sigaltstack(&raw const none, std::ptr::null_mut());
            libc::munmap(self.0, SIZE);
        }
    }
}
