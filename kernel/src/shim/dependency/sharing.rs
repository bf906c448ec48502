//! Decides which crates of cargo's plan are taken from the image.

use super::manifest::{ROOT, Wanted};
use crate::image::{Kind, Unit};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Packages whose types the library takes and gives.
const SPOKEN: [&str; 6] = [
    "candle-core",
    "candle-nn",
    "ndarray",
    "plotters",
    "plotters-backend",
    "polars",
];

/// Tells whether the library takes or gives types of this package.
pub(super) fn is_spoken(package: &str) -> bool {
    SPOKEN.contains(&package) || package.starts_with("polars-")
}

/// How far sharing goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    /// What the library speaks is shared even if a crate asks something beneath it for a feature that the image lacks: such a
    /// feature is mostly asked for by habit (`std`, `i128`), and a second array type is of no use to anybody.
    Generous,
    /// Only crates that have all the features that are asked for.
    Strict,
}

/// What happens to one unit of the plan.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Fate {
    /// It is compiled.
    Compile,
    /// The image has it, or an addition that has been kept: these files.
    Shared(Vec<String>),
    /// A build script whose words are known.
    Replay(String),
    /// Nobody needs it.
    Idle,
}

/// Cargo's plan with what happens to every unit.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(super) units: Vec<Unit>,
    pub(super) fates: Vec<Fate>,
    /// Crates of the image that stand for ones with more features, and these features.
    pub(super) lacking: Vec<(String, Vec<String>)>,
}

impl Sharing {
    pub(super) fn decide(units: Vec<Unit>, image: &[Unit], wanted: &[Wanted], mode: Mode) -> Self {
        let mut search = Search {
            units: &units,
            image,
            wanted,
            mode,
            beneath: beneath_the_spoken(&units, image),
            found: HashMap::new(),
        };
        let found: Vec<Option<usize>> = (0..units.len()).map(|index| search.find(index)).collect();
        let needed = needed(&units, &found);
        let mut fates: Vec<Fate> = found
            .iter()
            .enumerate()
            .map(|(index, found)| match found {
                Some(there) => Fate::Shared(image[*there].files.clone()),
                None if needed.contains(&index) && units[index].package != ROOT => Fate::Compile,
                None => Fate::Idle,
            })
            .collect();
        let mut lacking = BTreeSet::new();
        for (index, there) in found.iter().enumerate() {
            let Some(there) = there else { continue };
            let beyond = beyond(&units[index], &image[*there]);
            if !beyond.is_empty() {
                lacking.insert((units[index].label(), beyond));
            }
            let words = runs(&image[*there], image).find_map(|run| image[run].said.clone());
            for script in runs(&units[index], &units).flat_map(|run| scripts(&units[run], &units)) {
                if fates[script] == Fate::Idle {
                    fates[script] = Fate::Replay(words.clone().unwrap_or_default());
                }
            }
        }
        Self {
            units,
            fates,
            lacking: lacking.into_iter().collect(),
        }
    }

    /// Crates that are compiled, as places in the plan; build scripts are not counted.
    pub(super) fn compiled(&self) -> impl Iterator<Item = usize> {
        (0..self.units.len()).filter(|index| {
            self.fates[*index] == Fate::Compile
                && matches!(self.units[*index].kind, Kind::Library | Kind::Macro)
        })
    }

    /// What the session has asked for by name, as places in the plan.
    pub(super) fn direct(&self) -> Vec<(String, usize)> {
        let root = self.units.iter().find(|unit| unit.package == ROOT);
        root.map(|root| root.needs.clone()).unwrap_or_default()
    }
}

struct Search<'a> {
    units: &'a [Unit],
    image: &'a [Unit],
    wanted: &'a [Wanted],
    mode: Mode,
    beneath: HashSet<&'a str>,
    found: HashMap<usize, Option<usize>>,
}

