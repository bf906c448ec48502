//! Whether there is memory for a session that nobody has asked for.

use std::path::{Path, PathBuf};

/// Less than this is for those who work.
const SHORT: u64 = 512 << 20;
/// There must be more than that for a session to be prepared, which keeps one from coming and going.
const ROOM: u64 = 1 << 30;
/// The share of the last ten seconds in which something stood still for want of memory, in percent.
const PRESSED: f64 = 10.0;
const FREE: f64 = 1.0;

/// Where the system says how much memory is left; another place for tests.
const SYSTEM: &str = "GENOLENS_PROC";

/// What the system says of its memory.
#[derive(Debug)]
pub(super) struct Memory {
    system: PathBuf,
    group: Option<PathBuf>,
}

impl Memory {
    /// Finds where to look.
    pub(super) fn find() -> Self {
        if let Some(system) = std::env::var_os(SYSTEM) {
            return Self {
                system: system.into(),
                group: None,
            };
        }
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"));
        Self {
            system: "/proc".into(),
            group: own.map(|own| PathBuf::from("/sys/fs/cgroup").join(own)),
        }
    }

    /// Tells whether what waits should make room.
    pub(super) fn is_short(&self) -> bool {
        self.left() < SHORT || self.pressure() >= PRESSED
    }

    /// Tells whether there is room for a session to wait in.
    pub(super) fn has_room(&self) -> bool {
        self.left() >= ROOM && self.pressure() < FREE
    }

    /// Bytes that can still be had; no system that does not say is thought to be short.
    fn left(&self) -> u64 {
        let text = std::fs::read_to_string(self.system.join("meminfo")).unwrap_or_default();
        let system = number_after(&text, "MemAvailable:").map(|number| number << 10);
        let group = self.group.as_deref().and_then(left_in);
        let least = [system, group].into_iter().flatten().min();
        least.unwrap_or(u64::MAX)
    }

    fn pressure(&self) -> f64 {
        let file = self.system.join("pressure/memory");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let some = text
            .lines()
            .find_map(|line| line.strip_prefix("some avg10="));
        let number = some.and_then(|rest| rest.split(' ').next());
        number.and_then(|text| text.parse().ok()).unwrap_or(0.0)
    }
}

/// Bytes left in a group of processes that may not use all memory; files in it are given up when memory is wanted.
fn left_in(group: &Path) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(group.join(name)).ok();
    let most: u64 = read("memory.max")?.trim().parse().ok()?;
    let used: u64 = read("memory.current")?.trim().parse().ok()?;
    let files = number_after(&read("memory.stat")?, "inactive_file ").unwrap_or(0);
    Some(most.saturating_sub(used.saturating_sub(files)))
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Memory, left_in};

    #[test]
    fn the_least_that_is_left_counts_and_so_does_standing_still() {
        let desk = tempfile::tempdir().unwrap();
        std::fs::create_dir(desk.path().join("pressure")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(desk.path().join(name), text).unwrap();
        let memory = Memory {
            system: desk.path().to_owned(),
            group: Some(desk.path().to_owned()),
        };
        assert!(memory.has_room() && !memory.is_short(), "nothing is said");
        for (kilobytes, room, short) in [
            (2_000_000, true, false),
            (700_000, false, false),
            (400_000, false, true),
        ] {
            write(
                "meminfo",
                &format!("MemFree: 1 kB\nMemAvailable: {kilobytes} kB\n"),
            );
            assert_eq!((memory.has_room(), memory.is_short()), (room, short));
        }
        write("meminfo", "MemAvailable: 9000000 kB\n");
        for (percent, room, short) in [
            ("0.00", true, false),
            ("3.5", false, false),
            ("25.00", false, true),
        ] {
            write(
                "pressure/memory",
                &format!("some avg10={percent} avg60=0.00 total=1\nfull avg10=0.00\n"),
            );
            assert_eq!((memory.has_room(), memory.is_short()), (room, short));
        }
        write("pressure/memory", "some avg10=0.00 avg60=0.00 total=1\n");
        write("memory.max", "max\n");
        assert!(memory.has_room(), "a group without a limit");
        write("memory.max", "3000000000\n");
        write("memory.current", "2900000000\n");
        write("memory.stat", "anon 1\ninactive_file 100000000\n");
        assert_eq!(left_in(desk.path()), Some(200_000_000));
        assert!(memory.is_short());
    }
}
