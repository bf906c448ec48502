//! A session of Rust cells.

use super::ear::{Ear, Heard};
use super::failure::{self, Known};
use super::preparation;
use crate::analysis::{Analyst, Scope};
use crate::evaluator::{Bundle, Cell, Evaluator, Event, Handle, Outcome, Prospect, Sink, Timing};
use crate::image::{self, Recipe};
use crate::place::{self, Place};
use crate::shim::{Names, Worked, compile_failure, worked};
use anyhow::{Result, anyhow};
use evcxr::{CommandContext, EvalCallbacks, EvalContext, EvalOutputs};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an interrupted cell may go on until its process is killed, variables and all.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs Rust cells with evcxr.
pub(crate) struct Session {
    place: Place,
    context: CommandContext,
    ear: Ear,
    known: Vec<Known>,
    placeholders: u32,
    remote: Remote,
    analyst: Arc<Analyst>,
    /// What evcxr wrote for the last cell that it took into the session.
    source: String,
}

/// Gives what can be asked of a session of Rust cells at once, and the way to start it.
pub(crate) fn prospect() -> Prospect {
    let analyst = Arc::new(Analyst::default());
    Prospect {
        analysis: Arc::clone(&analyst) as _,
        start: Box::new(move |say| Ok(Box::new(Session::start(Place::enter()?, analyst, say)?))),
    }
}

impl Session {
    /// Starts a session in a place that this process has entered; `say` hears what takes long.
    fn start(place: Place, analyst: Arc<Analyst>, say: &dyn Fn(&str)) -> Result<Self> {
        let image = image::build(&Recipe::read()?, say)?;
        place.begin(&image)?;
        let ear = Ear::open(&place.channel())?;
        let mut runtime = Command::new(std::env::current_exe()?);
        place::restore(&mut runtime);
        runtime
            .env_remove("GENOLENS_SESSION")
            .env("GENOLENS_CHANNEL", place.channel())
            .env("GENOLENS_LIBRARY", image.library())
            .env("GENOLENS_CELL", image.cell())
            .env("LD_LIBRARY_PATH", place.library_path(&image));
        let (mut context, _outputs) = EvalContext::with_subprocess_command(runtime)
            .map_err(|error| anyhow!("evcxr does not start: {error}. {}", printed(&ear)))?;
        context
            .set_opt_level("0")
            .map_err(|error| anyhow!("{error}"))?;
        let mut context = CommandContext::with_eval_context(context);
        // evcxr allows `?` after it has met one, at the price of a failed compilation.
        context
            .execute("if false { Err::<(), std::fmt::Error>(std::fmt::Error)?; };")
            .map_err(|error| anyhow!("the first cell does not run: {error}"))?;
        place.started();
        // What the first cells displayed is nobody's output.
        printed(&ear);
        let remote = Remote {
            process: context.process_handle(),
            running: Arc::default(),
            interrupted: Arc::default(),
        };
        Ok(Self {
            place,
            context,
            ear,
            known: Vec::new(),
            placeholders: 0,
            remote,
            analyst,
            source: String::new(),
        })
    }

    /// Tells the analysis what the session holds after a cell; only a committed cell has left its items.
    fn publish(&mut self, committed: bool) {
        let names = Names::read(&self.place.names());
        let variables = self
            .context
            .variables_and_types()
            .map(|(name, kind)| (name.to_owned(), names.spell_out(kind)));
        let variables = variables.collect();
        if committed {
            self.source = self.context.last_source().unwrap_or_default();
        }
        if self.context.defined_item_names().next().is_none() {
            // `:clear` writes no source.
            self.source.clear();
        }
        self.analyst.publish(Scope::new(variables, &self.source));
    }

    fn run(&mut self, code: &str, sink: &dyn Sink) -> (Result<EvalOutputs, evcxr::Error>, Verdict) {
        let Self { context, ear, .. } = self;
        std::thread::scope(|scope| {
            let hearing = scope.spawn(|| hear(ear, sink));
            let mut callbacks = EvalCallbacks {
                input_reader: &|request| {
                    sink.input(&request.prompt, request.is_password)
                        .unwrap_or_default()
                },
            };
            let result = context.execute_with_callbacks(code, &mut callbacks);
            ear.settle();
            (result, hearing.join().unwrap_or_default())
        })
    }

    fn judge(
        &self,
        result: Result<EvalOutputs, evcxr::Error>,
        verdict: Verdict,
        cell: &Known,
        sink: &dyn Sink,
    ) -> Outcome {
        let names = Names::read(&self.place.names());
        let left = compile_failure(&self.place);
        match result {
            Err(error) if self.remote.interrupted() => {
                let message = match error {
                    evcxr::Error::SubprocessTerminated(_) => {
                        "the cell did not stop when asked, so its process was ended; all variables are lost"
                    }
                    _ => "stopped before it ran",
                };
                failure::plain("interrupted", message)
            }
            _ if left.is_some() => {
                failure::plain("cannot keep a variable", &left.unwrap_or_default())
            }
            Err(evcxr::Error::CompilationErrors(errors)) => {
                failure::compilation(&errors, cell, &names)
            }
            Err(evcxr::Error::SubprocessTerminated(message)) => failure::plain(
                "crash",
                &format!(
                    "the process that runs the cells died, and all variables are lost. {}",
                    message.trim()
                ),
            ),
            Err(error) => failure::plain("error", &names.spell_out(&error.to_string())),
            Ok(_) if verdict.panicked => {
                let (place, message) = verdict.panic.unwrap_or_default();
                failure::panic(
                    &place,
                    &message,
                    &self.known,
                    &self.place.folder().join("source"),
                )
            }
            Ok(_) if verdict.failed.is_some() => {
                let message = verdict.failed.unwrap_or_default();
                let name = if message.starts_with("interrupted") {
                    "interrupted"
                } else {
                    "error"
                };
                failure::plain(name, &message)
            }
            Ok(outputs) => {
                if !outputs.content_by_mime_type.is_empty() {
                    let mut bundle = Bundle::default();
                    for (mime, content) in outputs.content_by_mime_type {
                        let spelled = if mime == "text/html" {
                            names.spell_out_html(&content)
                        } else {
                            names.spell_out(&content)
                        };
                        bundle = bundle.with(&mime, spelled);
                    }
                    sink.event(Event::Result(bundle));
                }
                Outcome::Ok
            }
        }
    }
}

