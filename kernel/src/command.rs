//! What can be said on the command line.

use crate::evaluator::Choice;
use crate::install::Place;
use crate::papermill::Python;
use crate::parameters::Parameter;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Rust notebooks that look inside models of the genome and the transcriptome.
#[derive(Debug, Parser)]
#[command(name = "genolens", version)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Says what to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer Jupyter (a front end calls this)
    Serve(Serve),
    /// Run notebooks from top to bottom and write them with their output
    Run(Run),
    /// Open JupyterLab with this kernel
    Lab(Lab),
    /// Keep a session waiting for the kernels of a lab; `lab` calls this
    #[command(hide = true)]
    KeepStandby(KeepStandby),
    /// Be the session that waits
    #[command(hide = true)]
    StandBy(StandBy),
    /// Compile what every session needs, so that the first cell is quick
    Warm,
    /// Tell Jupyter about this kernel
    Install(Install),
    /// Write the Rust that sets parameters, for papermill: reads JSON from standard input
    #[command(hide = true)]
    Parameters(Parameters),
    /// Write down what the image offers, for completion; sessions call this
    #[command(hide = true)]
    Index(Index),
    /// Run a program in the folder and the environment of a session; for tests
    #[command(hide = true)]
    Inside(Inside),
}

/// Holds the options of `serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The connection file that the front end wrote
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(crate) connection: PathBuf,
    #[arg(long, hide = true, value_enum, default_value_t)]
    pub(crate) evaluator: Choice,
}

/// Holds the options of `run`.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Run {
    /// Notebooks, or folders of notebooks
    #[arg(required = true, value_name = "NOTEBOOK")]
    pub(crate) notebooks: Vec<PathBuf>,
    /// Where to write the executed notebook: a file for one, a folder for several [default: target/genolens/]
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Also write a self-contained page, beside the executed notebook or to FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[expect(
        clippy::option_option,
        reason = "the option may come with or without a file"
    )]
    pub(crate) html: Option<Option<PathBuf>>,
    /// Write into the notebooks themselves, after every cell; a cell that was not reached keeps what it showed, without its number
    #[arg(long, conflicts_with = "output")]
    pub(crate) inplace: bool,
    /// Give a parameter that the cell tagged `parameters` declares another value; may be repeated
    #[arg(
        short,
        long = "parameter",
        value_name = "NAME=VALUE",
        allow_hyphen_values = true
    )]
    pub(crate) parameters: Vec<Parameter>,
    /// Stop a cell that takes longer, its compilation included, and fail
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Keep errors as outputs and go on
    #[arg(long)]
    pub(crate) allow_errors: bool,
    /// Skip notebooks that an earlier run with --resume has finished, with the same code and parameters
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print what compiling, linking and running took, and keep it in the metadata of the cells
    #[arg(long)]
    pub(crate) timing: bool,
    /// Write what became of every cell as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Run so many notebooks at once, each in a session of its own
    #[arg(short, long, value_name = "N", default_value = "1", value_parser = count, allow_negative_numbers = true)]
    pub(crate) jobs: NonZeroUsize,
    /// End when the process ends that started this one
    #[arg(long, hide = true)]
    pub(crate) follow: bool,
    #[arg(long, hide = true, value_enum, default_value_t)]
    pub(crate) evaluator: Choice,
}

/// Reads a time, which must pass.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

/// Reads how many at once.
fn count(text: &str) -> Result<NonZeroUsize, String> {
    let read = text.parse();
    read.map_err(|_| "expected a whole number above 0".to_owned())
}

/// Holds the options of `parameters`.
#[derive(Args, Debug)]
pub(crate) struct Parameters {
    /// List what the cell declares instead
    #[arg(long)]
    pub(crate) list: bool,
}

/// Holds the options of `lab`.
#[derive(Args, Debug)]
pub(crate) struct Lab {
    /// The notebook to open
    pub(crate) notebook: Option<PathBuf>,
    /// Start every kernel from nothing, instead of keeping one waiting in memory
    #[arg(long)]
    pub(crate) no_standby: bool,
    /// Passed on to JupyterLab
    #[arg(last = true, value_name = "OPTIONS")]
    pub(crate) options: Vec<String>,
}

/// Holds the options of `keep-standby`.
#[derive(Args, Debug)]
pub(crate) struct KeepStandby {
    /// Where the session waits
    pub(crate) folder: PathBuf,
    /// The process of the lab, our parent
    #[arg(long)]
    pub(crate) lab: i32,
}

/// Holds the options of `stand-by`.
#[derive(Args, Debug)]
pub(crate) struct StandBy {
    /// Where to wait
    pub(crate) folder: PathBuf,
}

/// Holds the options of `index`.
#[derive(Args, Debug)]
pub(crate) struct Index {
    /// Instead print the index of the standard library from rustdoc's JSON about it
    #[arg(long, value_name = "JSON", num_args = 1..)]
    pub(crate) standard: Vec<PathBuf>,
    /// Index the crates that the session has added, of which this process is a part
    #[arg(long)]
    pub(crate) added: bool,
}

/// Holds the options of `inside`.
#[derive(Args, Debug)]
pub(crate) struct Inside {
    /// The program and its arguments
    #[arg(last = true, required = true)]
    pub(crate) program: Vec<std::ffi::OsString>,
}

/// Holds the options of `install`.
#[derive(Args, Debug)]
pub(crate) struct Install {
    /// For this user (the default)
    #[arg(long, group = "place")]
    user: bool,
    /// Into PREFIX/share/jupyter
    #[arg(long, value_name = "PREFIX", group = "place")]
    prefix: Option<PathBuf>,
    /// Into the active virtual or conda environment
    #[arg(long, group = "place")]
    sys_prefix: bool,
    /// Also teach the papermill of the same Python to set parameters of Rust notebooks
    #[arg(long)]
    papermill: bool,
}

impl Install {
    /// Finds out where the kernel is to be installed.
    pub(crate) fn place(&self) -> Result<Place> {
        match &self.prefix {
            Some(prefix) => Ok(Place::under(prefix)),
            None if self.sys_prefix => Place::of_environment(),
            None => Place::of_user(),
        }
    }

    /// Finds the Python whose papermill is to know Rust, if any.
    pub(crate) fn python(&self) -> Option<Python> {
        let python = match &self.prefix {
            Some(prefix) => Python::under(prefix),
            None if self.sys_prefix => Python::of_environment(),
            None => Python::of_user(),
        };
        self.papermill.then_some(python)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Line::command().debug_assert();
    }
}
