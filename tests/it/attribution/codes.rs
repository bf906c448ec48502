//! Dimensions of codes against planted orders and signs, chance, and careless calls.

use crate::generative::plain::{named, numbers};
use genolens::attribution::{
    Agreement, CodeMatch, CodeScores, ExplainGenes, GeneMethod, MatchCodes, codes_between_seeds,
    explain_genes, match_codes,
};
use genolens::candle_core::{Device, Tensor, safetensors};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::{Architecture, Network, predict};
use std::collections::HashMap;

/// Numbers of -0.5 to 0.5 that look random and depend on nothing.
fn random(cells: usize, dimensions: usize, seed: u64) -> Array2<f32> {
    let numbers = numbers(cells * dimensions, seed);
    Array2::from_shape_fn((cells, dimensions), |(cell, at)| {
        (numbers[cell * dimensions + at] - 0.5) as f32
    })
}

/// Another order, and other signs.
const ORDER: [usize; 6] = [4, 2, 0, 5, 1, 3];
const SIGNS: [f32; 6] = [1.0, -1.0, -1.0, 1.0, -1.0, 1.0];

/// The dimension at every place is that of the order, times its sign, plus noise.
fn planted(codes: &Array2<f32>, noise: f32) -> Array2<f32> {
    let off = random(codes.nrows(), 6, 77);
    Array2::from_shape_fn(codes.dim(), |(cell, at)| {
        SIGNS[at] * codes[[cell, ORDER[at]]] + noise * off[[cell, at]]
    })
}

/// Puts directions at right angles.
fn rotated(codes: &Array2<f32>, seed: u64) -> Array2<f32> {
    let size = codes.ncols();
    let mut turn = random(size, size, seed);
    for at in 0..size {
        for before in 0..at {
            let other = turn.row(before).to_owned();
            let share = turn.row(at).dot(&other);
            turn.row_mut(at).scaled_add(-share, &other);
        }
        let length = turn.row(at).dot(&turn.row(at)).sqrt();
        turn.row_mut(at).mapv_inplace(|value| value / length);
    }
    codes.dot(&turn)
}

fn count(found: &CodeMatch, agreement: Agreement) -> usize {
    let all = found.agreement().iter();
    all.filter(|&&at| at == agreement).count()
}

#[test]
fn a_planted_order_and_signs_are_found() {
    let first = random(200, 6, 1);
    let second = planted(&first, 0.1);
    let found = match_codes(&first, &second).unwrap();
    for (place, &dimension) in ORDER.iter().enumerate() {
        assert_eq!(found.partners()[dimension], place);
        assert_eq!(found.signs()[dimension] as f32, SIGNS[place]);
    }
    assert_eq!(found.same(), 6);
    // The noise alone is left: at most half of a tenth.
    let off = found.aligned(&second).unwrap() - &first;
    assert!(off.iter().all(|off| off.abs() < 0.051));
    // Correlations by their formula.
    let column = |of: &Array2<f32>, at: usize| -> Array1<f64> {
        let column = of.column(at).mapv(f64::from);
        &column - column.mean().unwrap()
    };
    let (a, b) = (column(&first, 2), column(&second, 1));
    let expected = a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt();
    assert!(expected < -0.9);
    assert!((found.correlations()[2] - expected).abs() < 1e-9);
    let table = found.table().unwrap();
    assert_eq!(table.height(), 6);
    // The scale and the place of a code mean nothing.
    let moved = second.mapv(|value| 1000.0 + 30.0 * value);
    let same = match_codes(&first, &moved).unwrap();
    assert_eq!(same.partners(), found.partners());
    assert_eq!(same.agreement(), found.agreement());
}

#[test]
fn a_dimension_that_the_other_lacks_is_told() {
    let first = random(200, 6, 1);
    let mut second = planted(&first, 0.1);
    second.column_mut(3).assign(&random(200, 1, 9).column(0));
    // One that is always the same.
    second.column_mut(0).fill(0.3);
    let found = match_codes(&first, &second).unwrap();
    let told: Vec<usize> = (0..6)
        .filter(|&at| found.agreement()[at] != Agreement::Same)
        .collect();
    assert_eq!(told, [4, 5]);
    assert_eq!(count(&found, Agreement::Chance), 2);
    assert!(found.to_string().contains("no more than shuffled cells"));
    assert!(found.correlations().iter().all(|r| r.is_finite()));
}

