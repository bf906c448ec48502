//! Examples cut into features, with what stands in for each.

use super::coalitions::Coalitions;
use super::masking::{Absent, Features};
use super::{Contributions, Masking};
use crate::attribution::Attribution;
use crate::network::Copies;
use crate::random::Seed;
use crate::sequence::{Explainable, Sequences, code};
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Array3};

/// The most rows that stand in for what is absent.
const MOST: usize = 1_000;

/// Examples as rows of numbers, and which feature every number belongs to.
pub(super) struct Examples {
    pub(super) numbers: Array2<f32>,
    /// The shape of one example.
    pub(super) shape: Vec<usize>,
    pub(super) names: Vec<String>,
    /// The feature of each number of an example.
    pub(super) owners: Vec<usize>,
    absent: Absent,
    sequences: Option<Sequences>,
}

impl Examples {
    /// Cuts sequences at their positions.
    pub(super) fn of_sequences(masking: &Masking, x: &dyn Explainable) -> Result<Self> {
        if let Absent::Background(_) = masking.absent() {
            let got = "set, but stands in for columns of tables";
            return Err(Error::value("background", "references, for sequences", got));
        }
        let (code, sequences) = (code(x)?, x.sequences()?);
        let (n, letters, length) = code.dim();
        let numbers = code.into_shape_with_order((n, letters * length));
        let numbers = numbers.map_err(|_| Error::shape("x", "(n, letters, length)", &[n]))?;
        let mut examples = Self::cut(masking, numbers, vec![letters, length])?;
        examples.sequences = Some(sequences);
        Ok(examples)
    }

    /// Cuts rows at their columns, and what has more axes at the places of its last one.
    pub(super) fn of_rows(masking: &Masking, x: &dyn Input) -> Result<Self> {
        if let Absent::References(_) = masking.absent() {
            let got = "set, but stand in for letters of sequences";
            return Err(Error::value("references", "a background, for rows", got));
        }
        let x = x.array()?;
        let shape = x.shape().to_vec();
        if shape.len() < 2 || x.is_empty() {
            let expected = "(n, columns) with n and columns at least 1";
            return Err(Error::shape("x", expected, &shape));
        }
        let numbers: Vec<f32> = x.iter().copied().collect();
        let columns = numbers.len() / shape[0];
        let numbers = Array2::from_shape_vec((shape[0], columns), numbers);
        let numbers = numbers.map_err(|_| Error::shape("x", "(n, columns)", &shape))?;
        Self::cut(masking, numbers, shape[1..].to_vec())
    }

