//! An evaluator without a compiler: each line of a cell is a command. For tests of the protocol.

use super::{
    Analysis, Bar, Bundle, Cell, Completeness, Completion, Completions, Evaluator, Event, Handle,
    Outcome, Progress, Sink, Timing,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const COMMANDS: [&str; 15] = [
    "print", "write", "bytes", "eprint", "burst", "display", "update", "result", "picture",
    "clear", "big", "sleep", "input", "progress", "error",
];

/// Obeys one command a line, such as `print text` or `error message`.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    stop: Arc<AtomicBool>,
}

struct Remote(Arc<AtomicBool>);

impl Handle for Remote {
    fn interrupt(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn kill(&self) {
        self.interrupt();
    }
}

impl Echo {
    /// Makes an evaluator that is ready at once.
    pub(crate) fn start() -> Self {
        Self::default()
    }

    fn command(&self, line: &str, (cell, sink): (&Cell, &dyn Sink)) -> Option<Outcome> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = || rest.trim().parse::<u64>().unwrap_or(0);
        match verb {
            "" => {}
            "print" => sink.event(Event::Stdout(format!("{rest}\n").into_bytes())),
            "write" => sink.event(Event::Stdout(rest.as_bytes().to_vec())),
            "name" => {
                let text = format!("{} is number {}\n", cell.name, cell.number);
                sink.event(Event::Stdout(text.into_bytes()));
            }
            "bytes" => sink.event(Event::Stdout(
                rest.split_whitespace()
                    .filter_map(|byte| u8::from_str_radix(byte, 16).ok())
                    .collect(),
            )),
            "eprint" => sink.event(Event::Stderr(format!("{rest}\n").into_bytes())),
            "burst" => {
                for line in 0..number() {
                    sink.event(Event::Stdout(format!("line {line}\n").into_bytes()));
                }
            }
            "display" => sink.event(Event::Display(named(rest))),
            "update" => sink.event(Event::UpdateDisplay(named(rest))),
            "result" => sink.event(Event::Result(Bundle::text(rest))),
            "picture" => sink.event(Event::Display(picture(rest))),
            "clear" => sink.event(Event::Clear {
                wait: rest == "wait",
            }),
            "big" => sink.event(Event::Display(Bundle::text("x".repeat(number() as usize)))),
            "sleep" => return self.sleep(Duration::from_millis(number())),
            "input" | "password" => {
                let answer = sink.input(rest, verb == "password");
                let said = answer.unwrap_or_else(|| "nobody".to_owned());
                sink.event(Event::Stdout(format!("{said}\n").into_bytes()));
            }
            "progress" => {
                for done in 0..=number() {
                    let bar = Bar {
                        task: "counting".to_owned(),
                        done,
                        total: Some(number()),
                        elapsed_s: done as f64 * 0.001,
                        ..Bar::default()
                    };
                    sink.event(Event::Progress(Progress {
                        id: 1,
                        bars: vec![bar],
                        over: done == number(),
                        ..Progress::default()
                    }));
                }
            }
            "note" => sink.event(Event::Note(rest.to_owned())),
            "timing" => sink.event(Event::Timing(Timing {
                compile_s: 0.25,
                link_s: 0.05,
                run_s: rest.parse().unwrap_or_default(),
            })),
            "panic" => panic!("{rest}"),
            "error" => return Some(failure("error", rest)),
            _ => return Some(failure("unknown", line)),
        }
        None
    }

    fn sleep(&self, time: Duration) -> Option<Outcome> {
        let start = Instant::now();
        while start.elapsed() < time {
            if self.stop.load(Ordering::SeqCst) {
                return Some(Outcome::interrupted());
            }
            std::thread::sleep(Duration::from_millis(2).min(time));
        }
        None
    }
}

impl Evaluator for Echo {
    fn execute(&mut self, cell: &Cell, sink: &Arc<dyn Sink>) -> Outcome {
        self.stop.store(false, Ordering::SeqCst);
        cell.code
            .lines()
            .find_map(|line| self.command(line.trim_end_matches('\r'), (cell, &**sink)))
            .unwrap_or(Outcome::Ok)
    }

    fn handle(&self) -> Box<dyn Handle> {
        Box::new(Remote(Arc::clone(&self.stop)))
    }

    fn shutdown(&mut self) {}
}

/// Knows the commands.
pub(crate) struct Commands;

impl Analysis for Commands {
    fn complete(&self, code: &str, cursor: usize) -> Completions {
        let before: Vec<char> = code.chars().take(cursor).collect();
        let word = before
            .iter()
            .rev()
            .take_while(|c| c.is_alphanumeric())
            .count();
        let start = before.len() - word;
        let stem: String = before[start..].iter().collect();
        Completions {
            matches: COMMANDS
                .iter()
                .filter(|command| command.starts_with(&stem))
                .map(|command| Completion {
                    text: (*command).to_owned(),
                    kind: "keyword".to_owned(),
                    signature: format!("{command} …"),
                })
                .collect(),
            start,
            end: before.len(),
        }
    }

    fn inspect(&self, code: &str, _cursor: usize, whole: bool) -> Option<Bundle> {
        let word = code.split_whitespace().next()?;
        COMMANDS.contains(&word).then(|| {
            let more = if whole {
                ", with all that is known"
            } else {
                ""
            };
            Bundle::text(format!("{word}: a command of the echo evaluator{more}"))
        })
    }

    fn variables(&self) -> Vec<(String, String)> {
        vec![("answer".to_owned(), "Option<u8>".to_owned())]
    }

    fn completeness(&self, code: &str) -> Completeness {
        let depth = code.matches('{').count() as i64 - code.matches('}').count() as i64;
        match depth {
            0 => Completeness::Complete,
            1.. => Completeness::Incomplete {
                indent: "    ".repeat(depth as usize),
            },
            _ => Completeness::Invalid,
        }
    }
}

fn named(rest: &str) -> Bundle {
    match rest.split_once('=') {
        Some((name, text)) => Bundle::text(text).named(name),
        None => Bundle::text(rest),
    }
}

fn picture(alt: &str) -> Bundle {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><title>{alt}</title>\
         <rect width=\"8\" height=\"8\" fill=\"#0072b2\"/></svg>"
    );
    Bundle::text(alt)
        .with("image/svg+xml", svg)
        .with_metadata("image/svg+xml", serde_json::json!({ "alt": alt }))
}

fn failure(name: &str, value: &str) -> Outcome {
    Outcome::Error {
        name: name.to_owned(),
        value: value.to_owned(),
        traceback: vec![format!("\u{1b}[31m{name}\u{1b}[0m: {value}")],
    }
}