/// Rotated, the codes say the same of cells, and none of their dimensions.
#[test]
fn rotated_codes_are_told_from_the_same_dimensions() {
    let first = random(300, 6, 1);
    let found = match_codes(&first, &rotated(&first, 5)).unwrap();
    assert_eq!(count(&found, Agreement::Chance), 0, "{found}");
    assert!(count(&found, Agreement::Same) <= 1, "{found}");
    // One direction has nothing to be rotated to.
    let line = first.select(Axis(1), &[0]);
    let found = match_codes(&line, &(&line * -2.0)).unwrap();
    assert!(found.rotated()[0].is_nan());
    assert_eq!(found.signs()[0], -1.0);
    assert_eq!(found.agreement(), [Agreement::Same]);
}

/// Of 200 dimensions that mean nothing one in twenty may pass; 10 are expected, and more than 22 come once in 5,000 times were they
/// independent.
#[test]
fn false_alarms_are_as_rare_as_the_level_says() {
    let (mut related, mut same) = (0, 0);
    let quick = MatchCodes::new().draws(59);
    for pair in 0..40 {
        let first = random(80, 5, 100 + pair);
        let other = quick.run(&first, &random(80, 5, 500 + pair)).unwrap();
        related += 5 - count(&other, Agreement::Chance);
        let turned = quick.run(&first, &rotated(&first, 900 + pair)).unwrap();
        same += count(&turned, Agreement::Same);
    }
    assert!(related <= 22 && same <= 22, "{related} {same}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let first = random(60, 6, 3);
    let second = random(60, 6, 4);
    let find = || match_codes(&first, &second).unwrap();
    let found = find();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        assert_eq!(pool.build().unwrap().install(find), found);
    }
    let other = MatchCodes::new().seed(8).run(&first, &second).unwrap();
    assert_ne!(other.shuffled(), found.shuffled());
}

/// A linear code of four dimensions over eight genes.
fn coder(name: &str, rows: &[Array1<f32>]) -> Network {
    let network = Architecture::features(8).dense(4).build().unwrap();
    let weight: Vec<f32> = rows.iter().flatten().copied().collect();
    let tensors = HashMap::from([
        (
            "0.dense.weight".to_owned(),
            Tensor::from_vec(weight, (4, 8), &Device::Cpu).unwrap(),
        ),
        (
            "0.dense.bias".to_owned(),
            Tensor::zeros(4, genolens::candle_core::DType::F32, &Device::Cpu).unwrap(),
        ),
    ]);
    let file = format!("genolens_{name}_{}.safetensors", std::process::id());
    let path = std::env::temp_dir().join(file);
    safetensors::save(&tensors, &path).unwrap();
    let network = network.load(&path).unwrap();
    std::fs::remove_file(path).ok();
    network
}

/// Every seed has three dimensions of its code in another order and with other signs, and a fourth that is its own.
#[test]
fn scores_of_dimensions_are_put_into_the_order_of_the_first_seed() {
    let cells = named(random(200, 8, 21));
    let number = std::cell::Cell::new(0);
    let found = codes_between_seeds(4, |_| {
        let seed = number.replace(number.get() + 1);
        let mut rows: Vec<Array1<f32>> = (0..3)
            .map(|row| random(1, 8, 31 + row).row(0).to_owned())
            .collect();
        rows.push(random(1, 8, 61 + seed as u64).row(0).to_owned());
        rows[seed % 3] *= -1.0;
        rows.rotate_left(seed);
        let network = coder("seeds", &rows);
        let codes = predict(&network, &cells)?;
        CodeScores::new(&codes, |dimension| {
            let explain = ExplainGenes::new().method(GeneMethod::Gradient);
            explain.target(dimension).run(&network, &cells)
        })
    });
    let found = found.unwrap();
    assert_eq!((found.seeds(), found.dimensions()), (4, 4));
    for dimension in 0..3 {
        let scores = found.dimension(dimension).unwrap();
        assert_eq!(scores.unmatched(), 0, "{found}");
        assert!(scores.error().iter().all(|error| *error < 1e-6));
        assert!((scores.rank_agreement() - 1.0).abs() < 1e-6);
        // That of the first seed, whose first dimension is turned round.
        let sign = if dimension == 0 { -1.0 } else { 1.0 };
        let weights = random(1, 8, 31 + dimension as u64).row(0).to_owned();
        for (score, weight) in scores.mean().iter().zip(&weights) {
            assert!((score - sign * f64::from(*weight)).abs() < 1e-6);
        }
        assert!(!scores.to_string().contains("without"));
    }
    let own = found.dimension(3).unwrap();
    assert_eq!(own.unmatched(), 3, "{found}");
    assert!(
        own.to_string()
            .starts_with("4 seeds (3 without this dimension), rank agreement"),
        "{own}"
    );
    assert_eq!(own.top(2).unmatched(), 3);
    assert_eq!(found.correlations().dim(), (3, 4));
    assert_eq!(found.matched(2).unwrap().len(), 4);
    let table = found.table().unwrap();
    let same: Vec<u64> = table
        .column("same")
        .unwrap()
        .u64()
        .unwrap()
        .into_no_null_iter()
        .collect();
    assert_eq!(same, [3, 3, 3, 0]);
}

