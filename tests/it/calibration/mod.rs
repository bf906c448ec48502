//! Tests of the room `calibration`.

mod careless;
mod curves;
mod forecasts;
mod promises;
mod real;
mod reliability;
mod uncertain;
