//! Pools against their definition.

use super::case::{Case, flat, wave};
use crate::device::on_every_device;
use genolens::candle_core::DType;
use genolens::network::{Pool, Pooling};
use proptest::prelude::*;

/// The windows of a local pool, position by position: which stand inside, and how many zeros lie beside them.
fn windows(
    length: usize,
    (width, stride, padding, ceil): (usize, usize, usize, bool),
) -> Vec<(Vec<usize>, usize)> {
    let padded = (length + 2 * padding) as isize;
    let mut found = Vec::new();
    let mut start = 0_isize;
    // A window has to be filled; with `ceil` it only has to begin before the zeros on the right.
    while start + width as isize <= padded
        || (ceil && start < (length + padding) as isize && reaches(start, width, stride, padded))
    {
        let covered = start..(start + width as isize).min(padded);
        let count = covered.clone().count();
        let inside: Vec<usize> = covered
            .map(|at| at - padding as isize)
            .filter(|at| (0..length as isize).contains(at))
            .map(|at| at as usize)
            .collect();
        found.push((inside.clone(), count - inside.len()));
        start += stride as isize;
    }
    found
}

/// Tells whether positions are left over that the window before this one, if there is one, does not see.
fn reaches(start: isize, width: usize, stride: usize, padded: isize) -> bool {
    start - stride as isize + (width as isize) < padded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    fn local_pools_equal_their_definition(
        (n, channels, length) in (1_usize..4, 1_usize..4, 1_usize..20),
        (width, stride, padding) in (1_usize..7, 1_usize..7, 0_usize..4),
        (ceil, counted) in any::<(bool, bool)>(),
        phase in 0.0_f64..7.0,
    ) {
        let padding = padding.min(width / 2);
        let windows = windows(length, (width, stride, padding, ceil));
        prop_assume!(!windows.is_empty());
        let x = wave(n * channels * length, phase, 6.0);
        for pooling in [Pooling::Max, Pooling::Average] {
            let pool = Pool::local(pooling, width).stride(stride).padding(padding).count_padding(counted);
            let pool = if ceil { pool.ceil() } else { pool };
            let case = Case::new(pool.into(), (x.clone(), &[n, channels, length]), DType::F64);
            let found = flat(&case.out(&[n, channels, windows.len()]));
            let expected = x.chunks(length).flat_map(|row| {
                windows.iter().map(|(inside, zeros)| {
                    let seen = inside.iter().map(|&at| row[at]);
                    match pooling {
                        Pooling::Max => seen.fold(f64::NEG_INFINITY, f64::max),
                        Pooling::Average => {
                            let count = inside.len() + if counted { *zeros } else { 0 };
                            seen.sum::<f64>() / count as f64
                        }
                    }
                })
            });
            for (found, expected) in found.iter().zip(expected) {
                prop_assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
            }
        }
    }
}

fn a_number_that_is_none_is_not_hidden_by_a_maximum() {
    let mut x = wave(12, 0.0, 8.0);
    x[5] = f64::NAN;
    let case = Case::new(
        Pool::local(Pooling::Max, 3).into(),
        (x, &[1, 1, 12]),
        DType::F32,
    );
    let found = flat(&case.out(&[4]));
    assert_eq!(
        found.iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
        [false, true, false, false]
    );
}

on_every_device!(
    local_pools_equal_their_definition,
    a_number_that_is_none_is_not_hidden_by_a_maximum,
);
