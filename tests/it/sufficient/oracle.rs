//! A plain implementation of the published algorithms, and what is always true of their result.

use genolens::ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use genolens::network::BlackBox;
use genolens::sufficient::{Subsets, SufficientSubsets};
use proptest::prelude::*;

/// A subset, the order of its selection and the values on the way.
type Plain = (Vec<usize>, Vec<usize>, Vec<f64>);

/// Finds all subsets, as the paper writes it down: sets of features that are kept, and a function of such a set.
fn plain(features: usize, threshold: f64, score: impl Fn(&[bool]) -> f64) -> Vec<Plain> {
    let mut left = vec![true; features];
    let mut found = Vec::new();
    loop {
        if score(&left) < threshold || !left.contains(&true) {
            return found;
        }
        // BackSelect
        let mut kept = left.clone();
        let mut stack = Vec::new();
        while kept.contains(&true) {
            let mut best: Option<(usize, f64)> = None;
            for feature in 0..features {
                if kept[feature] {
                    let mut fewer = kept.clone();
                    fewer[feature] = false;
                    let value = score(&fewer);
                    if best.is_none_or(|(_, largest)| value > largest) {
                        best = Some((feature, value));
                    }
                }
            }
            let (feature, value) = best.unwrap();
            kept[feature] = false;
            stack.push((feature, value));
        }
        // FindSIS
        let rest = stack
            .iter()
            .rev()
            .take_while(|(_, value)| *value < threshold);
        let subset: Vec<usize> = rest.map(|(feature, _)| *feature).collect();
        for &feature in &subset {
            left[feature] = false;
        }
        let is_empty = subset.is_empty();
        let (order, values) = stack.into_iter().unzip();
        found.push((subset, order, values));
        if is_empty {
            return found;
        }
    }
}

/// The number whose bits say which features are not 0.
fn bits(row: &ArrayView1<'_, f32>) -> usize {
    let set = row.iter().enumerate().filter(|(_, x)| **x != 0.0);
    set.map(|(feature, _)| 1 << feature).sum()
}

fn is_plain(found: &Subsets, expected: &[Plain]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (index, (subset, order, values)) in expected.iter().enumerate() {
        let own = found.get(index).unwrap();
        prop_assert_eq!(own.order(), &subset[..]);
        prop_assert_eq!(own.number(), index);
        let selection = own.selection();
        prop_assert_eq!(selection.order(), &order[..]);
        prop_assert_eq!(selection.values(), &values[..]);
    }
    Ok(())
}

/// S1: every subset alone reaches the threshold, they are disjoint, and what is left does not reach it.
fn is_sound(found: &Subsets, black_box: &dyn BlackBox) -> Result<(), TestCaseError> {
    let threshold = found.threshold();
    for example in 0..found.examples() {
        let own = found.of(example).unwrap();
        if found.scores()[example] < threshold {
            prop_assert!(own.is_empty());
            continue;
        }
        let mut rest = found.x().index_axis(Axis(0), example).to_owned();
        let places = found.layout().places();
        let mut taken = vec![false; places];
        for index in 0..own.len() {
            for &place in own.get(index).unwrap().places() {
                prop_assert!(!taken[place], "{} twice", place);
                taken[place] = true;
            }
        }
        for (at, (number, other)) in rest.iter_mut().zip(found.stand_in()).enumerate() {
            if taken[at % places] {
                *number = *other;
            }
        }
        let scores = black_box.scores(&own.alone()).unwrap();
        for (score, index) in scores.column(0).iter().zip(0..) {
            prop_assert!(*score >= threshold);
            prop_assert_eq!(*score, own.get(index).unwrap().score());
        }
        let is_last = !own.is_empty() && own.get(own.len() - 1).unwrap().is_empty();
        let rest = black_box.scores(&rest.insert_axis(Axis(0))).unwrap()[[0, 0]];
        prop_assert!(rest < threshold || is_last || taken.iter().all(|&taken| taken));
    }
    Ok(())
}

