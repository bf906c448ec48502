//! What a person has selected on the picture of a map.

use super::mime;
use super::numbers::Labels;
use crate::{Error, Result};
use std::fmt;
use std::io;
use std::sync::Arc;

/// Points that a person has drawn around with the lasso of a picture; cheap to clone.
///
/// It labels points, too: `map.scatter().labels("lasso", &selection)`.
#[derive(Clone, PartialEq)]
pub struct Selection {
    data: Arc<Data>,
}

#[derive(PartialEq)]
struct Data {
    indices: Vec<usize>,
    points: usize,
    polygon: Vec<(f64, f64)>,
}

impl Selection {
    /// Asks our kernel for the polygon drawn last on a map, and takes the points inside of it.
    pub(super) fn ask(
        map: &str,
        points: usize,
        inside: impl Fn(&[(f64, f64)]) -> Vec<usize>,
    ) -> Result<Self> {
        let nothing = |why: &str| Error::Io {
            action: "read",
            path: "the selection".into(),
            source: io::Error::other(why),
        };
        let answer = mime::question(mime::SELECTION, map).map_err(|_| {
            nothing(
                "it finds its way back only in JupyterLab and Notebook with the genolens kernel; elsewhere paste the expression that \
                 stands under the picture",
            )
        })?;
        let row = answer.ok_or_else(|| {
            nothing(
                "nothing has come from a picture of this map; draw around points with the lasso first, or where the page says that \
                 there is no way back, paste the expression under it",
            )
        })?;
        let polygon = corners(&row).ok_or_else(|| nothing("the kernel sent no polygon"))?;
        Ok(Self {
            data: Arc::new(Data {
                indices: inside(&polygon),
                points,
                polygon,
            }),
        })
    }

    /// Returns the points by number, in rising order.
    pub fn indices(&self) -> &[usize] {
        &self.data.indices
    }

    /// Returns for each point of the map whether it is selected.
    pub fn mask(&self) -> Vec<bool> {
        let mut mask = vec![false; self.data.points];
        for at in self.indices() {
            mask[*at] = true;
        }
        mask
    }

    /// Returns the corners of what was drawn, in the coordinates of the map; none when nothing is selected.
    pub fn polygon(&self) -> &[(f64, f64)] {
        &self.data.polygon
    }

    /// Returns how many points are selected.
    pub fn len(&self) -> usize {
        self.data.indices.len()
    }

    /// Tells whether no point is selected.
    pub fn is_empty(&self) -> bool {
        self.data.indices.is_empty()
    }
}

/// Each point is `selected` or `other`.
impl Labels for Selection {
    fn labels(&self) -> Vec<String> {
        let name = |selected| if selected { "selected" } else { "other" };
        self.mask()
            .into_iter()
            .map(|selected| name(selected).to_owned())
            .collect()
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} points selected", self.len(), self.data.points)
    }
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selection({self})")
    }
}

/// Reads numbers in a row as corners, x before y.
fn corners(row: &str) -> Option<Vec<(f64, f64)>> {
    let numbers: Vec<f64> = row
        .split_whitespace()
        .map(|number| {
            number
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
        })
        .collect::<Option<_>>()?;
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[x, y]| (*x, *y)).collect())
}
