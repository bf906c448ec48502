//! What cells say, kept as the outputs of a notebook.

use super::notebook::split;
use crate::decoder::Decoder;
use crate::evaluator::{Bundle, Event, Progress, Sink, Timing};
use crate::terminal::Live;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the outputs of all cells of one notebook, since a later cell may update an earlier display.
pub(crate) struct Recorder {
    cells: Mutex<Vec<Recorded>>,
    live: Mutex<Option<Live>>,
}

/// Holds what one cell said.
#[derive(Default)]
struct Recorded {
    outputs: Vec<Output>,
    stdout: Decoder,
    stderr: Decoder,
    number: u64,
    clear_next: bool,
    /// The newest states of tasks that are not over.
    tasks: Vec<Progress>,
    timing: Option<Timing>,
}

enum Output {
    Stream(&'static str, String),
    Shown(&'static str, Bundle),
    Error(Value),
}

impl Recorder {
    /// Makes a recorder without cells.
    pub(crate) fn new() -> Self {
        Self {
            cells: Mutex::default(),
            live: Mutex::default(),
        }
    }

    /// Begins a cell; what goes on is shown through `live`.
    pub(crate) fn begin(&self, number: u64, live: Live) {
        self.cells().push(Recorded {
            number,
            ..Recorded::default()
        });
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live);
    }

    /// Ends a cell, with its error if it failed.
    pub(crate) fn end(&self, error: Option<Value>) {
        if let Some(cell) = self.cells().last_mut() {
            let rest = cell.stdout.finish();
            cell.stream("stdout", rest);
            let rest = cell.stderr.finish();
            cell.stream("stderr", rest);
            for task in std::mem::take(&mut cell.tasks) {
                cell.progress(task.closed());
            }
            cell.outputs.extend(error.map(Output::Error));
        }
        let live = self
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(live) = live {
            live.end();
        }
    }

    /// Gives the outputs of every cell that began, in the form of the notebook format.
    pub(crate) fn outputs(&self) -> Vec<(u64, Vec<Value>)> {
        let cells = self.cells();
        let form = |cell: &Recorded| {
            let outputs = cell.outputs.iter().map(|output| output.form(cell.number));
            (cell.number, outputs.collect())
        };
        cells.iter().map(form).collect()
    }

    /// Gives where the time of the last cell went, and how many outputs it has left.
    pub(crate) fn last(&self) -> (Option<Timing>, usize) {
        let cells = self.cells();
        cells
            .last()
            .map_or((None, 0), |cell| (cell.timing, cell.outputs.len()))
    }

    fn cells(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, line: String) {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = &*live {
            live.show(line);
        }
    }
}

impl Sink for Recorder {
    fn event(&self, event: Event) {
        match event {
            Event::Progress(progress) => {
                self.show(progress.line());
                if let Some(cell) = self.cells().last_mut() {
                    cell.progress(progress);
                }
                return;
            }
            Event::Note(text) => return self.show(text),
            _ => {}
        }
        let mut cells = self.cells();
        if let Event::UpdateDisplay(bundle) = event {
            for cell in cells.iter_mut() {
                cell.update(&bundle);
            }
            return;
        }
        let Some(cell) = cells.last_mut() else {
            return;
        };
        match event {
            Event::Stdout(bytes) => {
                let text = cell.stdout.push(&bytes);
                cell.stream("stdout", text);
            }
            Event::Stderr(bytes) => {
                let text = cell.stderr.push(&bytes);
                cell.stream("stderr", text);
            }
            Event::Display(bundle) => cell.push(Output::Shown("display_data", bundle)),
            Event::Result(bundle) => cell.push(Output::Shown("execute_result", bundle)),
            Event::Clear { wait: true } => cell.clear_next = true,
            Event::Clear { wait: false } => cell.outputs.clear(),
            Event::Timing(timing) => cell.timing = Some(timing),
            Event::UpdateDisplay(_) | Event::Progress(_) | Event::Note(_) => {}
        }
    }

    fn input(&self, _prompt: &str, _password: bool) -> Option<String> {
        None
    }

    fn selection(&self, _map: &str) -> Option<String> {
        None
    }
}

impl Recorded {
    /// Puts a new content in the place of what was shown under the same name; tells whether there was any.
    fn update(&mut self, bundle: &Bundle) -> bool {
        let mut found = false;
        for output in &mut self.outputs {
            if let Output::Shown(_, shown) = output
                && shown.display_id.is_some()
                && shown.display_id == bundle.display_id
            {
                *shown = bundle.clone();
                found = true;
            }
        }
        found
    }

    /// Keeps the picture that a task leaves; bars are for who watches.
    fn progress(&mut self, progress: Progress) {
        self.tasks.retain(|task| task.id != progress.id);
        if !progress.over {
            return self.tasks.push(progress);
        }
        let name = format!("task {}", progress.id);
        if let Some(picture) = progress.picture.map(|picture| picture.named(name))
            && !self.update(&picture)
        {
            self.push(Output::Shown("display_data", picture));
        }
    }

    fn push(&mut self, output: Output) {
        if std::mem::take(&mut self.clear_next) {
            self.outputs.clear();
        }
        self.outputs.push(output);
    }

    fn stream(&mut self, name: &'static str, more: String) {
        if more.is_empty() {
            return;
        }
        if !self.clear_next
            && let Some(Output::Stream(last, text)) = self.outputs.last_mut()
            && *last == name
        {
            text.push_str(&more);
        } else {
            self.push(Output::Stream(name, more));
        }
    }
}

impl Output {
    fn form(&self, number: u64) -> Value {
        match self {
            Self::Stream(name, text) => {
                let text = crate::html::settled(text);
                json!({ "name": name, "output_type": "stream", "text": split(&text) })
            }
            Self::Shown(kind, bundle) => {
                let mut form = json!({ "data": data(&bundle.data) });
                if *kind == "execute_result" {
                    form["execution_count"] = json!(number);
                }
                form["metadata"] = Value::Object(bundle.metadata.clone());
                form["output_type"] = json!(kind);
                form
            }
            Self::Error(error) => error.clone(),
        }
    }
}

/// Stores texts as lists of lines, and anything else as it is.
fn data(bundle: &Map<String, Value>) -> Value {
    let is_text = |mime: &str| mime.starts_with("text/") || mime == "image/svg+xml";
    let form = |(mime, content): (&String, &Value)| {
        let content = match content {
            Value::String(text) if is_text(mime) => split(text),
            other => other.clone(),
        };
        (mime.clone(), content)
    };
    Value::Object(bundle.iter().map(form).collect())
}
