//! Scores of a motif in whole steps, and the chance of each.

use super::Motif;
use ndarray::Axis;

/// Steps between the lowest and the highest score.
const STEPS: f64 = 1000.0;

/// The weights of a motif on one strand, rounded to steps.
pub(super) struct Scale {
    /// Steps above the lowest weight of the position, one row of all letters after the other; then one for an unknown letter.
    steps: Vec<u32>,
    /// The most steps that the positions from here on can add.
    rest: Vec<u32>,
    letters: usize,
    /// Chance of so many steps or more.
    tail: Vec<f64>,
    /// The least steps of a hit.
    threshold: usize,
    lowest: f64,
    step: f64,
}

impl Scale {
    pub(super) fn new(motif: &Motif, (pseudocount, p): (f64, f64)) -> Self {
        let background = motif.background();
        let counts = motif.counts() + &(background * pseudocount);
        let sums = counts.sum_axis(Axis(1)).insert_axis(Axis(1));
        let weights = (counts / sums / background).mapv_into(f64::log2);
        let ends = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &w| {
                    (a.min(w), b.max(w))
                })
        };
        let lows: Vec<f64> = weights.rows().into_iter().map(|row| ends(row).0).collect();
        let highs = weights.rows().into_iter().map(|row| ends(row).1);
        let range: f64 = highs.zip(&lows).map(|(high, low)| high - low).sum();
        // A motif that says nothing has no range.
        let step = if range > 0.0 { range / STEPS } else { 1.0 };
        let letters = weights.ncols();
        let mut steps = Vec::with_capacity(weights.nrows() * (letters + 1));
        let mut chance = vec![1.0];
        let mut most = Vec::with_capacity(weights.nrows());
        for (row, low) in weights.rows().into_iter().zip(&lows) {
            let own: Vec<u32> = row
                .iter()
                .map(|w| ((w - low) / step).round() as u32)
                .collect();
            let highest = own.iter().copied().max().unwrap_or_default();
            let mut next = vec![0.0; chance.len() + highest as usize];
            for (&own, &share) in own.iter().zip(background) {
                for (at, &chance) in chance.iter().enumerate() {
                    next[at + own as usize] += chance * share;
                }
            }
            chance = next;
            most.push(highest);
            steps.extend(own);
            steps.push(0);
        }
        let mut sum = 0.0;
        for chance in chance.iter_mut().rev() {
            sum += *chance;
            *chance = sum;
        }
        let tail = chance;
        let threshold = tail.partition_point(|&tail| tail > p);
        let mut rest = vec![0; most.len() + 1];
        for at in (0..most.len()).rev() {
            rest[at] = rest[at + 1] + most[at];
        }
        Self {
            steps,
            rest,
            letters,
            tail,
            threshold,
            lowest: lows.iter().sum(),
            step,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.rest.len() - 1
    }

    /// Tells start, score and chance of every window of codes that is a hit; the code of an unknown letter follows those of letters.
    pub(super) fn hits(&self, codes: &[usize], mut found: impl FnMut(usize, (f64, f64))) {
        if self.threshold >= self.tail.len() {
            return;
        }
        let row = self.letters + 1;
        'windows: for (start, window) in codes.windows(self.width()).enumerate() {
            let mut sum = 0;
            for (at, &code) in window.iter().enumerate() {
                if code == self.letters {
                    continue 'windows;
                }
                sum += self.steps[at * row + code];
                // Most windows are lost long before their end.
                if ((sum + self.rest[at + 1]) as usize) < self.threshold {
                    continue 'windows;
                }
            }
            let score = self.lowest + f64::from(sum) * self.step;
            found(start, (score, self.tail[sum as usize]));
        }
    }
}
