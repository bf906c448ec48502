//! How long the tools worked for the cell that runs, told from process to process in a file of the session.

use crate::place::Place;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a tool does for a cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// The compiler, the linker that it calls included.
    Compile,
    /// The linker.
    Link,
}

/// The time that the tools took for one cell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worked {
    /// Seconds of compilation, linking not counted.
    pub(crate) compile_s: f64,
    /// Seconds of linking.
    pub(crate) link_s: f64,
}

/// Does some work and notes how long it took. A note that cannot be written is a number less in a table, no more.
pub(super) fn timed<T>(place: &Place, stage: Stage, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let line = format!("{stage:?} {}\n", start.elapsed().as_micros());
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file(place));
    if let Ok(mut file) = file {
        let _ = file.write_all(line.as_bytes());
    }
    result
}

/// Takes what the tools have noted since the last call.
pub(crate) fn worked(place: &Place) -> Worked {
    let text = std::fs::read_to_string(file(place)).unwrap_or_default();
    let _ = std::fs::remove_file(file(place));
    let sum = |stage: Stage| -> f64 {
        let start = format!("{stage:?} ");
        let times = text.lines().filter_map(|line| line.strip_prefix(&start));
        let micros: u64 = times.filter_map(|time| time.parse::<u64>().ok()).sum();
        Duration::from_micros(micros).as_secs_f64()
    };
    let link_s = sum(Stage::Link);
    Worked {
        compile_s: (sum(Stage::Compile) - link_s).max(0.0),
        link_s,
    }
}

fn file(place: &Place) -> PathBuf {
    place.folder().join("clock")
}
