//! Tensors of a file given to the weights of a network.

use super::aligned::shape;
use super::convention::Convention;
use super::mapping::{Mapping, Pairs, Rule};
use super::placement::{Placed, place};
use super::report::{Outcome, WeightReport, WeightRow};
use super::role::{Slot, slots};
use super::tensors::Stored;
use super::{Tensors, WeightFormat};
use crate::network::operation::with_numbers;
use crate::network::{Layer, Network};
use crate::{Error, Result};
use candle_core::{DType, Tensor};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Tensors for all weights, the report, and the first thing that is wrong.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) weights: Vec<Option<Tensor>>,
    pub(super) report: WeightReport,
    pub(super) problem: Option<Error>,
}

struct Assigner<'a> {
    tensors: &'a Tensors,
    convention: Convention,
    taken: HashSet<&'a str>,
    weights: Vec<Option<Tensor>>,
    rows: Vec<WeightRow>,
    problem: Option<Error>,
    relettered: bool,
    /// What controls that were left out of the weight before add to its outputs.
    constant: Option<Tensor>,
}

impl Assignment {
    pub(super) fn new(mapping: &Mapping, network: &Network, tensors: &Tensors) -> Result<Self> {
        let mut assigner = Assigner {
            tensors,
            convention: Convention::new(tensors.format(), &mapping.options)?,
            taken: HashSet::new(),
            weights: Vec::new(),
            rows: Vec::new(),
            problem: None,
            relettered: false,
            constant: None,
        };
        let slots = slots(network);
        match &mapping.rule {
            Rule::ByName => {
                let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
                assigner.by_names(&slots, &names)?;
            }
            Rule::InOrder => assigner.in_order(&slots)?,
            Rule::Named(parts) => {
                let pairs: Pairs = parts.iter().flat_map(|ways| best(tensors, ways)).collect();
                let names = named(&slots, &pairs)?;
                assigner.by_names(&slots, &names)?;
            }
        }
        assigner.left_over(mapping.options.strict);
        assigner.check_letters();
        let notes = notes(mapping, network, tensors);
        Ok(Self {
            weights: assigner.weights,
            report: WeightReport {
                origin: tensors.origin().into(),
                rows: Arc::new(assigner.rows),
                notes: Arc::new(notes),
            },
            problem: assigner.problem,
        })
    }
}

/// Returns the names in the file of all weights in the order of the network.
fn named<'a>(slots: &[Slot], pairs: &'a Pairs) -> Result<Vec<&'a str>> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (tensor, weight) in pairs {
        if !slots.iter().any(|slot| slot.name == *weight) {
            let all: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
            let expected = format!("one of {}", all.join(", "));
            return Err(Error::value("weight of a pair", expected, weight));
        }
        if names.insert(weight, tensor).is_some() {
            return Err(Error::value(
                "pairs",
                "every weight once",
                format!("{weight} twice"),
            ));
        }
    }
    let name = |slot: &Slot| {
        let name = names.get(slot.name.as_str()).copied();
        name.ok_or_else(|| Error::value("pairs", format!("one for {}", slot.name), "none"))
    };
    slots.iter().map(name).collect()
}

/// Returns the pairs of which the file has most, with what stands before all of their names in the file.
fn best(tensors: &Tensors, ways: &[Pairs]) -> Pairs {
    let names: HashSet<&str> = tensors.names().into_iter().collect();
    let mut best = (0, Pairs::new());
    for pairs in ways {
        let before = pairs.iter().flat_map(|(wanted, _)| {
            let names = names
                .iter()
                .filter_map(|name| name.strip_suffix(wanted.as_str()));
            names.filter(|before| before.ends_with(['.', '/']))
        });
        let before: BTreeSet<&str> = before.chain([""]).collect();
        for before in before {
            let whole = |name: &str| format!("{before}{name}");
            let found = pairs
                .iter()
                .filter(|(name, _)| names.contains(whole(name).as_str()));
            let found = found.count();
            if found > best.0 || best.1.is_empty() {
                let pairs = pairs
                    .iter()
                    .map(|(name, weight)| (whole(name), weight.clone()));
                best = (found, pairs.collect());
            }
        }
    }
    best.1
}

