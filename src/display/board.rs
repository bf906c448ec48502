//! The tasks that are shown together: one that nobody waits for, and those that run inside it.

use super::json;
use crate::progress::{Report, State};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How long a task must take before it is worth a bar.
const WORTH_SHOWING: Duration = Duration::from_millis(400);

/// The most tasks of which the curves are kept.
const MOST: usize = 6;

/// The tasks that are shown together, the outermost first.
#[derive(Clone, Debug)]
pub(super) struct Board {
    tasks: Vec<Shown>,
}

#[derive(Clone, Debug)]
struct Shown {
    report: Report,
    /// When the task began.
    begun: Instant,
}

impl Shown {
    fn new(report: &Report) -> Self {
        let now = Instant::now();
        Self {
            report: report.clone(),
            begun: now.checked_sub(report.elapsed).unwrap_or(now),
        }
    }

    fn is_worth_showing(&self) -> bool {
        let elapsed = match self.report.state {
            State::Running => self.begun.elapsed(),
            State::Done | State::Stopped => self.report.elapsed,
        };
        elapsed >= WORTH_SHOWING
    }
}

impl Board {
    pub(super) fn new(report: &Report) -> Self {
        Self {
            tasks: vec![Shown::new(report)],
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.tasks.first().map_or(0, |task| task.report.id)
    }

    /// Takes a report of one of its tasks, or of a new one as long as it is not over; tells whether it did.
    pub(super) fn take(&mut self, report: &Report) -> bool {
        let place = self.reports().position(|known| known.id == report.id);
        match place {
            Some(place) => self.tasks[place] = Shown::new(report),
            None if self.is_over() => return false,
            None => self.tasks.push(Shown::new(report)),
        }
        // Of an inner task that has ended only its curves are of interest.
        let outer = self.id();
        let ended = |task: &Shown| task.report.id != outer && task.report.state != State::Running;
        self.tasks
            .retain(|task| !ended(task) || !task.report.series.is_empty());
        let surplus = self.tasks.iter().filter(|task| ended(task)).count();
        for _ in MOST..surplus {
            if let Some(place) = self.tasks.iter().position(ended) {
                self.tasks.remove(place);
            }
        }
        true
    }

    pub(super) fn is_over(&self) -> bool {
        self.reports().all(|report| report.state != State::Running)
    }

    pub(super) fn is_worth_showing(&self) -> bool {
        self.shown().next().is_some()
    }

    /// Regards tasks that still run as stopped.
    pub(super) fn close(&mut self) {
        for task in &mut self.tasks {
            if task.report.state == State::Running {
                task.report.state = State::Stopped;
                task.report.elapsed = task.begun.elapsed();
            }
        }
    }

    /// Returns the tasks that have recorded numbers.
    pub(super) fn recording(&self) -> Vec<&Report> {
        self.shown()
            .filter(|report| !report.series.is_empty())
            .collect()
    }

    fn reports(&self) -> impl Iterator<Item = &Report> {
        self.tasks.iter().map(|task| &task.report)
    }

    fn shown(&self) -> impl Iterator<Item = &Report> {
        let worth = self.tasks.iter().filter(|task| task.is_worth_showing());
        worth.map(|task| &task.report)
    }

    /// Returns the state as JSON for the kernel, with a picture: an SVG while it runs, a bundle at the end.
    pub(super) fn json(&self, curve: Option<&str>, picture: Option<&str>) -> String {
        let mut out = format!(
            "{{\"id\":{},\"over\":{},\"bars\":[",
            self.id(),
            self.is_over()
        );
        let id = self.id();
        let bars = self
            .shown()
            .filter(|task| task.id == id || task.state == State::Running);
        for (i, task) in bars.enumerate() {
            out.push_str(if i == 0 { "{\"task\":" } else { ",{\"task\":" });
            json::string(&mut out, &task.task);
            let _ = write!(out, ",\"done\":{},\"total\":", task.done);
            match task.total {
                Some(total) => {
                    let _ = write!(out, "{total}");
                }
                None => out.push_str("null"),
            }
            out.push_str(",\"detail\":");
            json::string(&mut out, &task.detail);
            let (elapsed, stopped) = (task.elapsed.as_secs_f64(), task.state == State::Stopped);
            let _ = write!(out, ",\"elapsed_s\":{elapsed:.3},\"stopped\":{stopped}}}");
        }
        out.push(']');
        if let Some(curve) = curve {
            out.push_str(",\"curve\":");
            json::string(&mut out, curve);
        }
        if let Some(picture) = picture {
            out.push_str(",\"picture\":");
            out.push_str(picture);
        }
        out + "}"
    }
}
