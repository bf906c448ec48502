//! A session that is ready before anybody asks for it.
//!
//! ```text
//! genolens lab       becomes JupyterLab; its child is
//!   service          which keeps one session waiting as long as the lab lives and there is memory, and has as its child
//!     waiting        the session: image loaded, first cells run, listening at the door
//! genolens serve     started by Jupyter: knocks at the door, hands over what it was asked and what is around it, and stays as
//!                    the deputy, which passes signals on and ends with the session, as the session ends with it
//! ```
//!
//! Whoever finds no door, or anything else than an answer in time, starts a session of its own: nothing here may be needed. What a
//! session finds around it (working folder, environment, mask) is handed over; what cannot be handed over must be the same, or the
//! session goes on waiting for another.
//!
//! Nobody outlives anybody: the service looks whether the lab is there, a waiting session holds a pipe that ends with the service, and
//! deputy and session hold the two ends of one socket.

mod deputy;
mod descriptors;
mod door;
mod likeness;
mod memory;
mod order;
mod service;
mod signs;
mod waiting;

pub(crate) use deputy::{report_end, take};
pub(crate) use door::{DOOR, Door};
pub(crate) use service::keep;
pub(crate) use waiting::wait;
