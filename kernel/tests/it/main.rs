//! The kernel as its users meet it: over sockets, and on the command line.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that goes wrong"
)]

mod comms;
mod completion;
mod crash;
mod dependency;
mod display;
mod error;
mod execute;
mod failure;
mod front_end;
mod fuzz;
mod ground;
mod headless;
mod history;
mod inference;
mod inspection;
mod install;
mod interrupt;
mod interrupted_cells;
mod life;
mod live;
mod malformed;
mod output;
mod page;
mod parameters;
mod processes;
mod progress;
mod published;
mod recognition;
mod rust;
mod security;
mod sessions;
mod standby;
mod unattended;
