//! Attributions as logos and heatmaps.

use super::value::shown;
use crate::attribution::{Attribution, Dependencies, Epistasis};
use crate::display::figure::grid;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::landscape::Landscape;
use crate::display::logo::{Logo, logo};
use crate::display::tracks::{Tracks, tracks};
use crate::display::{Browser, Figure};
use ndarray::{Array2, Axis};

/// Sequences that are shown of several.
const MOST: usize = 5;

impl Attribution {
    /// Draws the first sequence, every letter as tall as its score; take another one with `get`.
    pub fn logo(&self) -> Logo {
        self.drawn(0)
    }

    /// Draws the first sequence as a logo to zoom into, for thousands of positions.
    pub fn browser(&self) -> Browser {
        self.logo().browser()
    }

    /// Draws the first five sequences under each other.
    pub fn logos(&self) -> Figure {
        let logos: Vec<Logo> = (0..self.len().min(MOST)).map(|i| self.drawn(i)).collect();
        grid(&logos, 1)
    }

    /// Draws the scores of all letters at all positions of the first sequence, negative ones blue.
    pub fn heatmap(&self) -> Heatmap {
        let names: Vec<char> = self.letters().chars().collect();
        let scores = if self.is_empty() {
            Array2::zeros((0, 0))
        } else {
            self.scores().index_axis(Axis(0), 0).to_owned()
        };
        let map = heatmap(&scores)
            .rows(&names)
            .center(0.0)
            .value_label("score");
        if self.is_empty() {
            map
        } else {
            map.title(&self.caption(0))
        }
    }

    /// Draws the scores of all letters of the first sequence exactly above its logo; dots mark the letters that are there.
    ///
    /// Where the letters that are there have score 0, as in [`Effect::Difference`](crate::attribution::Effect::Difference), their height in
    /// the logo is the score less the mean of all letters of the position.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::attribution::{Effect, SaturationMutagenesis};
    /// use genolens::{network, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let peaks = Sequences::dna(["ACGTACGTAC"])?;
    /// let mutations = SaturationMutagenesis::new().effect(Effect::Difference);
    /// let scores = mutations.run(&network::deepbind(4), &peaks)?;
    /// assert!(scores.landscape().svg().contains("score"));
    /// # Ok(()) }
    /// ```
    pub fn landscape(&self) -> Landscape {
        if self.is_empty() {
            return Landscape::new(&self.heatmap(), &self.logo());
        }
        let alphabet = self.sequences().alphabet();
        let letters = self.sequences().letters(0).iter().enumerate();
        let cells =
            letters.filter_map(|(position, letter)| Some((alphabet.index(*letter)?, position)));
        let cells: Vec<(usize, usize)> = cells.collect();
        let scores = self.scores().index_axis(Axis(0), 0);
        let mut logo = self.drawn(0);
        if cells.iter().all(|cell| scores[*cell] == 0.0) {
            let mut heights = Array2::zeros(scores.dim());
            for &(row, position) in &cells {
                let column = scores.column(position);
                let mean = column.iter().map(|v| f64::from(*v)).sum::<f64>() / column.len() as f64;
                heights[[row, position]] = f64::from(scores[[row, position]]) - mean;
            }
            logo = self.letters_of(&heights, 0).y_label("score less mean");
        }
        Landscape::new(&self.heatmap().dots(cells), &logo).title(&self.caption(0))
    }

    /// Draws the scores of the letters that are there as one track for each sequence, strips of colour for more than twenty.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{attribution, network, random::Seed, simulate};
    /// # fn main() -> genolens::Result<()> {
    /// let data = simulate::motifs(8, Seed::new(1))?;
    /// let scores = attribution::gradient_x_input(&network::deepbind(4), &data.sequences())?;
    /// let tracks = scores.tracks().hits(&data.truth());
    /// assert!(tracks.description().contains("8 tracks of"));
    /// # Ok(()) }
    /// ```
    pub fn tracks(&self) -> Tracks {
        let observed = self.observed().unwrap_or_else(|_| Array2::zeros((0, 0)));
        let places = (0..self.len()).map(|i| self.place(i)).collect();
        tracks(&observed)
            .rows(self.sequences().names())
            .numbered(places)
            .title(self.method())
    }

    /// Draws the scores of the letters that are there as one strip of colour for each sequence.
    pub fn strips(&self) -> Tracks {
        self.tracks().strips()
    }

    fn caption(&self, index: usize) -> String {
        format!("{}: {}", self.sequences().name(index), self.method())
    }

    fn letters(&self) -> String {
        String::from_utf8_lossy(self.sequences().alphabet().letters()).into_owned()
    }

    fn letters_of(&self, heights: &Array2<f64>, index: usize) -> Logo {
        let drawn = logo(heights).letters(&self.letters()).y_label("score");
        if self.is_empty() {
            return drawn;
        }
        drawn
            .title(&self.caption(index))
            .sequence(self.place(index))
    }

    fn drawn(&self, index: usize) -> Logo {
        let (_, rows, columns) = self.scores().dim();
        let mut heights = Array2::<f64>::zeros((rows, if self.is_empty() { 0 } else { columns }));
        let observed = self.get(index).and_then(|one| one.observed());
        if let (false, Ok(observed)) = (self.is_empty(), observed) {
            for (position, letter) in self.sequences().letters(index).iter().enumerate() {
                if let Some(row) = self.sequences().alphabet().index(*letter) {
                    heights[[row, position]] = observed[[0, position]].into();
                }
            }
        }
        self.letters_of(&heights, index)
    }
}

shown!(Attribution, |scores| {
    if scores.len() > 1 {
        scores.logos().bundle()
    } else {
        scores.logo().figure().bundle()
    }
});

impl Dependencies {
    /// Draws the first sequence: how much every two positions depend on each other; take another one with `get`.
    pub fn heatmap(&self) -> Heatmap {
        let values = if self.is_empty() {
            Array2::zeros((0, 0))
        } else {
            self.values().index_axis(Axis(0), 0).to_owned()
        };
        let map = heatmap(&values)
            .rows(self.positions())
            .columns(self.positions())
            .value_label("dependency");
        if self.is_empty() {
            map
        } else {
            map.title(&format!("{}: dependency map", self.sequences().name(0)))
        }
    }
}

shown!(Dependencies, |map| map.heatmap().figure().bundle());
shown!(Epistasis, |pairs| pairs
    .dependencies()
    .heatmap()
    .figure()
    .bundle());
