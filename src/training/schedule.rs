//! How the learning rate changes.

use crate::{Error, Result};
use ndarray::Array1;
use std::f64::consts::PI;

/// How the learning rate changes while training; checked against the schedulers of `PyTorch`.
///
/// # Examples
///
/// ```
/// use genolens::training::{Fit, Schedule};
/// let schedule = Schedule::cosine().warm_up(100);
/// let fitting = Fit::new().epochs(20).learning_rate(0.01).schedule(schedule.clone());
/// // What it will do, 50 steps an epoch.
/// let rates = schedule.rates(0.01, 20, 50);
/// assert_eq!(rates.len(), 1000);
/// assert!(rates[0] < rates[100] && rates[999] < rates[500]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    kind: Kind,
    by_step: bool,
    warm_up: Option<(usize, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Constant,
    Step { every: usize, factor: f64 },
    Cosine { lowest: f64, period: Option<usize> },
    OneCycle(Cycle),
    Plateau(Plateau),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Cycle {
    rise: f64,
    start: f64,
    end: f64,
    momentum: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Plateau {
    factor: f64,
    patience: usize,
    threshold: f64,
    cooldown: usize,
    lowest: f64,
}

impl Schedule {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            by_step: false,
            warm_up: None,
        }
    }

    /// Keeps the rate.
    pub fn constant() -> Self {
        Self::of(Kind::Constant)
    }

    /// Multiplies the rate with a factor every so many epochs (`StepLR`).
    pub fn step(every: usize, factor: f64) -> Self {
        Self::of(Kind::Step { every, factor })
    }

    /// Lets the rate fall to 0 along half a cosine, over all epochs (`CosineAnnealingLR`).
    pub fn cosine() -> Self {
        Self::of(Kind::Cosine {
            lowest: 0.0,
            period: None,
        })
    }

    /// Lets the rate rise to the learning rate and fall far below, over all steps (`OneCycleLR`; Smith and Topin 2018,
    /// <https://arxiv.org/abs/1708.07120>).
    ///
    /// It rises from 1/25 of the learning rate over 0.3 of the steps and falls to 1/10,000 of where it began; momentum, or the
    /// first decay rate of Adam, moves from 0.95 to 0.85 and back.
    pub fn one_cycle() -> Self {
        Self::of(Kind::OneCycle(Cycle {
            rise: 0.3,
            start: 25.0,
            end: 1e4,
            momentum: Some((0.85, 0.95)),
        }))
    }

    /// Multiplies the rate with 0.1 when the validation loss, or the training loss without validation examples, has not got better
    /// for more than 10 epochs (`ReduceLROnPlateau`).
    ///
    /// Better means by one part in 10,000. Early stopping should be more patient: see [`Fit::patience`](super::Fit::patience).
    pub fn plateau() -> Self {
        Self::of(Kind::Plateau(Plateau {
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            cooldown: 0,
            lowest: 0.0,
        }))
    }

    /// Lets the rate rise in a line from one third, over so many steps, on top of everything else (`LinearLR`).
    pub fn warm_up(mut self, steps: usize) -> Self {
        let start = self.warm_up.map_or(1.0 / 3.0, |known| known.1);
        self.warm_up = Some((steps, start));
        self
    }

    /// Sets the share of the rate with which a warm-up begins.
    pub fn warm_up_from(mut self, share: f64) -> Self {
        let steps = self.warm_up.map_or(5, |known| known.0);
        self.warm_up = Some((steps, share));
        self
    }

    /// Counts steps in place of epochs, for [`step`](Self::step) and [`cosine`](Self::cosine).
    pub fn by_step(mut self) -> Self {
        self.by_step = true;
        self
    }

    /// Sets the rate below which a cosine or plateaus do not take it.
    pub fn lowest(mut self, rate: f64) -> Self {
        match &mut self.kind {
            Kind::Cosine { lowest, .. } | Kind::Plateau(Plateau { lowest, .. }) => *lowest = rate,
            _ => {}
        }
        self
    }

    /// Sets after how many epochs, or steps, a cosine is at its lowest; it rises again after that.
    pub fn period(mut self, count: usize) -> Self {
        if let Kind::Cosine { period, .. } = &mut self.kind {
            *period = Some(count);
        }
        self
    }

    /// Sets the share of the steps in which one cycle rises, above 0 to below 1.
    pub fn rise(mut self, share: f64) -> Self {
        if let Kind::OneCycle(cycle) = &mut self.kind {
            cycle.rise = share;
        }
        self
    }

    /// Sets by what one cycle divides the learning rate at its begin, and that again at its end.
    pub fn divide(mut self, start: f64, end: f64) -> Self {
        if let Kind::OneCycle(cycle) = &mut self.kind {
            (cycle.start, cycle.end) = (start, end);
        }
        self
    }

    /// Tells whether one cycle moves the momentum too.
    pub fn cycle_momentum(mut self, cycles: bool) -> Self {
        if let Kind::OneCycle(cycle) = &mut self.kind {
            cycle.momentum = cycles.then_some((0.85, 0.95));
        }
        self
    }

    /// Sets by what a plateau multiplies the rate.
    pub fn factor(mut self, by: f64) -> Self {
        match &mut self.kind {
            Kind::Plateau(Plateau { factor, .. }) | Kind::Step { factor, .. } => *factor = by,
            _ => {}
        }
        self
    }

    /// Sets how many epochs without a better loss are no plateau yet.
    pub fn patience(mut self, epochs: usize) -> Self {
        if let Kind::Plateau(plateau) = &mut self.kind {
            plateau.patience = epochs;
        }
        self
    }

    /// Sets by what share of itself a loss must fall to be better.
    pub fn threshold(mut self, share: f64) -> Self {
        if let Kind::Plateau(plateau) = &mut self.kind {
            plateau.threshold = share;
        }
        self
    }

    /// Sets how many epochs after a fall of the rate are not counted.
    pub fn cooldown(mut self, epochs: usize) -> Self {
        if let Kind::Plateau(plateau) = &mut self.kind {
            plateau.cooldown = epochs;
        }
        self
    }

    /// Returns the rate of every step of a training, if the loss keeps getting better.
    pub fn rates(&self, rate: f64, epochs: usize, steps: usize) -> Array1<f64> {
        let pace = Pace::new(*self, rate, (epochs, steps));
        (0..epochs * steps).map(|step| pace.rate(step)).collect()
    }

    /// Returns the rate of every epoch, given the losses at their ends: what a plateau does.
    pub fn rates_after(&self, rate: f64, losses: &Array1<f64>) -> Array1<f64> {
        let mut pace = Pace::new(*self, rate, (losses.len(), 1));
        let mut rates = Vec::new();
        for (epoch, &loss) in losses.iter().enumerate() {
            rates.push(pace.rate(epoch));
            pace.note(loss);
        }
        rates.into()
    }

    /// Tells whether it follows from the number of epochs.
    pub(crate) fn knows_the_end(&self) -> bool {
        matches!(
            self.kind,
            Kind::OneCycle(_) | Kind::Cosine { period: None, .. }
        )
    }

    pub(crate) fn is_constant(&self) -> bool {
        self.kind == Kind::Constant && self.warm_up.is_none()
    }

    pub(crate) fn check(&self) -> Result<()> {
        let above = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                return Ok(());
            }
            Err(Error::value(name, "above 0", value))
        };
        let at_least = |name: &str, value: f64| {
            if value.is_finite() && value >= 0.0 {
                return Ok(());
            }
            Err(Error::value(name, "at least 0", value))
        };
        let share = |name: &str, value: f64| {
            if (0.0..=1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::value(name, "0 to 1", value))
        };
        if let Some((steps, start)) = self.warm_up {
            above("warm_up", steps as f64)?;
            share("warm_up_from", start)?;
        }
        match self.kind {
            Kind::Constant => Ok(()),
            Kind::Step { every, factor } => {
                above("every", every as f64)?;
                above("factor", factor)
            }
            Kind::Cosine { lowest, period } => {
                above("period", period.unwrap_or(1) as f64)?;
                at_least("lowest", lowest)
            }
            Kind::OneCycle(cycle) => {
                share("rise", cycle.rise)?;
                above("divide", cycle.start)?;
                above("divide", cycle.end)
            }
            Kind::Plateau(plateau) => {
                if !(0.0..1.0).contains(&plateau.factor) {
                    return Err(Error::value("factor", "0 to below 1", plateau.factor));
                }
                share("threshold", plateau.threshold)?;
                at_least("lowest", plateau.lowest)
            }
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::constant()
    }
}

