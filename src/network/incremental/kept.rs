//! Edits that are asked for again and again, while one after the other is made for good.

use super::changes::Changes;
use super::edits::Edits;
use super::evaluator::Evaluator;
use super::globals::Global;
use super::level::{Level, all_finite};
use super::origin::Origin;
use super::plan::{End, Plan};
use super::sight::seen;
use super::stage::{Kind, walk};
use super::state::{Rows, State};
use super::trace::{Trace, Walk};
use crate::{Error, Result};
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// Edits that are computed at once at most, so that several threads find some even for one example.
const TOGETHER: usize = 32;

/// Lays out the edits with these numbers.
pub(crate) type Lay<'a> = &'a (dyn Fn(&[usize]) -> Result<Edits> + Sync);

/// An example and edits of it, what layers give for each of which is kept where it does not change as others are made for good.
///
/// An edit that is made changes a few positions behind every layer. Only the edits whose own stretch there sees some of these are computed again.
#[derive(Debug)]
pub(crate) struct Kept {
    origin: Origin,
    /// Where each edit begins.
    starts: Vec<usize>,
    plan: Plan,
    /// What is kept of each edit behind every part of the plan.
    items: Vec<Vec<Item>>,
}

/// What part of a network gave for an edit.
#[derive(Clone, Debug, Default)]
struct Item {
    /// Positions behind this part that the edit may change; they may reach over the ends of the sequence.
    range: Range<isize>,
    values: Vec<f32>,
    is_known: bool,
}

impl Item {
    fn is_like(&self, other: &Self) -> bool {
        self.range == other.range && self.values == other.values
    }
}

impl Kept {
    /// Takes an example, `(channels, length)`, and where its edits begin, all of which replace as many positions.
    pub(crate) fn new(evaluator: &Evaluator, x: Vec<f32>, starts: Vec<usize>) -> Result<Self> {
        let plan = Plan::new(evaluator.stages(), starts.len());
        let items = plan
            .parts
            .iter()
            .map(|_| vec![Item::default(); starts.len()]);
        Ok(Self {
            origin: evaluator.origin(x)?,
            items: items.collect(),
            starts,
            plan,
        })
    }

    /// Returns what the network says of the example as it is now, every output.
    pub(crate) fn before(&self) -> &[f32] {
        self.origin.before()
    }

    /// Computes what the network says after each of some edits, shape `(edits, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when an edit does not stand inside the example or has other channels.
    pub(crate) fn outputs(&mut self, edits: &[usize], lay: Lay<'_>) -> Result<Array2<f32>> {
        let mut places: Vec<usize> = (0..edits.len()).collect();
        places.sort_by_key(|&place| self.starts[edits[place]]);
        let sorted: Vec<usize> = places.iter().map(|&place| edits[place]).collect();
        if self.origin.traces().is_some() {
            for part in 0..self.plan.parts.len() {
                self.renew(part, &sorted, lay)?;
            }
        }
        let chunk = self.together();
        let found = sorted.par_chunks(chunk).map(|edits| self.rest(edits, lay));
        let found = found.collect::<Result<Vec<_>>>()?;
        let outputs = self.origin.before().len();
        let mut all = Array2::zeros((edits.len(), outputs));
        let rows = found
            .iter()
            .flat_map(|rows| rows.chunks_exact(outputs.max(1)));
        for (row, place) in rows.zip(places) {
            all.row_mut(place)
                .iter_mut()
                .zip(row)
                .for_each(|(all, &x)| *all = x);
        }
        Ok(all)
    }

