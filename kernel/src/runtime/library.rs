//! The shared objects of the image, and the few of their functions that the runtime calls.

#![expect(
    unsafe_code,
    reason = "loading and calling compiled code is what a runtime is for"
)]

use super::trail::Trail;
use super::witness;
use anyhow::{Context, Result};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW, Symbol};
use std::ffi::{OsStr, c_void};
use std::fs::File;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The library and the support crate of the cells, loaded for the life of the process.
pub(super) struct Libraries {
    flush: Symbol<extern "C" fn()>,
    cell_over: Option<Symbol<extern "C" fn()>>,
    clear_interrupt: Option<Symbol<extern "C" fn()>>,
    /// Cells are never unloaded: their statics and thread-local destructors may be called until the process ends.
    _loaded: Vec<Library>,
}

static INTERRUPT: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

impl Libraries {
    /// Loads both; `protocol` is the descriptor on which evcxr listens.
    pub(super) fn load(protocol: i32) -> Result<Self> {
        // SAFETY: both objects come from the image, which this program built; their symbols have the types declared there.
        unsafe {
            let open = |variable: &str| -> Result<Library> {
                let path =
                    std::env::var_os(variable).with_context(|| format!("{variable} is not set"))?;
                Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL)
                    .with_context(|| format!("cannot load {}", path.display()))
            };
            let library = open("GENOLENS_LIBRARY")?;
            let cell = open("GENOLENS_CELL")?;
            let begin: Symbol<extern "C" fn(i32)> = cell.get(b"genolens_cell_begin")?;
            begin(protocol);
            if let Ok(start) = library.get::<extern "C" fn()>(b"genolens_notebook_start") {
                start();
            }
            if let Ok(interrupt) = library.get::<extern "C" fn()>(b"genolens_interrupt") {
                INTERRUPT.store(interrupt.into_raw(), Ordering::SeqCst);
                let handler = on_interrupt as extern "C" fn(libc::c_int);
                libc::signal(libc::SIGINT, handler as libc::sighandler_t);
            }
            Ok(Self {
                flush: cell.get(b"genolens_cell_flush")?,
                cell_over: library.get(b"genolens_cell_over").ok(),
                clear_interrupt: library.get(b"genolens_clear_interrupt").ok(),
                _loaded: vec![library, cell],
            })
        }
    }

    /// Empties the output buffers and forgets an interrupt that came too late.
    pub(super) fn end_cell(&self) {
        (self.flush)();
        // SAFETY: flushing all streams of the C library, which code behind a foreign interface may have printed to, needs nothing.
        unsafe { libc::fflush(std::ptr::null_mut()) };
        if let Some(over) = &self.cell_over {
            over();
        }
        if let Some(clear) = &self.clear_interrupt {
            clear();
        }
    }
}

/// Runs the function of one cell on the variables that the session keeps, and returns them.
pub(super) fn run_cell(
    (object, function): (&OsStr, &str),
    variables: *mut c_void,
    trail: Option<&mut Trail>,
) -> Result<*mut c_void> {
    // SAFETY: the object was compiled from a source that evcxr generated; its function takes and returns the variable store.
    unsafe {
        let library = Library::open(Some(object), RTLD_NOW)
            .with_context(|| format!("cannot load {}", object.display()))?;
        let cell: Symbol<extern "C" fn(*mut c_void) -> *mut c_void> =
            library.get(function.as_bytes())?;
        if let Some(trail) = trail
            && let Some(range) = range(*cell as *const c_void)
        {
            trail.note(object, &range);
            witness::begin_cell(trail);
        }
        let variables = cell(variables);
        std::mem::forget(library);
        Ok(variables)
    }
}

/// Where the object lies to which a function belongs.
fn range(function: *const c_void) -> Option<Range<u64>> {
    // SAFETY: the function is loaded; an object begins with its header, which says where the list of its parts is.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(function, &raw mut found) == 0 {
            return None;
        }
        let start = found.dli_fbase.cast_const();
        let header = &*start.cast::<libc::Elf64_Ehdr>();
        let parts = std::slice::from_raw_parts(
            start
                .byte_add(header.e_phoff as usize)
                .cast::<libc::Elf64_Phdr>(),
            usize::from(header.e_phnum),
        );
        let loaded = parts.iter().filter(|part| part.p_type == libc::PT_LOAD);
        let length = loaded.map(|part| part.p_vaddr + part.p_memsz).max()?;
        let start = start as u64;
        Some(start..start + length)
    }
}

extern "C" fn on_interrupt(_signal: libc::c_int) {
    let function = INTERRUPT.load(Ordering::SeqCst);
    if !function.is_null() {
        // SAFETY: the address was taken from a symbol of this type; the function only stores into an atomic.
        unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(function)() }
    }
}

/// Puts a pipe from the kernel in the place of standard input, which cells may read; returns what was there, evcxr's instructions.
pub(super) fn take_input(path: &Path) -> Result<File> {
    // Not to wait here for somebody who writes.
    let mut options = File::options();
    let pipe = options.read(true).custom_flags(libc::O_NONBLOCK);
    let pipe = pipe.open(path).context("cannot reach the kernel")?;
    // SAFETY: plain calls on descriptors that are open; the new one belongs to the file that is returned.
    unsafe {
        let instructions = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 100);
        if instructions < 0
            || libc::dup2(pipe.as_raw_fd(), 0) < 0
            || libc::fcntl(0, libc::F_SETFL, 0) < 0
        {
            return Err(std::io::Error::last_os_error()).context("cannot redirect the input");
        }
        Ok(File::from_raw_fd(instructions))
    }
}

/// Puts pipes to the kernel in the place of standard output and error; returns the descriptor that was standard output.
pub(super) fn redirect(
    stdout: &impl std::os::fd::AsRawFd,
    stderr: &impl std::os::fd::AsRawFd,
) -> Result<i32> {
    // SAFETY: plain calls on descriptors that are open.
    unsafe {
        let protocol = libc::fcntl(1, libc::F_DUPFD_CLOEXEC, 100);
        let replaced = [(stdout.as_raw_fd(), 1), (stderr.as_raw_fd(), 2)]
            .iter()
            .all(|(new, old)| libc::dup2(*new, *old) >= 0);
        if protocol < 0 || !replaced {
            return Err(std::io::Error::last_os_error()).context("cannot redirect the output");
        }
        // A kernel that dies must not leave its cells running.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        Ok(protocol)
    }
}
