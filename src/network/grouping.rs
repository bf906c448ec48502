//! Columns, positions or pixels that count as one feature.

use crate::{Error, Result};
use std::sync::Arc;

/// Which units of an example are one feature: columns of a table, positions of a sequence, pixels of an image.
#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    Each,
    /// So many units that follow each other; the last feature may have fewer.
    Stretches(usize),
    Groups(Arc<[Vec<usize>]>),
}

impl Grouping {
    /// Takes groups as they were given.
    pub(crate) fn groups(groups: &[impl AsRef<[usize]>]) -> Self {
        let groups = groups.iter().map(|group| group.as_ref().to_vec());
        Self::Groups(groups.collect())
    }

    /// Cuts so many units into features: the members of each in order, and the feature of every unit.
    pub(crate) fn cut(&self, units: usize, unit: &str) -> Result<(Vec<Vec<usize>>, Vec<usize>)> {
        let mut groups: Vec<Vec<usize>> = match self {
            Self::Each => (0..units).map(|unit| vec![unit]).collect(),
            Self::Stretches(0) => return Err(Error::value("stretches", "at least 1", 0)),
            Self::Stretches(width) => {
                let starts = (0..units).step_by(*width);
                starts
                    .map(|start| (start..units.min(start.saturating_add(*width))).collect())
                    .collect()
            }
            Self::Groups(groups) => groups.to_vec(),
        };
        let mut owners = vec![usize::MAX; units];
        for (index, group) in groups.iter_mut().enumerate() {
            if group.is_empty() {
                let got = format!("nothing in group {index}");
                return Err(Error::value("groups", format!("at least one {unit}"), got));
            }
            group.sort_unstable();
            for &member in &*group {
                let Some(owner) = owners.get_mut(member) else {
                    let expected = format!("below {units}, the number of {unit}s");
                    return Err(Error::value("groups", expected, member));
                };
                if *owner != usize::MAX {
                    let got = format!("{unit} {member} in group {owner} and in group {index}");
                    let expected = format!("every {unit} in one group");
                    return Err(Error::value("groups", expected, got));
                }
                *owner = index;
            }
        }
        if let Some(left) = owners.iter().position(|&owner| owner == usize::MAX) {
            let expected = format!("every {unit} in one group");
            let got = format!("without {unit} {left}");
            return Err(Error::value("groups", expected, got));
        }
        Ok((groups, owners))
    }
}
