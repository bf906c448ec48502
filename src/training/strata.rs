//! What both sides of a split have in the same share.

use super::rows::split;
use super::{Labels, Loss};
use crate::random::Seed;
use crate::{Error, Result};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// What both sides of a split have in the same share.
pub(crate) enum Strata {
    /// One class per example, all the same where there are none.
    Classes(Vec<f32>),
    /// Several tasks, each with the rarer of its two classes.
    Tasks(Tasks),
}

/// Examples of the rarer class of every task.
pub(crate) struct Tasks {
    n: usize,
    /// For every task, its examples.
    examples: Vec<Vec<u32>>,
}

impl Strata {
    pub(crate) fn new(labels: &dyn Labels, stratified: bool) -> Result<Self> {
        let labels = labels.labels()?;
        let n = labels.shape().first().copied().unwrap_or_default();
        if n < 2 || labels.is_empty() {
            let expected = "(n) or (n, tasks), n at least 2";
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        let none = || Ok(Self::Classes(vec![0.0; n]));
        if !stratified {
            return none();
        }
        if labels.len() == n {
            let whole = |label: &f32| *label >= 0.0 && label.fract() == 0.0;
            if labels.iter().all(whole) {
                return Ok(Self::Classes(labels.iter().copied().collect()));
            }
            return none();
        }
        let is_class = |label: &f32| *label == 0.0 || *label == 1.0 || label.is_nan();
        if labels.ndim() != 2 || !labels.iter().all(is_class) {
            return none();
        }
        let rarer = |column: ndarray::ArrayViewD<'_, f32>| {
            let of = |class: f32| -> Vec<u32> {
                let known = column.iter().enumerate();
                let known = known.filter(|(_, label)| **label == class);
                known.map(|(row, _)| row as u32).collect()
            };
            let (ones, zeros) = (of(1.0), of(0.0));
            if ones.len() <= zeros.len() {
                ones
            } else {
                zeros
            }
        };
        let examples = labels.axis_iter(ndarray::Axis(1)).map(rarer).collect();
        Ok(Self::Tasks(Tasks { n, examples }))
    }

    /// Returns the number of examples.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Tasks(tasks) => tasks.n,
        }
    }

    /// Splits rows in two, the second with this share.
    pub(crate) fn split(&self, rows: &[usize], share: f64, seed: Seed) -> (Vec<usize>, Vec<usize>) {
        match self {
            Self::Classes(classes) => {
                split((rows, Some(classes)), share, (seed, Loss::CrossEntropy))
            }
            Self::Tasks(tasks) => {
                let mut generator = seed.named("validation").generator();
                let parts = tasks.deal(rows, &[1.0 - share, share], &mut generator);
                let of = |part: usize| {
                    let pairs = rows.iter().zip(&parts);
                    pairs
                        .filter(|pair| *pair.1 == part)
                        .map(|pair| *pair.0)
                        .collect()
                };
                (of(0), of(1))
            }
        }
    }
}

/// What a part still needs: of the examples of every task, and of all.
struct Need {
    tasks: Vec<f64>,
    all: f64,
}

impl Tasks {
    /// Deals rows out to parts of these shares, so that every part gets its share of every task: iterative stratification
    /// (Sechidis, Tsoumakas and Vlahavas 2011, doi:10.1007/978-3-642-23808-6_10).
    ///
    /// The task with the fewest examples that are left goes first; each of its examples goes where the task is needed most, then where
    /// examples are, then anywhere. The result is the part of every row, in the order of `rows`.
    pub(crate) fn deal(
        &self,
        rows: &[usize],
        shares: &[f64],
        generator: &mut ChaCha8Rng,
    ) -> Vec<usize> {
        // Places among the rows, in random order.
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.shuffle(generator);
        let mut place_of = vec![u32::MAX; self.n];
        for &place in &order {
            place_of[rows[place as usize]] = place;
        }
        let mut tasks_of: Vec<Vec<u32>> = vec![Vec::new(); rows.len()];
        for (task, examples) in self.examples.iter().enumerate() {
            for &row in examples {
                if let Some(tasks) = tasks_of.get_mut(place_of[row as usize] as usize) {
                    tasks.push(task as u32);
                }
            }
        }
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); self.examples.len()];
        for &place in &order {
            for &task in &tasks_of[place as usize] {
                members[task as usize].push(place);
            }
        }
        let mut left: Vec<usize> = members.iter().map(Vec::len).collect();
        let mut needs: Vec<Need> = shares
            .iter()
            .map(|share| Need {
                tasks: left.iter().map(|&count| share * count as f64).collect(),
                all: share * rows.len() as f64,
            })
            .collect();
        let mut parts = vec![usize::MAX; rows.len()];
        let mut give = |place: u32, task: Option<usize>, left: &mut [usize]| {
            let part = neediest(&needs, task, generator);
            parts[place as usize] = part;
            needs[part].all -= 1.0;
            for &task in &tasks_of[place as usize] {
                needs[part].tasks[task as usize] -= 1.0;
                left[task as usize] -= 1;
            }
        };
        let mut given = vec![false; rows.len()];
        loop {
            let tasks = (0..left.len()).filter(|&task| left[task] > 0);
            let Some(rarest) = tasks.min_by_key(|&task| left[task]) else {
                break;
            };
            for &place in &members[rarest] {
                if !std::mem::replace(&mut given[place as usize], true) {
                    give(place, Some(rarest), &mut left);
                }
            }
        }
        for &place in &order {
            if !given[place as usize] {
                give(place, None, &mut left);
            }
        }
        parts
    }
}

/// Returns the part that needs a task most, then examples most, then any.
fn neediest(needs: &[Need], task: Option<usize>, generator: &mut ChaCha8Rng) -> usize {
    let key = |need: &Need| (task.map_or(0.0, |task| need.tasks[task]), need.all);
    let (mut best, mut alike) = (0, 1);
    for part in 1..needs.len() {
        let (new, old) = (key(&needs[part]), key(&needs[best]));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        if near(new.0, old.0) && near(new.1, old.1) {
            // The last of so many equals with chance one in so many.
            alike += 1;
            if generator.random_range(0..alike) == 0 {
                best = part;
            }
        } else if new.0 > old.0 && !near(new.0, old.0) || near(new.0, old.0) && new.1 > old.1 {
            (best, alike) = (part, 1);
        }
    }
    best
}
