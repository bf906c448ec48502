//! Asking the person who runs the notebook.

use super::json;
use super::mime;
use crate::progress;
use crate::{Error, Result};
use std::io;

/// Asks the person who runs the notebook for a line, and waits for it.
///
/// # Errors
///
/// Fails when the cell is interrupted, and where nobody can be asked: outside a notebook, or in one that runs on its own.
///
/// # Examples
///
/// ```no_run
/// use genolens::display;
/// let gene = display::ask("Which gene? ")?;
/// # Ok::<(), genolens::Error>(())
/// ```
pub fn ask(question: &str) -> Result<String> {
    put(question, false)
}

/// Asks like [`ask`] for something that nobody else should see, such as a password: the answer is not shown.
///
/// # Errors
///
/// Fails like [`ask`].
pub fn ask_secret(question: &str) -> Result<String> {
    put(question, true)
}

fn put(question: &str, secret: bool) -> Result<String> {
    let mut payload = String::from("{\"prompt\":");
    json::string(&mut payload, question);
    payload.push_str(if secret {
        ",\"password\":true}"
    } else {
        ",\"password\":false}"
    });
    let nobody = |why: &str| Error::Io {
        action: "read",
        path: "the answer".into(),
        source: io::Error::other(why),
    };
    match mime::question(mime::INPUT, &payload) {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) if progress::is_interrupted() => Err(Error::Interrupted {
            what: "question".into(),
            done: 0,
            total: 1,
        }),
        Ok(None) => Err(nobody(
            "nobody can be asked while this notebook runs on its own",
        )),
        Err(_) => Err(nobody("questions need a genolens notebook")),
    }
}