/// A unit that is never active has no order of genes, and no partner.
#[test]
fn a_silent_dimension_is_told() {
    let cells = named(random(60, 8, 21));
    let mut rows: Vec<Array1<f32>> = (0..4)
        .map(|row| random(1, 8, 31 + row).row(0).to_owned())
        .collect();
    rows[1].fill(0.0);
    let network = coder("silent", &rows);
    let found = codes_between_seeds(2, |_| {
        CodeScores::new(&predict(&network, &cells)?, |dimension| {
            ExplainGenes::new().target(dimension).run(&network, &cells)
        })
    });
    let found = found.unwrap();
    let silent = found.dimension(1).unwrap();
    assert_eq!(silent.unmatched(), 1);
    assert!(silent.rank_agreement().is_nan());
    assert!(
        found
            .to_string()
            .lines()
            .nth(2)
            .unwrap()
            .ends_with("0, 0, 1")
    );
    assert_eq!(found.dimension(0).unwrap().unmatched(), 0);
    // Both have pictures.
    assert!(found.heatmap().svg().contains("seed 1"));
    let matched = found.matched(1).unwrap();
    assert!(matched.heatmap().svg().contains("3 of 4 the same"));
    assert!(silent.bars().svg().contains("without this dimension"));
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let codes = random(20, 3, 1);
    let told = |model: MatchCodes, a: &Array2<f32>, b: &Array2<f32>| {
        model.run(a, b).unwrap_err().to_string()
    };
    let new = MatchCodes::new;
    let mut odd = codes.clone();
    odd[[2, 1]] = f32::INFINITY;
    let cells = named(random(20, 3, 2));
    let network = Architecture::features(3).dense(3).build().unwrap();
    let explained = |width: usize| {
        CodeScores::new(&random(20, width, 3), |dimension| {
            let explain = ExplainGenes::new().target(dimension);
            explain.run(&network, &cells)
        })
    };
    let fine = codes_between_seeds(2, |_| explained(3)).unwrap();
    let number = std::cell::Cell::new(2);
    let said = [
        told(new(), &codes, &random(19, 3, 1)),
        told(new(), &codes, &random(20, 2, 1)),
        told(new(), &random(2, 3, 1), &random(2, 3, 1)),
        told(new(), &random(20, 0, 1), &random(20, 0, 1)),
        told(new(), &odd, &codes),
        told(new(), &codes, &odd),
        told(new().level(0.0), &codes, &codes),
        told(new().level(f64::NAN), &codes, &codes),
        told(new().draws(18), &codes, &codes),
        told(new().draws(0).level(0.9), &codes, &codes),
        match_codes(&codes.row(0).to_owned(), &codes)
            .unwrap_err()
            .to_string(),
        match_codes(&codes, &codes)
            .unwrap()
            .aligned(&random(5, 2, 1))
            .unwrap_err()
            .to_string(),
        explained(4).unwrap_err().to_string(),
        CodeScores::new(&codes.row(0).to_owned(), |_| {
            explain_genes(&network, &cells)
        })
        .unwrap_err()
        .to_string(),
        codes_between_seeds(1, |_| explained(3))
            .unwrap_err()
            .to_string(),
        codes_between_seeds(2, |_| explained(number.replace(3)))
            .unwrap_err()
            .to_string(),
        fine.dimension(3).unwrap_err().to_string(),
        fine.matched(0).unwrap_err().to_string(),
        fine.matched(2).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    `codes` has shape (19, 3), expected (20, 3) as `reference`
    `codes` has shape (20, 2), expected (20, 3) as `reference`
    `reference` has shape (2, 3), expected (cells, dimensions) with at least 3 cells and a dimension
    `reference` has shape (20, 0), expected (cells, dimensions) with at least 3 cells and a dimension
    `reference` is inf, expected finite numbers
    `codes` is inf, expected finite numbers
    `level` is 0, expected above 0 to below 1
    `level` is NaN, expected above 0 to below 1
    `draws` is 18, expected at least 19
    `draws` is 0, expected at least 1
    `reference` has shape (3), expected (cells, dimensions)
    `codes` has shape (5, 2), expected (cells, 3)
    `target` is 3, expected below 3, the number of outputs
    `codes` has shape (3), expected (cells, dimensions)
    `seeds` is 1, expected at least 2
    `codes` has shape (20, 3), expected (20, 2) as `reference`
    `dimension` is 3, expected below 3
    `seed` is 0, expected 1 to 1
    `seed` is 2, expected 1 to 1
    ");
}
