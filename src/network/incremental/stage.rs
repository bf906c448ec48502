//! A layer, ready to be passed by edits.

use super::changes::Changes;
use super::dense::Positions;
use super::filters::Filters;
use super::globals::Global;
use super::joins::{Joined, join};
use super::level::Level;
use super::pools::Pools;
use super::state::State;
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

/// What a layer gave for the origin.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// All positions, or the one row of a dense layer.
    output: Option<Level>,
    global: Option<Global>,
    inner: Vec<Vec<Trace>>,
    /// The input of the other strand, and its output turned back.
    other: [Option<Level>; 2],
}

impl Trace {
    pub(super) fn is_finite(&self) -> bool {
        let mut levels = self.other.iter().chain([&self.output]).flatten();
        let mut inner = self.inner.iter().flatten();
        levels.all(Level::is_finite) && inner.all(Trace::is_finite)
    }
}

/// Passes edits through layers in order. Without the traces of an origin, what comes is an origin, and its traces are returned.
pub(super) fn walk(
    stages: &[Stage],
    mut state: State,
    known: Option<&[Trace]>,
) -> Result<(State, Vec<Trace>)> {
    let mut traces = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        let (next, made) = stage.pass(state, known.and_then(|known| known.get(index)))?;
        state = next;
        if known.is_none() {
            traces.push(made);
        }
    }
    Ok((state, traces))
}

/// Returns what follows from new stretches, and what is noted of an origin.
fn stretches(out: Changes, known: Option<&Trace>) -> (State, Trace) {
    if let Some(known) = known {
        return (State::Changes(out, known.output.clone()), Trace::default());
    }
    let out = out.bounded(None);
    let output = Some(out.level());
    let trace = Trace {
        output,
        ..Trace::default()
    };
    (State::Changes(out, None), trace)
}

impl Stage {
    fn pass(&self, state: State, known: Option<&Trace>) -> Result<(State, Trace)> {
        let output = known.and_then(|known| known.output.as_ref());
        let (mut x, origin) = match (&self.kind, state) {
            (Kind::Nothing, state) => return Ok((state, Trace::default())),
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
                let out = layer.mix(x, origin.as_ref(), output)?;
                let mut trace = Trace::default();
                if known.is_none() {
                    let row = out.flatten_all()?.to_vec1()?;
                    trace.output = Some(Level::new(row.len(), row));
                }
                return Ok((State::Whole(out), trace));
            }
            (_, State::Changes(x, origin)) => (x, origin),
            (_, state) => return self.everything(state),
        };
        let origin_here = origin.as_ref();
        let out = match &self.kind {
            Kind::Filters(layer) => layer.slide(x, origin_here, output),
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
            Kind::Flatten => return Ok((State::Flat(x, origin), Trace::default())),
            Kind::Global(pooling) => {
                if let Some(global) = known.and_then(|known| known.global.as_ref()) {
                    return Ok((State::Whole(global.reduce(&x)?), Trace::default()));
                }
                let global = Global::of(*pooling, &x.level(), x.channels);
                let out = State::Whole(global.reduce(&x)?);
                let trace = Trace {
                    global: Some(global),
                    ..Trace::default()
                };
                return Ok((out, trace));
            }
            _ => return self.everything(State::Changes(x, origin)),
        };
        Ok(stretches(out, known))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut pass = Pass::evaluation();
        self.layer.step().forward(&self.weights, x, &mut pass)
    }

    /// Passes whole examples through the layer.
    fn everything(&self, state: State) -> Result<(State, Trace)> {
        let out = self.forward(&state.into_tensor()?)?;
        Ok((State::Whole(out), Trace::default()))
    }

    /// Passes a state through one of the chains inside.
    fn within(
        &self,
        index: usize,
        state: State,
        known: Option<&Trace>,
    ) -> Result<(State, Vec<Trace>)> {
        let stages = self.inner.get(index).map_or(&[][..], Vec::as_slice);
        let known = known.and_then(|known| known.inner.get(index));
        let (state, traces) = walk(stages, state, known.map(Vec::as_slice))?;
        Ok((state.laid_out()?, traces))
    }

    fn residual(
        &self,
        layer: &Residual,
        state: State,
        known: Option<&Trace>,
    ) -> Result<(State, Trace)> {
        let (body, in_body) = self.within(0, state.clone(), known)?;
        let (added, in_added) = self.within(1, state, known)?;
        let (state, mut trace) = match (body, added) {
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
                (State::Whole(out), Trace::default())
            }
        };
        trace.inner = vec![in_body, in_added];
        Ok((state, trace))
    }

    fn branches(
        &self,
        layer: &Branches,
        state: &State,
        known: Option<&Trace>,
    ) -> Result<(State, Trace)> {
        let (mut states, mut inner) = (Vec::new(), Vec::new());
        for index in 0..self.inner.len() {
            let (state, traces) = self.within(index, state.clone(), known)?;
            states.push(state);
            inner.push(traces);
        }
        let how = match layer.join() {
            Join::Add => Some(Joined::Sum),
            Join::Multiply => Some(Joined::Product),
            Join::Concatenate => Some(Joined::SideBySide),
            Join::Reads { .. } => None,
        };
        let are_stretches = |state: &State| matches!(state, State::Changes(..));
        let (state, mut trace) = match how {
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
                (State::Whole(out), Trace::default())
            }
        };
        trace.inner = inner;
        Ok((state, trace))
    }

    fn both_strands(
        &self,
        layer: &BothStrands,
        state: State,
        known: Option<&Trace>,
    ) -> Result<(State, Trace)> {
        let mut levels = [None, None];
        let other = match &state {
            State::Changes(x, _) => {
                let x = x.reversed(true);
                if known.is_none() {
                    levels[0] = Some(x.level());
                }
                State::Changes(x, known.and_then(|known| known.other[0].clone()))
            }
            State::Whole(x) => State::Whole(x.contiguous()?.flip(&[1, 2])?),
            State::Flat(..) => return self.everything(state),
        };
        let (given, in_given) = self.within(0, state, known)?;
        let in_other = known.and_then(|known| known.inner.get(1));
        let (other, in_other) = walk(&self.inner[0], other, in_other.map(Vec::as_slice))?;
        let other = other.laid_out()?;
        let (state, mut trace) = match (given, other) {
            (State::Changes(given, origin), State::Changes(other, _)) => {
                let other = other.reversed(false);
                if known.is_none() {
                    levels[1] = Some(other.level());
                }
                let before = known.and_then(|known| known.other[1].clone());
                let how = match layer.strands() {
                    Strands::Max => Joined::Largest,
                    Strands::Mean => Joined::Mean,
                };
                joined(join(&[(given, origin), (other, before)], how), known)?
            }
            (given, other) => {
                let out = layer.joined(&given.into_tensor()?, other.into_tensor()?, &Usual)?;
                (State::Whole(out), Trace::default())
            }
        };
        trace.inner = vec![in_given, in_other];
        trace.other = levels;
        Ok((state, trace))
    }
}

fn joined(out: Option<Changes>, known: Option<&Trace>) -> Result<(State, Trace)> {
    match out {
        Some(out) => Ok(stretches(out, known)),
        None => Err(Error::value("branches", "at least 1 chain", 0)),
    }
}

fn activate(activation: Activation, values: &mut [f32]) {
    // By far the most frequent, and the only one that is shorter than the question which one it is.
    if activation == Activation::Relu {
        for x in values {
            *x = if *x < 0.0 { 0.0 } else { *x };
        }
    } else {
        for x in values {
            *x = activation.at(*x);
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