proptest! {
    /// Few different scores, so that many are equal.
    #[test]
    fn any_function_of_masks_gives_the_same_subsets(
        features in 1_usize..7,
        table in prop::collection::vec(0_u8..6, 64),
        threshold in 0_u8..6,
        batch in 1_usize..9,
    ) {
        let score = |bits: usize| f64::from(table[bits]) / 2.0;
        let black_box = |x: ArrayView2<f32>| -> Array1<f64> {
            x.rows().into_iter().map(|row| score(bits(&row))).collect()
        };
        let threshold = f64::from(threshold) / 2.0;
        let x = Array2::from_elem((1, features), 2.0_f32);
        let expected = plain(features, threshold, |kept| {
            score((0..features).filter(|&at| kept[at]).map(|at| 1 << at).sum())
        });
        let found = SufficientSubsets::new(threshold).batch(batch).rows(&black_box, &x);
        if score((1 << features) - 1) < threshold {
            prop_assert!(found.unwrap_err().to_string().contains("`threshold`"));
            prop_assert!(expected.is_empty());
        } else {
            let found = found.unwrap();
            is_plain(&found, &expected)?;
            is_sound(&found, &black_box)?;
            // The first of them are those that are found when not all are asked for.
            let some = SufficientSubsets::new(threshold).most(1).rows(&black_box, &x).unwrap();
            is_plain(&some, &expected[..expected.len().min(1)])?;
        }
    }

    #[test]
    fn numbers_of_a_group_are_masked_together(
        owners in prop::collection::vec(0_usize..4, 4..9),
        table in prop::collection::vec(0_u8..9, 512),
        threshold in 0_u8..9,
    ) {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); 4];
        for (place, &owner) in owners.iter().enumerate() {
            groups[owner].push(place);
        }
        groups.retain(|group| !group.is_empty());
        let black_box = |x: ArrayView2<f32>| -> Vec<f64> {
            x.rows().into_iter().map(|row| f64::from(table[bits(&row)])).collect()
        };
        let threshold = f64::from(threshold);
        let x = Array2::ones((1, owners.len()));
        let expected = plain(groups.len(), threshold, |kept| {
            let places = (0..groups.len()).filter(|&at| kept[at]).flat_map(|at| &groups[at]);
            f64::from(table[places.map(|place| 1 << place).sum::<usize>()])
        });
        if expected.is_empty() {
            return Ok(());
        }
        let found = SufficientSubsets::new(threshold).groups(&groups).rows(&black_box, &x).unwrap();
        is_plain(&found, &expected)?;
        is_sound(&found, &black_box)?;
    }

    /// S3: of a sum of numbers that are 0 or more, each subset is the shortest one that could be made of what is left.
    #[test]
    fn subsets_of_sums_are_the_largest_numbers(
        weights in prop::collection::vec(0_u16..50, 1..12),
        share in 0.05_f64..1.0,
    ) {
        let sum = |x: ArrayView2<f32>| -> Vec<f64> {
            x.rows().into_iter().map(|row| row.iter().map(|&x| f64::from(x)).sum()).collect()
        };
        let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        prop_assume!(total > 0.0);
        let x = Array2::from_shape_fn((1, weights.len()), |(_, at)| f32::from(weights[at]));
        let threshold = share * total;
        let found = SufficientSubsets::new(threshold).rows(&sum, &x).unwrap();
        let mut left: Vec<u16> = weights.clone();
        left.sort_unstable_by(|a, b| b.cmp(a));
        for index in 0..found.len() {
            let subset = found.get(index).unwrap();
            let mut shortest = 0.0;
            let count = left.iter().take_while(|&&weight| {
                let is_short = shortest < threshold;
                shortest += f64::from(weight);
                is_short
            });
            let count = count.count();
            let mut own: Vec<u16> = subset.features().iter().map(|&at| weights[at]).collect();
            own.sort_unstable_by(|a, b| b.cmp(a));
            prop_assert_eq!(&own[..], &left[..count]);
            left.drain(..count);
        }
    }
}

/// Examples do not depend on each other or on how many threads there are.
#[test]
fn many_examples_are_many_times_one() {
    let product = |x: ArrayView2<f32>| -> Vec<f64> {
        let one = |row: ArrayView1<'_, f32>| f64::from(row[0] * row[1] + row[2] * row[3] + row[4]);
        x.rows().into_iter().map(one).collect()
    };
    let x = Array2::from_shape_fn((9, 5), |(i, j)| ((i * 7 + j * 5) % 11) as f32 - 3.0);
    let options = SufficientSubsets::new(4.0).batch(2);
    let all = options.rows(&product, &x).unwrap();
    is_sound(&all, &product).unwrap();
    assert_eq!(all.counts().sum(), all.len());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
    let again = pool
        .unwrap()
        .install(|| options.rows(&product, &x).unwrap());
    assert_eq!(format!("{:?}", again.table()), format!("{:?}", all.table()));
    let mut seen = 0;
    for example in 0..9 {
        let one = x.select(Axis(0), &[example]);
        let own = all.of(example).unwrap();
        let Ok(alone) = options.rows(&product, &one) else {
            assert!(own.is_empty());
            continue;
        };
        seen += 1;
        assert_eq!(own.len(), alone.len());
        for index in 0..own.len() {
            let (a, b) = (own.get(index).unwrap(), alone.get(index).unwrap());
            assert_eq!(a.features(), b.features());
            assert_eq!(a.selection().values(), b.selection().values());
            assert_eq!((a.example(), b.example()), (example, 0));
        }
    }
    assert!((3..9).contains(&seen), "{seen}");
}
