//! A layer, ready to be passed by edits.

use super::changes::Changes;
use super::dense::{Mixed, Positions};
use super::filters::Filters;
use super::globals::Global;
use super::joins::{Joined, join};
use super::level::Level;
use super::pools::Pools;
use super::state::{Rows, State};
use super::trace::{Known, Noted, Pooled, Walk};
use crate::network::kernel::{Lanes, Work, run};
use crate::network::operation::{Line, with_numbers};
use crate::network::rules::Usual;
use crate::network::{
    Activation, BothStrands, Branches, Join, Layer, Pass, Pooling, Residual, Strands,
};
use crate::{Error, Result};
use candle_core::{Device, Tensor};

/// A layer with its weights, and what it does with edits.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) layer: Layer,
    pub(super) weights: Vec<Tensor>,
    pub(super) kind: Kind,
    /// The chains inside, in the order in which they are passed.
    pub(super) inner: Vec<Vec<Stage>>,
    /// How many numbers the stretch of an edit of one position holds behind it, at most.
    pub(super) room: usize,
}

/// How far a layer looks around itself.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Filters(Filters),
    Activation(Activation),
    /// What every channel is multiplied by, and what is added then.
    Lines(Vec<Line<f32>>),
    Pools(Pools),
    Global(Pooling),
    /// What is cut off on the left, and what stays.
    Crop(usize, usize),
    Flatten,
    /// A dense layer over a flattened sequence.
    Positions(Positions),
    /// A dense layer over features.
    Mixed(Mixed),
    /// What is added at every position.
    Added(Level),
    /// Looks at one position at a time, as if it were an example.
    EachPosition,
    Nothing,
    Residual(Residual),
    Branches(Branches),
    BothStrands(BothStrands),
    /// Looks at everything.
    Everything,
}

/// Passes edits through layers in order, and returns what was noted of every layer.
pub(super) fn walk(
    stages: &[Stage],
    mut state: State,
    walk: Walk<'_>,
) -> Result<(State, Vec<Noted>)> {
    let mut all = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        let (next, noted) = stage.pass(state, walk.at(index))?;
        state = next;
        if walk.is_noted() {
            all.push(noted);
        }
    }
    Ok((state, all))
}

/// Returns what follows from new stretches, and what is noted of them.
fn stretches(mut out: Changes, known: Known<'_>) -> (State, Noted) {
    if known.trace.is_none() {
        out = out.bounded(None);
    }
    let noted = Noted {
        output: known.noted(&out),
        ..Noted::default()
    };
    (State::Changes(out, known.output().cloned()), noted)
}

