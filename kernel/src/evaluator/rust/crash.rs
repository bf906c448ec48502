//! Says in words how the process that runs the cells has died.

use super::failure;
use super::keeping::Keeping;
use super::spot::Spot;
use crate::evaluator::Outcome;
use std::process::ExitStatus;

/// Reports a process that died while a cell ran. `message` is evcxr's, which ends with the status of the process; `last_words` is
/// the end of standard error; `panics` are those of the cell.
pub(super) fn report(
    message: &str,
    (last_words, panics): (&[u8], &[(&str, Spot)]),
    keeping: &Keeping,
) -> Outcome {
    let status = message.rsplit("with status: ").next().unwrap_or_default();
    let mut words = String::from_utf8_lossy(last_words).into_owned();
    for (message, _) in panics {
        words.push_str(message);
    }
    let (name, cause) = cause(status, &words);
    let spots: Vec<Spot> = panics
        .iter()
        .filter(|(_, spot)| matches!(spot, Spot::Cell { .. }))
        .map(|(_, spot)| spot.clone())
        .collect();
    failure::lost(name, &cause, (&spots, &keeping.loss()))
}

/// Reports a process that was found dead before a cell.
pub(super) fn between_cells(status: ExitStatus, keeping: &Keeping) -> Outcome {
    let (name, cause) = cause(&status.to_string(), "");
    let cause = format!("{cause}, after the cell before had ended; this cell has not run");
    failure::lost(name, &cause, (&[], &keeping.loss()))
}

/// The kind of end, and the words for it.
fn cause(status: &str, words: &str) -> (&'static str, String) {
    if let Some(code) = status.strip_prefix("exit status: ") {
        return (
            "exit",
            format!(
                "the cell ended its own process (exit status {})",
                code.trim()
            ),
        );
    }
    let number: Option<i32> = status
        .strip_prefix("signal: ")
        .and_then(|rest| rest.split([' ', '(']).next())
        .and_then(|number| number.parse().ok());
    let cause = match number {
        Some(libc::SIGSEGV) => "segmentation fault (SIGSEGV)".to_owned(),
        Some(libc::SIGBUS) => "access to memory that is not there (SIGBUS)".to_owned(),
        Some(libc::SIGILL) => "illegal instruction (SIGILL)".to_owned(),
        Some(libc::SIGFPE) => "arithmetic fault (SIGFPE)".to_owned(),
        Some(libc::SIGKILL) => "killed (SIGKILL), most likely out of memory".to_owned(),
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
    use super::cause;

    #[test]
    fn every_end_has_words() {
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
