//! The calls that were under way in a process that has died, as lines of cells.

use super::spot::Spot;
use crate::place::Place;
use crate::runtime::{Remains, Sighting};
use crate::shim::Lines;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Objects that are compiled again for one error: the cell's own, and some of cells whose functions were kept.
const OBJECTS: usize = 4;

/// What is known about the end of a process.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    pub(super) sighting: Sighting,
    /// The innermost first; the calls of libraries and of the runtime are not among them.
    pub(super) steps: Vec<Step<'a>>,
    /// Whether the process was seen before its end, and not at it.
    pub(super) is_before: bool,
}

/// A place in a cell from which something was called.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) times: usize,
}

impl<'a> Trace<'a> {
    /// Reads what a dead process has left; `locate` finds the cell behind a place in a compiled source.
    pub(super) fn take(
        place: &Place,
        process: u32,
        locate: impl Fn(&str) -> Spot<'a>,
    ) -> Option<Self> {
        let remains = Remains::take(&place.channel(), process);
        let is_before = remains.end.is_none();
        let sighting = remains.end.clone().or_else(|| remains.before.clone())?;
        let places = places(place, &remains, &sighting.calls);
        let mut steps: Vec<Step<'a>> = Vec::new();
        for found in sighting.calls.iter().filter_map(|call| places.get(call)) {
            for spot in found.iter().map(|text| locate(text)) {
                let Spot::Cell { .. } = spot else { continue };
                match steps.iter_mut().find(|step| step.spot.is_as(&spot)) {
                    Some(step) => step.times += 1,
                    None => steps.push(Step { spot, times: 1 }),
                }
            }
        }
        Some(Self {
            sighting,
            steps,
            is_before,
        })
    }
}

/// The places in compiled sources for those instructions that belong to cells.
fn places(place: &Place, remains: &Remains, calls: &[u64]) -> BTreeMap<u64, Vec<String>> {
    let mut objects: Vec<(&Path, BTreeSet<(u64, u64)>)> = Vec::new();
    for call in calls {
        let Some((object, offset)) = remains.object(*call) else {
            continue;
        };
        match objects.iter_mut().find(|(known, _)| *known == object) {
            Some((_, offsets)) => {
                offsets.insert((*call, offset));
            }
            None => objects.push((object, [(*call, offset)].into())),
        }
    }
    let mut places = BTreeMap::new();
    for (object, offsets) in objects.into_iter().take(OBJECTS) {
        let (calls, offsets): (Vec<u64>, Vec<u64>) = offsets.into_iter().unzip();
        // Without the lines of one object, those of the others are still true.
        let found = Lines::of(place, object).and_then(|lines| lines.places(&offsets));
        places.extend(calls.into_iter().zip(found.unwrap_or_default()));
    }
    places
}