/// A schedule at work.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    schedule: Schedule,
    rate: f64,
    epochs: usize,
    steps: usize,
    /// The rate that plateaus have left, the best loss, and the epochs that were bad and that are not counted.
    pub(crate) left: f64,
    pub(crate) best: f64,
    pub(crate) bad: usize,
    pub(crate) cooling: usize,
}

impl Pace {
    pub(crate) fn new(schedule: Schedule, rate: f64, (epochs, steps): (usize, usize)) -> Self {
        Self {
            schedule,
            rate,
            epochs,
            steps: steps.max(1),
            left: rate,
            best: f64::INFINITY,
            bad: 0,
            cooling: 0,
        }
    }

    /// Returns the rate of a step, counted from 0 over all epochs.
    pub(crate) fn rate(&self, step: usize) -> f64 {
        let (now, end) = if self.schedule.by_step {
            (step, self.epochs.saturating_mul(self.steps))
        } else {
            (step / self.steps, self.epochs)
        };
        let rate = match self.schedule.kind {
            Kind::Constant => self.rate,
            Kind::Step { every, factor } => self.rate * factor.powf((now / every.max(1)) as f64),
            Kind::Cosine { lowest, period } => {
                let turn = now as f64 / period.unwrap_or(end).max(1) as f64;
                lowest + (self.rate - lowest) * f64::midpoint(1.0, (PI * turn).cos())
            }
            Kind::OneCycle(cycle) => {
                let start = self.rate / cycle.start;
                self.cycle(cycle, step, (start, self.rate, start / cycle.end))
            }
            Kind::Plateau(_) => self.left,
        };
        match self.schedule.warm_up {
            Some((steps, start)) if step < steps => {
                rate * (start + (1.0 - start) * step as f64 / steps as f64)
            }
            _ => rate,
        }
    }

