//! What is known about code that has not run: endings, descriptions, and whether it is whole.
//!
//! The session publishes what it holds after each cell as a [`Scope`]; an [`Analyst`] answers from that, on any thread, and never
//! waits for the session.

mod analyst;
mod compiler;
mod complete;
mod cut;
mod delimiters;
pub(crate) mod index;
mod inspect;
mod kinds;
mod language;
mod locals;
mod members;
mod moment;
mod names;
mod own;
mod question;
mod scope;
mod spot;
mod tokens;
mod words;

pub(crate) use analyst::Analyst;
pub(crate) use scope::Scope;
