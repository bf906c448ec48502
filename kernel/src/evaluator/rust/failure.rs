//! Turns what went wrong into one error with the cell's own line numbers.

use super::keeping::Keeping;
use super::spot::{Known, Spot};
use crate::evaluator::Outcome;
use crate::shim::Names;
use evcxr::CompilationError;
use std::fmt::Write;

const RED: &str = "\u{1b}[1;31m";
const BLUE: &str = "\u{1b}[1;34m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Reports the compiler's errors.
pub(super) fn compilation(
    errors: &[CompilationError],
    cell: &Known,
    (names, keeping): (&Names, &Keeping),
) -> Outcome {
    let errors: Vec<&CompilationError> = errors
        .iter()
        .filter(|error| error.level() == "error")
        .collect();
    let mut borrowing = errors.iter().filter_map(|error| borrows(&error.message()));
    if let Some(reason) = borrowing.next() {
        return plain("cannot keep a variable", &reason);
    }
    let mut traceback = Vec::new();
    let mut value = String::new();
    for error in &errors {
        let mut message = readable(&error.message(), names);
        // Where nothing tells the compiler a type, it takes that of a cell that returns early.
        if message.starts_with("the trait bound `!: ") {
            "type annotations needed, such as `let x: f64 = …`".clone_into(&mut message);
        }
        if value.is_empty() {
            value.clone_from(&message);
        }
        let code = error
            .code()
            .map(|code| format!("[{code}]"))
            .unwrap_or_default();
        traceback.push(format!("{RED}error{code}{PLAIN}{BOLD}: {message}{PLAIN}"));
        let spans = error.spanned_messages();
        let primary = spans.iter().filter(|span| span.is_primary);
        for span in primary.chain(spans.iter().filter(|span| !span.is_primary)) {
            if let Some(place) = &span.span {
                traceback.push(excerpt(
                    cell,
                    place.start_line,
                    (place.start_line == place.end_line)
                        .then_some((place.start_column, place.end_column)),
                    &readable(&span.label, names),
                ));
            }
        }
        if let Some(reason) = keeping.explain(&message) {
            traceback.push(format!("{BLUE}note{PLAIN}: {reason}"));
        }
        for help in error.help() {
            let help = readable(&help, names);
            if !help.contains("genolens_cell") {
                traceback.push(format!("{BLUE}help{PLAIN}: {help}"));
            }
        }
    }
    if errors.is_empty() {
        value.push_str("the cell does not compile, and the compiler does not say why");
        traceback.push(value.clone());
    }
    Outcome::Error {
        name: "compile error".to_owned(),
        value,
        traceback,
    }
}

/// Hides what the front end put into the cell.
fn readable(text: &str, names: &Names) -> String {
    if text.contains("evcxr_display") {
        return "this value cannot be displayed: it has neither `Debug` nor `evcxr_display`; end the cell with `;` to show nothing"
            .to_owned();
    }
    names.spell_out(text)
}

/// Reports a panic that ended the cell.
pub(super) fn panic(message: &str, spot: &Spot, cell: &Known) -> Outcome {
    // `resume_unwind` throws a value without a word.
    let message = if message.is_empty() {
        "a panic without a message"
    } else {
        message
    };
    match spot {
        // The cell called something that panicked; evcxr keeps no line numbers of callers.
        Spot::Elsewhere(place) => {
            let spot = Spot::Elsewhere(format!("{}, in {place}", cell.name));
            at("panic", message, &spot)
        }
        spot => at("panic", message, spot),
    }
}

/// Says what to do about a variable that is a view of another, of which evcxr says that its lifetime is not static.
fn borrows(message: &str) -> Option<String> {
    let (variable, rest) = message.strip_prefix("The variable `")?.split_once('`')?;
    rest.contains("non-static lifetime").then(|| {
        format!(
            "the variable `{variable}` borrows from another value of its cell, so it cannot be kept for later cells: keep a copy \
             (`.to_owned()`, `.clone()`, `.collect::<Vec<_>>()`), or put what only this cell needs in braces `{{ … }}`"
        )
    })
}

