//! Tests of the room `shift`.

mod careless;
mod environments;
mod places;
mod priors;
mod weights;