    /// Returns the momentum of a step, where the schedule changes it.
    pub(crate) fn momentum(&self, step: usize) -> Option<f64> {
        match self.schedule.kind {
            Kind::OneCycle(cycle) => {
                let (low, high) = cycle.momentum?;
                Some(self.cycle(cycle, step, (high, low, high)))
            }
            _ => None,
        }
    }

    /// Moves along half a cosine from the first value to the second, and along another to the third.
    fn cycle(&self, cycle: Cycle, step: usize, values: (f64, f64, f64)) -> f64 {
        let total = self.epochs.saturating_mul(self.steps) as f64;
        let (turn, end) = (cycle.rise * total - 1.0, total - 1.0);
        let between = |from: f64, to: f64, share: f64| {
            to + (from - to) * f64::midpoint(1.0, (PI * share).cos())
        };
        let now = (step as f64).min(end);
        if now <= turn {
            let share = if turn > 0.0 { now / turn } else { 1.0 };
            between(values.0, values.1, share)
        } else {
            let share = (now - turn) / (end - turn).max(f64::MIN_POSITIVE);
            between(values.1, values.2, share)
        }
    }

    /// Takes note of the loss at the end of an epoch.
    pub(crate) fn note(&mut self, loss: f64) {
        let Kind::Plateau(plateau) = self.schedule.kind else {
            return;
        };
        if loss < self.best * (1.0 - plateau.threshold) || self.best.is_infinite() {
            self.best = loss;
            self.bad = 0;
        } else {
            self.bad += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.bad = 0;
        }
        if self.bad > plateau.patience {
            let new = (self.left * plateau.factor).max(plateau.lowest);
            // Smaller changes are none, as in PyTorch.
            if self.left - new > 1e-8 {
                self.left = new;
            }
            self.cooling = plateau.cooldown;
            self.bad = 0;
        }
    }
}
