//! The effects of variants on one exposure and on the outcome, as the formulas need them.

use crate::{Error, Result};

/// Slices of equal length: effects on the exposure, their standard errors, and the same of the outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs<'a> {
    pub(super) bx: &'a [f64],
    pub(super) sx: &'a [f64],
    pub(super) by: &'a [f64],
    pub(super) sy: &'a [f64],
}

/// The effects of one variant, and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) at: usize,
    pub(super) bx: f64,
    pub(super) sx: f64,
    pub(super) by: f64,
    pub(super) sy: f64,
}

impl Pair {
    pub(super) fn ratio(&self) -> f64 {
        self.by / self.bx
    }

    /// The standard error of the ratio, with the error of the exposure in it or without; the two errors are independent.
    pub(super) fn error(&self, delta: bool) -> f64 {
        if delta {
            self.second_order(0.0)
        } else {
            self.first_order()
        }
    }

    /// The standard error of the ratio that leaves out the error of the exposure.
    pub(super) fn first_order(&self) -> f64 {
        self.sy / self.bx.abs()
    }

    /// The same by the delta method to second order; `psi` is the correlation of the two errors.
    pub(super) fn second_order(&self, psi: f64) -> f64 {
        let Self { bx, sx, by, sy, .. } = *self;
        let square = sy * sy + by * by * sx * sx / (bx * bx) - 2.0 * psi * by * sx * sy / bx;
        square.max(0.0).sqrt() / bx.abs()
    }
}

impl<'a> Pairs<'a> {
    pub(super) fn len(&self) -> usize {
        self.bx.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Pair> + 'a {
        let Self { bx, sx, by, sy } = *self;
        (0..bx.len()).map(move |at| Pair {
            at,
            bx: bx[at],
            sx: sx[at],
            by: by[at],
            sy: sy[at],
        })
    }

    /// The variants that have a ratio: their effect on the exposure is not 0.
    pub(super) fn with_ratio(&self) -> Vec<Pair> {
        self.iter().filter(|pair| pair.bx != 0.0).collect()
    }

    /// Refuses to go on with fewer variants than a method needs.
    pub(super) fn at_least(&self, needed: usize, method: &str) -> Result<()> {
        at_least(self.len(), needed, method)
    }
}

/// Refuses to go on with fewer variants than a method needs.
pub(super) fn at_least(count: usize, needed: usize, method: &str) -> Result<()> {
    if count >= needed {
        return Ok(());
    }
    let expected = match needed {
        1 => format!("one variant or more with an effect on the exposure for {method}"),
        _ => format!("{needed} variants or more with an effect on the exposure for {method}"),
    };
    Err(Error::value("instruments", expected, count))
}

/// Refuses numbers whose squares and ratios would lose their digits, or overflow.
pub(super) fn of_usual_size(argument: &str, values: &[f64]) -> Result<()> {
    let odd = |value: &&f64| **value != 0.0 && !(1e-30..=1e30).contains(&value.abs());
    values.iter().find(odd).map_or(Ok(()), |value| {
        let expected = "numbers from 1e-30 to 1e30 in size";
        Err(Error::value(argument, expected, format!("{value:e}")))
    })
}

/// 1 or -1, never 0: a variant without an effect on the exposure keeps its effect on the outcome.
pub(super) fn sign(value: f64) -> f64 {
    if value < 0.0 { -1.0 } else { 1.0 }
}
