//! Says what is wrong with the tools or the disk, where the cell is not to blame.

use super::failure;
use crate::evaluator::Outcome;
use crate::place::Place;
use evcxr::CompilationError;

/// Says why the compiler's errors are not those of the cell, if so.
pub(super) fn behind_errors(errors: &[CompilationError], place: &Place) -> Option<Outcome> {
    let text: String = errors
        .iter()
        .filter(|error| {
            // Linking, and the libraries that do not fit.
            error.message().starts_with("linking with")
                || matches!(error.code(), Some("E0460" | "E0463" | "E0514"))
        })
        .map(CompilationError::rendered)
        .collect();
    if text.is_empty() {
        return None;
    }
    explained(&text, place).or_else(|| {
        let linking = text.contains("linking with");
        linking.then(|| failure::plain("link error", &said_by_linker(&text)))
    })
}

/// Says what to do when the first cells of a session do not compile.
pub(super) fn at_start(error: &str, place: &Place) -> String {
    if let Some(Outcome::Error { value, .. }) = explained(error, place) {
        return value;
    }
    if error.contains("linking with") {
        return "the first cell does not link: install a C compiler, such as gcc or clang, and run the cell again".to_owned();
    }
    let image = place.image();
    let image = image
        .as_ref()
        .map(|image| image.folder().display().to_string());
    format!(
        "the first cells do not run: {error}; if this stays, remove {}, and the notebook image is built anew",
        image.unwrap_or_else(|| "the image".to_owned())
    )
}

/// Reports an error that evcxr has made of what the tools said.
pub(super) fn behind_message(message: &str, place: &Place) -> Outcome {
    explained(message, place).unwrap_or_else(|| {
        // evcxr's frame around what was said on standard error.
        let said = message
            .split_once("STDERR:\n")
            .map_or(message, |(_, rest)| rest)
            .split("\nSTDOUT:")
            .next()
            .unwrap_or_default();
        failure::plain("error", said.trim().trim_start_matches("error: "))
    })
}

fn explained(text: &str, place: &Place) -> Option<Outcome> {
    if text.contains("No space left on device") || is_full(place) {
        return Some(failure::plain(
            "disk full",
            &format!(
                "there is no room left in {}: make some, or restart the kernel with TMPDIR on another disk; no variable is lost",
                place.folder().display()
            ),
        ));
    }
    let known = [
        (
            "cannot run the linker",
            "no linker",
            "the linker `cc` does not run: install a C compiler, such as gcc or clang, and run the cell again",
        ),
        (
            "cannot run rustc",
            "no compiler",
            "the compiler does not run any more: if Rust was removed or updated, install it from https://rustup.rs and restart the kernel",
        ),
        (
            "cannot run cargo",
            "no compiler",
            "cargo does not run any more: if Rust was removed or updated, install it from https://rustup.rs and restart the kernel",
        ),
        (
            "incompatible version of rustc",
            "toolchain changed",
            "the compiler is not the one that the session began with: restart the kernel, which then builds an image for it",
        ),
    ];
    let (_, name, message) = known.iter().find(|(sign, ..)| text.contains(sign))?;
    Some(failure::plain(name, message))
}

/// The last lines of what the linker said.
fn said_by_linker(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(8)..];
    format!("the cell does not link\n{}", last.join("\n"))
}

/// Tells whether a file of the size of a small cell no longer fits.
fn is_full(place: &Place) -> bool {
    let file = place.folder().join("room");
    let written = std::fs::write(&file, vec![0; 1 << 16]);
    let _ = std::fs::remove_file(&file);
    written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}
