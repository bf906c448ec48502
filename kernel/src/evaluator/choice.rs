//! Which evaluator a session gets.

use super::rust::Session;
use super::{Echo, Evaluator};
use crate::place::Place;
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
    /// Enters the place that the chosen evaluator needs; call it before there is a second thread.
    pub(crate) fn enter(self) -> anyhow::Result<()> {
        match self {
            Self::Rust => Place::enter().map(|_| ()),
            Self::Echo | Self::Late | Self::Broken => Ok(()),
        }
    }

    /// Starts the chosen evaluator, which may take minutes; says through `say` what it is doing.
    pub(crate) fn start(self, say: &dyn Fn(&str)) -> anyhow::Result<Box<dyn Evaluator>> {
        match self {
            Self::Rust => Ok(Box::new(Session::start(Place::enter()?, say)?)),
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
