//! Running notebooks from the command line.

use super::notebook::{Notebook, source};
use super::recorder::Recorder;
use super::signals::Signals;
use crate::command::Run;
use crate::evaluator::{Cell, Evaluator, Outcome};
use crate::html;
use crate::terminal::{self, Live};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs the notebooks and writes them with their outputs; an error if a cell of any of them failed.
pub(crate) fn run(order: &Run) -> Result<()> {
    let notebooks = notebooks(&order.notebooks)?;
    let single = notebooks.len() == 1;
    let home = std::env::current_dir().context("cannot find out the current folder")?;
    if !single && matches!(order.html, Some(Some(_))) {
        bail!(
            "--html=FILE names one page, but there are {} notebooks",
            notebooks.len()
        );
    }
    let signals = Signals::listen()?;
    let mut failed = Vec::new();
    for path in &notebooks {
        let out = home.join(out(path, order.output.as_deref(), single));
        let page = order.html.as_ref().map(|file| match file {
            None => out.with_extension("html"),
            Some(file) => home.join(file),
        });
        // A cell finds files beside its notebook, as it does in Jupyter.
        let path = &home.join(path);
        let notebook = Notebook::open(path)?;
        let start = Instant::now();
        let (notebook, failure) = execute(notebook, path, (order, &signals))?;
        std::env::set_current_dir(&home).context("cannot go back to the first folder")?;
        notebook.save(&out)?;
        terminal::say(&format!("wrote {}", out.display()));
        if let Some(page) = page {
            html::save(&notebook, &page)?;
            terminal::say(&format!("wrote {}", page.display()));
        }
        match failure {
            None => terminal::say(&format!(
                "{} ran in {:.1} s",
                path.display(),
                start.elapsed().as_secs_f64()
            )),
            Some(failure) if single => bail!(failure),
            Some(failure) => {
                terminal::warn(&format!("error: {failure}"));
                failed.push(failure);
            }
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} notebooks failed", failed.len(), notebooks.len());
    }
    Ok(())
}

/// Lists the notebooks that the paths name; a folder stands for those directly in it.
fn notebooks(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|end| end == "ipynb"))
            .collect();
        if inside.is_empty() {
            bail!("no notebook in the folder {}", path.display());
        }
        inside.sort();
        all.append(&mut inside);
    }
    Ok(all)
}

fn out(path: &Path, wish: Option<&Path>, single: bool) -> PathBuf {
    let name = path.file_name().unwrap_or(path.as_os_str());
    match wish {
        Some(file) if single && file.extension().is_some_and(|end| end == "ipynb") => {
            file.to_owned()
        }
        Some(folder) => folder.join(name),
        None => Path::new("target").join("genolens").join(name),
    }
}

/// Runs the cells until one fails; gives the notebook with what it said, and the failure in one line.
fn execute(
    mut notebook: Notebook,
    path: &Path,
    (order, signals): (&Run, &Signals),
) -> Result<(Notebook, Option<String>)> {
    if let Some(folder) = path.parent() {
        std::env::set_current_dir(folder)
            .with_context(|| format!("cannot enter the folder {}", folder.display()))?;
    }
    let live = Live::start("starting".to_owned());
    let started = order.evaluator.start(&|stage| live.show(stage.to_owned()));
    live.end();
    let mut evaluator = started?;
    signals.aim(evaluator.handle());
    notebook.clear();
    notebook.introduce();
    let mut places = notebook.code();
    places.retain(|&place| !notebook.has_tag(place, "skip-execution"));
    let recorder = Recorder::new();
    let mut failure = None;
    for (done, &place) in places.iter().enumerate() {
        let code = source(&notebook.cells()[place]);
        let name = format!("[{}/{}] cell {}", done + 1, places.len(), place + 1);
        recorder.begin(done as u64 + 1, Live::start(name.clone()));
        let cell = Cell {
            name: format!("cell {}", place + 1),
            ..Cell::new(code, done as u64 + 1)
        };
        let start = Instant::now();
        let error = trouble(evaluator.as_mut(), &cell, &recorder);
        let expected = notebook.has_tag(place, "raises-exception");
        recorder.end(error.as_ref().map(Trouble::output));
        let mark = match &error {
            None => "",
            Some(_) if expected => "  failed, as expected",
            Some(_) => "  failed",
        };
        terminal::say(&format!(
            "{name}  {:.2} s{mark}",
            start.elapsed().as_secs_f64()
        ));
        if let Some(trouble) = error.filter(|_| !expected) {
            trouble.print(&cell);
            failure = Some(format!(
                "{} of {} failed: {}",
                cell.name,
                path.display(),
                trouble.line()
            ));
            break;
        }
    }
    evaluator.shutdown();
    for (place, (number, outputs)) in places.into_iter().zip(recorder.outputs()) {
        notebook.set(place, outputs, Some(number));
    }
    Ok((notebook, failure))
}

struct Trouble {
    name: String,
    value: String,
    traceback: Vec<String>,
}

fn trouble(evaluator: &mut dyn Evaluator, cell: &Cell, recorder: &Recorder) -> Option<Trouble> {
    match evaluator.execute(cell, recorder) {
        Outcome::Ok => None,
        Outcome::Error {
            name,
            value,
            traceback,
        } => Some(Trouble {
            name,
            value,
            traceback,
        }),
        Outcome::Aborted => Some(Trouble {
            name: "Interrupted".to_owned(),
            value: "the cell was interrupted".to_owned(),
            traceback: vec!["Interrupted: the cell was interrupted".to_owned()],
        }),
    }
}

impl Trouble {
    fn output(&self) -> serde_json::Value {
        json!({
            "ename": self.name,
            "evalue": self.value,
            "output_type": "error",
            "traceback": self.traceback,
        })
    }

    /// Says what happened in one line.
    fn line(&self) -> String {
        let first = self.value.lines().next().unwrap_or_default();
        format!("{}: {first}", self.name)
    }

    /// Prints the cell with line numbers, and its error below.
    fn print(&self, cell: &Cell) {
        terminal::warn(&format!("\n{}:", cell.name));
        for (number, line) in cell.code.lines().enumerate() {
            terminal::warn(&format!("{:>4} | {line}", number + 1));
        }
        terminal::warn("");
        for line in &self.traceback {
            terminal::warn(line);
        }
        terminal::warn("");
    }
}
