//! What the notebook's runtime calls by name in the loaded library.

use super::json;
use super::mime;
use crate::progress::{self, Report, Watcher};
use std::fmt::Write as _;
use std::time::Duration;

/// How long a task must take before it is worth a bar.
const WORTH_SHOWING: Duration = Duration::from_millis(400);

/// Sends progress to the kernel as frames of kind `T`.
#[derive(Debug)]
struct Channel;

impl Watcher for Channel {
    fn report(&self, report: &Report) {
        if report.elapsed < WORTH_SHOWING {
            return;
        }
        let mut payload = String::from("{\"task\":");
        json::string(&mut payload, &report.task);
        let _ = write!(
            payload,
            ",\"done\":{},\"total\":{},\"detail\":",
            report.done, report.total
        );
        json::string(&mut payload, &report.detail);
        let _ = write!(
            payload,
            ",\"elapsed_s\":{:.3}}}",
            report.elapsed.as_secs_f64()
        );
        mime::send(mime::PROGRESS, &payload);
    }
}

/// Begins to report progress to the kernel.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_notebook_start() {
    progress::watch(Channel);
}

/// Makes the next step of the running task fail; safe in a signal handler.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_interrupt() {
    progress::interrupt();
}

/// Forgets an interrupt that no task has seen.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_clear_interrupt() {
    progress::clear_interrupt();
}
