//! Subsets that are known beforehand.

use genolens::Result;
use genolens::candle_core::{Device, Tensor};
use genolens::ndarray::{Array1, Array4, ArrayView2};
use genolens::network::Model;
use genolens::sequence::Sequences;
use genolens::sufficient::{Subsets, SufficientSubsets};

/// Subsets of images that are exactly these pixels: every pixel of a set is needed, and no other.
pub(super) fn image_subsets(sets: &[Vec<usize>], (height, width): (usize, usize)) -> Subsets {
    let mut x = Array4::<f32>::zeros((sets.len(), 1, height, width));
    for (index, set) in sets.iter().enumerate() {
        for &pixel in set {
            x[[index, 0, pixel / width, pixel % width]] = 1.0 / set.len() as f32;
        }
    }
    let sum = |x: ArrayView2<'_, f32>| -> Array1<f64> {
        let rows = x.rows().into_iter();
        rows.map(|row| row.iter().map(|&v| f64::from(v)).sum())
            .collect()
    };
    let found = SufficientSubsets::new(0.999).rows(&sum, &x).unwrap();
    assert_eq!(found.len(), sets.len());
    for (index, set) in sets.iter().enumerate() {
        assert_eq!(found.get(index).unwrap().places(), set);
    }
    found
}

/// Looks for CCGGAA and its opposite TTCCGG, letter by letter.
pub(super) struct Site;

impl Model for Site {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let codes = [[1_usize, 1, 2, 2, 0, 0], [3, 3, 1, 1, 2, 2]];
        let length = x.dim(2)?;
        let mut best: Option<Tensor> = None;
        for site in codes {
            for start in 0..=length - 6 {
                let mut sum = x.narrow(1, site[0], 1)?.narrow(2, start, 1)?;
                for (at, letter) in site.iter().enumerate().skip(1) {
                    sum = (sum + x.narrow(1, *letter, 1)?.narrow(2, start + at, 1)?)?;
                }
                let sum = sum.flatten_from(1)?;
                best = Some(match best {
                    Some(best) => best.maximum(&sum)?,
                    None => sum,
                });
            }
        }
        Ok(best.unwrap())
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// The subsets of sequences with one site each: all of its letters.
pub(super) fn site_subsets(peaks: &Sequences) -> Subsets {
    SufficientSubsets::new(5.9).run(&Site, peaks).unwrap()
}
