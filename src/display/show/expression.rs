//! Cells, their genes, markers and velocities as pictures and tables.

use super::value::shown;
use crate::Result;
use crate::display::dot_plot::{DotPlot, dot_plot};
use crate::display::figure::{Figure, grid};
use crate::display::heatmap::Heatmap;
use crate::display::map_plot::{MapPlot, map_plot};
use crate::display::stacked_violin::{StackedViolin, stacked_violin};
use crate::display::table::{Cell, Table};
use crate::display::violin::{Violin, violin};
use crate::display::volcano::{Volcano, rank_plot, volcano};
use crate::expression::{Arrows, Cells, Markers};
use ndarray::{Array1, Array2};

/// Groups of which markers are shown.
const GROUPS: usize = 12;
/// Names that are told of each part of cells.
const NAMES: usize = 12;

impl Cells {
    /// Draws the cells on coordinates that are kept with them, such as `X_umap`, with scanpy's look.
    ///
    /// Columns and genes can then be named: `cells.scatter("X_umap")?.panels(&["louvain", "CD3D"])`.
    ///
    /// # Errors
    ///
    /// Fails when there are no such coordinates, naming those that there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::Cells, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let cells = Cells::new(array![[0.0_f32, 2.0], [1.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
    /// let cells = cells.with_obsm("X_umap", array![[0.0, 1.0], [2.0, 0.5]])?;
    /// assert!(cells.scatter("X_umap")?.color("CD3D").description().contains("CD3D from 0 to 1"));
    /// # Ok(()) }
    /// ```
    pub fn scatter(&self, coordinates: &str) -> Result<MapPlot> {
        let places = self.obsm(coordinates)?;
        let name = coordinates.strip_prefix("X_").unwrap_or(coordinates);
        let name = match name {
            "umap" | "pca" => name.to_uppercase(),
            "tsne" => "tSNE".into(),
            name => name.into(),
        };
        Ok(map_plot(places)
            .cells(self)
            .x_label(&format!("{name}1"))
            .y_label(&format!("{name}2"))
            .caption(&format!("{coordinates} of {} cells", self.len())))
    }

    /// Draws the distribution of a gene, or of a column of numbers, in groups of cells, named by a column of what is known of them.
    ///
    /// A name that is both is the column, as in colours of [`scatter`](Self::scatter).
    ///
    /// # Errors
    ///
    /// Fails when there is no such gene or column, and when the column holds no numbers.
    pub fn violin(&self, name: &str, by: &str) -> Result<Violin> {
        let picture = violin(&self.of_name(name)?, &self.obs().labels(by)?).y_label(name);
        Ok(match self.obs().categories(by) {
            Some(order) => picture.order(order),
            None => picture,
        })
    }

    /// Draws means and shares of genes, or of columns of numbers, in groups of cells as dots.
    ///
    /// # Errors
    ///
    /// As [`violin`](Self::violin).
    pub fn dot_plot(&self, names: &[&str], by: &str) -> Result<DotPlot> {
        let picture = dot_plot(&self.of_names(names)?, names, &self.obs().labels(by)?);
        Ok(match self.obs().categories(by) {
            Some(order) => picture.order(order),
            None => picture,
        })
    }

    /// Draws means of genes, or of columns of numbers, in groups of cells as coloured cells, groups in the order of their categories.
    ///
    /// # Errors
    ///
    /// As [`violin`](Self::violin).
    pub fn matrix_plot(&self, names: &[&str], by: &str) -> Result<Heatmap> {
        Ok(self.dot_plot(names, by)?.matrix())
    }

    /// Draws the distributions of genes, or of columns of numbers, in groups of cells as small violins.
    ///
    /// # Errors
    ///
    /// As [`violin`](Self::violin).
    pub fn stacked_violin(&self, names: &[&str], by: &str) -> Result<StackedViolin> {
        let picture = stacked_violin(&self.of_names(names)?, names, &self.obs().labels(by)?);
        Ok(match self.obs().categories(by) {
            Some(order) => picture.order(order),
            None => picture,
        })
    }

    /// Returns a column of numbers, or the values of a gene, shape `(cells,)`.
    fn of_name(&self, name: &str) -> Result<Array1<f64>> {
        match self.obs().column(name) {
            Ok(_) => Ok(self.obs().numbers(name)?.into()),
            Err(_) => Ok(self.gene(name)?.mapv(f64::from)),
        }
    }

    /// Returns what [`of_name`](Self::of_name) returns for some names, shape `(cells, names)`.
    fn of_names(&self, names: &[&str]) -> Result<Array2<f64>> {
        let mut values = Array2::zeros((self.len(), names.len()));
        for (name, mut column) in names.iter().zip(values.columns_mut()) {
            column.assign(&self.of_name(name)?);
        }
        Ok(values)
    }

