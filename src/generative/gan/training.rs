//! The duel, a step of the generator at a time.

use super::critic::Critic;
use super::gan::Gan;
use super::history::{GanHistory, Step};
use super::noise::{choice, noise};
use super::objective::Objective;
use super::side::Side;
use crate::expression::Groups;
use crate::generative::reader::Reader;
use crate::network::{Model, Network, to_tensor};
use crate::progress::Task;
use crate::training::Source;
use crate::{Error, Result};
use candle_core::{Device, Tensor, Var};
use rand::RngExt;
use rand::seq::SliceRandom;

/// Steps after which networks whose losses are numbers are noted, for the case that later ones are none.
const NOTE: usize = 100;

/// The real cells.
pub(super) struct Data<'a> {
    pub(super) reader: &'a Reader,
    pub(super) kinds: &'a Groups,
}

type Networks = (Network, Network);

pub(super) fn train(
    gan: &Gan,
    (generator, critic): (&Network, &Network),
    data: &Data<'_>,
) -> Result<(Networks, GanHistory)> {
    let optimizer = gan.optimizer.into();
    let mut duel = Duel {
        gan,
        data,
        generator: Side::new(generator, optimizer)?,
        critic: Side::new(critic, optimizer)?,
        device: generator.device(),
        rows: Vec::new(),
    };
    let mut task = Task::new("gan", gan.steps);
    let (mut steps, mut good) = (Vec::new(), None);
    let (mut interrupted, mut diverged) = (false, None);
    for number in 0..gan.steps {
        let noted = number.is_multiple_of(NOTE).then(|| duel.networks());
        let step = duel.step(number)?;
        if !step.is_finite() {
            diverged = Some(number + 1);
            break;
        }
        if let Some(noted) = noted {
            good = Some(noted?);
        }
        task.record(&gan.objective.to_string(), "", step.distance);
        if let Objective::Wasserstein { .. } = gan.objective {
            task.record("gradient penalty", "", step.penalty);
        }
        let says = format!("{} {:.4}", gan.objective, step.distance);
        steps.push(step);
        match task.step(&says) {
            Err(error) if error.is_interrupted() && gan.keep => {
                interrupted = true;
                break;
            }
            other => other?,
        }
    }
    let mut networks = duel.networks()?;
    if diverged.is_none() && !(is_finite(&networks.0)? && is_finite(&networks.1)?) {
        diverged = Some(steps.len());
    }
    let history = GanHistory::new(gan.objective.to_string(), steps, interrupted);
    let Some(number) = diverged else {
        return Ok((networks, history));
    };
    let rate = gan.rates.0;
    let detail = format!("a loss is no number in step {number}, learning rate {rate:?}");
    let Some(last) = good else {
        let what = "training of the GAN".into();
        return Err(Error::Diverged { what, detail });
    };
    task.finish(&format!("diverged: {detail}"));
    networks = last;
    Ok((networks, history.diverged(detail)))
}

