//! What one cell says while it runs, as messages.

use super::publish::Publisher;
use super::selections::Selections;
use super::stdin::Stdin;
use crate::decoder::Decoder;
use crate::evaluator::{Bundle, Event, Progress, Sink, Timing};
use jupyter_protocol::{ClearOutput, JupyterMessage, JupyterMessageContent, Stdio, UnknownMessage};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Turns the events of one cell into messages that belong to its request.
pub(crate) struct Output {
    parent: Arc<JupyterMessage>,
    publisher: Arc<Publisher>,
    stdin: Option<Stdin>,
    selections: Option<Arc<Selections>>,
    number: u64,
    silent: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stdout: Decoder,
    stderr: Decoder,
    boards: Vec<Board>,
    note: Note,
    timing: Option<Timing>,
}

/// A display of a task.
struct Board {
    id: u64,
    display_id: String,
    /// The newest state of a task that is not over.
    open: Option<Progress>,
}

#[derive(Default, PartialEq)]
enum Note {
    /// Nothing was shown.
    #[default]
    Nothing,
    /// Only a note is on the screen, so it can be wiped away.
    Alone,
    /// Output is on the screen.
    Output,
}

impl Output {
    /// Makes the outlet of one request; without `stdin` nobody can be asked.
    pub(crate) fn new(
        parent: &Arc<JupyterMessage>,
        publisher: &Arc<Publisher>,
        stdin: Option<Stdin>,
    ) -> Self {
        Self {
            parent: Arc::clone(parent),
            publisher: Arc::clone(publisher),
            stdin,
            selections: None,
            number: 0,
            silent: false,
            state: Mutex::default(),
        }
    }

    /// Returns this outlet for a cell with an execution count, quiet if `silent`.
    pub(crate) fn for_cell(mut self, number: u64, silent: bool) -> Self {
        self.number = number;
        self.silent = silent;
        self
    }

    /// Returns this outlet for a cell that may ask what is selected.
    pub(crate) fn knowing(self, selections: &Arc<Selections>) -> Self {
        Self {
            selections: Some(Arc::clone(selections)),
            ..self
        }
    }

    /// Returns this outlet for a cell under which a note already stands, if `shown`.
    pub(crate) fn after_note(self, shown: bool) -> Self {
        if shown {
            self.lock().note = Note::Alone;
        }
        self
    }

    /// Sends what was held back.
    pub(crate) fn finish(&self) {
        if self.silent {
            return;
        }
        let mut state = self.lock();
        for (name, rest) in [
            (Stdio::Stdout, state.stdout.finish()),
            (Stdio::Stderr, state.stderr.finish()),
        ] {
            self.publisher.text(&self.parent, name, rest);
        }
        // The process has died, or the task waits in a variable.
        for board in &mut state.boards {
            if let Some(progress) = board.open.take() {
                let bundle = progress.closed().bundle();
                self.update(&bundle.named(board.display_id.clone()));
            }
        }
        if state.note == Note::Alone {
            self.clear(false);
        }
    }

    /// Where the time of the cell went, once it is over.
    pub(crate) fn timing(&self) -> Option<Timing> {
        self.lock().timing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, kind: &str, content: Value, bytes: usize) {
        let message = JupyterMessage::new(unknown(kind, content), Some(&*self.parent));
        self.publisher.heavy(message, bytes);
    }

    fn display(&self, bundle: Bundle) {
        let bytes = bundle.weight();
        self.send("display_data", content(bundle), bytes);
    }

    fn update(&self, bundle: &Bundle) {
        let bytes = bundle.weight();
        let display_id = bundle.display_id.clone().unwrap_or_default();
        let content = unknown("update_display_data", content(bundle.clone()));
        let message = JupyterMessage::new(content, Some(&*self.parent));
        self.publisher.update(message, bytes, &display_id);
    }

    fn clear(&self, wait: bool) {
        self.publisher
            .light(ClearOutput { wait }.as_child_of(&self.parent));
    }

    /// Clears the screen for output: a note goes.
    fn before_output(&self, state: &mut State) {
        if state.note == Note::Alone {
            self.clear(true);
        }
        state.note = Note::Output;
    }

    fn progress(&self, state: &mut State, progress: Progress) {
        let bundle = progress.bundle();
        let known = state
            .boards
            .iter_mut()
            .find(|board| board.id == progress.id);
        let display_id = if let Some(board) = known {
            self.update(&bundle.named(board.display_id.clone()));
            board.open = (!progress.over).then_some(progress);
            return;
        } else {
            uuid::Uuid::new_v4().to_string()
        };
        self.before_output(state);
        self.display(bundle.named(display_id.clone()));
        state.boards.push(Board {
            id: progress.id,
            display_id,
            open: (!progress.over).then_some(progress),
        });
    }

    fn note(&self, state: &mut State, text: &str) {
        if state.note == Note::Output {
            return;
        }
        if state.note == Note::Alone {
            self.clear(true);
        }
        state.note = Note::Alone;
        let html = format!(
            "<div role=\"status\"><small>{}</small></div>",
            crate::html::escape(text)
        );
        self.display(Bundle::text(text).with("text/html", html));
    }
}

impl Sink for Output {
    fn event(&self, event: Event) {
        if self.silent {
            return;
        }
        let mut state = self.lock();
        match event {
            Event::Stdout(bytes) => {
                self.before_output(&mut state);
                let text = state.stdout.push(&bytes);
                self.publisher.text(&self.parent, Stdio::Stdout, text);
            }
            Event::Stderr(bytes) => {
                self.before_output(&mut state);
                let text = state.stderr.push(&bytes);
                self.publisher.text(&self.parent, Stdio::Stderr, text);
            }
            Event::Display(bundle) => {
                self.before_output(&mut state);
                self.display(bundle);
            }
            Event::UpdateDisplay(bundle) => self.update(&bundle),
            Event::Result(bundle) => {
                self.before_output(&mut state);
                let bytes = bundle.weight();
                let mut content = content(bundle);
                content["execution_count"] = json!(self.number);
                self.send("execute_result", content, bytes);
            }
            Event::Clear { wait } => {
                // What was wiped away must not come back as an update.
                state.boards.clear();
                state.note = Note::Output;
                self.clear(wait);
            }
            Event::Progress(progress) => self.progress(&mut state, progress),
            Event::Note(text) => self.note(&mut state, &text),
            Event::Timing(timing) => state.timing = Some(timing),
        }
    }

    fn input(&self, prompt: &str, password: bool) -> Option<String> {
        self.stdin.as_ref()?.ask(&self.parent, prompt, password)
    }

    fn selection(&self, map: &str) -> Option<String> {
        self.selections.as_ref()?.of(map)
    }
}

fn unknown(kind: &str, content: Value) -> JupyterMessageContent {
    // The crate's own media type would put the representations in a random order.
    UnknownMessage {
        msg_type: kind.to_owned(),
        content,
    }
    .into()
}

fn content(bundle: Bundle) -> Value {
    let transient = match bundle.display_id {
        Some(display_id) => json!({ "display_id": display_id }),
        None => json!({}),
    };
    let mut content = json!({});
    content["data"] = Value::Object(bundle.data);
    content["metadata"] = Value::Object(bundle.metadata);
    content["transient"] = transient;
    content
}
