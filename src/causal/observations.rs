//! Two small examples of Simpson's paradox.

use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// One feature and one outcome of examples in groups; cheap to clone.
#[derive(Clone)]
pub struct Observations {
    data: Arc<Data>,
}

struct Data {
    x: Array2<f64>,
    y: Array1<f64>,
    groups: Vec<String>,
    about: &'static str,
}

impl Observations {
    fn new(rows: Vec<(f64, f64, &str)>, about: &'static str) -> Self {
        let n = rows.len();
        let mut data = Data {
            x: Array2::zeros((n, 1)),
            y: Array1::zeros(n),
            groups: Vec::with_capacity(n),
            about,
        };
        for (row, (x, y, group)) in rows.into_iter().enumerate() {
            data.x[(row, 0)] = x;
            data.y[row] = y;
            data.groups.push(group.into());
        }
        Self {
            data: Arc::new(data),
        }
    }

    /// Returns the feature, shape `(n, 1)`.
    pub fn x(&self) -> &Array2<f64> {
        &self.data.x
    }

    /// Returns the outcome, shape `(n,)`.
    pub fn y(&self) -> &Array1<f64> {
        &self.data.y
    }

    /// Returns the group of every example.
    pub fn groups(&self) -> &[String] {
        &self.data.groups
    }
}

impl fmt::Debug for Observations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Observations(n = {}, {})",
            self.data.y.len(),
            self.data.about
        )
    }
}

/// Returns 700 patients with kidney stones: 1 for open surgery and 0 for the small incision, whether it succeeded, and the size of the stone.
///
/// # Examples
///
/// ```
/// let stones = genolens::causal::kidney_stones();
/// assert_eq!(stones.x().dim(), (700, 1));
/// assert_eq!(stones.y().sum(), 273.0 + 289.0);
/// ```
///
/// # References
///
/// Charig and others 1986, <https://doi.org/10.1136/bmj.292.6524.879>.
pub fn kidney_stones() -> Observations {
    let table = [
        (1.0, "small", 81, 87),
        (1.0, "large", 192, 263),
        (0.0, "small", 234, 270),
        (0.0, "large", 55, 80),
    ];
    let patients = table.into_iter().flat_map(|(open, size, succeeded, all)| {
        (0..all).map(move |patient| (open, f64::from(u8::from(patient < succeeded)), size))
    });
    let about = "open surgery against success, groups by size of stone";
    Observations::new(patients.collect(), about)
}

/// Returns 60 points in four groups that rise within every group while the groups fall.
///
/// # Examples
///
/// ```
/// let lines = genolens::causal::opposed_lines();
/// assert_eq!((lines.x().nrows(), lines.groups()[0].as_str()), (60, "a"));
/// ```
pub fn opposed_lines() -> Observations {
    let points = ["a", "b", "c", "d"]
        .into_iter()
        .enumerate()
        .flat_map(|(group, name)| {
            (0..15).map(move |point| {
                let (group, place) = (f64::from(group as u8), f64::from(point) / 7.0 - 1.0);
                // Fixed disorder: the golden angle never comes back to the same place.
                let noise = 0.4 * (2.399_963 * (15.0 * group + f64::from(point))).sin();
                (2.0 * group + place, 8.0 - 2.0 * group + place + noise, name)
            })
        });
    Observations::new(
        points.collect(),
        "rising in each of four groups, falling over all",
    )
}
