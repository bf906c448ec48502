//! How velocities are estimated.

use super::Velocity;
use super::estimate::Parts;
use super::fit::{Moments, explained, ratio_of_all, steady_state, stochastic};
use super::local_moments::{LocalMoments, check, moments, sparse};
use super::velocity_graph::cosines;
use crate::distribution::order::quantile;
use crate::embedding::Neighbors;
use crate::expression::Cells;
use crate::progress::Task;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// How many genes are fitted between two looks at whether to stop.
const PIECE: usize = 128;

/// How the ratio of unspliced to spliced molecules at rest is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VelocityModel {
    /// A line through the cells with the most molecules; scVelo's `deterministic`.
    SteadyState,
    /// The same together with variances and covariances over neighbours.
    #[default]
    Stochastic,
}

/// Estimates in which direction every cell moves, with the defaults of [`RnaVelocity`].
///
/// # Errors
///
/// As [`RnaVelocity::run`].
///
/// # Examples
///
/// ```
/// use genolens::{embedding, expression, simulate};
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(150, 1)?;
/// let neighbors = embedding::neighbors(&cells)?;
/// let velocity = expression::velocity(&cells, &neighbors)?;
/// let arrows = velocity.arrows(&embedding::Map::new(cells.obsm("X_path")?.clone(), "path")?)?;
/// // Most arrows point forward in time.
/// let forward = arrows.vectors().column(0).iter().filter(|x| **x > 0.0).count();
/// assert!(forward > 120, "{forward}");
/// # Ok(()) }
/// ```
pub fn velocity(cells: &Cells, neighbors: &Neighbors) -> Result<Velocity> {
    RnaVelocity::new().run(cells, neighbors)
}

/// Estimates RNA velocity: unspliced molecules beyond those that would keep the spliced ones at rest.
///
/// The ratio at rest (`gamma`, in units of the rate of splicing) is the slope of a line through the origin; the velocity of a gene in a
/// cell is `Mu - gamma Ms`, of means over neighbours. Genes that the line explains are used further: the velocity graph holds, for every
/// cell, the cosines between its velocity and the way to its neighbours and theirs. As scVelo's `tl.velocity` and `tl.velocity_graph` in
/// the modes `deterministic` and `stochastic`; ratios, graph, transition matrix and arrows are checked to 1e-4 against scVelo 0.3.4.
///
/// Where fewer than two genes pass, scVelo lowers the threshold and warns; here that is an error.
///
/// # References
///
/// La Manno et al. 2018, <https://doi.org/10.1038/s41586-018-0414-6>; Bergen et al. 2020, <https://doi.org/10.1038/s41587-020-0591-3>.
#[derive(Clone, Debug, PartialEq)]
pub struct RnaVelocity {
    model: VelocityModel,
    percentile: f64,
    least_r2: f64,
    least_ratio: f64,
    adjusted: bool,
    variable: bool,
}

impl RnaVelocity {
    /// Starts from scVelo's defaults: stochastic, a line through cells from the 95th percentile on, genes with r2 and ratio above 0.01, of
    /// the variable genes where these are marked.
    pub fn new() -> Self {
        Self {
            model: VelocityModel::default(),
            percentile: 95.0,
            least_r2: 0.01,
            least_ratio: 0.01,
            adjusted: false,
            variable: true,
        }
    }

    /// Sets how the ratio at rest is found.
    pub fn model(mut self, model: VelocityModel) -> Self {
        self.model = model;
        self
    }

    /// Sets from which percentile of molecules on cells are taken to be at rest, 0 to 100.
    pub fn percentile(mut self, percentile: f64) -> Self {
        self.percentile = percentile;
        self
    }

    /// Sets the r2 that genes must exceed.
    pub fn least_r2(mut self, r2: f64) -> Self {
        self.least_r2 = r2;
        self
    }

