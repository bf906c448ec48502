//! Stopping the construction of an image.

use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// The leader of the process group that builds; zero when none does.
static LEADER: AtomicI32 = AtomicI32::new(0);
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Ends the construction that is under way; what it has compiled is kept for the next.
pub(crate) fn stop() {
    STOPPED.store(true, Ordering::SeqCst);
    if let Some(leader) = Pid::from_raw(LEADER.load(Ordering::SeqCst)) {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// Tells whether somebody has stopped the construction since it began.
pub(super) fn was_stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// A process that builds, with a group of its own.
#[derive(Debug)]
pub(super) struct Builder(Child);

impl Builder {
    /// Forgets an earlier stop; a construction begins.
    pub(super) fn begin() {
        STOPPED.store(false, Ordering::SeqCst);
    }

    /// Starts the process.
    pub(super) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        // When the kernel dies, so does cargo.
        let follow = || {
            // SAFETY: a plain system call.
            #[expect(unsafe_code, reason = "asks the kernel of the system for a signal")]
            unsafe {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            }
            Ok(())
        };
        // SAFETY: between fork and exec the closure makes a system call and nothing else.
        #[expect(unsafe_code, reason = "runs between fork and exec")]
        unsafe {
            command.pre_exec(follow);
        }
        let child = command.process_group(0).spawn()?;
        LEADER.store(child.id() as i32, Ordering::SeqCst);
        if was_stopped() {
            stop();
        }
        Ok(Self(child))
    }
}

impl std::ops::Deref for Builder {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl std::ops::DerefMut for Builder {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        LEADER.store(0, Ordering::SeqCst);
    }
}
