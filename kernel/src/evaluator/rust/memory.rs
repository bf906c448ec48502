//! Looks at the memory of the process that runs a cell.
//!
//! A process that the system kills for want of memory cannot say where it was. So whenever it has grown, or memory is short, it is
//! asked to note where it is.

use crate::runtime::GLANCE;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often a running cell is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Looks between two notes while memory is short.
const SHORT: u32 = 5;
/// Growth that is worth a note: so many bytes, or an eighth.
const GROWTH: u64 = 64 << 20;

/// The memory of a process as it was last seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    /// Bytes that the process held.
    held: u64,
    /// Whether less than a tenth of the machine's memory was left.
    short: bool,
    /// How many processes the system had killed for want of memory when the cell began.
    kills: Option<u64>,
}

impl Memory {
    /// Looks at a process until the cell is over.
    pub(super) fn watch(process: u32, over: &Receiver<()>) -> Self {
        let mut memory = Self::default();
        let mut noted = None;
        let mut looks = 0;
        while matches!(over.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
            memory.kills = memory.kills.or_else(kills);
            let Some(held) = held(process).filter(|held| *held > 0) else {
                continue;
            };
            memory.held = held;
            memory.short = is_short();
            looks += 1;
            let enough = noted.map(|noted: u64| noted + GROWTH.max(noted / 8));
            if enough.is_some_and(|enough| held >= enough) || (memory.short && looks >= SHORT) {
                glance(process);
                looks = 0;
                noted = Some(held);
            }
            noted = noted.or(Some(held));
        }
        memory
    }

    /// Says who has killed the process.
    pub(super) fn killer(self) -> String {
        let held = match self.held >> 20 {
            0 => String::new(),
            held if held < 1024 => format!(", when the process held {held} MB"),
            held => format!(", when the process held {:.1} GB", held as f64 / 1024.0),
        };
        match (self.kills, kills()) {
            (Some(before), Some(now)) if now > before => {
                format!("out of memory: killed by the system (SIGKILL){held}")
            }
            (Some(_), Some(_)) if !self.short => {
                format!("killed (SIGKILL) by somebody, while memory was not short{held}")
            }
            _ => format!("killed (SIGKILL), most likely out of memory{held}"),
        }
    }
}

/// Asks a process to note where it is.
pub(super) fn glance(process: u32) {
    // SAFETY: a process that does not know the signal ignores it.
    #[expect(unsafe_code, reason = "a signal is sent")]
    unsafe {
        libc::kill(process as i32, GLANCE);
    }
}

fn held(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    Some(number(&text, "VmRSS:")? << 10)
}

fn is_short() -> bool {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let number = |name: &str| number(&text, name);
    match (number("MemAvailable:"), number("MemTotal:")) {
        (Some(left), Some(all)) => left < all / 10,
        _ => false,
    }
}

fn kills() -> Option<u64> {
    number(&std::fs::read_to_string("/proc/vmstat").ok()?, "oom_kill")
}

/// The number after a name at the start of a line.
fn number(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().map(str::split_whitespace);
    lines.find_map(|mut words| {
        (words.next() == Some(name))
            .then(|| words.next()?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_called_what_it_was() {
        let said = |short, kills| {
            Memory {
                held: 3 << 30,
                short,
                kills,
            }
            .killer()
        };
        assert_eq!(
            said(true, None),
            "killed (SIGKILL), most likely out of memory, when the process held 3.0 GB"
        );
        if let Some(now) = kills() {
            assert!(said(false, Some(now)).contains("by somebody"));
            assert!(said(true, Some(now)).contains("most likely out of memory"));
            if now > 0 {
                assert!(
                    said(false, Some(now - 1)).starts_with("out of memory: killed by the system")
                );
            }
        }
        assert_eq!(
            Memory::default().killer(),
            "killed (SIGKILL), most likely out of memory"
        );
        assert_eq!(
            number("MemFree: 5 kB\nMemAvailable:  77 kB\n", "MemAvailable:"),
            Some(77)
        );
    }
}