    /// Makes an edit for good; what is kept of others stays where they see nothing of it.
    ///
    /// # Errors
    ///
    /// As [`outputs`](Self::outputs).
    pub(crate) fn make(&mut self, edit: usize, lay: Lay<'_>) -> Result<()> {
        let before = self.levels();
        // Computed anew, so that no rounding of one step is left to the next, and bits that stay tell what need not be computed again.
        self.origin = self.origin.after(&lay(&[edit])?, 0)?;
        let after = self.levels();
        for (part, (items, levels)) in self
            .items
            .iter_mut()
            .zip(before.iter().zip(&after))
            .enumerate()
        {
            let (Some(before), Some(after)) = levels else {
                items.fill(Item::default());
                continue;
            };
            let Some(changed) = before.differs(after) else {
                continue;
            };
            let stages = &self.origin.stages()[self.plan.parts[part].stages.clone()];
            for item in items {
                let sees = seen(stages, &item.range);
                if sees.start < changed.end as isize && (changed.start as isize) < sees.end {
                    item.is_known = false;
                }
            }
        }
        Ok(())
    }

    fn together(&self) -> usize {
        self.origin.batch().min(TOGETHER)
    }

    /// Returns what comes to every part of the plan for the origin.
    fn levels(&self) -> Vec<Option<Level>> {
        let parts = self.plan.parts.iter();
        parts.map(|part| self.level(part.stages.start)).collect()
    }

    /// Returns what comes to a stage for the origin.
    fn level(&self, stage: usize) -> Option<Level> {
        let traces = self.origin.traces()?;
        let stages = self.origin.stages()[..stage].iter();
        let changing = stages
            .zip(traces)
            .rfind(|(stage, _)| !matches!(stage.kind, Kind::Nothing));
        match changing {
            Some((_, trace)) => trace.output.clone(),
            None => Some(self.origin.level().clone()),
        }
    }

    /// Computes what has to be computed of a part of the plan.
    fn renew(&mut self, part: usize, edits: &[usize], lay: Lay<'_>) -> Result<()> {
        let items = &self.items[part];
        let stale = edits.iter().copied().filter(|&edit| !items[edit].is_known);
        let stale: Vec<usize> = stale.collect();
        let chunks = stale.par_chunks(self.together());
        let made = chunks.map(|edits| self.pass(part, edits, lay));
        let made = made.collect::<Result<Vec<_>>>()?.concat();
        for (edit, item) in stale.into_iter().zip(made) {
            let before = std::mem::replace(&mut self.items[part][edit], item);
            let is_same = self.items[part][edit].is_like(&before);
            if let (Some(next), false) = (self.items.get_mut(part + 1), is_same) {
                next[edit].is_known = false;
            }
        }
        Ok(())
    }

    /// Passes edits through a part of the plan.
    fn pass(&self, part: usize, edits: &[usize], lay: Lay<'_>) -> Result<Vec<Item>> {
        let (Some(traces), plan) = (self.origin.traces(), &self.plan.parts[part]) else {
            return Err(lost());
        };
        let stages = plan.stages.clone();
        let state = self.state(part, edits, lay)?;
        let (state, _) = walk(
            &self.origin.stages()[stages.clone()],
            state,
            Walk::Edits(&traces[stages]),
        )?;
        let State::Changes(x, level) = state else {
            return Err(lost());
        };
        let (count, channels) = (x.edits(), x.channels);
        let ranges = x
            .starts
            .iter()
            .map(|&start| start..start + x.width as isize);
        let ranges: Vec<Range<isize>> = ranges.collect();
        let values: Vec<Vec<f32>> = match plan.end {
            End::Stretches => (0..count)
                .map(|edit| {
                    let rows = x.values.chunks_exact(channels.max(1));
                    rows.skip(edit).step_by(count).flatten().copied().collect()
                })
                .collect(),
            End::Largest(_) => (0..count).map(|edit| Global::largest(&x, edit)).collect(),
            End::Product(stage) => {
                let Kind::Positions(layer) = &self.origin.stages()[stage].kind else {
                    return Err(lost());
                };
                let nothing = Level::new(layer.outputs(), vec![0.0; layer.outputs()]);
                let made = layer.mix(x, level.as_ref(), Some(&nothing));
                let rows = made.values.chunks_exact(made.features.max(1));
                rows.map(<[f32]>::to_vec).collect()
            }
        };
        let items = ranges.into_iter().zip(values);
        let items = items.map(|(range, values)| Item {
            range,
            values,
            is_known: true,
        });
        Ok(items.collect())
    }

