//! Jupyter, and nothing of Rust cells: sockets, messages, and the order in which they go out.
//!
//! ```text
//! shell   -> cells -> worker (one thread, owns the evaluator) -> replies
//! shell   -> questions about code -> answered at once, also while a cell runs
//! control -> interrupt and shutdown, at any time
//! worker  -> output -> publish (merges text, keeps order) -> iopub
//! ```
//!
//! The messages are those of <https://jupyter-client.readthedocs.io/en/stable/messaging.html>, version 5.5.

mod comms;
mod connection;
mod control;
mod deputy;
mod expression;
mod heartbeat;
mod history;
mod info;
mod keeper;
mod output;
mod page;
mod parent;
mod publish;
mod question;
mod receive;
mod selections;
mod serve;
mod session;
mod shell;
mod stdin;
mod worker;

pub(crate) use deputy::{END, INTERRUPT};
pub(crate) use info::VERSION;
pub(crate) use page::Page;
pub(crate) use parent::Parent;
pub(crate) use serve::serve;
