//! The logarithm of one plus the values.

use super::super::Cells;
use super::mapped;
use super::not_negative;
use crate::{Error, Result};
use std::f64::consts::E;

/// Takes the natural logarithm of one plus every value.
///
/// The base is kept with the cells ([`Cells::log_base`]), so that later steps know how to go back, and so that it is not taken twice.
///
/// Checked against `scanpy.pp.log1p` (1.11.5).
///
/// # Errors
///
/// Fails when a value is negative or not finite, and when the logarithm was taken before.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 1.0]], ["a"], ["CD3D", "MS4A1"])?;
/// let logged = expression::log1p(&cells)?;
/// assert_eq!(logged.gene("MS4A1")?[0], 2.0_f32.ln());
/// assert_eq!(logged.log_base(), Some(std::f64::consts::E));
/// # Ok(()) }
/// ```
pub fn log1p(cells: &Cells) -> Result<Cells> {
    Log1p::new().run(cells)
}

/// Takes the logarithm of one plus every value, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Log1p {
    base: f64,
}

impl Default for Log1p {
    fn default() -> Self {
        Self { base: E }
    }
}

impl Log1p {
    /// Asks for the natural logarithm.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets another base, such as 2.
    pub fn base(mut self, base: f64) -> Self {
        self.base = base;
        self
    }

    /// Takes the logarithm.
    ///
    /// # Errors
    ///
    /// As [`log1p()`], and when the base is not above 1.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        if !(self.base > 1.0 && self.base.is_finite()) {
            return Err(Error::value("base", "a number above 1", self.base));
        }
        if let Some(base) = cells.log_base() {
            let base = if base == E {
                "e".into()
            } else {
                base.to_string()
            };
            let got = format!("log1p of base {base} already");
            return Err(Error::value(
                "cells",
                "values of which no logarithm was taken",
                got,
            ));
        }
        not_negative(cells)?;
        let scale = self.base.ln().recip();
        let values = if self.base == E {
            mapped(cells.values(), f32::ln_1p)
        } else {
            let change = |value| (f64::from(value).ln_1p() * scale) as f32;
            mapped(cells.values(), change)
        };
        Ok(cells.changed(|data| {
            data.values = values;
            data.log_base = Some(self.base);
        }))
    }
}

impl Cells {
    /// Takes the natural logarithm of one plus every value: [`expression::log1p`](log1p()).
    ///
    /// # Errors
    ///
    /// As [`expression::log1p`](log1p()).
    pub fn log1p(&self) -> Result<Self> {
        log1p(self)
    }
}
