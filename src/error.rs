//! The one error type of the library.
//!
//! Every message is a single line that names the argument (or the file and the line), what was expected and what came.

use std::path::{Path, PathBuf};

/// The result of everything in genolens that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in one line.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array or tensor has the wrong shape.
    #[error("`{argument}` has shape {got}, expected {expected}")]
    Shape {
        /// Name of the argument.
        argument: String,
        /// The shape that was needed, in words such as `(n, 4, length)`.
        expected: String,
        /// The shape that came.
        got: String,
    },
    /// An argument has a value that makes no sense.
    #[error("`{argument}` is {got}, expected {expected}")]
    Value {
        /// Name of the argument.
        argument: String,
        /// What was needed.
        expected: String,
        /// What came.
        got: String,
    },
    /// A text that was read does not follow its format.
    #[error("{origin}, line {line}: expected {expected}, got {got}")]
    Parse {
        /// The file, or what the text is when it did not come from a file.
        origin: String,
        /// Line number, counted from 1.
        line: usize,
        /// What was needed.
        expected: String,
        /// What came.
        got: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", named(path))]
    Io {
        /// What was tried, `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A tensor operation failed.
    #[error("tensor operation failed: {}", first_line(&.0.to_string()))]
    Tensor(#[from] candle_core::Error),
    /// A table operation failed.
    #[error("table operation failed: {}", first_line(&.0.to_string()))]
    Table(#[from] polars::error::PolarsError),
    /// A computation produced numbers that are not finite.
    #[error("{what} diverged: {detail}")]
    Diverged {
        /// The computation.
        what: String,
        /// Where it was noticed.
        detail: String,
    },
    /// The user interrupted a long computation.
    #[error("interrupted: {what} stopped after {done} of {total}")]
    Interrupted {
        /// The computation.
        what: String,
        /// Steps that were finished.
        done: usize,
        /// Steps in all.
        total: usize,
    },
}

impl Error {
    /// Reports a wrong shape.
    pub fn shape(argument: &str, expected: impl Into<String>, got: &[usize]) -> Self {
        let sizes: Vec<String> = got.iter().map(ToString::to_string).collect();
        Self::Shape {
            argument: argument.into(),
            expected: expected.into(),
            got: format!("({})", sizes.join(", ")),
        }
    }

    /// Reports a wrong value.
    pub fn value(argument: &str, expected: impl Into<String>, got: impl std::fmt::Display) -> Self {
        let got = got.to_string();
        Self::Value {
            argument: argument.into(),
            expected: expected.into(),
            got: if got.is_empty() { "empty".into() } else { got },
        }
    }

    /// Reports a text that does not follow its format; `line` counts from 1.
    pub fn parse(
        origin: impl Into<String>,
        line: usize,
        problem: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self::Parse {
            origin: origin.into(),
            line,
            expected: problem.0.into(),
            got: problem.1.into(),
        }
    }

    /// Reports a file that could not be read.
    pub fn read(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io {
            action: "read",
            path: path.as_ref().into(),
            source,
        }
    }

    /// Reports a file that could not be written.
    pub fn write(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io {
            action: "write",
            path: path.as_ref().into(),
            source,
        }
    }

    /// Tells whether the user stopped the computation.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }
}

// `unwrap` and evcxr print `Debug`: a sentence reads better there than a tree of fields.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Writes a path, or that there is none.
fn named(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return "a file without a name".into();
    }
    path.display().to_string()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
