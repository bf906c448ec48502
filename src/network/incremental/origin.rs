//! An example that is edited.

use super::Edits;
use super::changes::Changes;
use super::evaluator::Evaluator;
use super::level::Level;
use super::level::all_finite;
use super::stage::{Stage, walk};
use super::state::State;
use super::trace::{Noted, Trace, Walk, take_all, traces};
use crate::network::tensor::to_dimension;
use crate::network::{Model, Network};
use crate::{Error, Result};
use candle_core::{Device, Tensor};
use ndarray::Array2;

/// Moves after which everything is computed anew, since every one of them leaves the rounding of its sums behind.
const MOVES: usize = 256;

/// One example, and what every layer gives for it.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    evaluator: Evaluator,
    /// `(channels, length)`.
    x: Vec<f32>,
    level: Level,
    /// Nothing when some number between the layers is infinite or none: there is no difference to it.
    traces: Option<Vec<Trace>>,
    outputs: Vec<f32>,
    /// Moves since everything was computed.
    moves: usize,
}

impl Origin {
    pub(super) fn new(evaluator: &Evaluator, x: Vec<f32>) -> Result<Self> {
        let (channels, length) = evaluator.shape();
        if x.len() != channels * length {
            let expected = format!("{} numbers", channels * length);
            return Err(Error::shape("x", expected, &[x.len()]));
        }
        let mut values = vec![0.0; x.len()];
        for (channel, x) in x.chunks_exact(length).enumerate() {
            for (position, &x) in x.iter().enumerate() {
                values[position * channels + channel] = x;
            }
        }
        let all = Changes {
            starts: vec![0],
            width: length,
            channels,
            length,
            values,
        };
        let level = all.level();
        let (state, noted) = walk(evaluator.stages(), State::Changes(all, None), Walk::Whole)?;
        let (outputs, traces) = (state.into_rows()?.values, traces(noted));
        let is_finite =
            all_finite(&outputs) && level.is_finite() && traces.iter().all(Trace::is_finite);
        let mut origin = Self {
            evaluator: evaluator.clone(),
            x,
            level,
            traces: is_finite.then_some(traces),
            outputs,
            moves: 0,
        };
        if !is_finite {
            let mut nothing = Edits::new(channels, 0);
            nothing.push(0, []);
            origin.outputs = origin.rebuilt(&nothing)?.into_raw_vec_and_offset().0;
        }
        Ok(origin)
    }

    /// Returns how many edits of one position are best computed at once.
    pub(crate) fn batch(&self) -> usize {
        self.evaluator.batch()
    }

    /// Returns what every layer gives; nothing where that cannot be edited.
    pub(super) fn traces(&self) -> Option<&[Trace]> {
        self.traces.as_deref()
    }

    pub(super) fn stages(&self) -> &[Stage] {
        self.evaluator.stages()
    }

    /// Returns the example itself, position by position.
    pub(super) fn level(&self) -> &Level {
        &self.level
    }

    /// Returns what the network says of the example itself, every output.
    pub(crate) fn before(&self) -> &[f32] {
        &self.outputs
    }

    /// Computes what the network says after each of some edits, shape `(edits, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when an edit does not stand inside the example or has other channels.
    pub(crate) fn outputs(&self, edits: &Edits) -> Result<Array2<f32>> {
        self.check(edits)?;
        if edits.len() == 0 {
            return Ok(Array2::zeros((0, self.outputs.len())));
        }
        let Some(traces) = &self.traces else {
            return self.rebuilt(edits);
        };
        if edits.width() == 0 {
            let all = self.outputs.repeat(edits.len());
            return shaped(all, edits.len());
        }
        let order = edits.order();
        let state = State::Changes(self.changes(edits, &order), Some(self.level.clone()));
        let (state, _) = walk(self.evaluator.stages(), state, Walk::Edits(traces))?;
        let sorted = state.into_rows()?.values;
        if !all_finite(&sorted) {
            return self.rebuilt(edits);
        }
        let outputs = self.outputs.len();
        let mut all = vec![0.0; sorted.len()];
        for (row, &edit) in sorted.chunks_exact(outputs.max(1)).zip(&order) {
            all[edit * outputs..(edit + 1) * outputs].copy_from_slice(row);
        }
        shaped(all, edits.len())
    }

