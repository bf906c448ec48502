//! Motifs as logos.

use super::value::shown;
use crate::display::Figure;
use crate::display::figure::{COLUMN, grid};
use crate::display::logo::{Logo, logo};
use crate::display::table::{Cell, Table};
use crate::motif::{Hits, Matches, Motif, Motifs};
use ndarray::Array2;

/// Logos that are shown of a collection.
const MOST: usize = 20;
/// Matches that are shown.
const BEST: usize = 10;

impl Motif {
    /// Draws the logo: letters as tall as their share of the information, in bits.
    pub fn logo(&self) -> Logo {
        let bits = (self.alphabet().size() as f64).log2();
        let reach = self.information().iter().copied().fold(bits, f64::max);
        self.drawn(&self.information_matrix(), "bits")
            .y_range(0.0, reach)
    }

    /// Draws the logo of probabilities.
    pub fn probability_logo(&self) -> Logo {
        self.drawn(self.probability(), "probability")
            .y_range(0.0, 1.0)
    }

    /// Draws the logo of weights, log2 of probability over background, negative ones below the axis.
    pub fn weight_logo(&self) -> Logo {
        self.drawn(&self.weight(), "weight (bits)")
    }

    fn drawn(&self, matrix: &Array2<f64>, label: &str) -> Logo {
        let letters = String::from_utf8_lossy(self.alphabet().letters()).into_owned();
        logo(&matrix.t())
            .letters(&letters)
            .first(1)
            .y_label(label)
            .title(self.name())
    }

    /// Draws the logo in the size of a table cell.
    pub(super) fn small(&self) -> Logo {
        self.logo()
            .untitled()
            .size(46.0 + 15.0 * self.len().max(6) as f64, 84.0)
    }
}

shown!(Motif, |motif| motif.logo().figure().bundle());

impl Motifs {
    /// Draws the logos of the first twenty motifs, up to three in a row: as many as a notebook shows without cutting them off.
    pub fn logos(&self) -> Figure {
        let logos: Vec<Logo> = (0..self.len().min(MOST))
            .map(|i| self.get(i).logo())
            .collect();
        let fits = |columns: &usize| grid(&logos, *columns).extent().0 <= COLUMN;
        let columns = [3, 2].into_iter().find(fits).unwrap_or(1);
        grid(&logos, columns)
    }

    /// Returns a table of names, information, sites and logos of the first twenty motifs.
    ///
    /// The sites of a filter are the windows that excite it.
    pub fn table(&self) -> Table {
        let row = |i: usize| {
            let motif = self.get(i);
            let name = format!("{} {}", motif.name(), motif.alternate());
            vec![
                name.trim().into(),
                motif.consensus().into(),
                motif.total_information().into(),
                motif.sites().into(),
                (&motif.small()).into(),
            ]
        };
        let shown = self.len().min(MOST);
        let note = format!("The first {shown} of {} motifs.", self.len());
        let table = Table::filled(
            &["name", "consensus", "bits", "sites", "logo"],
            (0..shown).map(row),
        );
        if shown < self.len() {
            table.note(&note)
        } else {
            table
        }
    }
}

shown!(Motifs, |motifs| motifs.table().bundle());

shown!(Matches, |matches| {
    let row = |rank: usize| {
        let found = matches.get(rank);
        let strand: Cell = if found.reverse { "−" } else { "+" }.into();
        let offset = Cell::from(found.offset.to_string().replace('-', "−"));
        vec![
            found.name.into(),
            found.alternate.into(),
            found.score.into(),
            offset,
            strand,
        ]
    };
    let shown = matches.len().min(BEST);
    let table = Table::filled(
        &["name", "alternate", "similarity", "offset", "strand"],
        (0..shown).map(row),
    );
    table
        .note(&format!(
            "The best {shown} of {} matches of {}.",
            matches.len(),
            matches.query()
        ))
        .bundle()
});

shown!(Hits, |hits| {
    let first = hits.all().iter().take(MOST).map(|hit| {
        vec![
            Cell::from(hit.sequence),
            hits.name(hit).into(),
            hit.start.into(),
            hit.end.into(),
            if hit.reverse { "−" } else { "+" }.into(),
            format!("{:.2}", hit.score).into(),
            format!("{:.1e}", hit.p).into(),
        ]
    });
    let columns = ["sequence", "motif", "start", "end", "strand", "score", "p"];
    let (shown, all) = (hits.len().min(MOST), hits.len());
    Table::filled(&columns, first)
        .note(&format!("{shown} of {all} hits."))
        .bundle()
});