impl Stage {
    fn pass(&self, state: State, known: Known<'_>) -> Result<(State, Noted)> {
        let (mut x, origin) = match (&self.kind, state) {
            (Kind::Nothing, state) => return Ok((state, Noted::default())),
            (Kind::Residual(layer), state) => {
                return self.residual(layer, state.laid_out()?, known);
            }
            (Kind::Branches(layer), state) => {
                return self.branches(layer, &state.laid_out()?, known);
            }
            (Kind::BothStrands(layer), state) => {
                return self.both_strands(layer, state.laid_out()?, known);
            }
            (Kind::Positions(layer), State::Flat(x, origin)) => {
                let out = layer.mix(x, origin.as_ref(), known.output());
                let mut noted = Noted::default();
                if known.is_noted {
                    noted.output = Some(Changes::row(out.values.clone()));
                }
                return Ok((State::Rows(out), noted));
            }
            (kind, State::Rows(rows)) => {
                let out = self.of_rows(kind, rows)?;
                return Ok((out, Noted::default()));
            }
            (_, State::Changes(x, origin)) => (x, origin),
            (_, state) => return self.everything(state),
        };
        let origin_here = origin.as_ref();
        let out = match &self.kind {
            Kind::Filters(layer) => layer.slide(x, origin_here, known.output()),
            Kind::Pools(layer) => layer.reduce(&x, origin_here),
            Kind::Activation(layer) => {
                activate(*layer, &mut x.values);
                x
            }
            Kind::Lines(lines) => {
                for row in x.values.chunks_exact_mut(lines.len().max(1)) {
                    for (x, &(factor, rest)) in row.iter_mut().zip(lines) {
                        *x = *x * factor + rest;
                    }
                }
                x
            }
            Kind::Added(added) => {
                x.fill(|_, position, row| {
                    let added = row.iter_mut().zip(added.row(position));
                    added.for_each(|(x, &added)| *x += added);
                });
                x
            }
            Kind::EachPosition => {
                let shape = (x.values.len() / x.channels, x.channels);
                let rows = Tensor::from_vec(std::mem::take(&mut x.values), shape, &Device::Cpu)?;
                x.values = self.forward(&rows)?.flatten_all()?.to_vec1()?;
                x
            }
            Kind::Crop(left, length) => {
                (x.starts.iter_mut()).for_each(|start| *start -= *left as isize);
                x.length = *length;
                x
            }
            Kind::Flatten => return Ok((State::Flat(x, origin), Noted::default())),
            Kind::Global(pooling) => {
                let global = known.trace.and_then(|trace| trace.global.as_ref());
                let (out, pooled) = if let Some(global) = global {
                    (global.reduce(&x), known.noted(&x).map(Pooled::Stretch))
                } else {
                    let global = Global::of(*pooling, &x.level(), x.channels);
                    (global.reduce(&x), Some(Pooled::All(global)))
                };
                let noted = Noted {
                    pooled,
                    ..Noted::default()
                };
                return Ok((State::Rows(out), noted));
            }
            _ => return self.everything(State::Changes(x, origin)),
        };
        Ok(stretches(out, known))
    }

    /// Passes features through the layer.
    fn of_rows(&self, kind: &Kind, mut rows: Rows) -> Result<State> {
        match kind {
            Kind::Mixed(layer) => return Ok(State::Rows(layer.mix(&rows))),
            Kind::Activation(layer) => activate(*layer, &mut rows.values),
            _ => {
                let (out, _) = self.everything(State::Rows(rows))?;
                return Ok(out);
            }
        }
        Ok(State::Rows(rows))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut pass = Pass::evaluation();
        self.layer.step().forward(&self.weights, x, &mut pass)
    }

    /// Passes whole examples through the layer.
    fn everything(&self, state: State) -> Result<(State, Noted)> {
        let out = self.forward(&state.into_tensor()?)?;
        Ok((State::Whole(out), Noted::default()))
    }

    /// Passes a state through one of the chains inside.
    fn within(&self, index: usize, state: State, known: Known<'_>) -> Result<(State, Vec<Noted>)> {
        let stages = self.inner.get(index).map_or(&[][..], Vec::as_slice);
        let (state, noted) = walk(stages, state, known.inside(index))?;
        Ok((state.laid_out()?, noted))
    }

    fn residual(&self, layer: &Residual, state: State, known: Known<'_>) -> Result<(State, Noted)> {
        let (body, in_body) = self.within(0, state.clone(), known)?;
        let (added, in_added) = self.within(1, state, known)?;
        let (state, mut noted) = match (body, added) {
            (State::Changes(body, origin), State::Changes(mut added, mut before)) => {
                let margin = (added.length - body.length) / 2;
                if margin > 0 {
                    (added.starts.iter_mut()).for_each(|start| *start -= margin as isize);
                    added.length = body.length;
                    before = before.map(|before| before.cropped(margin, body.length));
                }
                let parts = [(body, origin), (added, before)];
                joined(join(&parts, Joined::Sum), known)?
            }
            (body, added) => {
                let out = layer.joined(body.into_tensor()?, added.into_tensor()?)?;
                (State::Whole(out), Noted::default())
            }
        };
        noted.inner = vec![in_body, in_added];
        Ok((state, noted))
    }