    /// Tells what belongs to the cells.
    fn parts(&self) -> Table {
        let (cells, genes) = self.shape();
        let told = |names: Vec<String>| -> Cell {
            let more = names.len().saturating_sub(NAMES);
            let mut text = names[..names.len().min(NAMES)].join(", ");
            if more > 0 {
                text += &format!(" and {more} more");
            }
            text.into()
        };
        let columns = |frame: &crate::expression::Frame| {
            let columns = frame.table().columns().iter();
            columns
                .map(|column| column.name().to_string())
                .collect::<Vec<_>>()
        };
        let some = |names: &[String]| -> Cell {
            let first = names[..names.len().min(4)].join(", ");
            format!("{} such as {first}", names.len()).into()
        };
        let mut rows: Vec<Vec<Cell>> = vec![
            vec!["values".into(), format!("{:?}", self.values()).into()],
            vec!["cells".into(), some(self.cells())],
            vec!["genes".into(), some(self.genes())],
        ];
        let frames = [("obs", columns(self.obs())), ("var", columns(self.var()))];
        let parts = ["layers", "obsm", "varm", "obsp", "varp", "uns"];
        let parts = parts.map(|part| (part, self.names_of(part)));
        for (part, names) in frames.into_iter().chain(parts) {
            if !names.is_empty() {
                rows.push(vec![part.into(), told(names)]);
            }
        }
        let note = format!("{cells} cells and {genes} genes.");
        Table::filled(&["part", "what"], rows.into_iter()).note(&note)
    }
}

impl Markers {
    /// Draws the genes with the highest scores of the first twelve groups, twenty of each.
    pub fn ranks(&self) -> Figure {
        let groups = self.groups();
        let reference = self.reference().unwrap_or("rest");
        let panels: Vec<_> = groups
            .iter()
            .take(GROUPS)
            .map(|group| {
                let scores = self
                    .scores(group)
                    .map_or_else(|_| Vec::new(), |s| s.to_vec());
                rank_plot(self.genes(), &scores)
                    .title(&format!("{group} vs. {reference}"))
                    .size(265.0, 250.0)
            })
            .collect();
        grid(&panels, 3)
    }

    /// Draws how much and how surely the genes of one group differ, by fold changes and adjusted p-values.
    ///
    /// # Errors
    ///
    /// Fails when there is no such group, or when the test gives no p-values.
    pub fn volcano(&self, group: &str) -> Result<Volcano> {
        let (changes, p_values) = (
            self.log_fold_changes(group)?,
            self.adjusted_p_values(group)?,
        );
        Ok(volcano(&changes, &p_values)
            .names(self.genes())
            .title(&format!(
                "{group} vs. {}",
                self.reference().unwrap_or("rest")
            ))
            .y_label("−log10 adjusted p-value"))
    }
}

impl Arrows {
    /// Draws the arrows on a grid over the map; one longer than 95 of 100 takes a twentieth of the larger side.
    ///
    /// Where no grid can be made, the map is drawn alone and its caption says why.
    pub fn scatter(&self) -> MapPlot {
        let plot = self.map().scatter();
        match self.grid() {
            Ok(grid) => plot.arrows(grid.positions(), &grid.drawn()),
            Err(error) => plot.caption(&format!("{}; no arrows: {error}", self.map().caption())),
        }
    }

    /// Draws streamlines over the map; where none can be made, the map is drawn alone and its caption says why.
    pub fn streams(&self) -> MapPlot {
        let plot = self.map().scatter();
        match self.stream() {
            Ok(stream) => {
                let (x, y) = (stream.x(), stream.y());
                let nodes = (x.len() * y.len(), 2);
                let place = |at: usize| (at / x.len().max(1), at % x.len().max(1));
                let places = Array2::from_shape_fn(nodes, |(at, axis)| {
                    let (row, column) = place(at);
                    if axis == 0 { x[column] } else { y[row] }
                });
                let vectors = Array2::from_shape_fn(nodes, |(at, axis)| {
                    let along = if axis == 0 {
                        stream.along_x()
                    } else {
                        stream.along_y()
                    };
                    along[place(at)]
                });
                plot.streams(&places, &vectors)
            }
            Err(error) => plot.caption(&format!("{}; no streams: {error}", self.map().caption())),
        }
    }
}

shown!(Cells, |cells| cells.parts().bundle());
shown!(Markers, |markers| markers.ranks().bundle());
shown!(Arrows, |arrows| arrows.streams().figure().bundle());