fn is_finite(network: &Network) -> Result<bool> {
    for weight in network.tensors() {
        let values = weight.flatten_all()?.to_vec1::<f32>()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Duel<'a> {
    gan: &'a Gan,
    data: &'a Data<'a>,
    generator: Side,
    critic: Side,
    device: &'a Device,
    /// The order of the cells in this turn through all of them.
    rows: Vec<usize>,
}

impl Duel<'_> {
    fn networks(&self) -> Result<Networks> {
        Ok((self.generator.copy()?, self.critic.copy()?))
    }

    fn count(&self) -> usize {
        self.data.kinds.names.len()
    }

    /// The critic learns some times, then the generator once.
    fn step(&mut self, number: usize) -> Result<Step> {
        let (first, last) = self.gan.rates;
        let rate = first * (last / first).powf(number as f64 / self.gan.steps as f64);
        let mut kinds = Vec::new();
        let (mut distance, mut cost) = (f64::NAN, 0.0);
        for turn in 0..self.gan.critic_steps {
            let turn = number * self.gan.critic_steps + turn;
            let rows = self.batch(turn);
            kinds = rows
                .iter()
                .map(|&row| self.data.kinds.of_cell[row])
                .collect();
            (distance, cost) = self.critic_step(turn, (&rows, &kinds), rate)?;
            if !(distance.is_finite() && cost.is_finite()) {
                break;
            }
        }
        let chosen = choice(&kinds, self.count())?.to_device(self.device)?;
        let seed = self.gan.seed.named("generator step").indexed(number);
        let made = self.make(seed, &kinds, true)?;
        let scores = scores(&self.critic.judge(&made)?, &chosen)?;
        let loss = self.gan.objective.of_generator(&scores)?;
        let step = Step {
            distance,
            penalty: cost,
            generator: number_of(&loss)?,
        };
        if step.is_finite() {
            self.generator.step(&mut loss.backward()?, rate)?;
        }
        Ok(step)
    }

    /// Returns the cells of a batch; a batch that would not be full is left out.
    fn batch(&mut self, turn: usize) -> Vec<usize> {
        let size = self.gan.batch;
        let turns = self.data.reader.len() / size;
        let (epoch, place) = (turn / turns, turn % turns);
        if place == 0 {
            self.rows = (0..self.data.reader.len()).collect();
            let seed = self.gan.seed.named("batches").indexed(epoch);
            self.rows.shuffle(&mut seed.generator());
        }
        self.rows[place * size..(place + 1) * size].to_vec()
    }

    /// Makes cells of these kinds.
    fn make(
        &mut self,
        seed: crate::random::Seed,
        kinds: &[usize],
        observe: bool,
    ) -> Result<Tensor> {
        let shape = (self.gan.latent, 0);
        let noise = noise(seed, shape, (kinds, self.count()))?;
        let noise = noise.to_device(self.device)?;
        self.generator.forward(&noise, seed, observe)
    }

    /// Teaches the critic; returns the distance that it saw and the penalty.
    fn critic_step(
        &mut self,
        turn: usize,
        (rows, kinds): (&[usize], &[usize]),
        rate: f64,
    ) -> Result<(f64, f64)> {
        let n = rows.len();
        let seed = self.gan.seed.named("critic step").indexed(turn);
        let real = to_tensor(&self.data.reader.x(rows), self.device)?;
        let made = self.make(seed, kinds, false)?.detach();
        let chosen = choice(kinds, self.count())?.to_device(self.device)?;
        let critic = Critic::new(self.critic.weights());
        let returned = self.critic.returned();
        let cells = Tensor::cat(&[&real, &made], 0)?;
        let seen = critic.see(&cells)?;
        let twice = Tensor::cat(&[&chosen, &chosen], 0)?;
        let both = Var::from_tensor(&scores(seen.scores(), &twice)?)?;
        let (of_real, of_made) = (both.narrow(0, 0, n)?, both.narrow(0, n, n)?);
        let loss = self.gan.objective.of_critic(&of_real, &of_made)?;
        let distance = self.gan.objective.distance(number_of(&loss)?);
        let mut gradients = loss.backward()?;
        if let Some(gradient) = gradients.get(&both) {
            let gradient = twice.broadcast_mul(&gradient.unsqueeze(1)?)?;
            critic.teach((&cells, &seen), &gradient, returned)?;
        }
        let mut cost = 0.0;
        if let Objective::Wasserstein { penalty: weight } = self.gan.objective {
            let mut generator = seed.named("between").generator();
            let share: Vec<f32> = (0..n).map(|_| generator.random::<f32>()).collect();
            let share = Tensor::from_vec(share, (n, 1), self.device)?;
            let seen = critic.see_between(&seen, &share)?;
            cost = critic.penalty((&seen, &chosen), (weight, returned))?;
        }
        if distance.is_finite() && cost.is_finite() {
            self.critic.step(&mut gradients, rate)?;
        }
        Ok((distance, cost))
    }
}

/// Returns the score of every example for its kind.
fn scores(out: &Tensor, chosen: &Tensor) -> Result<Tensor> {
    Ok((out * chosen)?.sum(1)?)
}

fn number_of(loss: &Tensor) -> Result<f64> {
    Ok(f64::from(loss.to_scalar::<f32>()?))
}
