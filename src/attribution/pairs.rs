//! Two letters replaced at once: what both methods over pairs have in common.

use crate::network::{Model, Mutants, Replacement, evaluator_of, is_ours, replacements};
use crate::progress::{self, Task};
use crate::sequence::{Explainable, Sequences, code};
use crate::{Error, Result};
use ndarray::Axis;
use rayon::prelude::*;

/// Numbers that a result may hold.
const MOST: usize = 1 << 28;

/// Tells how many numbers a result holds for one sequence, given the numbers of positions and letters.
pub(crate) type Size = fn(usize, usize) -> Option<usize>;

/// Which pairs are looked at.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    pub(crate) target: usize,
    /// All positions, if not told otherwise.
    pub(crate) positions: Option<Vec<usize>>,
    pub(crate) batch: usize,
    pub(crate) incremental: bool,
}

/// One replacement with those behind it, and by how much each pair does more than its two replacements do alone.
pub(crate) struct Row<'a> {
    pub(crate) seconds: &'a [Replacement],
    pub(crate) effects: Vec<f64>,
}

/// What was found of all pairs.
pub(crate) struct Found {
    pub(crate) sequences: Sequences,
    /// The positions that were looked at.
    pub(crate) positions: Vec<usize>,
    /// For every sequence the replacements in the order of their positions, each with what was kept of its row.
    pub(crate) rows: Vec<Vec<(Replacement, Vec<f32>)>>,
}

impl Pairs {
    pub(crate) fn new() -> Self {
        Self {
            target: 0,
            positions: None,
            batch: 64,
            incremental: true,
        }
    }

    /// Chooses positions; of more than a result has room for, only as many are kept as show that.
    pub(crate) fn choose(&mut self, positions: impl IntoIterator<Item = usize>) {
        let most = MOST.isqrt() + 1;
        self.positions = Some(positions.into_iter().take(most).collect());
    }

    /// Returns the positions in order, each once.
    fn chosen(&self, length: usize) -> Result<Vec<usize>> {
        let Some(positions) = &self.positions else {
            return Ok((0..length).collect());
        };
        let mut positions = positions.clone();
        positions.sort_unstable();
        positions.dedup();
        match positions.last() {
            None => Err(Error::value("positions", "at least 1", 0)),
            Some(&last) if last >= length => {
                let expected = format!("below {length}, the length of the sequences");
                Err(Error::value("positions", expected, last))
            }
            Some(_) => Ok(positions),
        }
    }

    /// Looks at all pairs of every sequence and keeps something of every row. `size` tells how many numbers the result holds for a sequence, given the
    /// numbers of positions and letters.
    ///
    /// An interrupt is spent when it has stopped the work.
    pub(crate) fn run(
        &self,
        (method, size): (&str, Size),
        (model, x): (&dyn Model, &dyn Explainable),
        keep: impl Fn(&Row<'_>) -> Vec<f32> + Sync,
    ) -> Result<Found> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let code = code(x)?;
        let sequences = x.sequences()?;
        let positions = self.chosen(code.dim().2)?;
        let numbers = size(positions.len(), code.dim().1);
        let numbers = numbers.and_then(|numbers| numbers.checked_mul(code.dim().0));
        if numbers.is_none_or(|numbers| numbers > MOST) {
            let expected = format!("so few that the result holds at most {MOST} numbers");
            return Err(Error::value("positions", expected, positions.len()));
        }
        let evaluator = evaluator_of(model, code.dim(), self.incremental)?;
        let all = code.axis_iter(Axis(0));
        let all = all.map(|x| replacements(&x, positions.iter().copied()));
        let all: Vec<Vec<Replacement>> = all.collect();
        let mut task = Task::new(method, all.iter().map(Vec::len).sum());
        let together = if is_ours(model.device()) {
            rayon::current_num_threads().max(1)
        } else {
            1
        };
        let mut found = Vec::with_capacity(all.len());
        for (x, places) in code.axis_iter(Axis(0)).zip(&all) {
            let options = (method, self.target, self.batch);
            let mutants = Mutants::new((model, evaluator.as_ref()), &x, options)?;
            let alone = mutants.outputs(places)?;
            let one = |first: &usize| -> Result<(Replacement, Vec<f32>)> {
                let place = places[*first];
                let behind = places.partition_point(|&(_, position)| position <= place.1);
                let both = mutants.after(place)?.outputs(&places[behind..])?;
                let pairs = both.iter().zip(&alone[behind..]);
                let effects = pairs.map(|(&both, &second)| {
                    let first = f64::from(alone[*first]);
                    f64::from(both) - first - f64::from(second) + f64::from(mutants.before())
                });
                let row = Row {
                    seconds: &places[behind..],
                    effects: effects.collect(),
                };
                Ok((place, keep(&row)))
            };
            let firsts: Vec<usize> = (0..places.len()).collect();
            let mut rows = Vec::with_capacity(firsts.len());
            for firsts in firsts.chunks(together) {
                let some: Vec<Result<_>> = if together == 1 {
                    firsts.iter().map(one).collect()
                } else {
                    firsts.par_iter().map(one).collect()
                };
                for row in some {
                    rows.push(row.inspect_err(|_| progress::clear_interrupt())?);
                    task.step("")?;
                }
            }
            found.push(rows);
        }
        Ok(Found {
            sequences,
            positions,
            rows: found,
        })
    }
}
