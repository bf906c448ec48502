//! Programs that work beside this one.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Starts a program that says nothing and hears nothing, not even the signals that this one gets; `None` when it cannot be started.
pub(crate) fn aside(command: &mut Command) -> Option<Child> {
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}
