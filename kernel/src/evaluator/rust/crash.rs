//! Says in words how the process that runs the cells has died.

use super::failure::{self, Mark};
use super::keeping::Keeping;
use super::memory::Memory;
use super::spot::Spot;
use super::trace::Trace;
use crate::evaluator::Outcome;
use std::process::ExitStatus;

/// What is known about the death of a process.
pub(super) struct Scene<'a> {
    /// The cell that ran.
    pub(super) cell: &'a str,
    /// The end of standard error.
    pub(super) last_words: &'a [u8],
    /// The panics of the cell.
    pub(super) panics: Vec<(&'a str, Spot<'a>)>,
    pub(super) memory: Memory,
    pub(super) trace: Option<Trace<'a>>,
}

/// Reports a process that died while a cell ran. `message` is evcxr's, which ends with the status of the process.
pub(super) fn report(message: &str, scene: &Scene<'_>, keeping: &Keeping) -> Outcome {
    let status = message.rsplit("with status: ").next().unwrap_or_default();
    let mut words = String::from_utf8_lossy(scene.last_words).into_owned();
    for (message, _) in &scene.panics {
        words.push_str(message);
    }
    let (name, cause) = cause(status, &words, (scene.trace.as_ref(), scene.memory));
    let panics = scene.panics.iter();
    let mut marks: Vec<Mark<'_>> = panics
        .filter(|(_, spot)| matches!(spot, Spot::Cell { .. }))
        .map(|(_, spot)| Mark::new(spot.clone(), ""))
        .collect();
    let mut notes = Vec::new();
    if let Some(trace) = &scene.trace {
        tell(trace, scene.cell, (&mut marks, &mut notes));
    }
    failure::lost(name, &cause, (&marks, &notes, &keeping.loss()))
}

