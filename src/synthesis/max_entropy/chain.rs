//! One Markov chain over sequences.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;

/// What all chains that explain a sequence have in common.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) beta: f64,
    pub(super) field: f64,
    /// For every letter whether the field acts on it.
    pub(super) is_strong: Vec<bool>,
    /// The positions that may change.
    pub(super) free: Vec<usize>,
    pub(super) burn_in: usize,
    pub(super) steps: usize,
    pub(super) every: usize,
}

/// What chance decides in one step, drawn before the state is known.
#[derive(Clone, Copy, Debug)]
struct Draw {
    position: usize,
    /// How many letters behind the present one the new one stands, around the end.
    shift: usize,
    /// From 0 to 1: what is more likely than this is accepted.
    point: f64,
}

/// A letter that is proposed, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal {
    pub(super) letter: usize,
    pub(super) position: usize,
}

/// A chain of Metropolis: one position, one other letter, accepted or not.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    rules: &'a Rules,
    /// The place of every letter in the alphabet; an unknown one stands behind all.
    letters: Vec<u8>,
    energy: f64,
    generator: ChaCha8Rng,
    /// Draws of the steps that come next.
    ahead: VecDeque<Draw>,
    done: usize,
    accepted: usize,
    samples: Vec<u8>,
    energies: Vec<f64>,
}

/// What a chain has left behind.
#[derive(Debug)]
pub(super) struct Sampled {
    /// `(samples, length)`.
    pub(super) letters: Vec<u8>,
    pub(super) energies: Vec<f64>,
    /// Share of the steps behind the burn-in that were accepted.
    pub(super) acceptance: f64,
}

impl<'a> Chain<'a> {
    /// Begins at the input, whose energy is 0.
    pub(super) fn new(rules: &'a Rules, letters: &[u8], generator: ChaCha8Rng) -> Self {
        Self {
            rules,
            letters: letters.to_vec(),
            energy: 0.0,
            generator,
            ahead: VecDeque::new(),
            done: 0,
            accepted: 0,
            samples: Vec::new(),
            energies: Vec::new(),
        }
    }

    /// Returns how many steps are still to be done.
    pub(super) fn left(&self) -> usize {
        self.rules.burn_in + self.rules.steps - self.done
    }

    /// Returns how many steps are done.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// Proposes the next steps, up to so many, as if all before them were rejected.
    pub(super) fn proposals(&mut self, count: usize) -> impl Iterator<Item = Proposal> {
        let count = count.min(self.left());
        while self.ahead.len() < count {
            let place = self.generator.random_range(0..self.rules.free.len());
            self.ahead.push_back(Draw {
                position: self.rules.free[place],
                shift: self.generator.random_range(1..self.rules.is_strong.len()),
                point: self.generator.random(),
            });
        }
        self.ahead
            .iter()
            .take(count)
            .map(|draw| self.proposal(draw))
    }

    fn proposal(&self, draw: &Draw) -> Proposal {
        let letter = usize::from(self.letters[draw.position]);
        Proposal {
            letter: (letter + draw.shift) % self.rules.is_strong.len(),
            position: draw.position,
        }
    }

    /// Decides on the first proposal, whose energy this is; tells whether it is accepted.
    pub(super) fn decide(&mut self, energy: f64) -> bool {
        let Some(draw) = self.ahead.pop_front() else {
            return false;
        };
        let Proposal { letter, position } = self.proposal(&draw);
        let rules = self.rules;
        let strong = |letter: usize| f64::from(u8::from(rules.is_strong[letter]));
        let change = strong(letter) - strong(usize::from(self.letters[position]));
        let gain = rules.field * change - rules.beta * (energy - self.energy);
        let is_accepted = gain.exp() > draw.point;
        if is_accepted {
            self.letters[position] = letter as u8;
            self.energy = energy;
        }
        self.done += 1;
        if let Some(step) = self
            .done
            .checked_sub(rules.burn_in)
            .filter(|&step| step > 0)
        {
            self.accepted += usize::from(is_accepted);
            if step.is_multiple_of(rules.every) {
                self.samples.extend_from_slice(&self.letters);
                self.energies.push(self.energy);
            }
        }
        is_accepted
    }

    /// Returns what was sampled.
    pub(super) fn sampled(self) -> Sampled {
        Sampled {
            letters: self.samples,
            energies: self.energies,
            acceptance: self.accepted as f64 / self.rules.steps as f64,
        }
    }
}
