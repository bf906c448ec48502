//! One notebook, cell by cell.

use super::clock::now;
use super::deadline::Deadline;
use super::job::Job;
use super::notebook::{Notebook, source};
use super::recorder::Recorder;
use super::report;
use super::signals::Signals;
use super::timing::Taken;
use super::trouble::Trouble;
use crate::allowance::Allowance;
use crate::command::Run;
use crate::evaluator::{Analysis, Cell, Evaluator, Outcome, Prospect, Sink, Timing};
use crate::protocol::Page;
use crate::terminal::{self, Live};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Runs one notebook and writes it after every cell.
pub(super) struct Execution<'a> {
    order: &'a Run,
    job: &'a Job,
    signals: &'a Signals,
    notebook: Notebook,
    recorder: Arc<Recorder>,
    cells: Vec<Value>,
    taken: Vec<Taken>,
    failure: Option<(String, String)>,
}

/// What became of a notebook.
pub(super) struct Finished {
    pub(super) notebook: Notebook,
    /// How the report has it.
    pub(super) report: Value,
    pub(super) taken: Vec<Taken>,
    /// The failure in one line.
    pub(super) failure: Option<String>,
}

impl<'a> Execution<'a> {
    /// Prepares to run a notebook, whose parameters are already in it.
    pub(super) fn new(
        notebook: Notebook,
        (order, job): (&'a Run, &'a Job),
        signals: &'a Signals,
    ) -> Self {
        Self {
            order,
            job,
            signals,
            notebook,
            recorder: Arc::new(Recorder::new()),
            cells: Vec::new(),
            taken: Vec::new(),
            failure: None,
        }
    }

    /// Runs the cells until one fails.
    pub(super) fn run(mut self) -> Result<Finished> {
        let begun = Instant::now();
        // A cell finds files beside its notebook, as it does in Jupyter.
        if let Some(folder) = self.job.path.parent() {
            std::env::set_current_dir(folder)
                .with_context(|| format!("cannot enter the folder {}", folder.display()))?;
        }
        self.notebook.clear(self.order.inplace);
        self.notebook.introduce();
        self.notebook.set_mark(None);
        let live = Live::start("starting".to_owned());
        let Prospect {
            analysis, start, ..
        } = self.order.evaluator.prospect();
        let started = start(&|stage| live.show(stage.to_owned()));
        live.end();
        let mut evaluator = started?;
        self.signals.aim(evaluator.handle());
        let start_seconds = begun.elapsed().as_secs_f64();
        let places: Vec<usize> = self.notebook.code();
        let (skipped, places): (Vec<_>, Vec<_>) = places
            .into_iter()
            .partition(|&place| self.notebook.has_tag(place, "skip-execution"));
        for done in 0..places.len() {
            self.cell((evaluator.as_mut(), &*analysis), (&places, done));
            self.keep(&places[..=done]);
            self.notebook.save(&self.job.out)?;
            if self.failure.is_some() {
                break;
            }
        }
        evaluator.shutdown();
        for &place in places.iter().skip(self.cells.len()) {
            self.cells.push(self.idle(place, "not run"));
        }
        for place in skipped {
            self.cells.push(self.idle(place, "skipped"));
        }
        self.cells.sort_by_key(|cell| cell["cell"].as_u64());
        let report = json!({
            "path": self.job.path,
            "output": self.job.out,
            "status": if self.failure.is_some() { "failed" } else { "ok" },
            "seconds": begun.elapsed().as_secs_f64(),
            "start_s": start_seconds,
            "error": self.failure.as_ref().map(|(cell, line)| json!({ "cell": cell, "value": line })),
            "cells": self.cells,
        });
        let failure = self
            .failure
            .map(|(cell, line)| format!("{cell} of {} failed: {line}", self.job.path.display()));
        Ok(Finished {
            notebook: self.notebook,
            report,
            taken: self.taken,
            failure,
        })
    }

