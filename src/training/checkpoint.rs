//! The whole state of a training in a file; hostile until read.

use super::fit::Fit;
use super::history::Epoch;
use super::learner::Learner;
use super::measures::Measures;
use super::schedule::Pace;
use super::split::Split;
use crate::network::Network;
use crate::{Error, Result};
use candle_core::Tensor;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;
use std::path::Path;

const FORMAT: &str = "genolens training 1";

/// More steps than any training takes.
const MOST: f64 = 1e15;

/// What must be the same for a training to go on as if it had never stopped.
pub(crate) struct Options(Vec<(&'static str, String)>);

impl Options {
    pub(crate) fn new(fit: &Fit, network: &Network, (rows, n): (&Split, usize)) -> Self {
        let mut options = vec![
            ("format", FORMAT.to_owned()),
            ("network", network.summary().to_string()),
            ("seed", format!("{:?}", fit.seed)),
            ("examples", format!("{n}, {rows:?}, mark {:x}", mark(rows))),
            ("batch", fit.batch.to_string()),
            ("loss", format!("{:?}", fit.loss)),
            ("optimizer", format!("{:?}", fit.optimizer_or_default())),
            ("learning_rate", format!("{:?}", fit.rate())),
            ("schedule", format!("{:?}", fit.schedule)),
            (
                "limits of gradients and weights",
                format!("{:?}", fit.limits),
            ),
            (
                "weights of classes",
                format!("{:?}, balance {}", fit.class_weights, fit.balance),
            ),
            ("augmentation", format!("{:?}", fit.augment)),
        ];
        if fit.schedule.knows_the_end() || fit.loss != fit.loss.after(0.0) {
            options.push(("epochs", fit.epochs.to_string()));
        }
        Self(options)
    }
}

/// A number that other rows hardly share (FNV-1a).
fn mark(rows: &Split) -> u64 {
    let all = [rows.train(), &[usize::MAX], rows.test()].concat();
    all.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &row| {
        (hash ^ row as u64).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Numbers with a shape.
struct Array {
    shape: Vec<usize>,
    values: Numbers,
}

enum Numbers {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// The state at the end of an epoch.
pub(crate) struct Checkpoint {
    texts: HashMap<String, String>,
    arrays: HashMap<String, Array>,
}

impl Checkpoint {
    pub(crate) fn of(
        learner: &Learner<'_>,
        pace: &Pace,
        (epochs, best): (&[Epoch], &(usize, f64, Vec<Tensor>)),
    ) -> Result<Self> {
        let mut arrays = HashMap::new();
        let sets = [("weight", &learner.weights), ("best", &best.2)];
        for (kind, weights) in sets {
            for (at, weight) in weights.iter().enumerate() {
                let array = Array {
                    shape: weight.dims().to_vec(),
                    values: Numbers::Single(weight.flatten_all()?.to_vec1()?),
                };
                arrays.insert(format!("{kind}.{at}"), array);
            }
        }
        for (at, memory) in learner.descent.memories()?.into_iter().enumerate() {
            for (slot, values) in memory.into_iter().enumerate() {
                let array = Array {
                    shape: vec![values.len()],
                    values: Numbers::Single(values),
                };
                arrays.insert(format!("memory.{at}.{slot}"), array);
            }
        }
        let state = [
            learner.steps as f64,
            best.0 as f64,
            best.1,
            pace.left,
            pace.best,
            pace.bad as f64,
            pace.cooling as f64,
        ];
        let doubles = |values: Vec<f64>, shape| Array {
            shape,
            values: Numbers::Double(values),
        };
        arrays.insert("state".into(), doubles(state.to_vec(), vec![state.len()]));
        let rows: Vec<Vec<f64>> = epochs.iter().map(row).collect();
        let shape = vec![rows.len(), rows.first().map_or(0, Vec::len)];
        arrays.insert("history".into(), doubles(rows.concat(), shape));
        let tasks = epochs.first().map_or(&[][..], |epoch| &epoch.train.tasks);
        let tasks: Vec<String> = tasks.iter().map(|t| t.len().to_string()).collect();
        Ok(Self {
            texts: HashMap::from([("tasks".to_owned(), tasks.join(" "))]),
            arrays,
        })
    }

    /// Writes the file beside its place first, so that an interruption leaves the old one.
    pub(crate) fn write(mut self, path: &Path, options: &Options) -> Result<()> {
        for (name, value) in &options.0 {
            self.texts.insert((*name).to_owned(), value.clone());
        }
        let arrays: Vec<(&str, Dtype, &[usize], Vec<u8>)> = self
            .arrays
            .iter()
            .map(|(name, array)| {
                let (kind, bytes) = match &array.values {
                    Numbers::Single(values) => {
                        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                        (Dtype::F32, bytes.collect())
                    }
                    Numbers::Double(values) => {
                        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                        (Dtype::F64, bytes.collect())
                    }
                };
                (name.as_str(), kind, &array.shape[..], bytes)
            })
            .collect();
        let views = arrays
            .iter()
            .map(|(name, kind, shape, bytes)| {
                let view = TensorView::new(*kind, shape.to_vec(), bytes);
                Ok((*name, view.map_err(candle_core::Error::wrap)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let bytes = safetensors::serialize(views, Some(self.texts));
        let bytes = bytes.map_err(candle_core::Error::wrap)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        std::fs::write(&partial, bytes).map_err(|source| Error::write(path, source))?;
        std::fs::rename(&partial, path).map_err(|source| Error::write(path, source))
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let wrong = |got: String| {
            let name = path.display().to_string();
            Error::value(&name, "a complete checkpoint of a training", got)
        };
        let parsed = SafeTensors::deserialize(&bytes);
        let file = parsed.map_err(|_| wrong(format!("{} bytes of something else", bytes.len())))?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(candle_core::Error::wrap)?;
        let texts = metadata.metadata().clone().unwrap_or_default();
        if texts.get("format").map(String::as_str) != Some(FORMAT) {
            return Err(wrong("a file of tensors without its mark".into()));
        }
        let mut arrays = HashMap::new();
        for (name, view) in file.tensors() {
            let data = view.data();
            let values = match view.dtype() {
                Dtype::F32 => {
                    let numbers = data.as_chunks::<4>().0.iter();
                    Numbers::Single(numbers.map(|b| f32::from_le_bytes(*b)).collect())
                }
                Dtype::F64 => {
                    let numbers = data.as_chunks::<8>().0.iter();
                    Numbers::Double(numbers.map(|b| f64::from_le_bytes(*b)).collect())
                }
                other => return Err(wrong(format!("one with numbers of type {other:?}"))),
            };
            let shape = view.shape().to_vec();
            arrays.insert(name, Array { shape, values });
        }
        Ok(Self { texts, arrays })
    }

    /// Checks that the training is the one that was stopped.
    pub(crate) fn check(&self, path: &Path, options: &Options) -> Result<()> {
        for (name, now) in &options.0 {
            match self.texts.get(*name) {
                Some(then) if then == now => {}
                then => {
                    let argument = format!("{}: {name}", path.display());
                    let short = |text: &str| text.replace('\n', "; ");
                    let got = short(then.map_or("missing", |then| then));
                    let expected = format!("that of this training, {}", short(now));
                    return Err(Error::value(&argument, expected, got));
                }
            }
        }
        Ok(())
    }

    fn wrong(path: &Path, name: &str, (expected, got): (&str, &str)) -> Error {
        Error::value(&format!("{}: {name}", path.display()), expected, got)
    }

    fn singles(&self, path: &Path, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        match self.arrays.get(name) {
            Some(Array {
                shape: found,
                values: Numbers::Single(values),
            }) if found == shape => {
                if values.iter().all(|value| value.is_finite()) {
                    return Ok(values.clone());
                }
                Err(Self::wrong(path, name, ("finite", "not finite in places")))
            }
            found => {
                let expected = format!("32-bit floats of shape {shape:?}");
                let got = found.map_or("missing".to_owned(), |array| format!("{:?}", array.shape));
                Err(Self::wrong(path, name, (&expected, &got)))
            }
        }
    }

    fn weights(&self, path: &Path, kind: &str, network: &Network) -> Result<Vec<Tensor>> {
        let own = network.tensors().iter().enumerate();
        own.map(|(at, weight)| {
            let values = self.singles(path, &format!("{kind}.{at}"), weight.dims())?;
            Ok(Tensor::from_vec(values, weight.shape(), weight.device())?)
        })
        .collect()
    }

    fn state(&self, path: &Path) -> Result<&[f64]> {
        match self.arrays.get("state") {
            Some(Array {
                values: Numbers::Double(values),
                ..
            }) if Self::is_state(values) => Ok(values),
            _ => Err(Self::wrong(path, "state", ("7 numbers", "something else"))),
        }
    }

    /// Tells whether these can be steps, best epoch and loss, rate and loss of plateaus, bad epochs and those that are not counted.
    fn is_state(values: &[f64]) -> bool {
        let &[steps, epoch, loss, rate, plateau, bad, cooling] = values else {
            return false;
        };
        let counts = [steps, epoch, bad, cooling];
        counts.iter().all(|count| (0.0..MOST).contains(count))
            && rate.is_finite()
            && !loss.is_nan()
            && !plateau.is_nan()
    }

    pub(crate) fn restore(
        &self,
        path: &Path,
        learner: &mut Learner<'_>,
        pace: &mut Pace,
    ) -> Result<()> {
        let weights = self.weights(path, "weight", learner.network())?;
        learner.set_weights(&weights)?;
        let mut memories = Vec::new();
        for (at, memory) in learner.descent.memories()?.iter().enumerate() {
            let slots = memory.iter().enumerate().map(|(slot, values)| {
                self.singles(path, &format!("memory.{at}.{slot}"), &[values.len()])
            });
            memories.push(slots.collect::<Result<Vec<_>>>()?);
        }
        learner.descent.set_memories(memories)?;
        let state = self.state(path)?;
        learner.steps = state[0] as usize;
        learner.descent.steps = state[0] as u64;
        (pace.left, pace.best) = (state[3], state[4]);
        (pace.bad, pace.cooling) = (state[5] as usize, state[6] as usize);
        Ok(())
    }

    /// Returns the best epoch, its loss and its weights.
    pub(crate) fn best(&self, path: &Path, network: &Network) -> Result<(usize, f64, Vec<Tensor>)> {
        let state = self.state(path)?;
        let best = state[1] as usize;
        let weights = if best > 0 {
            self.weights(path, "best", network)?
        } else {
            Vec::new()
        };
        Ok((best, state[2], weights))
    }

    /// Returns the history.
    pub(crate) fn epochs(&self, path: &Path) -> Result<Vec<Epoch>> {
        let broken = || Self::wrong(path, "history", ("a table of epochs", "something else"));
        let Some(Array {
            shape,
            values: Numbers::Double(values),
        }) = self.arrays.get("history")
        else {
            return Err(broken());
        };
        let tasks = self.texts.get("tasks").map_or("", String::as_str);
        let tasks = tasks.split_whitespace().map(str::parse::<usize>);
        let tasks: Vec<usize> = tasks.collect::<Result<_, _>>().map_err(|_| broken())?;
        // Every row of numbers takes a place in every epoch, also one without any.
        if tasks.contains(&0) {
            return Err(broken());
        }
        let &[count, width] = &shape[..] else {
            return Err(broken());
        };
        let each = tasks.iter().try_fold(0_usize, |a, &b| a.checked_add(b));
        let each = each.ok_or_else(broken)?;
        let sides = match width.checked_sub(3) {
            Some(rest) if rest == each => 1,
            Some(rest) if Some(rest) == each.checked_mul(2) => 2,
            _ if count == 0 => 1,
            _ => return Err(broken()),
        };
        let state = self.state(path)?;
        if count == 0 || state[1] > count as f64 {
            return Err(broken());
        }
        let cut = |mut numbers: &[f64]| -> Vec<Vec<f64>> {
            let lengths = tasks.iter();
            lengths
                .map(|&length| {
                    let (first, rest) = numbers.split_at(length);
                    numbers = rest;
                    first.to_vec()
                })
                .collect()
        };
        let epochs = values.chunks(width).map(|row| Epoch {
            rate: row[0],
            train: Measures {
                loss: row[1],
                tasks: cut(&row[3..3 + each]),
            },
            validation: Measures {
                loss: row[2],
                tasks: if sides == 2 {
                    cut(&row[3 + each..])
                } else {
                    Vec::new()
                },
            },
        });
        Ok(epochs.collect())
    }
}

fn row(epoch: &Epoch) -> Vec<f64> {
    let mut row = vec![epoch.rate, epoch.train.loss, epoch.validation.loss];
    row.extend(epoch.train.tasks.iter().flatten());
    row.extend(epoch.validation.tasks.iter().flatten());
    row
}
