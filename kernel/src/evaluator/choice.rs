//! Which evaluator a session gets.

use super::{Echo, Evaluator};

/// Names a kind of evaluator on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// Compiles Rust.
    #[default]
    Rust,
    /// Obeys toy commands; for tests.
    Echo,
}

impl Choice {
    /// Starts the chosen evaluator; may take seconds.
    pub(crate) fn start(self) -> anyhow::Result<Box<dyn Evaluator>> {
        match self {
            Self::Rust => anyhow::bail!("this build has no Rust evaluator"),
            Self::Echo => Ok(Box::new(Echo::start())),
        }
    }
}
