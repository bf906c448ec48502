//! Clusters of sufficient subsets, as tables with logos or images.

use super::value::shown;
use crate::Result;
use crate::display::Figure;
use crate::display::figure::grid;
use crate::display::heatmap::heatmap;
use crate::display::palette::ColorMap;
use crate::display::table::{Cell, Table};
use crate::motif::Motif;
use crate::sufficient::{AlignedSubsets, Clusters};

/// Clusters that are shown.
const MOST: usize = 20;
/// Strings that are shown of an alignment.
const LINES: usize = 12;
/// Images in a row.
const IMAGES: usize = 5;
/// The side of the image of a cluster, in CSS pixels.
const SIDE: f64 = 110.0;

impl Clusters {
    /// Returns a table of the first twenty clusters: sizes, most frequent strings and logos, or images of how many subsets have each pixel.
    pub fn overview(&self) -> Table {
        let counts = self.counts();
        let several = self.groups().len() > 1;
        let groups = self.groups().iter().map(String::as_str);
        let has_letters = self.is_empty() || self.motif(0).is_ok();
        let own = if has_letters {
            vec!["mode", "count", "logo"]
        } else {
            vec!["share of the subsets"]
        };
        let mut columns = vec!["cluster", "size", "share"];
        columns.extend(groups.filter(|_| several));
        columns.extend(own);
        let all = self.labels().len().max(1) as f64;
        let shown = self.len().min(MOST);
        let row = |cluster: usize| {
            let size = self.sizes()[cluster];
            let mut row: Vec<Cell> = vec![cluster.into(), size.into()];
            row.push(percent(size as f64 / all));
            if several {
                row.extend(counts.row(cluster).iter().map(|&count| Cell::from(count)));
            }
            match self.motif(cluster) {
                Ok(motif) => {
                    let mode = self.mode(cluster).unwrap_or_default();
                    let strings = self.strings();
                    let members = self.members(cluster).unwrap_or_default();
                    let same = members.iter().filter(|&&at| strings[at] == mode).count();
                    row.push(Cell::letters(&mode, motif.alphabet().size() > 4));
                    row.push(same.into());
                    row.push((&motif.small()).into());
                }
                Err(_) => row.push(self.small(cluster)),
            }
            row
        };
        let noise = self.noise().len();
        let part = match self.len() {
            count if count > shown => format!("The first {shown} of {count} clusters; "),
            _ => String::new(),
        };
        let note = format!(
            "{part}{noise} of {} subsets are in none.",
            self.labels().len()
        );
        Table::filled(&columns, (0..shown).map(row)).note(&note)
    }

    fn small(&self, cluster: usize) -> Cell {
        if let Ok(image) = self.image(cluster) {
            let image = heatmap(&image).range(0.0, 1.0).colors(ColorMap::Light);
            return (&image.size(SIDE + 60.0, SIDE)).into();
        }
        let shares = self.shares(cluster).unwrap_or_default();
        let most: Vec<String> = (shares.iter().enumerate())
            .filter(|(_, share)| **share > 0.5)
            .map(|(place, _)| place.to_string())
            .collect();
        most.join(" ").into()
    }

    /// Draws the logos of the clusters of sequences, or the images of those of images: the share of the subsets that have each pixel.
    pub fn logos(&self) -> Figure {
        if let Ok(motifs) = self.motifs() {
            return motifs.logos();
        }
        let shown = self.len().min(MOST);
        let images = (0..shown).filter_map(|cluster| {
            let title = format!("{cluster}: {} subsets", self.sizes()[cluster]);
            let image = heatmap(&self.image(cluster).ok()?).range(0.0, 1.0);
            Some(
                image
                    .colors(ColorMap::Light)
                    .size(200.0, 150.0)
                    .title(&title),
            )
        });
        grid(&images.collect::<Vec<_>>(), IMAGES.min(shown))
    }

    /// Returns a table of the clusters laid on a known motif, whose logo is in the first row.
    ///
    /// The logo of a cluster has the letters of its subsets under the columns of the motif; `bits` is how well a subset fits on average, and
    /// `divergence` the sum over the columns of how far the letters are from those of the motif, in bits.
    ///
    /// # Errors
    ///
    /// Fails when the subsets have no letters, or the motif has another alphabet.
    pub fn beside(&self, known: &Motif) -> Result<Table> {
        let columns = ["cluster", "size", "mode", "bits", "divergence", "logo"];
        let name = match known.alternate() {
            "" => known.name(),
            other => other,
        };
        let mut rows: Vec<Vec<Cell>> = vec![vec![
            name.into(),
            "".into(),
            Cell::letters(&known.best_text(), known.alphabet().size() > 4),
            known.total_information().into(),
            "".into(),
            (&known.small()).into(),
        ]];
        let shown = self.len().min(MOST);
        for cluster in 0..shown {
            let aligned = self.align(cluster, known)?;
            let motif = aligned.motif()?;
            rows.push(vec![
                cluster.into(),
                aligned.len().into(),
                Cell::letters(&self.mode(cluster)?, known.alphabet().size() > 4),
                aligned.bits().mean().unwrap_or(f64::NAN).into(),
                aligned.divergence()?.sum().into(),
                (&motif.small()).into(),
            ]);
        }
        let note = "The first row is the known motif, its best text and its information.";
        Ok(Table::filled(&columns, rows.into_iter()).note(note))
    }
}

shown!(Clusters, |clusters| clusters.overview().bundle());

impl AlignedSubsets {
    /// Draws the known motif above the letters that the subsets have under its columns.
    pub fn logos(&self) -> Figure {
        let known = self.known();
        let known = known
            .logo()
            .title(&format!("{} {}", known.name(), known.alternate()));
        match self.motif() {
            Ok(found) => {
                let title = format!("{} subsets", self.len());
                known.above(&found.logo().title(&title))
            }
            Err(_) => known.figure(),
        }
    }

    /// Returns the best fits as a table, strings under each other as they stand on the motif.
    fn lines(&self) -> Table {
        let best = self.best();
        let shown = &best[..best.len().min(LINES)];
        let first = shown.iter().map(|line| line.1).min().unwrap_or(0).min(0);
        let is_protein = self.known().alphabet().size() > 4;
        let row = |(text, start, bits): &(&str, isize, f64)| {
            let lead = "\u{a0}".repeat((start - first) as usize);
            vec![Cell::letters(&(lead + text), is_protein), (*bits).into()]
        };
        let known = "\u{a0}".repeat(-first as usize) + &self.known().best_text();
        let known = vec![
            Cell::letters(&known, is_protein),
            self.known().name().into(),
        ];
        let rows = [known].into_iter().chain(shown.iter().map(row));
        let note = format!("The best {} of {} subsets.", shown.len(), self.len());
        Table::filled(&["string", "bits"], rows).note(&note)
    }
}

shown!(AlignedSubsets, |aligned| aligned.lines().bundle());

fn percent(share: f64) -> Cell {
    format!("{:.0} %", 100.0 * share).into()
}
