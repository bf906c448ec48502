//! Tests of the room `shift`.

mod careless;
mod environments;
mod places;
mod priors;
mod real;
mod weights;
