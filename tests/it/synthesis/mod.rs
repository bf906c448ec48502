//! Tests of the room `synthesis`.

mod adversarial;
mod careless;
mod designing;
mod dreaming;
mod formula;
mod interruption;
mod max_entropy;
mod oracle;
mod shown;
