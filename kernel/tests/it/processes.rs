//! Looks at the processes of a kernel.

use std::process::Command;

/// Gives the processes that a process has started, directly or not.
pub(crate) fn descendants(process: u32) -> Vec<u32> {
    let children = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let number: u32 = entry.file_name().to_str()?.parse().ok()?;
            (parent_of(number)? == process).then_some(number)
        });
    let children: Vec<u32> = children.collect();
    let below: Vec<u32> = children
        .iter()
        .flat_map(|child| descendants(*child))
        .collect();
    children.into_iter().chain(below).collect()
}

/// Tells whether a process runs; one that has ended and was not looked at does not.
pub(crate) fn is_alive(process: u32) -> bool {
    state(process).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// Sends a signal, such as `-INT`.
pub(crate) fn signal(process: u32, name: &str) {
    let done = Command::new("kill")
        .args([name, &process.to_string()])
        .status();
    assert!(done.unwrap().success());
}

fn parent_of(process: u32) -> Option<u32> {
    state(process)
        .filter(|(state, _)| state != "Z")
        .map(|(_, parent)| parent)
}

fn state(process: u32) -> Option<(String, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut parts = rest.split(' ');
    Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
}