    /// Checks that edits stand inside the example and have its channels.
    pub(super) fn check(&self, edits: &Edits) -> Result<()> {
        let (channels, length) = self.evaluator.shape();
        if edits.channels() != channels {
            let got = edits.channels();
            return Err(Error::value("channels", channels.to_string(), got));
        }
        let most = length.checked_sub(edits.width());
        let mut starts = (0..edits.len()).map(|edit| edits.start(edit));
        if let Some(start) = starts.find(|&start| most.is_none_or(|most| start > most)) {
            let width = edits.width();
            let expected = format!("a start after which {width} of {length} positions follow");
            return Err(Error::value("edits", expected, start));
        }
        Ok(())
    }

    /// Lays some edits out in this order.
    pub(super) fn changes(&self, edits: &Edits, order: &[usize]) -> Changes {
        let (channels, length) = self.evaluator.shape();
        let starts = order.iter().map(|&edit| edits.start(edit) as isize);
        let sizes = (edits.width(), channels);
        let mut x = Changes::zeros(starts.collect(), sizes, length);
        for (row, out) in x.values.chunks_exact_mut(channels).enumerate() {
            let (place, edit) = (row / order.len(), row % order.len());
            let values = edits.values(order[edit]).iter().skip(place);
            let values = values.step_by(edits.width());
            out.iter_mut().zip(values).for_each(|(out, &x)| *out = x);
        }
        x
    }

    /// Moves to the example after one of some edits.
    ///
    /// Only what the edit reaches is computed and written over what was there. Its rounding stays: what the origin says then differs from what the
    /// network says of the whole example by the rounding of at most 256 moves, after which all is computed anew.
    ///
    /// # Errors
    ///
    /// As [`outputs`](Self::outputs).
    pub(crate) fn advance(&mut self, edits: &Edits, edit: usize) -> Result<()> {
        self.check(edits)?;
        if edits.width() == 0 {
            return Ok(());
        }
        let x = self.changes(edits, &[edit]);
        let noted = match &self.traces {
            Some(traces) if self.moves < MOVES => {
                let state = State::Changes(x.clone(), Some(self.level.clone()));
                let (state, noted) = walk(self.evaluator.stages(), state, Walk::Move(traces))?;
                Some((state.into_rows()?.values, noted))
            }
            _ => None,
        };
        let is_finite = |(outputs, noted): &(Vec<f32>, Vec<Noted>)| {
            all_finite(outputs) && x.is_finite() && noted.iter().all(Noted::is_finite)
        };
        let after = self.edited(edits, edit);
        match (noted.filter(is_finite), &mut self.traces) {
            (Some((outputs, noted)), Some(traces)) => {
                take_all(traces, &noted);
                x.write(&mut self.level);
                self.x = after;
                self.outputs = outputs;
                self.moves += 1;
            }
            _ => *self = self.evaluator.origin(after)?,
        }
        Ok(())
    }

    /// Returns the example after one of some edits, as an origin of its own.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    pub(crate) fn after(&self, edits: &Edits, edit: usize) -> Result<Self> {
        self.evaluator.origin(self.edited(edits, edit))
    }

    fn edited(&self, edits: &Edits, edit: usize) -> Vec<f32> {
        let (_, length) = self.evaluator.shape();
        let mut x = self.x.clone();
        if edits.width() > 0 {
            let values = edits.values(edit).chunks_exact(edits.width());
            for (x, values) in x.chunks_exact_mut(length).zip(values) {
                let start = edits.start(edit);
                x[start..start + edits.width()].copy_from_slice(values);
            }
        }
        x
    }

    /// Passes whole examples through the network.
    fn rebuilt(&self, edits: &Edits) -> Result<Array2<f32>> {
        let network: &Network = self.evaluator.network();
        let (channels, length) = self.evaluator.shape();
        let all = (0..edits.len()).flat_map(|edit| self.edited(edits, edit));
        let shape = (edits.len(), channels, length);
        let x = Tensor::from_vec(all.collect::<Vec<f32>>(), shape, &Device::Cpu)?;
        to_dimension(&network.forward(&x)?)
    }
}

fn shaped(values: Vec<f32>, rows: usize) -> Result<Array2<f32>> {
    let columns = values.len() / rows.max(1);
    let got = [values.len()];
    Array2::from_shape_vec((rows, columns), values)
        .map_err(|_| Error::shape("output", "as many numbers for every edit", &got))
}
