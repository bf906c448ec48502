//! One sequence as several methods see it.

use super::canvas::{Canvas, Rect};
use super::chart::{self, TITLE};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::logo::Logo;
use super::places::{Places, Sites};
use crate::attribution::Attribution;
use crate::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// Height of one logo with the name of its method.
const ROW: f64 = 128.0;
/// By how much the rooms around neighbours overlap.
const OVERLAP: f64 = 16.0;
/// Places that are shaded at most.
const SHADED: usize = 40;

/// Logos of one sequence under each other, a method each, every one with a scale of its own, on one axis of positions.
#[derive(Clone)]
pub struct Comparison {
    pub(super) frame: Frame,
    logos: Arc<[Logo]>,
    name: String,
}

/// Draws the first sequence of each attribution under each other, to see where methods agree.
///
/// # Errors
///
/// Fails when there is none, one is empty, or their first sequences differ.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, display, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let (model, peaks) = (network::deepbind(4), Sequences::dna(["ACGTACGTAC"])?);
/// let scores = [attribution::saliency(&model, &peaks)?, attribution::gradient_x_input(&model, &peaks)?];
/// let both = display::compare(&scores)?.title("One peak");
/// assert!(both.svg().contains("saliency"));
/// # Ok(()) }
/// ```
pub fn compare(scores: &[Attribution]) -> Result<Comparison> {
    let Some(first) = scores.first() else {
        return Err(Error::value("scores", "at least one attribution", "none"));
    };
    for other in scores {
        if other.is_empty() {
            let given = format!("{} of none", other.method());
            return Err(Error::value(
                "scores",
                "at least one sequence in each",
                given,
            ));
        }
        let (a, b) = (first.sequences(), other.sequences());
        if a.alphabet() != b.alphabet() || a.letters(0) != b.letters(0) {
            let expected = format!("one and the same, {:?} in {}", a.name(0), first.method());
            let given = format!(
                "another first sequence, {:?} in {}",
                b.name(0),
                other.method()
            );
            return Err(Error::value("scores", expected, given));
        }
    }
    let last = scores.len() - 1;
    let logo = |(i, scores): (usize, &Attribution)| {
        let logo = scores.logo().title(scores.method());
        if i < last { logo.unnumbered() } else { logo }
    };
    Ok(Comparison {
        frame: Frame::default(),
        logos: scores.iter().enumerate().map(logo).collect(),
        name: first.sequences().name(0).into(),
    })
}

impl Comparison {
    /// Shades hits or the truth in every logo and draws them as arrows under the last.
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        let all = hits.places();
        let own: Places = all.of(self.logos[0].sites().1);
        let shaded = |logo: &Logo| {
            let hits = own.all().iter().take(SHADED);
            hits.fold(logo.clone(), |logo, hit| {
                logo.highlight(hit.start..hit.end, "")
            })
        };
        let logos: Vec<Logo> = self.logos.iter().map(shaded).collect();
        self.with(logos).last(|logo| logo.hits(&all))
    }

    /// Shades positions, counted from 0, in every logo and writes a label over the first.
    pub fn highlight(&self, positions: Range<usize>, label: &str) -> Self {
        let logos = self.logos.iter().enumerate();
        let logos = logos.map(|(i, logo)| {
            let label = if i == 0 { label } else { "" };
            logo.highlight(positions.clone(), label)
        });
        self.with(logos.collect())
    }

    /// Sets the number of the first position; it is 0 otherwise.
    pub fn first(&self, position: i64) -> Self {
        self.with(self.logos.iter().map(|logo| logo.first(position)).collect())
    }

    fn with(&self, logos: Vec<Logo>) -> Self {
        Self {
            logos: logos.into(),
            ..self.clone()
        }
    }

    fn last(&self, change: impl Fn(&Logo) -> Logo) -> Self {
        let end = self.logos.len() - 1;
        let logos = self.logos.iter().enumerate();
        let logos = logos.map(|(i, logo)| if i == end { change(logo) } else { logo.clone() });
        self.with(logos.collect())
    }

    fn head(&self) -> f64 {
        if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        }
    }

    /// Returns the height of every logo: what hits and labels need comes on top.
    fn heights(&self) -> Vec<f64> {
        let plain = self.logos[0].first(0).extent().1;
        let least = self
            .logos
            .iter()
            .map(|logo| logo.extent().1)
            .fold(plain, f64::min);
        let height = |logo: &Logo| ROW + logo.extent().1 - least;
        self.logos.iter().map(height).collect()
    }

    fn tall(&self) -> f64 {
        let heights = self.heights();
        heights.iter().sum::<f64>() - OVERLAP * (heights.len() - 1) as f64
    }
}

impl Draw for Comparison {
    fn sides(&self) -> Option<(f64, f64)> {
        let sides = self.logos.iter().filter_map(Draw::sides);
        Some(sides.fold((0.0, 0.0), |(l, r), (left, right)| {
            (f64::max(l, left), f64::max(r, right))
        }))
    }

    fn extent(&self) -> (f64, f64) {
        let width = self.logos[0].extent().0;
        let height = self.head() + self.tall();
        self.frame.size_or(width, height)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let outer = canvas.least;
        let (left, right) = self.sides().unwrap_or_default();
        canvas.least = (outer.0.max(left), outer.1.max(right));
        let heights = self.heights();
        let share = (area.height - self.head()) / self.tall();
        let mut top = area.y + self.head();
        for (i, (logo, height)) in self.logos.iter().zip(&heights).enumerate() {
            let mut logo = logo.clone();
            if i + 1 == self.logos.len() {
                logo.frame.x_label.clone_from(&self.frame.x_label);
            }
            if self.frame.y_label.is_some() {
                logo.frame.y_label.clone_from(&self.frame.y_label);
            }
            let size = (area.width, height * share);
            logo.draw(canvas, Rect::new((area.x, top), size));
            top += (height - OVERLAP) * share;
        }
        let left = area.x + canvas.least.0;
        canvas.least = outer;
        chart::title(canvas, &self.frame, (left, area));
    }

    fn describe(&self) -> String {
        let (count, name) = (self.logos.len(), &self.name);
        let logos: Vec<String> = self.logos.iter().take(6).map(Logo::description).collect();
        let text = format!("{count} methods explain {name}. {}", logos.join(" "));
        self.frame.describe(&text)
    }
}

view!(Comparison);