impl<'a> Assigner<'a> {
    fn by_names(&mut self, slots: &[Slot], names: &[&str]) -> Result<()> {
        let all = self.tensors.stored();
        let known: HashMap<&str, &'a Stored> = all.iter().map(|s| (s.name.as_str(), s)).collect();
        for (slot, name) in slots.iter().zip(names) {
            let for_whom = if *name == slot.name {
                String::new()
            } else {
                format!(" for {}", slot.name)
            };
            let argument = format!("{}: tensor {name}", self.tensors.origin());
            let Some(&stored) = known.get(name) else {
                let expected = format!("there, shape {}{for_whom}", shape(&slot.shape));
                let problem = Error::value(&argument, expected, "missing");
                self.refuse(slot, (None, Outcome::Missing), problem);
                continue;
            };
            if let Some(placed) = place(&stored.tensor, slot, &self.convention)? {
                self.put(slot, stored, placed)?;
            } else {
                let expected = format!("{}{for_whom}", self.convention.asked(slot));
                let problem = Error::shape(&argument, expected, stored.tensor.dims());
                self.taken.insert(&stored.name);
                self.refuse(slot, (Some(stored), Outcome::Misfit), problem);
            }
        }
        Ok(())
    }

    fn in_order(&mut self, slots: &[Slot]) -> Result<()> {
        let all = self.tensors.stored().iter();
        let mut order: Vec<&'a Stored> = all.filter(|s| s.kind.contains("float")).collect();
        if self.tensors.format() == WeightFormat::SafeTensors {
            order.sort_by_cached_key(|stored| natural(&stored.name));
        }
        let mut next = 0;
        for slot in slots {
            let mut found = None;
            for (at, stored) in order.iter().enumerate().skip(next) {
                if let Some(placed) = place(&stored.tensor, slot, &self.convention)? {
                    found = Some((at, *stored, placed));
                    break;
                }
            }
            if let Some((at, stored, placed)) = found {
                self.put(slot, stored, placed)?;
                next = at + 1;
                continue;
            }
            let wanted = format!("{} for {}", shape(&slot.shape), slot.name);
            let problem = if let Some(stored) = order.get(next) {
                let argument = format!("{}: tensor {}", self.tensors.origin(), stored.name);
                let expected = format!("{wanted}, as none behind it has either");
                Error::shape(&argument, expected, stored.tensor.dims())
            } else {
                let expected = format!("a tensor of shape {wanted}");
                Error::value(self.tensors.origin(), expected, "at its end")
            };
            self.refuse(slot, (None, Outcome::Missing), problem);
        }
        Ok(())
    }

    fn put(&mut self, slot: &Slot, stored: &'a Stored, mut placed: Placed) -> Result<()> {
        // The bias of a dense layer comes behind its weight.
        if let Some(constant) = self
            .constant
            .take()
            .filter(|_| slot.name.rsplit('.').next() == Some("bias"))
        {
            placed.tensor = (&placed.tensor + constant.to_dtype(placed.tensor.dtype())?)?;
            placed.steps.push("what the controls add".into());
        }
        self.constant = placed.constant.take();
        self.taken.insert(&stored.name);
        self.relettered |= placed.relettered;
        if let Some(value) = not_finite(&placed.tensor)? {
            let argument = format!("{}: tensor {}", self.tensors.origin(), stored.name);
            let problem = Error::value(&argument, "finite", value);
            self.refuse(slot, (Some(stored), Outcome::Misfit), problem);
            return Ok(());
        }
        let what = if placed.steps.is_empty() {
            "as it is".into()
        } else {
            placed.steps.join(", ")
        };
        self.rows
            .push(row((Some(stored), Some(slot)), what, Outcome::Placed));
        self.weights.push(Some(placed.tensor));
        Ok(())
    }