    fn cell(
        &mut self,
        (evaluator, analysis): (&mut dyn Evaluator, &dyn Analysis),
        (places, done): (&[usize], usize),
    ) {
        let place = places[done];
        let number = done as u64 + 1;
        let name = format!("[{number}/{}] cell {}", places.len(), place + 1);
        let cell = Cell {
            name: format!("cell {}", place + 1),
            ..Cell::new(source(&self.notebook.cells()[place]), number)
        };
        self.recorder.begin(number, Live::start(name.clone()));
        let deadline = self.order.timeout;
        let deadline = deadline.map(|limit| Deadline::start(limit, evaluator.handle()));
        let (clock, start) = (now(), Instant::now());
        let recorder = Arc::clone(&self.recorder) as Arc<dyn Sink>;
        let allowance = Arc::new(Allowance::new(recorder));
        // A question is for the pager of a front end, and here for nobody.
        let outcome = match Page::asked(&cell.code, analysis) {
            Some(_) => Outcome::Ok,
            None => evaluator.execute(&cell, &(Arc::clone(&allowance) as Arc<dyn Sink>)),
        };
        allowance.finish();
        let seconds = start.elapsed().as_secs_f64();
        let mut trouble = Trouble::of(outcome);
        if let Some(limit) = self.order.timeout
            && deadline.is_some_and(|deadline| deadline.passed())
        {
            trouble = trouble.map(|trouble| trouble.late(limit));
        }
        self.recorder.end(trouble.as_ref().map(Trouble::output));
        let (parts, outputs) = self.recorder.last();
        let expected = self.notebook.has_tag(place, "raises-exception") && !self.signals.asked();
        let goes_on =
            trouble.is_none() || expected || self.order.allow_errors && !self.signals.asked();
        let mark = match &trouble {
            None => "",
            Some(_) if expected => "  failed, as expected",
            Some(_) if goes_on => "  failed, which is allowed",
            Some(_) => "  failed",
        };
        terminal::say(&format!("{name}  {seconds:.2} s{mark}"));
        self.time(place, (&clock, seconds), parts);
        self.taken.push(Taken {
            name: cell.name.clone(),
            seconds,
            parts,
        });
        let known = &self.notebook.cells()[place];
        self.cells.push(json!({
            "cell": place + 1,
            "id": known["id"],
            "execution_count": number,
            "status": report::status(trouble.as_ref(), expected),
            "seconds": seconds,
            "compile_s": parts.map(|parts| parts.compile_s),
            "link_s": parts.map(|parts| parts.link_s),
            "run_s": parts.map(|parts| parts.run_s),
            "outputs": outputs,
            "error": trouble.as_ref().map(Trouble::report),
        }));
        if let Some(trouble) = trouble.filter(|_| !expected) {
            trouble.print(&cell);
            if !goes_on {
                self.failure = Some((cell.name, trouble.line()));
            }
        }
    }

    /// Keeps the times of a cell in its metadata where that is wanted; times of an earlier run would be wrong, and go.
    fn time(&mut self, place: usize, (begun, seconds): (&str, f64), parts: Option<Timing>) {
        let (mut execution, mut own) = (Value::Null, Value::Null);
        if self.order.timing {
            let ended = now();
            execution = json!({
                "iopub.execute_input": begun,
                "iopub.status.busy": begun,
                "iopub.status.idle": ended,
                "shell.execute_reply": ended,
            });
            let parts = parts.unwrap_or_default();
            own = json!({
                "seconds": seconds,
                "compile_s": parts.compile_s,
                "link_s": parts.link_s,
                "run_s": parts.run_s,
            });
        }
        self.notebook
            .set_metadata(place, [("execution", execution), ("genolens", own)]);
    }

    /// Puts what was said into the notebook: a later cell may have changed what an earlier one shows.
    fn keep(&mut self, places: &[usize]) {
        for (&place, (number, outputs)) in places.iter().zip(self.recorder.outputs()) {
            self.notebook.set(place, outputs, number);
        }
    }

    fn idle(&self, place: usize, status: &str) -> Value {
        let known = &self.notebook.cells()[place];
        json!({ "cell": place + 1, "id": known["id"], "status": status })
    }
}