    /// Sets the ratio that genes must exceed.
    pub fn least_ratio(mut self, ratio: f64) -> Self {
        self.least_ratio = ratio;
        self
    }

    /// Sets whether r2 is that of a line through all cells, rather than of the line through those with the most molecules.
    pub fn adjusted(mut self, adjusted: bool) -> Self {
        self.adjusted = adjusted;
        self
    }

    /// Sets whether only genes marked as `highly_variable` are used, where that is known.
    pub fn variable_genes(mut self, variable: bool) -> Self {
        self.variable = variable;
        self
    }

    /// Estimates velocities from the layers `spliced` and `unspliced` of `cells`, shape `(cells, genes)`, normalised; where there are
    /// layers `Ms` and `Mu`, these are taken as the means over neighbours.
    ///
    /// # Errors
    ///
    /// Fails when a layer is missing or not finite, `neighbors` are those of other cells, an option makes no sense, or fewer than two genes
    /// pass; when interrupted.
    pub fn run(&self, cells: &Cells, neighbors: &Neighbors) -> Result<Velocity> {
        if !(0.0..=100.0).contains(&self.percentile) {
            return Err(Error::value("percentile", "0 to 100", self.percentile));
        }
        for (argument, number) in [
            ("least_r2", self.least_r2),
            ("least_ratio", self.least_ratio),
        ] {
            if number.is_nan() {
                return Err(Error::value(argument, "a number", number));
            }
        }
        check(neighbors, cells.len())?;
        let known = cells.layer("Ms").and_then(|_| cells.layer("Mu"));
        let smooth = if known.is_ok() {
            cells.clone()
        } else {
            moments(cells, neighbors)?
        };
        let spliced = by_gene(&smooth, "Ms")?;
        let unspliced = by_gene(&smooth, "Mu")?;
        let steady = self.steady(&spliced, &unspliced)?;
        let used = self.used(cells, (&spliced, &unspliced), &steady)?;
        let mut gamma: Vec<f64> = steady.iter().map(|fit| fit.gamma).collect();
        if self.model == VelocityModel::Stochastic {
            let of = |name: &str| sparse(cells.layer(name)?)?.select_columns(&used);
            let (s, u) = (of("spliced")?, of("unspliced")?);
            let average = |values: &Sparse| -> Result<Array2<f32>> {
                let means = LocalMoments::new().averaged(values, neighbors)?;
                Ok(means.t().as_standard_layout().into_owned())
            };
            let squares = average(&s.map(|value| value * value))?;
            let products = average(&product(&s, &u)?)?;
            let fitted: Vec<f64> = (0..used.len())
                .into_par_iter()
                .map(|place| {
                    let moments = Moments {
                        spliced: row(&spliced, used[place]),
                        unspliced: row(&unspliced, used[place]),
                        squares: row(&squares, place),
                        products: row(&products, place),
                    };
                    let (steady, extreme) =
                        steady_state(moments.spliced, moments.unspliced, self.percentile);
                    stochastic(&moments, (steady, &extreme), self.percentile)
                })
                .collect();
            for (gene, fitted) in used.iter().zip(fitted) {
                gamma[*gene] = fitted;
            }
        }
        let x = spliced
            .select(Axis(0), &used)
            .t()
            .as_standard_layout()
            .into_owned();
        let mut v = unspliced.select(Axis(0), &used);
        for (mut v, &gene) in v.rows_mut().into_iter().zip(&used) {
            let factor = gamma[gene];
            v.zip_mut_with(&spliced.row(gene), |v, s| {
                *v = (f64::from(*v) - factor * f64::from(*s)) as f32;
            });
        }
        let v = v.t().as_standard_layout().into_owned();
        let roots = self.model == VelocityModel::Stochastic;
        let graph = cosines((&x, &v), neighbors, roots)?;
        Velocity::new(Parts {
            cells: smooth,
            neighbors: neighbors.clone(),
            steady: steady.iter().map(|fit| fit.gamma).collect(),
            r2: steady.iter().map(|fit| fit.r2).collect(),
            r2_all: steady.iter().map(|fit| fit.r2_all).collect(),
            gamma,
            used,
            x,
            v,
            graph,
            model: self.model,
            percentile: self.percentile,
        })
    }

