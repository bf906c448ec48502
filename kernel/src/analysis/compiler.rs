//! Asks the compiler, and stops it when the answer comes too late.

use super::members::Receiver;
use super::question::{Answer, Question};
use crate::place::Place;
use crate::shim;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a compiler may think about one question.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a question is looked at, to see whether it is still asked.
const LOOK: Duration = Duration::from_millis(15);

/// Asks one question; the outer `None` when nobody waits for the answer any more, the inner when the compiler cannot tell.
#[expect(clippy::option_option, reason = "two ways of having no answer")]
pub(super) fn ask(
    question: &Question,
    place: &Place,
    still_asked: impl Fn() -> bool,
) -> Result<Option<Option<Receiver>>> {
    let folder = tempfile::Builder::new()
        .prefix("question-")
        .tempdir_in(place.folder())
        .context("cannot write in the session's folder")?;
    let file = folder.path().join("lib.rs");
    std::fs::write(&file, &question.text)?;
    let mut child = shim::type_checker(place)?
        .arg("--out-dir")
        .arg(folder.path())
        .arg(&file)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run rustc")?;
    let messages = child.stderr.take().context("rustc has no stderr")?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(messages).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let start = Instant::now();
    let mut answer = Answer::default();
    let ended = loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) if question.hear(&line, &mut answer) => break true,
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => {
                if !still_asked() || start.elapsed() > PATIENCE {
                    break false;
                }
            }
        }
    };
    // The rest of its work, and its end, are worth a third of the time.
    let _gone = child.kill();
    std::thread::spawn(move || {
        let _status = child.wait();
        drop(folder);
    });
    Ok(ended.then(|| question.understand(answer)))
}