    /// Returns what comes to a part of the plan, or to what is behind all of them.
    fn state(&self, part: usize, edits: &[usize], lay: Lay<'_>) -> Result<State> {
        let stage = match self.plan.parts.get(part) {
            Some(part) => part.stages.start,
            None => self.plan.rest,
        };
        let level = self.level(stage).ok_or_else(lost)?;
        let Some(items) = part.checked_sub(1).map(|part| &self.items[part]) else {
            let edits = lay(edits)?;
            let order: Vec<usize> = (0..edits.len()).collect();
            self.origin.check(&edits)?;
            let x = self.origin.changes(&edits, &order);
            return Ok(State::Changes(x, Some(level)));
        };
        let starts = edits.iter().map(|&edit| items[edit].range.start);
        let width = edits.iter().map(|&edit| items[edit].range.len()).max();
        let (channels, length) = (level.channels(), level.rows().len());
        let sizes = (width.unwrap_or(0), channels);
        let mut x = Changes::zeros(starts.collect(), sizes, length);
        x.fill(|edit, position, row| {
            let item = &items[edits[edit]];
            let at = (position as isize - item.range.start) as usize * channels;
            let own = item.values.get(at..at + channels);
            row.copy_from_slice(own.unwrap_or_else(|| level.row(position)));
        });
        Ok(State::Changes(x, Some(level)))
    }

    /// Passes edits through what is behind all parts.
    fn rest(&self, edits: &[usize], lay: Lay<'_>) -> Result<Vec<f32>> {
        let whole = || {
            Ok(self
                .origin
                .outputs(&lay(edits)?)?
                .into_raw_vec_and_offset()
                .0)
        };
        let Some(traces) = self.origin.traces() else {
            return whole();
        };
        let end = self.plan.parts.last().map(|part| part.end);
        let state = match end {
            Some(End::Largest(stage)) => State::Rows(self.pooled(edits, &traces[stage])?),
            Some(End::Product(stage)) => State::Rows(self.added(edits, &traces[stage])?),
            _ => self.state(self.plan.parts.len(), edits, lay)?,
        };
        let rest = self.plan.rest;
        let (state, _) = walk(
            &self.origin.stages()[rest..],
            state,
            Walk::Edits(&traces[rest..]),
        )?;
        let values = state.into_rows()?.values;
        if all_finite(&values) {
            Ok(values)
        } else {
            whole()
        }
    }

    /// Pools edits of which the largest numbers are kept.
    fn pooled(&self, edits: &[usize], trace: &Trace) -> Result<Rows> {
        let items = self.items.last().ok_or_else(lost)?;
        let global = trace.global.as_ref().ok_or_else(lost)?;
        let mut values = Vec::new();
        let mut channels = 0;
        for &edit in edits {
            let item = &items[edit];
            channels = item.values.len();
            global.around(&item.range, &item.values, &mut values);
        }
        Ok(Rows::new(values, channels))
    }

    /// Adds what edits make of a dense layer to what it gives for the origin.
    fn added(&self, edits: &[usize], trace: &Trace) -> Result<Rows> {
        let items = self.items.last().ok_or_else(lost)?;
        let before = trace.output.as_ref().ok_or_else(lost)?.row(0);
        let mut values = Vec::with_capacity(edits.len() * before.len());
        for &edit in edits {
            let both = before.iter().zip(&items[edit].values);
            values.extend(both.map(|(before, own)| before + own));
        }
        Ok(Rows::new(values, before.len()))
    }
}

fn lost() -> Error {
    Error::value("edits", "what was kept of them", "nothing")
}
