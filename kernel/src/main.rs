//! The Jupyter kernel of genolens: compiled Rust cells on a prebuilt image.

mod allowance;
mod analysis;
mod aside;
mod cache;
mod command;
mod decoder;
mod environment;
mod evaluator;
mod extension;
mod fingerprint;
mod headless;
mod html;
mod image;
mod install;
mod lab;
mod nesting;
#[cfg(test)]
mod nonsense;
mod papermill;
mod parameters;
mod place;
mod progress;
mod protocol;
mod runtime;
mod shim;
mod standby;
mod state;
mod tenancy;
mod terminal;
mod umask;
mod warm;

use clap::Parser;
use command::{Command, Line};
use standby::Door;
use std::process::ExitCode;

fn main() -> ExitCode {
    // This program is also the process that runs cells, and the tools that evcxr calls.
    if std::env::var_os(runtime::PURPOSE).is_some() {
        return runtime::run();
    }
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(code) = image::around_rustc(&arguments).or_else(|| shim::wear(&arguments)) {
        return code;
    }
    let line = Line::parse();
    if let Command::Serve(order) = &line.command
        && let Some(code) = standby::take(order)
    {
        return code;
    }
    // Who describes the crates of a session is a guest in its folder.
    let is_guest = matches!(&line.command, Command::Index(order) if order.added);
    let outcome = obey(line.command);
    if !is_guest && let Some(place) = place::Place::from_environment() {
        place.remove();
    }
    standby::report_end(outcome.is_ok());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::warn(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(order) => {
            let prospect = order.evaluator.prospect();
            // A front end shows what a cell says, and not what a kernel says that dies.
            let prospect = match order.evaluator.enter() {
                Ok(()) => {
                    umask::keep_private();
                    prospect
                }
                Err(error) => prospect.hopeless(&error),
            };
            protocol::serve(&order.connection, prospect, None)
        }
        Command::Run(order) => headless::run(&order),
        Command::Parameters(order) => {
            let request = std::io::read_to_string(std::io::stdin())?;
            let answer = if order.list {
                parameters::list(&request)?
            } else {
                parameters::translate(&request)?
            };
            terminal::say(&answer);
            Ok(())
        }
        Command::Lab(order) => lab::open(&order),
        Command::KeepStandby(order) => standby::keep(&Door::at(order.folder), order.lab),
        Command::StandBy(order) => standby::wait(&Door::at(order.folder)),
        Command::Warm => warm::warm(),
        Command::Install(order) => {
            install::install(&order.place()?)?;
            order.python().map_or(Ok(()), |python| python.install())
        }
        Command::Index(order) if order.added => {
            let _refused = rustix::process::nice(19);
            shim::describe()
        }
        Command::Index(order) if order.standard.is_empty() => {
            // Somebody is at work beside this.
            let _refused = rustix::process::nice(19);
            image::index(&image::Recipe::read(&|_| {})?, false)
        }
        Command::Index(order) => {
            terminal::say(analysis::index::make_standard(&order.standard)?.trim_end());
            Ok(())
        }
        Command::Inside(order) => evaluator::rust::inside(&order.program),
    }
}
