//! A session of Rust cells.

use super::crash::{self, Scene};
use super::ear::{Ear, Heard};
use super::failure;
use super::frame::Frame;
use super::keeping::Keeping;
use super::keyboard::Keyboard;
use super::memory::Memory;
use super::remote::Remote;
use super::spot::{Known, Spot};
use super::trace::Trace;
use super::{commands, preparation, tools};
use crate::analysis::{Analyst, Scope};
use crate::evaluator::{Bundle, Cell, Evaluator, Event, Handle, Outcome, Prospect, Sink, Timing};
use crate::image::{self, Recipe};
use crate::place::{self, Place};
use crate::shim::{Names, Worked, addition_failure, compile_failure, describe_beside, worked};
use anyhow::{Result, anyhow};
use evcxr::{CommandContext, EvalCallbacks, EvalContext, EvalContextOutputs, EvalOutputs};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// Runs Rust cells with evcxr.
pub(crate) struct Session {
    place: Place,
    context: CommandContext,
    ear: Arc<Ear>,
    /// Hears what the threads of the last cell still say.
    afterwards: Option<JoinHandle<Verdict>>,
    known: Vec<Known>,
    keeping: Keeping,
    keyboard: Keyboard,
    placeholders: u32,
    remote: Remote,
    analyst: Arc<Analyst>,
    /// What evcxr wrote for the last cell that it took into the session.
    source: String,
    /// Writes down what the image offers, for completion.
    indexing: Vec<Child>,
    /// How many additions of crates are described, or are being.
    described: usize,
}

/// Gives what can be asked of a session of Rust cells at once, and the way to start it.
pub(crate) fn prospect() -> Prospect {
    begin(Arc::default(), None)
}

/// Starts a session and gives it as one that has yet to start. The thread that calls this must live as long as the process: the
/// process that runs the cells ends with it.
pub(crate) fn prepare() -> Result<Prospect> {
    let analyst = Arc::default();
    let session = Session::start(Place::enter()?, Arc::clone(&analyst), &|_| {})?;
    Ok(begin(analyst, Some(session)))
}

/// Begins with a session that is ready, or with one that has to be started.
fn begin(analyst: Arc<Analyst>, ready: Option<Session>) -> Prospect {
    let ready = Mutex::new(ready);
    Prospect {
        analysis: Arc::clone(&analyst) as _,
        start: Box::new(move |say| {
            // What killed sessions have left may be much, and nobody waits for it.
            std::thread::spawn(place::clean_up);
            let ready = ready.lock().unwrap_or_else(PoisonError::into_inner).take();
            let start = || Session::start(Place::enter()?, Arc::clone(&analyst), say);
            let mut session = ready.map_or_else(start, Ok)?;
            let image = session.place.image();
            let beside = image.and_then(|image| image::index_beside(&image));
            session.indexing.extend(beside);
            Ok(Box::new(session))
        }),
        stop_start: Box::new(image::stop),
    }
}

