//! Answers the questions that evcxr and rust-analyzer put to cargo and rustc at every start, from a record in the image.

use super::dependency;
use crate::fingerprint::fingerprint;
use crate::place::{Place, restore};
use anyhow::{Context, Result};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Stands for the session's folder in a record, since every session has its own.
const HERE: &str = "@SESSION@";

/// Answers one question, asking the real tool when nobody has asked it before.
pub(super) fn answer(place: &Place, tool: &str, arguments: &[String]) -> Result<ExitCode> {
    if let Some(answer) = dependency::answer(place, tool, arguments) {
        std::io::stdout().write_all(answer.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let record = record(place, tool, arguments);
    let session = place.folder().display().to_string();
    if let Some(answer) = record
        .as_ref()
        .and_then(|path| std::fs::read_to_string(path).ok())
    {
        std::io::stdout().write_all(answer.replace(HERE, &session).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut command = Command::new(if tool == "rustc" {
        place.rustc()
    } else {
        place.cargo()
    });
    command.args(arguments);
    restore(&mut command);
    let output = command
        .output()
        .with_context(|| format!("cannot run {tool}"))?;
    std::io::stdout().write_all(&output.stdout)?;
    std::io::stderr().write_all(&output.stderr)?;
    // An answer for every session must not speak of the crates of one.
    if let (true, Some(path), Ok(text)) = (
        output.status.success() && !place.has_dependencies(),
        record,
        String::from_utf8(output.stdout),
    ) {
        // In a cache that cannot be written the question is asked again next time.
        let draft = path.with_extension(std::process::id().to_string());
        if std::fs::write(&draft, text.replace(&session, HERE)).is_ok() {
            let _ = std::fs::rename(draft, path);
        }
    }
    Ok(ExitCode::from(output.status.code().unwrap_or(1) as u8))
}

/// Where the answer is kept. A session that has added crates is answered as if it had none: rust-analyzer, who asks, would
/// otherwise read the sources of all of them, and the compiler names the types here.
fn record(place: &Place, tool: &str, arguments: &[String]) -> Option<PathBuf> {
    let image = place.image()?;
    let session = place.folder().display().to_string();
    let question = format!("{tool}\0{}", arguments.join("\0")).replace(&session, HERE);
    Some(image.replies().join(fingerprint(&question)))
}
