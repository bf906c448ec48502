//! Tests of single layers of the room `network`.

mod case;
mod dropout;
mod gradients;
mod oracles;
mod parity;
mod pools;
mod refusals;
mod sizes;
mod threads;

pub(crate) use case::wave;
