//! Which evaluator a session gets.

use super::rust;
use super::{Commands, Echo, Evaluator, Prospect};
use crate::image::{self, Recipe};
use crate::place::Place;
use std::sync::Arc;
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

    /// Gives the name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Echo => "echo",
            Self::Late => "late",
            Self::Broken => "broken",
        }
    }

    /// Makes what all sessions share, so that several may start at once.
    pub(crate) fn prepare(self, say: &dyn Fn(&str)) -> anyhow::Result<()> {
        match self {
            Self::Rust => image::build(&Recipe::read(say)?, say).map(|_| ()),
            Self::Echo | Self::Late | Self::Broken => Ok(()),
        }
    }

    /// Gives what can be asked of the chosen evaluator at once, and the way to start it.
    pub(crate) fn prospect(self) -> Prospect {
        match self {
            Self::Rust => rust::prospect(),
            Self::Echo | Self::Late | Self::Broken => Prospect {
                analysis: Arc::new(Commands),
                start: Box::new(move |say| self.start_toy(say)),
                stop_start: Box::new(|| {}),
            },
        }
    }

    fn start_toy(self, say: &dyn Fn(&str)) -> anyhow::Result<Box<dyn Evaluator>> {
        if self == Self::Broken {
            anyhow::bail!("the toolchain is missing");
        }
        if self == Self::Late {
            for stage in ["stretching", "yawning"] {
                std::thread::sleep(Duration::from_millis(400));
                say(stage);
            }
            std::thread::sleep(Duration::from_millis(400));
        }
        Ok(Box::new(Echo::start()))
    }
}