impl Evaluator for Session {
    fn execute(&mut self, cell: &Cell, sink: &dyn Sink) -> Outcome {
        let prepared = preparation::prepare(&cell.code, &mut self.placeholders);
        let known = Known {
            name: cell.name.clone(),
            code: cell.code.clone(),
            prepared: prepared.clone(),
        };
        self.known.push(known.clone());
        self.remote.begin();
        let start = Instant::now();
        let (result, verdict) = self.run(&prepared.text, sink);
        let committed = result.is_ok();
        let outcome = self.judge(result, verdict, &known, sink);
        self.remote.end();
        let Worked { compile_s, link_s } = worked(&self.place);
        let run_s = (start.elapsed().as_secs_f64() - compile_s - link_s).max(0.0);
        sink.event(Event::Timing(Timing {
            compile_s,
            link_s,
            run_s,
        }));
        self.publish(committed);
        outcome
    }

    fn handle(&self) -> Box<dyn Handle> {
        Box::new(self.remote.clone())
    }

    fn shutdown(&mut self) {
        self.remote.kill();
        self.place.empty();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// Takes all that the runtime has printed so far.
fn printed(ear: &Ear) -> String {
    ear.settle();
    let mut words = Vec::new();
    while let Some(heard) = ear.next() {
        match heard {
            Heard::Stdout(bytes) | Heard::Stderr(bytes) => words.extend(bytes),
            Heard::Settled => break,
            _ => {}
        }
    }
    String::from_utf8_lossy(&words).trim().to_owned()
}

/// What the runtime said about the end of a cell.
#[derive(Debug, Default)]
struct Verdict {
    panic: Option<(String, String)>,
    panicked: bool,
    failed: Option<String>,
}

/// Passes on what a cell says until everything has been heard.
fn hear(ear: &Ear, sink: &dyn Sink) -> Verdict {
    let mut verdict = Verdict::default();
    while let Some(heard) = ear.next() {
        match heard {
            Heard::Stdout(bytes) => sink.event(Event::Stdout(bytes)),
            Heard::Stderr(bytes) => sink.event(Event::Stderr(bytes)),
            Heard::Display(bundle) => sink.event(Event::Display(bundle)),
            Heard::Update(bundle) => sink.event(Event::UpdateDisplay(bundle)),
            Heard::Clear { wait } => sink.event(Event::Clear { wait }),
            Heard::Result(bundle) => sink.event(Event::Result(bundle)),
            Heard::Progress(progress) => sink.event(Event::Progress(progress)),
            Heard::Panic { place, message } => {
                // An earlier panic was caught, or happened on another thread: the user should still see it.
                if let Some((place, message)) = verdict.panic.replace((place, message)) {
                    sink.event(Event::Stderr(
                        format!("panic at {place}: {message}\n").into_bytes(),
                    ));
                }
            }
            Heard::CellPanicked => verdict.panicked = true,
            Heard::Failed(message) => verdict.failed = Some(message),
            Heard::Settled => break,
        }
    }
    if !verdict.panicked
        && let Some((place, message)) = verdict.panic.take()
    {
        sink.event(Event::Stderr(
            format!("panic at {place}: {message}\n").into_bytes(),
        ));
    }
    verdict
}

/// Reaches the runtime from another thread.
#[derive(Clone)]
struct Remote {
    process: Arc<Mutex<Child>>,
    /// The number of the running cell; zero when none runs.
    running: Arc<AtomicU64>,
    interrupted: Arc<AtomicBool>,
}

static CELLS: AtomicU64 = AtomicU64::new(0);

impl Remote {
    fn begin(&self) {
        self.interrupted.store(false, Ordering::SeqCst);
        self.running
            .store(CELLS.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    }

    fn end(&self) {
        self.running.store(0, Ordering::SeqCst);
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle for Remote {
    fn interrupt(&self) {
        let cell = self.running.load(Ordering::SeqCst);
        if cell == 0 {
            return;
        }
        self.interrupted.store(true, Ordering::SeqCst);
        let id = self.process().id();
        if let Some(process) = rustix::process::Pid::from_raw(id as i32) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
        }
        let remote = self.clone();
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            if remote.running.load(Ordering::SeqCst) == cell {
                remote.kill();
            }
        });
    }

    fn kill(&self) {
        let _ = self.process().kill();
    }
}
