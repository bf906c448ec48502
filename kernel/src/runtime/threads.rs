//! Threads that cells and libraries start: each gets a stack for the handlers of signals.
//!
//! All of them are started through `pthread_create`. The linker exports the one that this program defines, since a library that it
//! links defines it too, and the program's comes first; so the standard library of the cells calls it as well.

#![expect(unsafe_code, reason = "a function of the C library is stood in for")]

use super::signal_stack::SignalStack;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// What a thread runs; `pthread_exit` unwinds through it.
type Start = extern "C-unwind" fn(*mut c_void) -> *mut c_void;
type Create = unsafe extern "C-unwind" fn(
    *mut libc::pthread_t,
    *const libc::pthread_attr_t,
    Start,
    *mut c_void,
) -> c_int;

static EQUIPPED: AtomicBool = AtomicBool::new(false);
static ORIGINAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// From now on, every thread gets a stack for its signals, and this one keeps its own for ever.
pub(super) fn equip() {
    std::mem::forget(SignalStack::new());
    EQUIPPED.store(true, Ordering::SeqCst);
}

struct Work {
    start: Start,
    argument: *mut c_void,
}

extern "C-unwind" fn begin(work: *mut c_void) -> *mut c_void {
    // SAFETY: `pthread_create` below has made this box for this thread.
    let Work { start, argument } = *unsafe { Box::from_raw(work.cast::<Work>()) };
    let _stack = SignalStack::new();
    start(argument)
}

/// Stands in for the C library's function of this name.
///
/// # Safety
/// As for the C library's.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C-unwind" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    let mut original = ORIGINAL.load(Ordering::Relaxed);
    if original.is_null() {
        // SAFETY: a look-up of a name that ends with a zero.
        original = unsafe { libc::dlsym(libc::RTLD_NEXT, c"pthread_create".as_ptr()) };
        if original.is_null() {
            return libc::EAGAIN;
        }
        ORIGINAL.store(original, Ordering::Relaxed);
    }
    // SAFETY: the next function of this name is the C library's, which has this type; the caller keeps its rules. The box is taken
    // back by the thread, or here if there is none.
    unsafe {
        let original = std::mem::transmute::<*mut c_void, Create>(original);
        if !EQUIPPED.load(Ordering::Relaxed) {
            return original(thread, attributes, start, argument);
        }
        let work = Box::into_raw(Box::new(Work { start, argument }));
        let code = original(thread, attributes, begin, work.cast());
        if code != 0 {
            drop(Box::from_raw(work));
        }
        code
    }
}
