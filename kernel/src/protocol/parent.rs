//! The process that started this kernel, and whether it is still there.

use rustix::process::{Pid, getppid, test_kill_process};

/// Whose end should end the kernel: Jupyter names itself in `JPY_PARENT_PID`.
#[derive(Debug)]
pub(crate) enum Parent {
    /// It started this process itself: when it dies, another process takes its place.
    Direct(Pid),
    /// Something stands between, such as `conda run`.
    Remote(Pid),
}

impl Parent {
    /// Finds the parent, when there is one to watch.
    pub(crate) fn of_environment() -> Option<Self> {
        let named = std::env::var("JPY_PARENT_PID").ok()?;
        let named = Pid::from_raw(named.trim().parse().ok()?)?;
        if getppid() == Some(named) {
            return Some(Self::Direct(named));
        }
        // A number from another container names nobody here.
        test_kill_process(named).ok().map(|()| Self::Remote(named))
    }

    /// Tells whether it has died.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Direct(parent) => getppid() != Some(*parent),
            Self::Remote(parent) => {
                test_kill_process(*parent).is_err_and(|error| error == rustix::io::Errno::SRCH)
            }
        }
    }
}
