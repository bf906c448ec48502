//! Scores of genes and what a graph of genes gains as figures.

use super::value::shown;
use crate::attribution::{CodeMatch, CodeSeeds, GeneScores, SeedScores};
use crate::display::bars::{Bars, bars};
use crate::display::heatmap::{Heatmap, heatmap};
use crate::generative::{GraphComparison, Signature};
use ndarray::Axis;

/// Genes that are shown of many.
const MOST: usize = 20;

impl GeneScores {
    /// Draws the mean scores of the 20 genes that are largest over all cells.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{attribution, expression::Cells, ndarray::array, network::Architecture};
    /// # fn main() -> genolens::Result<()> {
    /// let cells = Cells::new(array![[0.0_f32, 2.0], [1.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
    /// let scores = attribution::explain_genes(&Architecture::features(2).dense(1).build()?, &cells)?;
    /// assert!(scores.bars().svg().contains("MS4A1") && scores.heatmap().svg().contains("all cells"));
    /// # Ok(()) }
    /// ```
    pub fn bars(&self) -> Bars {
        let top = self.top(MOST);
        let title = format!("Output {}, {}", self.target(), self.method());
        bars(top.genes(), &top.mean())
            .x_label("gene")
            .y_label("mean score")
            .title(&title)
    }

    /// Draws the mean scores of the 20 genes that are largest over all cells, a row for each group.
    pub fn heatmap(&self) -> Heatmap {
        let top = self.top(MOST);
        let title = format!("Output {}, {}", self.target(), self.method());
        heatmap(top.by_group())
            .rows(top.groups())
            .columns(top.genes())
            .center(0.0)
            .value_label("score")
            .title(&title)
    }
}

shown!(GeneScores, |found| if found.groups().len() > 1 {
    found.heatmap().figure().bundle()
} else {
    found.bars().figure().bundle()
});

impl SeedScores {
    /// Draws the mean scores of the 20 genes with the largest ones, with their standard errors over seeds.
    pub fn bars(&self) -> Bars {
        let top = self.top(MOST);
        let title = format!(
            "{} seeds{}, rank agreement {:.2}",
            self.scores().nrows(),
            self.warning(),
            self.rank_agreement()
        );
        bars(top.genes(), &top.mean())
            .errors(&top.error())
            .x_label("gene")
            .y_label("mean score, standard error")
            .title(&title)
    }
}

shown!(SeedScores, |found| found.bars().figure().bundle());

impl CodeMatch {
    /// Draws the sizes of the correlations of all dimensions, the partners on the diagonal.
    pub fn heatmap(&self) -> Heatmap {
        let partners = self.partners();
        let sizes = self.all_correlations().select(Axis(1), partners);
        let rows = (0..self.len()).map(|at| at.to_string());
        let columns = partners.iter().map(ToString::to_string);
        heatmap(&sizes.mapv(f64::abs))
            .rows(&rows.collect::<Vec<_>>())
            .columns(&columns.collect::<Vec<_>>())
            .range(0.0, 1.0)
            .value_label("|r|")
            .title(&format!("{} of {} the same", self.same(), self.len()))
    }
}

shown!(CodeMatch, |found| found.heatmap().figure().bundle());

impl CodeSeeds {
    /// Draws the size of the correlation of every dimension of the first seed with its partner, a row for each other seed.
    pub fn heatmap(&self) -> Heatmap {
        let rows = (1..self.seeds()).map(|seed| format!("seed {seed}"));
        let columns = (0..self.dimensions()).map(|at| at.to_string());
        heatmap(&self.correlations().mapv(f64::abs))
            .rows(&rows.collect::<Vec<_>>())
            .columns(&columns.collect::<Vec<_>>())
            .range(0.0, 1.0)
            .value_label("|r|")
            .title("Partners by seed")
    }
}

shown!(CodeSeeds, |found| found.heatmap().figure().bundle());

impl Signature {
    /// Draws the weights of the 20 heaviest genes.
    pub fn bars(&self) -> Bars {
        let count = self.len().min(MOST);
        let weights: Vec<f64> = self.weights().iter().map(|&w| f64::from(w)).collect();
        bars(&self.genes()[..count], &weights[..count])
            .x_label("gene")
            .y_label("weight")
            .title(&format!("Node {}, {} side", self.node(), self.side()))
    }
}

shown!(Signature, |found| found.bars().figure().bundle());

impl GraphComparison {
    /// Draws the gain over random graphs in every fold, and its mean with the interval, which is that of the corrected t test.
    pub fn bars(&self) -> Bars {
        let gains = self.with_graph() - self.with_random_graphs();
        let mut names: Vec<String> = (1..=gains.len()).map(|at| at.to_string()).collect();
        let gain = self.gain();
        let reach = gain.high() - gain.estimate();
        let mut errors = vec![0.0; gains.len()];
        let mut values = gains.to_vec();
        names.push("mean".into());
        values.push(gain.estimate());
        errors.push(if reach.is_finite() { reach } else { 0.0 });
        bars(&names, &values)
            .errors(&errors)
            .x_label("fold, each with another random graph or other cells")
            .y_label(&format!("gain of {}", self.metric()))
            .title(self.verdict())
    }
}

shown!(GraphComparison, |found| found.bars().figure().bundle());
