//! What the tasks of one kernel share.

use super::comms::Comms;
use super::history::History;
use super::info;
use super::output::Output;
use super::publish::Publisher;
use super::stdin::Stdin;
use super::worker::Job;
use crate::evaluator::{Analysis, Event, Handle, Sink};
use jupyter_protocol::{JupyterMessage, JupyterMessageContent, Status};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use tokio::sync::{Notify, mpsc::UnboundedSender};

/// Where the answers to one socket go.
pub(crate) type Replies = UnboundedSender<JupyterMessage>;

/// Stops the start of the evaluator.
type StopStart = Box<dyn Fn() + Send + Sync>;

/// Holds the doors of one kernel.
pub(crate) struct Session {
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) stdin: Stdin,
    pub(crate) jobs: mpsc::Sender<Job>,
    pub(crate) analysis: Arc<dyn Analysis>,
    pub(crate) comms: Comms,
    /// Told when the process should end.
    pub(crate) over: Notify,
    history: OnceLock<Mutex<History>>,
    handle: OnceLock<Box<dyn Handle>>,
    stop_start: StopStart,
    /// Cells that wait or run.
    pending: AtomicUsize,
    /// An interrupt that came before the evaluator was there.
    early: AtomicBool,
    start: Mutex<Start>,
}

/// Holds how far the start of the evaluator is, and who waits for it.
#[derive(Default)]
struct Start {
    stage: Option<String>,
    first: Option<Arc<JupyterMessage>>,
    shown: bool,
    over: bool,
}

impl Start {
    fn show(&mut self, publisher: &Arc<Publisher>) {
        if let (Some(stage), Some(first)) = (&self.stage, &self.first) {
            let output = Output::new(first, publisher, None).after_note(self.shown);
            output.event(Event::Note(stage.clone()));
            self.shown = true;
        }
    }
}

impl Session {
    /// Makes the doors; `jobs` leads to the worker, and `analysis` answers beside it.
    pub(crate) fn new(
        publisher: Arc<Publisher>,
        stdin: Stdin,
        (jobs, analysis, stop_start): (mpsc::Sender<Job>, Arc<dyn Analysis>, StopStart),
    ) -> Self {
        Self {
            comms: Comms::new(Arc::clone(&publisher), Arc::clone(&analysis)),
            publisher,
            stdin,
            jobs,
            analysis,
            over: Notify::new(),
            history: OnceLock::new(),
            handle: OnceLock::new(),
            stop_start,
            pending: AtomicUsize::new(0),
            early: AtomicBool::new(false),
            start: Mutex::default(),
        }
    }

    /// Tells everyone that a request is being worked on.
    pub(crate) fn busy(&self, request: &JupyterMessage) {
        self.publisher.light(Status::busy().as_child_of(request));
    }

    /// Answers a request and tells everyone that it is done.
    pub(crate) fn finish(
        &self,
        request: &JupyterMessage,
        content: impl Into<JupyterMessageContent>,
        replies: &Replies,
    ) {
        self.finish_with(
            request,
            JupyterMessage::new(content, Some(request)),
            replies,
        );
    }

    /// Sends a finished answer and tells everyone that the request is done.
    pub(crate) fn finish_with(
        &self,
        request: &JupyterMessage,
        mut reply: JupyterMessage,
        replies: &Replies,
    ) {
        info::VERSION.clone_into(&mut reply.header.version);
        // A closed channel means that the kernel is ending.
        let _closed = replies.send(reply);
        self.idle(request);
    }

    /// Tells everyone that a request is done.
    pub(crate) fn idle(&self, request: &JupyterMessage) {
        self.publisher.light(Status::idle().as_child_of(request));
    }

    /// Gives the inputs of this session and of others.
    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        let history = || Mutex::new(History::of_user());
        let history = self.history.get_or_init(history);
        history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the evaluator does while it starts, under the first cell that waits for it.
    pub(crate) fn say(&self, stage: &str) {
        let mut start = self.start();
        start.stage = Some(stage.to_owned());
        start.show(&self.publisher);
    }

    /// Ends the start, and hands over the way to a running cell.
    pub(crate) fn started(&self, handle: Option<Box<dyn Handle>>) {
        self.start().over = true;
        if let Some(handle) = handle {
            // There is one worker, and it calls this once.
            let _second = self.handle.set(handle);
        }
    }

    /// Tells whether a note about the start stands under this cell.
    pub(crate) fn has_shown_note(&self, request: &Arc<JupyterMessage>) -> bool {
        let start = self.start();
        let first = start.first.as_ref();
        start.shown && first.is_some_and(|first| Arc::ptr_eq(first, request))
    }

    /// Counts a cell that now waits.
    pub(crate) fn enqueue(&self, request: &Arc<JupyterMessage>, silent: bool) {
        self.pending.fetch_add(1, Ordering::SeqCst);
        let mut start = self.start();
        if !start.over && !silent && start.first.is_none() {
            start.first = Some(Arc::clone(request));
            start.show(&self.publisher);
        }
    }

    /// Counts a cell that is done.
    pub(crate) fn dequeue(&self) {
        self.pending.fetch_sub(1, Ordering::SeqCst);
    }

    /// Stops the running cell, or the one that waits for the evaluator to start.
    pub(crate) fn interrupt(&self) {
        self.stdin.cancel();
        if let Some(handle) = self.handle.get() {
            handle.interrupt();
        } else {
            let waits = self.pending.load(Ordering::SeqCst) > 0;
            self.early.store(waits, Ordering::SeqCst);
            if waits {
                (self.stop_start)();
            }
        }
    }

    fn start(&self) -> MutexGuard<'_, Start> {
        self.start.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of an interrupt that came too early for the evaluator.
    pub(crate) fn was_interrupted_early(&self) -> bool {
        self.early.swap(false, Ordering::SeqCst)
    }

    /// Ends whatever runs, without waiting.
    pub(crate) fn kill(&self) {
        self.stdin.cancel();
        if let Some(handle) = self.handle.get() {
            handle.kill();
        } else {
            (self.stop_start)();
        }
    }
}