impl Search<'_> {
    /// Finds the unit of the image that can stand for one of the plan.
    fn find(&mut self, index: usize) -> Option<usize> {
        if let Some(known) = self.found.get(&index) {
            return *known;
        }
        let (units, image) = (self.units, self.image);
        let unit = &units[index];
        let best = image
            .iter()
            .enumerate()
            .filter(|(_, other)| {
                other.id == unit.id
                    && other.name == unit.name
                    && other.kind == unit.kind
                    && other.opt_level == unit.opt_level
                    && !other.files.is_empty()
            })
            .min_by_key(|(_, other)| beyond(unit, other).len());
        let found = best.and_then(|(there, other)| {
            let fits =
                self.has_enough(unit, &beyond(unit, other)) && self.is_consistent(unit, other);
            fits.then_some(there)
        });
        self.found.insert(index, found);
        found
    }

    fn has_enough(&self, unit: &Unit, beyond: &[String]) -> bool {
        if beyond.is_empty() {
            return true;
        }
        let is_named = self.wanted.iter().any(|wanted| {
            let features = wanted.features();
            wanted.package() == unit.package
                && beyond.iter().any(|name| features.contains(&name.as_str()))
        });
        self.mode == Mode::Generous
            && !is_spoken(&unit.package)
            && !is_named
            && self.beneath.contains(unit.id.as_str())
    }

    /// Whoever sees both this crate and one beneath it must see the one beneath as this crate sees it.
    fn is_consistent(&mut self, unit: &Unit, other: &Unit) -> bool {
        // Nobody sees what a macro is made of.
        let is_closed = unit.kind == Kind::Macro;
        if is_closed || self.mode == Mode::Generous && is_spoken(&unit.package) {
            return true;
        }
        let (units, image) = (self.units, self.image);
        unit.needs.iter().all(|(name, index)| {
            let there = other.needs.iter().find(|(other, _)| other == name);
            match there {
                Some((_, there)) if image[*there].kind != Kind::Run => {
                    let here = self.find(*index).map(|here| &image[here].files);
                    units[*index].kind == Kind::Run || here == Some(&image[*there].files)
                }
                _ => true,
            }
        })
    }
}

/// The features that are asked for and not there. `default` only stands for others.
fn beyond(unit: &Unit, other: &Unit) -> Vec<String> {
    let is_missing = |name: &&String| *name != "default" && !other.features.contains(name);
    unit.features.iter().filter(is_missing).cloned().collect()
}

/// Packages of the image on which those rest that are in the plan and whose types the library speaks.
fn beneath_the_spoken<'a>(units: &[Unit], image: &'a [Unit]) -> HashSet<&'a str> {
    let mut open: Vec<usize> = (0..image.len())
        .filter(|index| {
            is_spoken(&image[*index].package)
                && units.iter().any(|unit| unit.id == image[*index].id)
        })
        .collect();
    let mut seen = HashSet::new();
    while let Some(index) = open.pop() {
        if seen.insert(index) {
            open.extend(image[index].needs.iter().map(|(_, index)| *index));
        }
    }
    seen.into_iter()
        .map(|index| image[index].id.as_str())
        .collect()
}

/// The units without which the plan's root cannot be built, once some are found.
fn needed(units: &[Unit], found: &[Option<usize>]) -> HashSet<usize> {
    let mut open: Vec<usize> = (0..units.len())
        .filter(|index| units[*index].package == ROOT)
        .collect();
    let mut seen = HashSet::new();
    while let Some(index) = open.pop() {
        if seen.insert(index) && found[index].is_none() {
            open.extend(units[index].needs.iter().map(|(_, index)| *index));
        }
    }
    seen
}

fn runs<'a>(unit: &'a Unit, units: &'a [Unit]) -> impl Iterator<Item = usize> + 'a {
    of_kind(unit, units, Kind::Run)
}

fn scripts<'a>(unit: &'a Unit, units: &'a [Unit]) -> impl Iterator<Item = usize> + 'a {
    of_kind(unit, units, Kind::Script)
}

fn of_kind<'a>(unit: &'a Unit, units: &'a [Unit], kind: Kind) -> impl Iterator<Item = usize> + 'a {
    let needs = unit.needs.iter().map(|(_, index)| *index);
    needs.filter(move |index| units[*index].kind == kind)
}
