//! The only place that prints.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time between two lines about the same cell where lines cannot be overwritten.
const PATIENCE: Duration = Duration::from_secs(3);

/// Prints one line on standard output. That nobody reads it any more is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints one line on standard error; without its colours where that is no terminal.
pub(crate) fn warn(line: &str) {
    let mut stderr = std::io::stderr();
    let _ = if stderr.is_terminal() {
        writeln!(stderr, "{line}")
    } else {
        writeln!(stderr, "{}", crate::html::stripped(line))
    };
}

/// Shows what goes on: one line that changes on a terminal, a line now and then elsewhere.
#[derive(Debug)]
pub(crate) struct Live {
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
}

impl Live {
    /// Begins with a first message.
    pub(crate) fn start(message: String) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar.set_message(message);
            bar
        });
        Self {
            bar,
            last: Mutex::new(Instant::now()),
        }
    }

    /// Shows the newest message.
    pub(crate) fn show(&self, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message);
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= PATIENCE {
            *last = Instant::now();
            warn(&message);
        }
    }

    /// Removes the line that changes.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