    fn steady(&self, spliced: &Array2<f32>, unspliced: &Array2<f32>) -> Result<Vec<Steady>> {
        let genes = spliced.nrows();
        let mut task = Task::new("ratios at rest", genes.div_ceil(PIECE));
        let mut fits = Vec::with_capacity(genes);
        for first in (0..genes).step_by(PIECE) {
            let piece: Vec<Steady> = (first..genes.min(first + PIECE))
                .into_par_iter()
                .map(|gene| {
                    let (s, u) = (row(spliced, gene), row(unspliced, gene));
                    let (gamma, _) = steady_state(s, u, self.percentile);
                    Steady {
                        gamma,
                        r2: explained(s, u, gamma),
                        r2_all: explained(s, u, ratio_of_all(s, u)),
                    }
                })
                .collect();
            fits.extend(piece);
            task.step("")?;
        }
        Ok(fits)
    }

    /// Chooses the genes that the line explains.
    fn used(
        &self,
        cells: &Cells,
        (spliced, unspliced): (&Array2<f32>, &Array2<f32>),
        fits: &[Steady],
    ) -> Result<Vec<usize>> {
        let marked = cells.var().column("highly_variable").is_ok() && self.variable;
        let variable = if marked {
            cells.var().mask("highly_variable")?
        } else {
            vec![true; fits.len()]
        };
        let present = |of: &Array2<f32>, gene: usize| of.row(gene).iter().any(|value| *value > 0.0);
        let r2 = |fit: &Steady| if self.adjusted { fit.r2_all } else { fit.r2 };
        let passes = |gene: &usize| {
            let fit = &fits[*gene];
            r2(fit) > self.least_r2
                && fit.gamma > self.least_ratio
                && variable[*gene]
                && present(spliced, *gene)
                && present(unspliced, *gene)
        };
        let used: Vec<usize> = (0..fits.len()).filter(passes).collect();
        if used.len() < 2 {
            let best: Vec<f64> = fits.iter().map(r2).collect();
            let expected = format!(
                "two genes or more with r2 above {} and ratio above {} (80 % of r2 are below {:.4})",
                self.least_r2,
                self.least_ratio,
                quantile(best, 0.8)
            );
            return Err(Error::value(
                "cells",
                expected,
                format!("with {} of {}", used.len(), fits.len()),
            ));
        }
        Ok(used)
    }
}

impl Default for RnaVelocity {
    fn default() -> Self {
        Self::new()
    }
}

struct Steady {
    gamma: f64,
    r2: f64,
    r2_all: f64,
}

fn row(of: &Array2<f32>, gene: usize) -> &[f32] {
    let cells = of.ncols();
    &of.as_slice().unwrap_or_default()[gene * cells..(gene + 1) * cells]
}

/// Returns a layer with genes as rows, shape `(genes, cells)`, once it is known to be finite.
fn by_gene(cells: &Cells, name: &str) -> Result<Array2<f32>> {
    let layer = cells.layer(name)?.dense();
    if let Some(value) = layer.iter().find(|value| !value.is_finite()) {
        return Err(Error::value(name, "finite", value));
    }
    Ok(layer.t().as_standard_layout().into_owned())
}

/// Multiplies entry by entry.
fn product(a: &Sparse, b: &Sparse) -> Result<Sparse> {
    let rows = (0..a.nrows()).map(|row| {
        let (columns, values) = a.row(row);
        let entries = columns.iter().zip(values);
        entries
            .map(|(&column, &value)| (column, value * b.get(row, column as usize)))
            .collect()
    });
    Sparse::from_rows(a.ncols(), rows.collect())
}
