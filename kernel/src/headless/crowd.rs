//! Several notebooks, each in a process of its own.

use super::job::Job;
use super::{report, signals};
use crate::command::Run;
use crate::terminal::{self, Live};
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Runs every notebook, `--jobs` of them at a time; one that fails does not stop the others.
pub(super) fn run(order: &Run, jobs: &[Job], file: Option<&Path>) -> Result<()> {
    let start = Instant::now();
    let live = Live::start("looking at the image".to_owned());
    let prepared = order
        .evaluator
        .prepare(&|stage| live.show(stage.to_owned()));
    live.end();
    prepared?;
    let crowd = Crowd {
        order,
        jobs,
        next: AtomicUsize::new(0),
        reports: Mutex::new(vec![None; jobs.len()]),
        folder: tempfile::tempdir().context("cannot create a folder for the reports")?,
        children: Children::default(),
    };
    let children = crowd.children.clone();
    signals::listen(move |code| children.pass_on(code))?;
    let workers = order.jobs.get().min(jobs.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| crowd.work(workers == 1));
        }
    });
    let reports = crowd.reports.into_inner();
    let reports = reports.unwrap_or_else(PoisonError::into_inner);
    let reports: Vec<Value> = reports
        .into_iter()
        .zip(jobs)
        .map(|(found, job)| found.unwrap_or_else(|| report::unread(&job.path, "not started")))
        .collect();
    let failed = reports.iter().filter(|found| found["status"] == "failed");
    let failed = failed.count();
    if let Some(file) = file {
        report::save(&reports, start.elapsed().as_secs_f64(), file)?;
    }
    match failed {
        0 => Ok(()),
        failed => bail!("{failed} of {} notebooks failed", jobs.len()),
    }
}

struct Crowd<'a> {
    order: &'a Run,
    jobs: &'a [Job],
    next: AtomicUsize,
    reports: Mutex<Vec<Option<Value>>>,
    folder: tempfile::TempDir,
    children: Children,
}

impl Crowd<'_> {
    /// Takes one notebook after another until none is left or somebody wants to stop.
    fn work(&self, alone: bool) {
        while !self.children.stopped() {
            let place = self.next.fetch_add(1, Ordering::SeqCst);
            let Some(job) = self.jobs.get(place) else {
                return;
            };
            let file = self.folder.path().join(format!("{place}.json"));
            let ended = self.one(job, &file, alone);
            let found = report::read(&file).and_then(|mut found| found.pop());
            let found = match (found, ended) {
                (Some(found), Ok(())) => found,
                (_, Err(error)) => report::unread(&job.path, &format!("{error:#}")),
                (None, Ok(())) => report::unread(&job.path, "its process died"),
            };
            let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            reports[place] = Some(found);
        }
    }

    /// Runs one notebook; what it says comes at once when it runs alone, otherwise in one piece at its end.
    fn one(&self, job: &Job, report: &Path, alone: bool) -> Result<()> {
        let mut command = self.command(job, report)?;
        if alone {
            let child = self.children.start(&mut command)?;
            return self.children.wait(child);
        }
        terminal::say(&format!("{} starts", job.path.display()));
        let (mut reader, writer) = std::io::pipe().context("cannot make a pipe")?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let child = self.children.start(&mut command)?;
        // The command holds our end of the pipe, which must be closed for the pipe to end.
        drop(command);
        let mut said = Vec::new();
        reader.read_to_end(&mut said)?;
        let ended = self.children.wait(child);
        let said = String::from_utf8_lossy(&said);
        terminal::say(&format!("\n== {}\n{}", job.path.display(), said.trim_end()));
        ended
    }

    fn command(&self, job: &Job, report: &Path) -> Result<Command> {
        let order = self.order;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("run")
            .arg(&job.path)
            .arg("--evaluator")
            .arg(order.evaluator.name())
            .arg("--report")
            .arg(report)
            .arg("--follow")
            .stdin(Stdio::null())
            // Signals come through us.
            .process_group(0);
        if let Some(output) = &order.output {
            command.arg("--output").arg(output);
        }
        let flags = [
            (order.html.is_some(), "--html"),
            (order.inplace, "--inplace"),
            (order.allow_errors, "--allow-errors"),
            (order.resume, "--resume"),
            (order.timing, "--timing"),
        ];
        for (_, flag) in flags.iter().filter(|(wanted, _)| *wanted) {
            command.arg(flag);
        }
        if let Some(limit) = order.timeout {
            command
                .arg("--timeout")
                .arg(limit.as_secs_f64().to_string());
        }
        for parameter in &order.parameters {
            command.arg("--parameter").arg(parameter.to_string());
        }
        Ok(command)
    }
}

/// The processes that run at the moment.
#[derive(Clone, Default)]
struct Children {
    running: Arc<Mutex<Vec<Pid>>>,
    stop: Arc<AtomicI32>,
}

impl Children {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst) != 0
    }

    fn start(&self, command: &mut Command) -> Result<Child> {
        // Held until the process is known, so that no signal comes between.
        let mut running = self.running();
        if self.stopped() {
            bail!("stopped before it started");
        }
        let child = command.spawn().context("cannot start a process")?;
        running.push(Pid::from_child(&child));
        Ok(child)
    }

    fn wait(&self, mut child: Child) -> Result<()> {
        let process = Pid::from_child(&child);
        child.wait().context("cannot wait for a process")?;
        self.running().retain(|other| *other != process);
        Ok(())
    }

    /// Tells all of them, and starts no more.
    fn pass_on(&self, code: i32) {
        self.stop.store(code, Ordering::SeqCst);
        let signal = if code == signals::INTERRUPTED {
            Signal::INT
        } else {
            Signal::TERM
        };
        for &process in self.running().iter() {
            let _ = kill_process(process, signal);
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Vec<Pid>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
