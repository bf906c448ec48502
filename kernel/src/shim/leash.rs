//! Keeps hold of the tools that work for a session: they stop when the person interrupts, and when the kernel dies.
//!
//! A shim that compiles leads a process group of its own, with the compiler and the linker in it, and leaves its number in the
//! session's folder. Who wants it stopped first says so in a file and then ends the group: either the shim sees the file, or the
//! number is there.

use crate::place::Place;
use rustix::process::{Pid, Signal, kill_process_group, setpgid};
use std::path::PathBuf;

/// Held by a shim while it works.
#[derive(Debug)]
pub(super) struct Leash {
    number: PathBuf,
}

impl Leash {
    /// Makes this process the leader of a group that ends with the kernel; `None` when the work is no longer wanted.
    pub(super) fn put_on(place: &Place) -> Option<Self> {
        // A leader already, if whoever started us has seen to it.
        let _ = setpgid(None, None);
        die_with_parent();
        let leash = Self {
            number: number(place),
        };
        // What cannot be written here cannot be stopped from there; the work itself will say that the disk is full.
        let _ = std::fs::write(&leash.number, std::process::id().to_string());
        (!stop(place).exists()).then_some(leash)
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.number);
    }
}

/// Stops the tools that work for this session, and those that are about to begin.
pub(crate) fn stop_tools(place: &Place) {
    let _ = std::fs::write(stop(place), "");
    let leader = std::fs::read_to_string(number(place))
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|leader| is_our_child(*leader))
        .and_then(Pid::from_raw);
    if let Some(leader) = leader {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// Lets tools work again after a stop.
pub(crate) fn let_tools_work(place: &Place) {
    let _ = std::fs::remove_file(stop(place));
    let _ = std::fs::remove_file(number(place));
}

fn number(place: &Place) -> PathBuf {
    place.folder().join("shim")
}

fn stop(place: &Place) -> PathBuf {
    place.folder().join("stop")
}

/// A number may have been given to another process since it was written.
fn is_our_child(process: i32) -> bool {
    let Ok(state) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return !std::path::Path::new("/proc/self").exists();
    };
    // The name stands in parentheses and may hold anything; the state and the parent follow.
    let parent = state
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.split(' ').nth(1));
    parent.and_then(|parent| parent.parse().ok()) == Some(std::process::id())
}

/// When the kernel dies, so does the group.
#[expect(unsafe_code, reason = "signal handlers are set by plain C calls")]
fn die_with_parent() {
    extern "C" fn end_group(_signal: libc::c_int) {
        // SAFETY: `kill` may be called in a signal handler.
        unsafe {
            libc::kill(0, libc::SIGKILL);
        }
    }
    let handler = end_group as extern "C" fn(libc::c_int);
    // SAFETY: plain calls; the handler does nothing but a system call.
    unsafe {
        libc::signal(libc::SIGTERM, handler as libc::sighandler_t);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
    }
}
