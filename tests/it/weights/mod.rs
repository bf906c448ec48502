//! Weights from files of others.

mod golden;
mod hostile;
mod mapping;
mod published;
mod reading;
