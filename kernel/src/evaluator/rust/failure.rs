//! Turns what went wrong into one error with the cell's own line numbers.

use super::preparation::Prepared;
use crate::evaluator::Outcome;
use crate::shim::{Names, SOURCE_PREFIX};
use evcxr::CompilationError;
use std::fmt::Write;
use std::path::Path;

/// A cell that has run, kept so that a later panic in its functions can be traced to it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) prepared: Prepared,
}

const RED: &str = "\u{1b}[1;31m";
const BLUE: &str = "\u{1b}[1;34m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Reports the compiler's errors.
pub(super) fn compilation(errors: &[CompilationError], cell: &Known, names: &Names) -> Outcome {
    let errors: Vec<&CompilationError> = errors
        .iter()
        .filter(|error| error.level() == "error")
        .collect();
    let mut traceback = Vec::new();
    let mut value = String::new();
    for error in &errors {
        let message = readable(&error.message(), names);
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
pub(super) fn panic(place: &str, message: &str, known: &[Known], sources: &Path) -> Outcome {
    let mut traceback = vec![format!("{RED}panic{PLAIN}{BOLD}: {message}{PLAIN}")];
    match locate(place, known, sources) {
        Some((cell, line)) => traceback.push(excerpt(cell, line, None, "")),
        None if place.is_empty() => {}
        None => traceback.push(format!(" {BLUE}-->{PLAIN} {place}")),
    }
    Outcome::Error {
        name: "panic".to_owned(),
        value: message.lines().next().unwrap_or_default().to_owned(),
        traceback,
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

/// Finds the line of a cell from which a line of a compiled source came.
///
/// evcxr moves whole lines, items to the front and statements behind, so the same text is the same line. A text that stands more
/// than once in both is matched by its order.
fn locate<'a>(place: &str, known: &'a [Known], sources: &Path) -> Option<(&'a Known, usize)> {
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let file = Path::new(file).file_name()?.to_str()?;
    if !file.starts_with(SOURCE_PREFIX) {
        return None;
    }
    let line: usize = line.parse().ok()?;
    let source = std::fs::read_to_string(sources.join(file)).ok()?;
    let text = source.lines().nth(line - 1)?;
    let order = source
        .lines()
        .take(line - 1)
        .filter(|other| *other == text)
        .count();
    let wanted = without_placeholders(text);
    let wanted = wanted.trim();
    if wanted.is_empty() {
        return None;
    }
    // A statement that shares its line with others has a line of its own in the compiled source.
    let whole = |line: &str| line == wanted;
    let part = |line: &str| line.contains(wanted);
    let tests: [&dyn Fn(&str) -> bool; 2] = [&whole, &part];
    tests.iter().find_map(|test| {
        known.iter().rev().find_map(|cell| {
            let same: Vec<usize> = cell
                .prepared
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| test(without_placeholders(line).trim()))
                .map(|(index, _)| index + 1)
                .collect();
            let line = same.get(order.min(same.len().checked_sub(1)?))?;
            Some((cell, *line))
        })
    })
}

/// The shim has replaced the placeholders of new variables by `_` and spaces.
fn without_placeholders(line: &str) -> String {
    let mut text = line.to_owned();
    while let Some(at) = text.find(crate::shim::PLACEHOLDER) {
        let digits = text[at + crate::shim::PLACEHOLDER.len()..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let width = crate::shim::PLACEHOLDER.len() + digits;
        text.replace_range(at..at + width, &format!("{:width$}", "_"));
    }
    text
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
            "\n{blank} {BLUE}|{PLAIN} {}{RED}{} {label}{PLAIN}",
            " ".repeat(start - 1),
            "^".repeat(end - start)
        );
    }
    out
}