    fn refuse(
        &mut self,
        slot: &Slot,
        (stored, outcome): (Option<&Stored>, Outcome),
        problem: Error,
    ) {
        let what = match outcome {
            Outcome::Missing => "missing",
            _ => "does not fit",
        };
        self.rows
            .push(row((stored, Some(slot)), what.into(), outcome));
        self.weights.push(None);
        self.problem.get_or_insert(problem);
    }

    fn left_over(&mut self, strict: bool) {
        for stored in self.tensors.stored() {
            if self.taken.contains(stored.name.as_str()) {
                continue;
            }
            let counter = stored.name.ends_with("num_batches_tracked");
            let (what, outcome) = if counter {
                ("a counter, not needed", Outcome::Counter)
            } else {
                ("left over", Outcome::LeftOver)
            };
            self.rows
                .push(row((Some(stored), None), what.into(), outcome));
            if strict && !counter {
                let argument = format!("{}: tensor {}", self.tensors.origin(), stored.name);
                let names = self.rows.iter().filter(|row| !row.weight.is_empty());
                let names: Vec<&str> = names.map(|row| row.weight.as_str()).collect();
                let expected = format!("one for {}", names.join(", "));
                let problem = Error::value(&argument, expected, "unknown");
                self.problem.get_or_insert(problem);
            }
        }
    }

    /// Letters that nothing was done to would be read wrongly without anybody seeing it.
    fn check_letters(&mut self) {
        if self.convention.letters.is_some() && !self.relettered {
            let expected = "a network whose first layer is a convolution over 4 letters";
            let problem = Error::value("letters", expected, "set for another one");
            self.problem.get_or_insert(problem);
        }
    }
}

fn row(
    (stored, slot): (Option<&Stored>, Option<&Slot>),
    what: String,
    outcome: Outcome,
) -> WeightRow {
    WeightRow {
        tensor: stored.map(|stored| stored.name.clone()).unwrap_or_default(),
        tensor_shape: stored
            .map(|stored| stored.tensor.dims().to_vec())
            .unwrap_or_default(),
        weight: slot.map(|slot| slot.name.clone()).unwrap_or_default(),
        weight_shape: slot.map(|slot| slot.shape.clone()).unwrap_or_default(),
        what,
        outcome,
    }
}

fn not_finite(tensor: &Tensor) -> Result<Option<f32>> {
    let tensor = tensor.to_dtype(DType::F32)?.contiguous()?;
    let found = with_numbers(&tensor, |values: &[f32]| {
        Ok(values.iter().copied().find(|value| !value.is_finite()))
    });
    Ok(found?)
}

/// A key that sorts names as their layers were numbered, and the weights of a layer as they are made.
fn natural(name: &str) -> (Vec<(usize, String)>, usize, String) {
    let (layer, weight) = name.rsplit_once(['.', '/']).unwrap_or(("", name));
    let pieces = layer.split(['.', '/', '_']);
    let key = pieces.map(|piece| match piece.parse() {
        Ok(number) => (number, String::new()),
        Err(_) => (0, piece.to_owned()),
    });
    let rank = match weight {
        "weight" | "kernel" | "gamma" | "scale" => 0,
        "bias" | "beta" | "shift" => 1,
        "running_mean" | "moving_mean" | "mean" => 2,
        "running_var" | "moving_variance" | "variance" => 3,
        _ => 4,
    };
    (key.collect(), rank, weight.to_owned())
}

fn notes(mapping: &Mapping, network: &Network, tensors: &Tensors) -> Vec<String> {
    let mut notes = Vec::new();
    let said = |name: &str| {
        let found = tensors.notes().iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    if said("backend") == Some("theano") && !mapping.options.flipped {
        notes.push("Written by Keras on Theano, which slides filters flipped: `flipped()` turns them round.".into());
    }
    let mut layers = network.parts().iter().map(|part| &part.layer);
    if tensors.format() == WeightFormat::Hdf5 && layers.any(|l| matches!(l, Layer::BatchNorm(_))) {
        notes.push("A batch norm of Keras adds 0.001 to the variance, ours 0.00001: set `epsilon(0.001)` where the file's has its default.".into());
    }
    notes
}