/// Reports a process that was found dead before a cell; `before` is the last one that ran.
pub(super) fn between_cells(
    status: ExitStatus,
    (trace, before): (Option<&Trace<'_>>, &str),
    keeping: &Keeping,
) -> Outcome {
    let known = (trace, Memory::default());
    let (name, cause) = cause(&status.to_string(), "", known);
    let cause = format!("{cause}, after the cell before had ended; this cell has not run");
    let (mut marks, mut notes) = (Vec::new(), Vec::new());
    if let Some(trace) = trace {
        tell(trace, before, (&mut marks, &mut notes));
    }
    failure::lost(name, &cause, (&marks, &notes, &keeping.loss()))
}

/// Reports a cell whose process was ended because it did not stop.
pub(super) fn ended(trace: Option<&Trace<'_>>, cell: &str, keeping: &Keeping) -> Outcome {
    let cause = "the cell did not stop when asked, so its process was ended";
    let (mut marks, mut notes) = (Vec::new(), Vec::new());
    if let Some(trace) = trace {
        tell(trace, cell, (&mut marks, &mut notes));
    }
    let rest = (&marks[..], &notes[..], &*keeping.loss());
    failure::lost(Outcome::INTERRUPTED, cause, rest)
}

/// As many places are shown.
const SHOWN: usize = 6;

/// Puts the calls that were under way into marks, and what is to be said about them into notes.
fn tell<'a>(trace: &Trace<'a>, cell: &str, (marks, notes): (&mut Vec<Mark<'a>>, &mut Vec<String>)) {
    let left_out = trace.steps.len().saturating_sub(SHOWN);
    for (index, step) in trace.steps.iter().enumerate() {
        // The outermost call is where the cell began it all.
        let shown = index + 1 < SHOWN || index + 1 == trace.steps.len();
        if !shown || marks.iter().any(|mark| mark.spot.is_as(&step.spot)) {
            continue;
        }
        let place = match (marks.is_empty(), trace.is_before) {
            (true, true) => "it was last seen here",
            (true, false) => "",
            _ => "called from here",
        };
        let again = match (step.times, place) {
            (1, _) => "",
            (_, "") => "over and over",
            _ => ", over and over",
        };
        marks.push(Mark::new(step.spot.clone(), &format!("{place}{again}")));
    }
    if left_out > 0 {
        notes.push(format!("{left_out} more places of calls are not shown"));
    }
    match trace.sighting.thread.as_deref() {
        Some("") if !trace.is_before => notes.push("it happened on another thread".to_owned()),
        Some(name) if !trace.is_before => {
            notes.push(format!("it happened on another thread, `{name}`"));
        }
        _ => {}
    }
    if trace.steps.is_empty() && !trace.is_before {
        notes.push(format!(
            "none of the calls that were under way belongs to a line of a cell; {cell} was the last that ran"
        ));
    }
}

/// As many calls are a recursion; what calls a cell is not a tenth of it.
const MANY: u64 = 300;

/// The kind of end, and the words for it.
fn cause(
    status: &str,
    words: &str,
    (trace, memory): (Option<&Trace<'_>>, Memory),
) -> (&'static str, String) {
    let end = trace
        .filter(|trace| !trace.is_before)
        .map(|trace| &trace.sighting);
    if let Some(end) = end
        && end.at_stack_end
    {
        let cause = match end.depth {
            few if few < MANY => {
                "stack overflow, by variables that are too large for it".to_owned()
            }
            many => format!("stack overflow, {many} calls deep"),
        };
        return ("crash", cause);
    }
    if let Some(code) = status.strip_prefix("exit status: ") {
        return (
            "exit",
            format!(
                "the cell ended its own process (exit status {})",
                code.trim()
            ),
        );
    }
    let number = status
        .strip_prefix("signal: ")
        .and_then(|rest| rest.split([' ', '(']).next())
        .and_then(|number| number.parse().ok());
    // What the process has said itself is the first signal, whatever came after it.
    let number: Option<i32> = end.map(|end| end.signal).or(number);
    let cause = match number {
        Some(libc::SIGSEGV) => "segmentation fault (SIGSEGV)".to_owned(),
        Some(libc::SIGBUS) => "access to memory that is not there (SIGBUS)".to_owned(),
        Some(libc::SIGILL) => "illegal instruction (SIGILL)".to_owned(),
        Some(libc::SIGFPE) => "arithmetic fault (SIGFPE)".to_owned(),
        Some(libc::SIGKILL) => memory.killer(),
        Some(libc::SIGABRT) => aborted(words),
        Some(libc::SIGTERM) => "ended by somebody (SIGTERM)".to_owned(),
        _ => format!("its process ended ({})", status.trim()),
    };
    ("crash", cause)
}

/// Says why a process aborted, as far as the standard library has said so.
fn aborted(words: &str) -> String {
    let allocation = words
        .rsplit_once("memory allocation of ")
        .and_then(|(_, rest)| rest.split_once(" bytes failed"));
    if let Some((bytes, _)) = allocation {
        return format!("out of memory: an allocation of {bytes} bytes failed (SIGABRT)");
    }
    let reasons = [
        ("has overflowed its stack", "stack overflow"),
        (
            "panic in a destructor during cleanup",
            "aborted (SIGABRT): a panic in `drop` while another panic was under way",
        ),
        (
            "Rust cannot catch foreign exceptions",
            "aborted (SIGABRT): an exception that is not Rust's reached Rust code",
        ),
        (
            "panic in a function that cannot unwind",
            "aborted (SIGABRT): a panic in a function that cannot unwind",
        ),
    ];
    let known = reasons.iter().find(|(sign, _)| words.contains(sign));
    known
        .map_or("aborted (SIGABRT)", |(_, reason)| reason)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_words() {
        let cause = |status: &str, words: &str| cause(status, words, (None, Memory::default()));
        let said = |status: &str, words: &str| cause(status, words).1;
        assert_eq!(
            said("signal: 11 (SIGSEGV) (core dumped)", ""),
            "segmentation fault (SIGSEGV)"
        );
        assert_eq!(
            said("signal: 9 (SIGKILL)", ""),
            "killed (SIGKILL), most likely out of memory"
        );
        assert_eq!(said("signal: 6 (SIGABRT)", ""), "aborted (SIGABRT)");
        assert_eq!(
            said(
                "signal: 6 (SIGABRT)",
                "x\nmemory allocation of 64 bytes failed\n"
            ),
            "out of memory: an allocation of 64 bytes failed (SIGABRT)"
        );
        assert_eq!(
            cause("exit status: 3\n", ""),
            (
                "exit",
                "the cell ended its own process (exit status 3)".to_owned()
            )
        );
        assert_eq!(
            said("signal: 31 (SIGSYS)", ""),
            "its process ended (signal: 31 (SIGSYS))"
        );
    }
}
