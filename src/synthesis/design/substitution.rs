//! Designs by replacing one letter after another.

use super::candidate::{Candidate, Change, TASK};
use super::constraints::{Constraints, Ready};
use super::designs::{Design, Designs};
use super::goal::Goal;
use crate::network::{Model, evaluator_of};
use crate::progress::{self, Task};
use crate::sequence::{Alphabet, Explainable, code};
use crate::{Error, Result};
use ndarray::Axis;
use std::collections::BTreeSet;

/// Replaces the letter that brings a model nearest to a goal, again and again, until no single letter helps.
///
/// # Errors
///
/// As [`Substitution::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, synthesis::{self, Goal}};
/// # fn main() -> genolens::Result<()> {
/// let model = network::deepbind(4);
/// let x = Sequences::dna(["ACGTACGTACGTACG"])?;
/// let designs = synthesis::greedy_design(&model, &x, Goal::highest(0))?;
/// assert!(designs.after()[[0, 0]] >= designs.before()[[0, 0]]);
/// # Ok(()) }
/// ```
pub fn greedy_design(model: &dyn Model, x: &dyn Explainable, goal: Goal) -> Result<Designs> {
    Substitution::new().goal(goal).run(model, x)
}

/// The same with the ten best sequences of every step kept: beam search.
///
/// # Errors
///
/// As [`Substitution::run`].
pub fn beam_design(model: &dyn Model, x: &dyn Explainable, goal: Goal) -> Result<Designs> {
    Substitution::new().goal(goal).width(10).run(model, x)
}

/// Replaces one letter after another, with options.
///
/// Every step scores all single replacements that the constraints allow, of every sequence that is kept, and keeps the best `width` sequences. The
/// search ends when the goal is reached, after `edits` steps, or when a step brings nothing better than what was found (or so many steps, with
/// [`patience`](Self::patience)). The best sequence of all steps is the design: never worse than the start. Of replacements that are equally good the
/// first position counts, and there the first letter.
///
/// Of a [`Network`](crate::network::Network) on the CPU only what a replacement reaches is computed anew, as in
/// [`SaturationMutagenesis`](crate::attribution::SaturationMutagenesis).
///
/// # References
///
/// With one sequence kept the steps are those of `greedy_substitution` of tangermeme 1.6 with single letters, equals aside. Checked against brute force.
#[derive(Clone, Debug, PartialEq)]
pub struct Substitution {
    goal: Goal,
    constraints: Constraints,
    width: usize,
    edits: Option<usize>,
    patience: usize,
    batch: usize,
    incremental: bool,
}

impl Substitution {
    /// Takes the defaults: as much as possible of the first output, no constraints, one sequence kept, no limit of edits.
    pub fn new() -> Self {
        Self {
            goal: Goal::default(),
            constraints: Constraints::new(),
            width: 1,
            edits: None,
            patience: 0,
            batch: 64,
            incremental: true,
        }
    }

    /// Sets what is wanted.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// Sets what designs must keep to.
    pub fn constraints(mut self, constraints: Constraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets how many sequences are kept at every step: 1 is greedy, more are a beam.
    pub fn width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Sets how many replacements there may be at most.
    pub fn edits(mut self, edits: usize) -> Self {
        self.edits = Some(edits);
        self
    }

    /// Sets how many steps may follow each other without anything better; 0 unless set.
    pub fn patience(mut self, steps: usize) -> Self {
        self.patience = steps;
        self
    }

    /// Sets the number of sequences that are computed at once where whole sequences are computed.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets whether only what a replacement reaches is computed anew where that is possible, as it is by default.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.incremental = incremental;
        self
    }

    /// Designs one sequence from each of `x`.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read or does not keep to the constraints, the goal names no output of the model, an output is no
    /// number, an option makes no sense, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Designs> {
        for (name, value) in [("width", self.width), ("batch", self.batch)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        let (code, sequences) = (code(x)?, x.sequences()?);
        let alphabet = sequences.alphabet();
        let ready = self.constraints.ready(alphabet, code.dim().2)?;
        let evaluator = evaluator_of(model, code.dim(), self.incremental)?;
        let mut task = Task::new(TASK, sequences.len());
        let mut found = Vec::with_capacity(sequences.len());
        for (i, x) in code.axis_iter(Axis(0)).enumerate() {
            let letters = sequences.letters(i);
            ready.check(sequences.name(i), letters)?;
            let start = Candidate::new((model, evaluator.as_ref()), (&x, letters), self.batch);
            let own = start.and_then(|start| {
                self.goal.check(start.outputs().len())?;
                let own = Self {
                    goal: self.goal.seen_from(start.outputs()),
                    ..self.clone()
                };
                own.design(start, (&ready, alphabet))
            });
            // An interrupt within a sequence is spent as one between them.
            found.push(own.inspect_err(|_| progress::clear_interrupt())?);
            task.step("")?;
        }
        Designs::new("substitution", sequences, found)
    }

    fn design(
        &self,
        start: Candidate<'_>,
        (ready, alphabet): (&Ready, Alphabet),
    ) -> Result<Design> {
        let before = start.outputs().to_vec();
        let mut top = self.worth(&before)?;
        let mut design = Design::new(start.letters.clone(), before, top);
        let (mut kept, mut without) = (vec![start], 0);
        let mut steps = 0;
        while self.edits.is_none_or(|edits| steps < edits) {
            if self.goal.is_reached(&design.outputs) {
                break;
            }
            kept = self.widened(&kept, (ready, alphabet))?;
            let Some(best) = kept.first() else { break };
            steps += 1;
            let worth = self.worth(best.outputs())?;
            if worth > top {
                (top, without) = (worth, 0);
                design.take(best);
            } else {
                without += 1;
            }
            design.curve.push(top);
            if without > self.patience {
                break;
            }
        }
        design.worth = top;
        design.reached = self.goal.is_reached(&design.outputs);
        Ok(design)
    }

    /// Returns the best sequences that are one replacement away, best first.
    fn widened<'a>(
        &self,
        kept: &[Candidate<'a>],
        (ready, alphabet): (&Ready, Alphabet),
    ) -> Result<Vec<Candidate<'a>>> {
        let mut all: Vec<(f64, usize, Change)> = Vec::new();
        for (from, candidate) in kept.iter().enumerate() {
            for change in candidate.changes(ready, alphabet)? {
                all.push((self.worth(&change.outputs)?, from, change));
            }
        }
        // The order of equals is that of the sequences, positions and letters.
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut seen = BTreeSet::new();
        let mut next = Vec::with_capacity(self.width);
        for (_, from, change) in all {
            let mut letters = kept[from].letters.clone();
            letters[change.place.1] = change.letter;
            if seen.insert(letters) {
                next.push(kept[from].after(&change)?);
            }
            if next.len() == self.width {
                break;
            }
        }
        Ok(next)
    }

    fn worth(&self, outputs: &[f32]) -> Result<f64> {
        let worth = self.goal.worth(outputs);
        if worth.is_finite() {
            return Ok(worth);
        }
        Err(Error::value("output of the model", "finite", worth))
    }
}

impl Default for Substitution {
    fn default() -> Self {
        Self::new()
    }
}
