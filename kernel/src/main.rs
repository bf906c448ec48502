//! The Jupyter kernel of genolens: compiled Rust cells on a prebuilt image.

mod command;
mod decoder;
mod evaluator;
mod headless;
mod html;
mod install;
mod lab;
mod progress;
mod protocol;
mod terminal;

use clap::Parser;
use command::{Command, Line};
use std::process::ExitCode;

fn main() -> ExitCode {
    match obey(Line::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::warn(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(order) => protocol::serve(
            &order.connection,
            Box::new(move |say| order.evaluator.start(say)),
        ),
        Command::Run(order) => headless::run(&order),
        Command::Lab(order) => lab::open(&order),
        Command::Warm => anyhow::bail!("this build has no image to warm"),
        Command::Install(order) => install::install(&order.place()?),
    }
}