impl Session {
    /// Starts a session in a place that this process has entered; `say` hears what takes long.
    fn start(place: Place, analyst: Arc<Analyst>, say: &dyn Fn(&str)) -> Result<Self> {
        let image = image::build(&Recipe::read(say)?, say)?;
        place.begin(&image)?;
        let ear = Ear::open(&place.channel())?;
        let keyboard = Keyboard::open(&place.channel())?;
        let mut runtime = Command::new(std::env::current_exe()?);
        place::restore(&mut runtime);
        runtime
            // Ctrl-C in a terminal goes to the kernel, which knows what to do with it.
            .process_group(0)
            .env_remove("GENOLENS_SESSION")
            .env("GENOLENS_CHANNEL", place.channel())
            .env("GENOLENS_LIBRARY", image.library())
            .env("GENOLENS_CELL", image.cell())
            .env("LD_LIBRARY_PATH", place.library_path(&image));
        let (mut context, _outputs) = without_settings(&place, runtime).map_err(|error| {
            let said = format!("{error} {}", printed(&ear));
            anyhow!(tools::at_start(said.trim(), &place))
        })?;
        context
            .set_opt_level("0")
            .map_err(|error| anyhow!("{error}"))?;
        let mut context = CommandContext::with_eval_context(context);
        // evcxr allows `?` after it has met one, at the price of a failed compilation.
        context
            .execute("if false { Err::<(), std::fmt::Error>(std::fmt::Error)?; };")
            .map_err(|error| anyhow!(tools::at_start(&error.to_string(), &place)))?;
        place.started();
        // What the first cells displayed is nobody's output.
        printed(&ear);
        let remote = Remote::new(context.process_handle(), &place);
        analyst.publish(Scope::empty(&place));
        Ok(Self {
            place,
            context,
            ear: Arc::new(ear),
            afterwards: None,
            known: Vec::new(),
            keeping: Keeping::default(),
            keyboard,
            placeholders: 0,
            remote,
            analyst,
            source: String::new(),
            indexing: Vec::new(),
            described: 0,
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
        self.analyst
            .publish(Scope::new(&self.place, variables, &self.source));
    }

    fn run(
        &mut self,
        code: &str,
        sink: &Arc<dyn Sink>,
    ) -> (Result<EvalOutputs, evcxr::Error>, Verdict) {
        self.hush();
        let Self {
            context,
            ear,
            known,
            place,
            keyboard,
            remote,
            ..
        } = self;
        let process = remote.process_id();
        let (over, is_over) = channel();
        let (watched, is_watched) = channel();
        let sources = place.sources();
        let locate = |place: &str| Spot::find(place, known, &sources);
        let ran = std::thread::scope(|scope| {
            let hearing = scope.spawn(|| hear(ear, &**sink, locate));
            scope.spawn(move || keyboard.serve(process, &**sink, &is_over));
            let watching = scope.spawn(move || Memory::watch(process, &is_watched));
            let mut callbacks = EvalCallbacks {
                input_reader: &|request| {
                    sink.input(&request.prompt, request.is_password)
                        .unwrap_or_default()
                },
            };
            let result = context.execute_with_callbacks(code, &mut callbacks);
            drop((over, watched));
            ear.settle();
            let mut verdict = hearing.join().unwrap_or_default();
            verdict.memory = watching.join().unwrap_or_default();
            (result, verdict)
        });
        let (ear, sink, known) = (Arc::clone(ear), Arc::clone(sink), known.clone());
        self.afterwards = Some(std::thread::spawn(move || {
            hear(&ear, &*sink, |place| Spot::find(place, &known, &sources))
        }));
        ran
    }

    /// Ends the hearing of the last cell.
    fn hush(&mut self) {
        if let Some(afterwards) = self.afterwards.take() {
            self.ear.settle();
            let _said = afterwards.join();
        }
    }

    fn judge(
        &self,
        result: Result<EvalOutputs, evcxr::Error>,
        mut verdict: Verdict,
        (cell, process): (&Known, u32),
        sink: &dyn Sink,
    ) -> Outcome {
        let names = Names::read(&self.place.names());
        let left = compile_failure(&self.place);
        let not_added = addition_failure(&self.place);
        match result {
            Err(evcxr::Error::SubprocessTerminated(message)) if !self.remote.has_killed() => {
                let panics = verdict.panics.iter();
                let spots = panics.map(|(place, message)| (message.as_str(), self.locate(place)));
                let scene = Scene {
                    cell: &cell.name,
                    last_words: &verdict.last_words,
                    panics: spots.collect(),
                    memory: verdict.memory,
                    trace: self.trace(process),
                };
                crash::report(&message, &scene, &self.keeping)
            }
            Err(evcxr::Error::SubprocessTerminated(_)) => {
                crash::ended(self.trace(process).as_ref(), &cell.name, &self.keeping)
            }
            Err(_) if self.remote.interrupted() => failure::plain(
                Outcome::INTERRUPTED,
                "stopped while the cell was compiled; it did not run, and nothing is lost",
            ),
            _ if not_added.is_some() => {
                failure::plain("cannot add a crate", &not_added.unwrap_or_default())
            }
            _ if left.is_some() => {
                failure::plain("cannot keep a variable", &left.unwrap_or_default())
            }
            Err(evcxr::Error::CompilationErrors(errors)) => {
                tools::behind_errors(&errors, &self.place)
                    .unwrap_or_else(|| failure::compilation(&errors, cell, (&names, &self.keeping)))
            }
            Err(error) => tools::behind_message(&names.spell_out(&error.to_string()), &self.place),
            Ok(_) if verdict.panicked => {
                let (place, message) = verdict.panics.pop().unwrap_or_default();
                failure::panic(&message, &self.locate(&place), cell)
            }
            Ok(_) if verdict.failed.is_some() => {
                let (place, message) = verdict.failed.unwrap_or_default();
                // The library's error begins with the word that is the name here.
                let (name, message) = match message.strip_prefix("interrupted: ") {
                    Some(rest) if self.remote.interrupted() => (Outcome::INTERRUPTED, rest),
                    _ => ("error", message.as_str()),
                };
                failure::at(name, message, &self.locate(&place))
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

impl Session {
    /// Finds the cell's own line behind a place in a compiled source.
    fn locate(&self, place: &str) -> Spot<'_> {
        Spot::find(place, &self.known, &self.place.sources())
    }

    /// Takes what a process that has died has left about its end.
    fn trace(&self, process: u32) -> Option<Trace<'_>> {
        Trace::take(&self.place, process, |place| self.locate(place))
    }

    /// Ends the process of the cells and starts a new one, as `:restart` asks. evcxr's own command forgets that the variables are gone.
    fn restart(&mut self) -> Outcome {
        self.hush();
        self.remote.end_process();
        // evcxr sees that the process is gone when it sends something to run.
        let result = self.context.execute("();");
        printed(&self.ear);
        self.keeping.lose_all("`:restart`");
        self.publish(false);
        match result {
            Ok(_) | Err(evcxr::Error::SubprocessTerminated(_)) => Outcome::Ok,
            Err(error) => failure::plain("error", &error.to_string()),
        }
    }
}

impl Evaluator for Session {
    fn execute(&mut self, cell: &Cell, sink: &Arc<dyn Sink>) -> Outcome {
        if let Some(refused) = commands::refuse(&cell.code) {
            return refused;
        }
        if commands::is_restart(&cell.code) {
            return self.restart();
        }
        if let Some(reason) = preparation::beyond_reason(&cell.code) {
            return failure::plain("compile error", &reason);
        }
        let dead = self.remote.ended();
        let process = self.remote.process_id();
        let code = commands::without_library(&cell.code);
        if code.is_some() {
            let note = "genolens is in every cell already: `:dep genolens` adds nothing here\n";
            sink.event(Event::Stderr(note.into()));
        }
        let code = code.as_ref().unwrap_or(&cell.code);
        let prepared = preparation::prepare(code, &mut self.placeholders);
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
        let died = matches!(result, Err(evcxr::Error::SubprocessTerminated(_)));
        let outcome = match (&result, dead) {
            (Err(evcxr::Error::SubprocessTerminated(_)), Some(status)) => {
                let before = self.known.iter().rev().nth(1);
                let before = before.map_or("no cell", |cell| cell.name.as_str());
                let trace = self.trace(process);
                crash::between_cells(status, (trace.as_ref(), before), &self.keeping)
            }
            _ => self.judge(result, verdict, (&known, process), &**sink),
        };
        let outcome = match (outcome, &known.prepared.fault) {
            (Outcome::Ok, Some(fault)) => failure::plain("compile error", fault),
            // It went on with the end of the input, which is not what it asked for.
            (Outcome::Ok, None) if self.keyboard.has_ended() && self.remote.interrupted() => {
                failure::plain(Outcome::INTERRUPTED, "nobody answered what the cell read")
            }
            (outcome, _) => outcome,
        };
        self.remote.end();
        if died {
            self.keeping.lose_all(&cell.name);
        }
        let names = self.context.variables_and_types();
        self.keeping.keep(names.map(|(name, _)| name.to_owned()));
        let Worked { compile_s, link_s } = worked(&self.place);
        let run_s = (start.elapsed().as_secs_f64() - compile_s - link_s).max(0.0);
        sink.event(Event::Timing(Timing {
            compile_s,
            link_s,
            run_s,
        }));
        let beside = describe_beside(&self.place, &mut self.described);
        self.indexing.extend(beside);
        self.publish(committed);
        if cell.code.lines().any(|line| line.trim() == ":clear") {
            // It writes no source that would tell what is left, which is nothing.
            self.source.clear();
            self.publish(false);
        }
        outcome
    }

    fn handle(&self) -> Box<dyn Handle> {
        Box::new(self.remote.clone())
    }

    fn shutdown(&mut self) {
        for mut indexing in self.indexing.drain(..) {
            // With the tools that it has started.
            if let Some(group) = Pid::from_raw(indexing.id() as i32) {
                let _ended = kill_process_group(group, Signal::KILL);
            }
            let _status = indexing.wait();
        }
        self.remote.kill();
        self.hush();
        self.place.empty();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// Starts evcxr in a folder where it finds no settings of its own: an `evcxr.toml` beside a notebook could move the session's folder
/// or change how cells are compiled.
fn without_settings(
    place: &Place,
    mut runtime: Command,
) -> Result<(EvalContext, EvalContextOutputs), evcxr::Error> {
    let home = std::env::current_dir();
    if let Ok(home) = &home {
        runtime.current_dir(home);
        let _ = std::env::set_current_dir(place.folder());
    }
    let started = EvalContext::with_subprocess_command(runtime);
    if let Ok(home) = home {
        let _ = std::env::set_current_dir(home);
    }
    started
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
    /// Place and message of every panic.
    panics: Vec<(String, String)>,
    panicked: bool,
    failed: Option<(String, String)>,
    /// The end of standard error, where the standard library says why it aborts.
    last_words: Vec<u8>,
    memory: Memory,
}

impl Verdict {
    fn hear_words(&mut self, bytes: &[u8]) {
        const KEPT: usize = 1 << 12;
        self.last_words
            .extend(&bytes[bytes.len().saturating_sub(KEPT)..]);
        let excess = self.last_words.len().saturating_sub(KEPT);
        self.last_words.drain(..excess);
    }
}

/// A panic that does not end the cell, as text.
fn told<'a>((place, message): &(String, String), locate: impl Fn(&str) -> Spot<'a>) -> Event {
    Event::Stderr(format!("panic in {}: {message}\n", locate(place)).into_bytes())
}

/// Answers a cell that waits.
fn reply(text: Option<String>, mut to: UnixStream) {
    let frame = match text {
        Some(text) => Frame::new(b'A', text),
        None => Frame::new(b'N', String::new()),
    };
    // Who asked may have died meanwhile.
    let _gone = frame.write(&mut to);
}

/// Passes on what a cell says until everything has been heard.
fn hear<'a>(ear: &Ear, sink: &dyn Sink, locate: impl Fn(&str) -> Spot<'a>) -> Verdict {
    let mut verdict = Verdict::default();
    while let Some(heard) = ear.next() {
        match heard {
            Heard::Stdout(bytes) => sink.event(Event::Stdout(bytes)),
            Heard::Stderr(bytes) => {
                verdict.hear_words(&bytes);
                sink.event(Event::Stderr(bytes));
            }
            Heard::Display(bundle) => sink.event(Event::Display(bundle)),
            Heard::Update(bundle) => sink.event(Event::UpdateDisplay(bundle)),
            Heard::Clear { wait } => sink.event(Event::Clear { wait }),
            Heard::Result(bundle) => sink.event(Event::Result(bundle)),
            Heard::Progress(progress) => sink.event(Event::Progress(progress)),
            Heard::Question {
                prompt,
                password,
                answer,
            } => reply(sink.input(&prompt, password), answer),
            Heard::Wish { map, answer } => reply(sink.selection(&map), answer),
            Heard::Note(text) => sink.event(Event::Note(text)),
            Heard::Panic { place, message } => {
                // An earlier panic was caught, or happened on another thread: the user should still see it.
                if let Some(earlier) = verdict.panics.last() {
                    sink.event(told(earlier, &locate));
                }
                verdict.panics.push((place, message));
            }
            Heard::CellPanicked => verdict.panicked = true,
            Heard::Failed { place, message } => verdict.failed = Some((place, message)),
            Heard::Settled => break,
        }
    }
    if !verdict.panicked
        && let Some(last) = verdict.panics.last()
    {
        sink.event(told(last, &locate));
    }
    verdict
}