    fn cut(masking: &Masking, numbers: Array2<f32>, shape: Vec<usize>) -> Result<Self> {
        let unit = unit(&shape);
        let units = shape.last().copied().unwrap_or_default();
        let Features { names, owners } = masking.features(units, unit)?;
        Ok(Self {
            owners: (0..numbers.ncols()).map(|at| owners[at % units]).collect(),
            numbers,
            shape,
            names,
            absent: masking.absent().clone(),
            sequences: None,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.nrows()
    }

    /// Names an example in messages.
    pub(super) fn name(&self, index: usize) -> String {
        match &self.sequences {
            Some(sequences) => format!("sequence {}", sequences.name(index)),
            None => format!("row {index}"),
        }
    }

    /// Derives the seed of an example from what it is, not from where it is.
    pub(super) fn seed(&self, index: usize, seed: Seed) -> Seed {
        if let Some(sequences) = &self.sequences {
            return seed.named(sequences.text(index));
        }
        let row = self.numbers.row(index);
        let bits: String = row.iter().map(|v| format!("{:08x}", v.to_bits())).collect();
        seed.named(&bits)
    }

    /// Returns what stands in for the absent features of an example, shape `(rows, numbers)`.
    fn stand_ins(&self, index: usize) -> Result<Array2<f32>> {
        let columns = self.numbers.ncols();
        let (rows, name) = match &self.absent {
            Absent::Zeros => return Ok(Array2::zeros((1, columns))),
            Absent::Background(rows) => {
                let (count, width) = rows.dim();
                if width != columns || !(1..=MOST).contains(&count) {
                    let expected = format!("(rows, {columns}) with 1 to {MOST} rows");
                    return Err(Error::shape("background", expected, rows.shape()));
                }
                (rows.as_ref().clone(), "background")
            }
            Absent::References(references) => {
                let Some(sequences) = &self.sequences else {
                    return Err(Error::value("references", "a background", "set"));
                };
                let code = self.numbers.row(index);
                let code = code.into_shape_with_order((self.shape[0], self.shape[1]));
                let code = code.map_err(|_| Error::shape("x", "(letters, length)", &self.shape))?;
                let rows = references.of(sequences, index, &code)?;
                let shape = (rows.dim().0, columns);
                let rows: Vec<f32> = rows.iter().copied().collect();
                let rows = Array2::from_shape_vec(shape, rows);
                let rows =
                    rows.map_err(|_| Error::shape("references", "that of `x`", &self.shape))?;
                (rows, "references")
            }
        };
        let wrong = rows.indexed_iter().find(|(_, number)| !number.is_finite());
        if let Some(((row, at), number)) = wrong {
            let units = self.shape.last().copied().unwrap_or(1);
            let unit = unit(&self.shape);
            let got = format!("{number} at {unit} {} of row {row}", at % units);
            return Err(Error::value(name, "finite numbers", got));
        }
        Ok(rows)
    }

    /// Prepares an example for being masked; only features that differ from what stands in for them take part, unless all have to.
    pub(super) fn masked<C>(
        &self,
        index: usize,
        (all, coalitions): (bool, impl FnOnce(usize) -> Result<C>),
    ) -> Result<Masked<C>> {
        let x = self.numbers.row(index).to_vec();
        let stand_ins = self.stand_ins(index)?;
        let mut varies = vec![all; self.names.len()];
        for row in stand_ins.rows() {
            for ((x, other), &owner) in x.iter().zip(row).zip(&self.owners) {
                // NaN differs from everything.
                varies[owner] |= x != other;
            }
        }
        let varying: Vec<usize> = (0..varies.len()).filter(|&at| varies[at]).collect();
        let mut places = vec![None; varies.len()];
        for (place, &feature) in varying.iter().enumerate() {
            places[feature] = Some(place);
        }
        Ok(Masked {
            coalitions: coalitions(varying.len())?,
            owners: self.owners.iter().map(|&owner| places[owner]).collect(),
            names: varying.iter().map(|&at| self.names[at].clone()).collect(),
            name: self.name(index),
            varying,
            stand_ins,
            x,
        })
    }

    /// Puts contributions on the letters that are there; a letter that is not known gets its shares.
    pub(super) fn attribution(&self, found: &Contributions) -> Result<Attribution> {
        let Some(sequences) = &self.sequences else {
            return Err(Error::value("x", "sequences", "rows"));
        };
        let (letters, length) = (self.shape[0], self.shape[1]);
        let mut sizes = vec![0.0; self.names.len()];
        for &owner in &self.owners[..length] {
            sizes[owner] += 1.0;
        }
        let mut scores = Array3::zeros((self.len(), letters, length));
        for (index, mut scores) in scores.outer_iter_mut().enumerate() {
            let code = self.numbers.row(index);
            for position in 0..length {
                let owner = self.owners[position];
                // All positions of a group count the same, so that scores add up to those of the groups.
                let score = found.values()[[index, owner]] / sizes[owner];
                let column: Array1<f64> = (0..letters)
                    .map(|letter| f64::from(code[letter * length + position]))
                    .collect();
                let (total, equal) = (column.sum(), 1.0 / letters as f64);
                for (letter, &own) in column.iter().enumerate() {
                    let share = if total > 0.0 { own / total } else { equal };
                    scores[[letter, position]] = (score * share) as f32;
                }
            }
        }
        Attribution::new(sequences.clone(), scores)
    }
}

/// What the last axis of an example counts.
fn unit(shape: &[usize]) -> &'static str {
    match shape.len() {
        1 => "column",
        _ => "position",
    }
}

/// An example whose features can be absent.
pub(super) struct Masked<C> {
    pub(super) coalitions: C,
    /// The features that take part.
    pub(super) varying: Vec<usize>,
    /// The place in `varying` of the feature of each number.
    owners: Vec<Option<usize>>,
    names: Vec<String>,
    name: String,
    stand_ins: Array2<f32>,
    x: Vec<f32>,
}

impl<C: Coalitions> Masked<C> {
    /// Returns which coalition a copy is of, and which row stands in.
    fn place(&self, index: usize) -> (usize, usize) {
        match index.checked_sub(1) {
            // Nothing stands in where all are present.
            None => (0, 0),
            Some(rest) => {
                let rows = self.stand_ins.nrows();
                (1 + rest / rows, rest % rows)
            }
        }
    }

    /// Averages the scores of each coalition over what stands in.
    pub(super) fn answers(&self, scores: &[f64]) -> Vec<f64> {
        let rows = self.stand_ins.nrows();
        let (full, rest) = scores.split_at(1.min(scores.len()));
        let rest = rest.chunks(rows);
        let means = rest.map(|some| some.iter().sum::<f64>() / some.len() as f64);
        full.iter().copied().chain(means).collect()
    }

    fn present(&self, coalition: usize) -> Vec<bool> {
        let mut present = vec![true; self.varying.len()];
        self.coalitions.present(coalition, &mut present);
        present
    }
}

impl<C: Coalitions> Copies for Masked<C> {
    fn count(&self) -> usize {
        let others = self.coalitions.count().saturating_sub(1);
        others
            .saturating_mul(self.stand_ins.nrows())
            .saturating_add(1)
    }

    fn write(&self, index: usize, numbers: &mut [f32]) {
        let (coalition, row) = self.place(index);
        let present = self.present(coalition);
        let stand_in = self.stand_ins.row(row);
        let all = numbers
            .iter_mut()
            .zip(&self.x)
            .zip(stand_in)
            .zip(&self.owners);
        for (((number, x), other), owner) in all {
            let is = owner.is_none_or(|owner| present[owner]);
            *number = if is { *x } else { *other };
        }
    }

    fn describe(&self, index: usize) -> String {
        let present = self.present(self.place(index).0);
        let absent: Vec<&str> = (self.names.iter().zip(&present))
            .filter(|(_, is)| !**is)
            .map(|(name, _)| name.as_str())
            .collect();
        let first = absent
            .iter()
            .take(5)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        match absent.len() {
            0 => self.name.clone(),
            1 => format!("{} without feature {first}", self.name),
            2..=5 => format!("{} without features {first}", self.name),
            more => format!(
                "{} without features {first} and {} more",
                self.name,
                more - 5
            ),
        }
    }
}