/// Reports an error that happened in one place.
pub(super) fn at(name: &str, message: &str, spot: &Spot) -> Outcome {
    let mut traceback = vec![format!("{RED}{name}{PLAIN}{BOLD}: {message}{PLAIN}")];
    traceback.extend(shown(spot, ""));
    Outcome::Error {
        name: name.to_owned(),
        value: message.lines().next().unwrap_or_default().to_owned(),
        traceback,
    }
}

fn shown(spot: &Spot, label: &str) -> Option<String> {
    match spot {
        Spot::Cell { cell, line, column } => {
            Some(excerpt(cell, *line, column.map(|at| (at, at + 1)), label))
        }
        Spot::Elsewhere(place) => Some(format!(" {BLUE}-->{PLAIN} {place}")),
        Spot::Nowhere => None,
    }
}

/// A place that led to the end of the process, and what is to be said about it.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    pub(super) spot: Spot<'a>,
    label: String,
}

impl<'a> Mark<'a> {
    /// Marks a place.
    pub(super) fn new(spot: Spot<'a>, label: &str) -> Self {
        Self {
            spot,
            label: label.to_owned(),
        }
    }
}

/// Reports the end of the process, with the places that led to it, and the loss of the variables.
pub(super) fn lost(
    name: &str,
    cause: &str,
    (marks, notes, loss): (&[Mark<'_>], &[String], &str),
) -> Outcome {
    let mut traceback = vec![format!("{RED}{name}{PLAIN}{BOLD}: {cause}{PLAIN}")];
    traceback.extend(
        marks
            .iter()
            .filter_map(|mark| shown(&mark.spot, &mark.label)),
    );
    let loss_in_full = format!(
        "{loss}. Functions, types and imports of the cells before are still there, in a fresh process"
    );
    for note in notes.iter().chain([&loss_in_full]) {
        traceback.push(format!("{BLUE}note{PLAIN}: {note}"));
    }
    Outcome::Error {
        name: name.to_owned(),
        value: format!("{cause}; {loss}"),
        traceback,
    }
}

/// Reports a command that this session does not obey.
pub(super) fn refused(name: &str, message: &str, (number, line): (usize, &str)) -> Outcome {
    let value = format!("`{name}` is not obeyed here: {message}");
    Outcome::Error {
        name: "refused".to_owned(),
        traceback: vec![
            format!("{RED}refused{PLAIN}{BOLD}: {value}{PLAIN}"),
            format!("{BLUE}{number} |{PLAIN} {line}"),
        ],
        value,
    }
}

/// Reports any other failure.
pub(super) fn plain(name: &str, message: &str) -> Outcome {
    Outcome::Error {
        name: name.to_owned(),
        value: message.lines().next().unwrap_or_default().to_owned(),
        traceback: vec![format!("{RED}{name}{PLAIN}{BOLD}: {message}{PLAIN}")],
    }
}

/// A line of the cell with a mark under the place that is meant; columns are those of the prepared text, from 1.
fn excerpt(cell: &Known, line: usize, columns: Option<(usize, usize)>, label: &str) -> String {
    let text = cell
        .code
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default();
    let width = line.to_string().len();
    let blank = " ".repeat(width);
    let column = columns
        .map(|(start, _)| format!(":{}", cell.prepared.original(line, start)))
        .unwrap_or_default();
    let mut out = format!(
        "{blank}{BLUE}-->{PLAIN} {}, line {line}{column}\n",
        cell.name
    );
    let _ = writeln!(out, "{blank} {BLUE}|{PLAIN}");
    let _ = write!(out, "{BLUE}{line} |{PLAIN} {text}");
    if let Some((start, end)) = columns {
        let start = cell.prepared.original(line, start);
        let end = cell.prepared.original(line, end).max(start + 1);
        let _ = write!(
            out,
            "\n{blank} {BLUE}|{PLAIN} {}{RED}{}{PLAIN}",
            " ".repeat(start - 1),
            format!("{} {label}", "^".repeat(end - start)).trim_end()
        );
    }
    out
}