    fn branches(
        &self,
        layer: &Branches,
        state: &State,
        known: Known<'_>,
    ) -> Result<(State, Noted)> {
        let (mut states, mut inner) = (Vec::new(), Vec::new());
        for index in 0..self.inner.len() {
            let (state, noted) = self.within(index, state.clone(), known)?;
            states.push(state);
            inner.push(noted);
        }
        let how = match layer.join() {
            Join::Add => Some(Joined::Sum),
            Join::Multiply => Some(Joined::Product),
            Join::Concatenate => Some(Joined::SideBySide),
            Join::Reads { .. } => None,
        };
        let are_stretches = |state: &State| matches!(state, State::Changes(..));
        let (state, mut noted) = match how {
            Some(how) if states.iter().all(are_stretches) => {
                let parts = states.into_iter().filter_map(|state| match state {
                    State::Changes(x, origin) => Some((x, origin)),
                    _ => None,
                });
                joined(join(&parts.collect::<Vec<_>>(), how), known)?
            }
            _ => {
                let states = states.into_iter().map(State::into_tensor);
                let out = layer.joined_outputs(&states.collect::<Result<Vec<_>>>()?, &Usual)?;
                (State::Whole(out), Noted::default())
            }
        };
        noted.inner = inner;
        Ok((state, noted))
    }

    fn both_strands(
        &self,
        layer: &BothStrands,
        state: State,
        known: Known<'_>,
    ) -> Result<(State, Noted)> {
        let mut others = [None, None];
        let before = |side: usize| known.trace.and_then(|trace| trace.other[side].clone());
        let other = match &state {
            State::Changes(x, _) => {
                let x = x.reversed(true);
                others[0] = known.noted(&x);
                State::Changes(x, before(0))
            }
            State::Whole(x) => State::Whole(x.contiguous()?.flip(&[1, 2])?),
            State::Flat(..) | State::Rows(_) => return self.everything(state),
        };
        let (given, in_given) = self.within(0, state, known)?;
        let (other, in_other) = walk(&self.inner[0], other, known.inside(1))?;
        let other = other.laid_out()?;
        let (state, mut noted) = match (given, other) {
            (State::Changes(given, origin), State::Changes(other, _)) => {
                let other = other.reversed(false);
                others[1] = known.noted(&other);
                let how = match layer.strands() {
                    Strands::Max => Joined::Largest,
                    Strands::Mean => Joined::Mean,
                };
                joined(join(&[(given, origin), (other, before(1))], how), known)?
            }
            (given, other) => {
                let out = layer.joined(&given.into_tensor()?, other.into_tensor()?, &Usual)?;
                (State::Whole(out), Noted::default())
            }
        };
        noted.inner = vec![in_given, in_other];
        noted.other = others;
        Ok((state, noted))
    }
}

fn joined(out: Option<Changes>, known: Known<'_>) -> Result<(State, Noted)> {
    match out {
        Some(out) => Ok(stretches(out, known)),
        None => Err(Error::value("branches", "at least 1 chain", 0)),
    }
}

fn activate(activation: Activation, values: &mut [f32]) {
    // By far the most frequent, and the only one that is shorter than the question which one it is.
    if activation == Activation::Relu {
        run(Rectify(values));
    } else {
        for x in values {
            *x = activation.at(*x);
        }
    }
}

/// Makes negative numbers zero.
struct Rectify<'a>(&'a mut [f32]);

#[expect(unsafe_code, reason = "compiled for registers of several widths")]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
impl Work<f32> for Rectify<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f32>>(self) {
        for x in self.0 {
            *x = if *x < 0.0 { 0.0 } else { *x };
        }
    }
}

/// Copies the numbers of a weight.
pub(super) fn copied(weight: &Tensor) -> Result<Vec<f32>> {
    let weight = weight.contiguous()?;
    Ok(with_numbers(&weight, |numbers: &[f32]| {
        Ok(numbers.to_vec())
    })?)
}
