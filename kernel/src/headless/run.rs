//! Running notebooks from the command line.

use super::execution::Execution;
use super::job::Job;
use super::notebook::{Notebook, source};
use super::signals::Signals;
use super::{crowd, report, timing};
use crate::command::Run;
use crate::html;
use crate::parameters;
use crate::terminal;
use anyhow::{Result, anyhow};
use rustix::process::{Signal, set_parent_process_death_signal};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// Runs the notebooks and writes them with their outputs; an error if a cell of any of them failed.
pub(crate) fn run(order: &Run) -> Result<()> {
    let home = std::env::current_dir()?;
    let jobs = Job::all(order)?;
    let report = order.report.as_ref().map(|file| home.join(file));
    let [job] = jobs.as_slice() else {
        return crowd::run(order, &jobs, report.as_deref());
    };
    if order.follow {
        set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    order.evaluator.enter()?;
    let start = Instant::now();
    let outcome = alone(order, job);
    let (found, outcome) = match outcome {
        Ok((found, failure)) => (
            found,
            failure.map_or(Ok(()), |failure| Err(anyhow!(failure))),
        ),
        Err(error) => (report::unread(&job.path, &format!("{error:#}")), Err(error)),
    };
    if let Some(file) = report {
        report::save(&[found], start.elapsed().as_secs_f64(), &file)?;
    }
    outcome
}

/// Runs one notebook in this process; gives what the report says of it, and the failure in one line.
fn alone(order: &Run, job: &Job) -> Result<(Value, Option<String>)> {
    let path = job.path.display();
    let mut notebook = Notebook::open(&job.path)?;
    if !order.parameters.is_empty() {
        let declared = notebook.tagged("parameters");
        let declared = declared.map(|place| source(&notebook.cells()[place]));
        let cell = parameters::inject(&order.parameters, declared.as_deref());
        notebook.inject(&cell.map_err(|error| error.context(job.path.display().to_string()))?);
    }
    let mark = notebook.fingerprint();
    if order.resume && finished(&job.out, &mark) {
        terminal::say(&format!("{path} was finished by an earlier run"));
        return Ok((report::skipped(&job.path, &job.out), None));
    }
    let start = Instant::now();
    let signals = Signals::listen()?;
    let mut done = Execution::new(notebook, (order, job), &signals).run()?;
    if order.resume && done.failure.is_none() {
        done.notebook.set_mark(Some(mark));
    }
    done.notebook.save(&job.out)?;
    if order.timing {
        timing::print(&done.taken);
    }
    terminal::say(&format!("wrote {}", job.out.display()));
    if let Some(page) = &job.page {
        html::save(&done.notebook, page)?;
        terminal::say(&format!("wrote {}", page.display()));
    }
    if done.failure.is_none() {
        let seconds = start.elapsed().as_secs_f64();
        terminal::say(&format!("{path} ran in {seconds:.1} s"));
    }
    Ok((done.report, done.failure))
}

/// Tells whether an earlier run has brought the same notebook to its end.
fn finished(out: &Path, mark: &str) -> bool {
    Notebook::open(out).is_ok_and(|earlier| earlier.mark() == Some(mark))
}
