//! The one thread that owns the evaluator and works on requests in order.

use super::expression;
use super::keeper::Keeper;
use super::output::Output;
use super::page::Page;
use super::session::{Replies, Session};
use crate::allowance::Allowance;
use crate::evaluator::{Cell, Evaluator, Event, Factory, Outcome, Sink, Timing};
use jupyter_protocol::{
    ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest, ExecutionCount, JupyterMessage,
    JupyterMessageContent, Payload, ReplyError, ReplyStatus, Stdio,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::Instant;

/// Is one thing to do, in order.
pub(crate) enum Job {
    /// A request, when it came, and where its answer goes.
    Request(Arc<JupyterMessage>, Instant, Replies),
    /// The end.
    Stop,
}

/// Works on jobs until it is told to stop.
pub(crate) fn work(session: &Session, jobs: &mpsc::Receiver<Job>, start: Factory) {
    let mut worker = Worker {
        session,
        evaluator: started(&start, &|stage| session.say(stage)),
        start,
        told: false,
        count: 0,
        abort_before: None,
    };
    session.started(
        worker
            .evaluator
            .as_ref()
            .ok()
            .map(|evaluator| evaluator.handle()),
    );
    while let Ok(Job::Request(request, arrived, replies)) = jobs.recv() {
        worker.answer(&request, arrived, &replies);
    }
    if let Ok(mut evaluator) = worker.evaluator {
        evaluator.shutdown();
    }
}

struct Worker<'a> {
    session: &'a Session,
    evaluator: Result<Box<dyn Evaluator>, String>,
    start: Factory,
    /// Whether a cell has told why the evaluator did not start.
    told: bool,
    count: u64,
    abort_before: Option<Instant>,
}

impl Worker<'_> {
    fn answer(&mut self, request: &Arc<JupyterMessage>, arrived: Instant, replies: &Replies) {
        self.session.busy(request);
        let JupyterMessageContent::ExecuteRequest(what) = &request.content else {
            return self.session.idle(request);
        };
        let (reply, timing) = if self.abort_before.is_some_and(|moment| arrived < moment) {
            (self.reply(ReplyStatus::Aborted, None), None)
        } else {
            let output = Arc::new(self.output(request, what));
            let reply = self.execute(request, what, &output);
            self.session.comms.tell(request);
            (reply, output.timing())
        };
        self.session.dequeue();
        let mut reply = JupyterMessage::new(reply, Some(&**request));
        if let Some(Timing {
            compile_s,
            link_s,
            run_s,
        }) = timing
        {
            reply.metadata = json!({
                "genolens": { "compile_s": compile_s, "link_s": link_s, "run_s": run_s }
            });
        }
        self.session.finish_with(request, reply, replies);
    }

    fn output(&self, request: &Arc<JupyterMessage>, what: &ExecuteRequest) -> Output {
        let stdin = what.allow_stdin.then(|| self.session.stdin.clone());
        Output::new(request, &self.session.publisher, stdin)
            .for_cell(self.count + 1, what.silent)
            .knowing(self.session.comms.selections())
            .after_note(self.session.has_shown_note(request))
    }

    fn execute(
        &mut self,
        request: &Arc<JupyterMessage>,
        what: &ExecuteRequest,
        output: &Arc<Output>,
    ) -> ExecuteReply {
        let session = self.session;
        let kept = what.store_history && !what.silent;
        let number = self.count + 1;
        if kept {
            self.count = number;
            session.history().add(number as usize, &what.code);
        }
        if !what.silent {
            let input = ExecuteInput {
                code: what.code.clone(),
                execution_count: ExecutionCount(number as usize),
            };
            session.publisher.light(input.as_child_of(request));
        }
        if let Some(page) = Page::asked(&what.code, &*session.analysis) {
            return self.page(request, &page);
        }
        let mut cell = Cell::new(what.code.clone(), number);
        cell.silent = what.silent;
        let sink = Arc::clone(output) as Arc<dyn Sink>;
        let allowance = Arc::new(Allowance::new(sink));
        let keeper = Arc::new(Keeper::before(Arc::clone(&allowance) as Arc<dyn Sink>));
        let outcome = self.run(&cell, &(Arc::clone(&keeper) as Arc<dyn Sink>));
        if let (true, Some(result)) = (kept, keeper.result()) {
            let text = result.data.get("text/plain").and_then(Value::as_str);
            session.history().add_result(text.unwrap_or_default());
        }
        allowance.finish();
        output.finish();
        let error = match outcome {
            Outcome::Ok => None,
            Outcome::Error {
                name,
                value,
                traceback,
            } => Some((name, value, traceback)),
        };
        let Some((ename, evalue, traceback)) = error else {
            let mut reply = self.reply(ReplyStatus::Ok, None);
            expression::answer(what, &mut reply, |cell, sink| self.run(cell, sink));
            return reply;
        };
        if what.stop_on_error {
            self.abort_before = Some(Instant::now());
        }
        if !what.silent {
            let message = ErrorOutput {
                ename: ename.clone(),
                evalue: evalue.clone(),
                traceback: traceback.clone(),
            };
            session.publisher.light(message.as_child_of(request));
        }
        let error = ReplyError {
            ename,
            evalue,
            traceback,
        };
        self.reply(ReplyStatus::Error, Some(error))
    }

    /// Answers a cell that asks what is known about a name.
    fn page(&self, request: &Arc<JupyterMessage>, page: &Page<'_>) -> ExecuteReply {
        let mut reply = self.reply(ReplyStatus::Ok, None);
        match page.bundle(&*self.session.analysis) {
            Some(bundle) => {
                let data = serde_json::from_value(Value::Object(bundle.data)).unwrap_or_default();
                reply.payload.push(Payload::Page { data, start: 0 });
            }
            None => self
                .session
                .publisher
                .text(request, Stdio::Stdout, page.apology()),
        }
        reply
    }

    fn run(&mut self, cell: &Cell, sink: &Arc<dyn Sink>) -> Outcome {
        if self.told && self.evaluator.is_err() {
            // What was missing may be there by now.
            let say = |stage: &str| sink.event(Event::Note(stage.to_owned()));
            self.evaluator = started(&self.start, &say);
            let evaluator = self.evaluator.as_ref().ok();
            self.session
                .started(evaluator.map(|evaluator| evaluator.handle()));
        }
        self.told = true;
        if self.session.was_interrupted_early() {
            return Outcome::interrupted();
        }
        match &mut self.evaluator {
            Err(reason) => Outcome::failed("not started", reason.as_str()),
            // A fault of the evaluator must not take the session with it.
            Ok(evaluator) => catch_unwind(AssertUnwindSafe(|| evaluator.execute(cell, sink)))
                .unwrap_or_else(|panic| Outcome::failed("kernel fault", said(&*panic))),
        }
    }

    fn reply(&self, status: ReplyStatus, error: Option<ReplyError>) -> ExecuteReply {
        ExecuteReply {
            status,
            execution_count: ExecutionCount(self.count as usize),
            payload: Vec::new(),
            user_expressions: Some(HashMap::new()),
            error: error.map(Box::new),
        }
    }
}

fn started(start: &Factory, say: &dyn Fn(&str)) -> Result<Box<dyn Evaluator>, String> {
    match catch_unwind(AssertUnwindSafe(|| start(say))) {
        Ok(Ok(evaluator)) => Ok(evaluator),
        Ok(Err(error)) => Err(format!("the kernel could not start: {error:#}")),
        Err(panic) => Err(format!("the kernel could not start: {}", said(&*panic))),
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
        .to_owned()
}
