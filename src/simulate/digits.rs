//! Handwritten digits, drawn by code.

use super::background::pick;
use super::hand::Hand;
use super::ink::trace;
use super::numeral::styles;
use crate::image::Images;
use crate::progress;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{Array1, Array4};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use std::sync::Arc;

/// The most pixels of all images together.
const MOST: usize = 1 << 31;

/// Draws handwritten digits, 28 x 28 pixels from 0, paper, to 1, ink, with the defaults of [`Digits`].
///
/// # Errors
///
/// As [`Digits::run`].
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let digits = simulate::digits(20, 7)?;
/// assert_eq!(digits.values().dim(), (20, 1, 28, 28));
/// assert_eq!(digits.labels().len(), 20);
/// # Ok(()) }
/// ```
pub fn digits(n: usize, seed: impl Into<Seed>) -> Result<Images> {
    Digits::new().seed(seed).run(n)
}

/// Describes how handwritten digits are drawn.
///
/// Every digit is written in one of a few ways, as strokes of a pen through points. The hand trembles, leans and slips, presses more
/// or less; the page is grainy. The same seed gives the same bytes on any number of threads, and the first digits are the same however
/// many are drawn. The images are our own and stand in for MNIST (Lecun et al. 1998, <https://doi.org/10.1109/5.726791>) where that is not
/// at hand; for MNIST itself see [`image::open_images`](crate::image::open_images).
///
/// # Examples
///
/// ```
/// use genolens::simulate::Digits;
/// # fn main() -> genolens::Result<()> {
/// // Threes and eights only, twice as many eights, neatly written.
/// let shares = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0];
/// let neat = Digits::new().classes(&shares).jitter(0.3).noise(0.0).run(60)?;
/// assert_eq!(neat.classes().to_vec(), [3, 8]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    size: usize,
    stroke: Option<f64>,
    jitter: f64,
    noise: f64,
    classes: Arc<[f64]>,
    seed: Seed,
}

impl Digits {
    /// Starts from the defaults: 28 x 28 pixels, strokes of 2.6 pixels, noise of 0.05, ten digits with equal chance.
    pub fn new() -> Self {
        Self {
            size: 28,
            stroke: None,
            jitter: 1.0,
            noise: 0.05,
            classes: Arc::new([1.0; 10]),
            seed: Seed::default(),
        }
    }

    /// Sets height and width in pixels, 8 to 512.
    pub fn size(mut self, pixels: usize) -> Self {
        self.size = pixels;
        self
    }

    /// Sets the usual width of a stroke in pixels; without it 2.6 for 28 x 28, and in proportion.
    pub fn stroke(mut self, pixels: f64) -> Self {
        self.stroke = Some(pixels);
        self
    }

    /// Sets how much the hand varies: 0 writes each way always the same, 1 is usual, at most 3.
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = share;
        self
    }

    /// Sets the standard deviation of the noise of every pixel, 0 to 1; pixels stay from 0 to 1.
    pub fn noise(mut self, deviation: f64) -> Self {
        self.noise = deviation;
        self
    }

    /// Sets the shares of the digits 0 to 9, of any sum.
    pub fn classes(mut self, shares: &[f64]) -> Self {
        self.classes = shares.into();
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    fn check(&self, n: usize) -> Result<()> {
        if n == 0 {
            return Err(Error::value("n", "1 or more", n));
        }
        if !(8..=512).contains(&self.size) {
            return Err(Error::value("size", "8 to 512", self.size));
        }
        let most = MOST / (self.size * self.size);
        if n > most {
            let expected = format!("at most {most} for images of {} pixels", self.size);
            return Err(Error::value("n", expected, n));
        }
        let widest = self.size as f64 / 2.0;
        if let Some(stroke) = self.stroke
            && !(0.1..=widest).contains(&stroke)
        {
            return Err(Error::value("stroke", format!("0.1 to {widest}"), stroke));
        }
        if !(0.0..=3.0).contains(&self.jitter) {
            return Err(Error::value("jitter", "0 to 3", self.jitter));
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return Err(Error::value("noise", "0 to 1", self.noise));
        }
        if self.classes.len() != 10 {
            let got = self.classes.len();
            return Err(Error::value(
                "classes",
                "10 shares, one for each digit",
                got,
            ));
        }
        let is_share = |share: &f64| share.is_finite() && *share >= 0.0;
        if !self.classes.iter().all(is_share) || self.classes.iter().sum::<f64>() <= 0.0 {
            let got = format!("{:?}", self.classes);
            let expected = "shares, at least 0, and above 0 somewhere";
            return Err(Error::value("classes", expected, got));
        }
        Ok(())
    }

    /// Draws `n` digits.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the option that makes no sense, [`Error::Interrupted`].
    pub fn run(&self, n: usize) -> Result<Images> {
        self.check(n)?;
        let pixels = self.size * self.size;
        let mut values = vec![0.0_f32; n * pixels];
        let labels: Result<Vec<f32>> = values
            .par_chunks_mut(pixels)
            .enumerate()
            .map(|(index, page)| {
                progress::check("digits", index, n)?;
                Ok(self.one(index, page) as f32)
            })
            .collect();
        let labels = labels.inspect_err(|_| progress::clear_interrupt())?;
        let shape = (n, 1, self.size, self.size);
        let values = Array4::from_shape_vec(shape, values)
            .map_err(|_| Error::shape("values", "one page for each digit", &[n, pixels]))?;
        Images::new(values, Array1::from_vec(labels))
    }

    /// Draws one digit onto an empty page and returns which it is.
    fn one(&self, index: usize, page: &mut [f32]) -> usize {
        let mut generator = self.seed.named("digits").indexed(index).generator();
        let digit = pick(&self.classes, generator.random());
        let styles = styles(digit);
        let style = styles[generator.random_range(0..styles.len())];
        let stroke = self.stroke.unwrap_or(2.6 * self.size as f64 / 28.0);
        let measures = (self.size as f32, stroke as f32, self.jitter as f32);
        let hand = Hand::draw(measures, &mut generator);
        for stroke in style {
            let line = hand.write(stroke, &mut generator);
            trace(page, self.size, (&line, hand.ink, hand.soft));
        }
        if self.noise > 0.0 {
            let noise = self.noise as f32;
            for pixel in page {
                let draw: f32 = StandardNormal.sample(&mut generator);
                *pixel = (*pixel + noise * draw).clamp(0.0, 1.0);
            }
        }
        digit
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::new()
    }
}
