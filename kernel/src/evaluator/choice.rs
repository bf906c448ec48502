//! Which evaluator a session gets.

use super::{Echo, Evaluator};
use std::time::Duration;

/// Names a kind of evaluator on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// Compiles Rust.
    #[default]
    Rust,
    /// Obeys toy commands; for tests.
    Echo,
    /// Obeys toy commands after a slow start; for tests.
    Late,
    /// Never starts; for tests.
    Broken,
}

impl Choice {
    /// Starts the chosen evaluator, which may take minutes; says through `say` what it is doing.
    pub(crate) fn start(self, say: &dyn Fn(&str)) -> anyhow::Result<Box<dyn Evaluator>> {
        match self {
            Self::Rust => anyhow::bail!("this build has no Rust evaluator"),
            Self::Echo => Ok(Box::new(Echo::start())),
            Self::Late => {
                for stage in ["stretching", "yawning"] {
                    std::thread::sleep(Duration::from_millis(400));
                    say(stage);
                }
                std::thread::sleep(Duration::from_millis(400));
                Ok(Box::new(Echo::start()))
            }
            Self::Broken => anyhow::bail!("the toolchain is missing"),
        }
    }
}
