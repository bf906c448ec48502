//! Some of the features.

use crate::Result;
use crate::network::{Shape, UserLayer};
use candle_core::Tensor;
use std::ops::Range;

/// Hands on features of these places, one range after the other.
#[derive(Debug)]
pub(super) struct Select(Vec<Range<usize>>);

impl Select {
    pub(super) fn new(range: Range<usize>) -> Self {
        Self(vec![range])
    }

    pub(super) fn and(mut self, range: Range<usize>) -> Self {
        self.0.push(range);
        self
    }
}

impl UserLayer for Select {
    fn name(&self) -> &'static str {
        "select"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let end = self.0.iter().map(|range| range.end).max();
        match input {
            Shape::Features(features) if end.is_some_and(|end| end <= features) => {
                Ok(Shape::Features(self.0.iter().map(Range::len).sum()))
            }
            _ => Err(format!("(n, at least {})", end.unwrap_or(1))),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let part = |range: &Range<usize>| x.narrow(1, range.start, range.len());
        if let [range] = &self.0[..] {
            return Ok(part(range)?.contiguous()?);
        }
        let parts: Vec<Tensor> = self
            .0
            .iter()
            .map(part)
            .collect::<candle_core::Result<_>>()?;
        Ok(Tensor::cat(&parts, 1)?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}
