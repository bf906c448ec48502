//! A long computation.

use super::interruption;
use super::watcher::watcher;
use super::{Report, Series, State};
use crate::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

static TASKS: AtomicU64 = AtomicU64::new(1);

/// The time between two reports.
const TICK: Duration = Duration::from_millis(50);

/// A long computation that can be watched and stopped; it is over when all steps are done or the value is dropped.
///
/// When more steps follow than were announced, it goes on as one of which nobody knows how many there are.
///
/// # Examples
///
/// ```
/// use genolens::progress::Task;
/// # fn main() -> genolens::Result<()> {
/// let mut task = Task::new("counting", 3);
/// for number in 0..3 {
///     task.record("square", "", f64::from(number * number));
///     task.step(&format!("at {number}"))?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Task {
    id: u64,
    name: String,
    done: usize,
    total: Option<usize>,
    start: Instant,
    last: Option<Instant>,
    detail: String,
    axis: (String, usize),
    series: Vec<Series>,
    /// Whether the end has been reported, with everything recorded.
    over: bool,
}

impl Task {
    /// Begins a task of so many steps.
    pub fn new(name: &str, total: usize) -> Self {
        Self::with_total(name, Some(total))
    }

    /// Begins a task of so many steps, or nobody knows how many.
    pub(crate) fn with_total(name: &str, total: Option<usize>) -> Self {
        let mut task = Self {
            id: TASKS.fetch_add(1, Ordering::Relaxed),
            name: name.into(),
            done: 0,
            total,
            start: Instant::now(),
            last: None,
            detail: String::new(),
            axis: ("step".into(), 1),
            series: Vec::new(),
            over: false,
        };
        // Who watches should know what encloses a task that begins before the first step of this one.
        task.report(State::Running);
        task.last = None;
        task
    }

    /// Counts recorded numbers in a larger unit, such as epochs of so many steps; an epoch has at least one step.
    pub fn in_units(mut self, name: &str, steps: usize) -> Self {
        self.axis = (name.into(), steps.max(1));
        self
    }

    /// Notes a number at this point of the task; a notebook draws it as a curve that grows.
    ///
    /// `what` is the quantity, such as `loss`; `name` tells several series of one quantity apart and may be empty. A value that is
    /// infinite or no number cannot be drawn: a series that was drawn before says how many such values followed.
    pub fn record(&mut self, what: &str, name: &str, value: f64) {
        let mut known = self.series.iter_mut();
        let known = known.find(|series| series.what() == what && series.name() == name);
        if !value.is_finite() {
            if let Some(series) = known {
                series.skip();
                self.over = false;
            }
            return;
        }
        // It belongs to the step that is being done.
        let x = (self.done + 1) as f64 / self.axis.1 as f64;
        let series = match known {
            Some(series) => series,
            None => self.series.push_mut(Series::new(what, name)),
        };
        series.push(x, value);
        self.over = false;
    }

    /// Notes one finished step.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when somebody has called [`interrupt`](super::interrupt).
    pub fn step(&mut self, detail: &str) -> Result<()> {
        self.done += 1;
        self.over = false;
        if interruption::take() {
            return Err(self.stopped());
        }
        self.total = self.total.filter(|total| self.done <= *total);
        let complete = self.total == Some(self.done);
        let due = self.last.is_none_or(|last| last.elapsed() > TICK);
        if due || complete {
            detail.clone_into(&mut self.detail);
            self.report(if complete {
                State::Done
            } else {
                State::Running
            });
        }
        Ok(())
    }

    /// Says how far the task was when it was interrupted.
    pub fn stopped(&self) -> Error {
        Error::Interrupted {
            what: self.name.clone(),
            done: self.done,
            total: self.total.unwrap_or(self.done),
        }
    }

    /// Ends the task before all steps are done, as early stopping does.
    pub fn finish(&mut self, detail: &str) {
        if !self.over {
            self.total = Some(self.done);
            detail.clone_into(&mut self.detail);
            self.report(State::Done);
        }
    }

    /// What there is to read beside the number: the detail, and what the curves lack.
    fn remark(&self) -> String {
        let lacking = self.series.iter().filter(|series| series.skipped() > 0);
        let lack = |series: &Series| {
            let values = match series.skipped() {
                1 => "1 value".to_owned(),
                count => format!("{count} values"),
            };
            let whose = format!("{} {}", series.name(), series.what());
            format!("{values} of {} left out", whose.trim_start())
        };
        let detail = (!self.detail.is_empty()).then(|| self.detail.clone());
        let remarks: Vec<String> = detail.into_iter().chain(lacking.map(lack)).collect();
        remarks.join(", ")
    }

    fn report(&mut self, state: State) {
        self.last = Some(Instant::now());
        self.over = state != State::Running;
        if let Some(watcher) = watcher() {
            watcher.report(&Report {
                id: self.id,
                task: self.name.clone(),
                done: self.done,
                total: self.total,
                detail: self.remark(),
                elapsed: self.start.elapsed(),
                state,
                axis: self.axis.0.clone(),
                series: self.series.clone(),
            });
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.over {
            let complete = self.total.is_some_and(|total| self.done >= total);
            self.report(if complete {
                State::Done
            } else {
                State::Stopped
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_steps_than_announced_make_the_total_unknown() -> Result<()> {
        let mut task = Task::new("short", 2);
        let mut totals = Vec::new();
        for _ in 0..3 {
            task.step("")?;
            totals.push((task.total, task.over));
        }
        assert_eq!(totals, [(Some(2), false), (Some(2), true), (None, false)]);
        assert_eq!(Task::new("open", 0).total, Some(0));
        Ok(())
    }

    #[test]
    fn values_that_cannot_be_drawn_are_counted() {
        let mut task = Task::new("descent", 9);
        // Nothing of it is drawn, so nothing is missing.
        task.record("AUROC", "", f64::NAN);
        for value in [1.0, f64::NAN, f64::INFINITY, 0.5] {
            task.record("loss", "training", value);
        }
        task.detail = "fold 1".into();
        assert_eq!(task.remark(), "fold 1, 2 values of training loss left out");
        assert_eq!(task.series.len(), 1);
        assert_eq!(task.series[0].points().len(), 2);
    }
}
