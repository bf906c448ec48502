//! The whole and its parts.

use genolens::causal::{self, Partition};
use genolens::ndarray::{Array1, Array2, array};
use proptest::prelude::*;

#[test]
fn kidney_stones_tell_two_stories() {
    let stones = causal::kidney_stones();
    let stories = Partition::new().features(&["open surgery"]);
    let stories = stories
        .run(stones.x(), stones.y(), stones.groups())
        .unwrap();
    // Charig and others 1986: 78 against 83 % on the whole, 93 against 87 % and 73 against 69 % in the parts.
    let effect = |part: &str| stories.get("open surgery", part).unwrap().effect();
    let close =
        |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
    close(effect("whole"), 273.0 / 350.0 - 289.0 / 350.0);
    close(effect("small"), 81.0 / 87.0 - 234.0 / 270.0);
    close(effect("large"), 192.0 / 263.0 - 55.0 / 80.0);
    insta::assert_snapshot!(stories.table().unwrap(), @r"
    shape: (4, 8)
    ┌──────────────┬────────┬─────┬───────────┬────────────────┬───────────┬──────────┬──────────┐
    │ feature      ┆ part   ┆ n   ┆ effect    ┆ standard_error ┆ lower     ┆ upper    ┆ p_value  │
    │ ---          ┆ ---    ┆ --- ┆ ---       ┆ ---            ┆ ---       ┆ ---      ┆ ---      │
    │ str          ┆ str    ┆ u64 ┆ f64       ┆ f64            ┆ f64       ┆ f64      ┆ f64      │
    ╞══════════════╪════════╪═════╪═══════════╪════════════════╪═══════════╪══════════╪══════════╡
    │ open surgery ┆ whole  ┆ 700 ┆ -0.045714 ┆ 0.030067       ┆ -0.104747 ┆ 0.013319 ┆ 0.128863 │
    │ open surgery ┆ within ┆ 700 ┆ 0.053836  ┆ 0.034557       ┆ -0.014012 ┆ 0.121683 ┆ 0.119712 │
    │ open surgery ┆ large  ┆ 343 ┆ 0.042538  ┆ 0.057443       ┆ -0.070449 ┆ 0.155525 ┆ 0.459489 │
    │ open surgery ┆ small  ┆ 357 ┆ 0.064368  ┆ 0.039685       ┆ -0.013678 ┆ 0.142414 ┆ 0.105693 │
    └──────────────┴────────┴─────┴───────────┴────────────────┴───────────┴──────────┴──────────┘
    ");
    insta::assert_snapshot!(stories.reversals().unwrap(), @r"
    shape: (1, 6)
    ┌──────────────┬───────────┬──────────┬─────────┬────────────────┬──────────┐
    │ feature      ┆ whole     ┆ within   ┆ opposed ┆ groups_opposed ┆ p_value  │
    │ ---          ┆ ---       ┆ ---      ┆ ---     ┆ ---            ┆ ---      │
    │ str          ┆ f64       ┆ f64      ┆ bool    ┆ str            ┆ f64      │
    ╞══════════════╪═══════════╪══════════╪═════════╪════════════════╪══════════╡
    │ open surgery ┆ -0.045714 ┆ 0.053836 ┆ true    ┆ 2 of 2         ┆ 0.128863 │
    └──────────────┴───────────┴──────────┴─────────┴────────────────┴──────────┘
    ");
    insta::assert_snapshot!(format!("{stones:?}\n{stories:?}"), @r"
    Observations(n = 700, open surgery against success, groups by size of stone)
    Stories(n = 700, features = 1, signs differ within groups: open surgery)
    ");
}

#[test]
fn slopes_and_errors_are_those_of_least_squares() {
    // statsmodels 0.14: OLS(y ~ x) and OLS(y ~ x + C(g)) on these numbers.
    let x = array![[1.0], [2.0], [4.0], [3.0], [5.0], [7.0], [6.0]];
    let y = array![2.1, 3.9, 8.3, 1.0, 2.2, 3.1, 4.2];
    let groups = ["a", "a", "a", "b", "b", "b", "b"];
    let stories = causal::partition(&x, &y, &groups).unwrap();
    let [whole, within] = ["whole", "within"].map(|part| stories.get("0", part).unwrap());
    let found = [
        whole.effect(),
        whole.standard_error(),
        whole.p_value(),
        within.effect(),
        within.standard_error(),
        within.p_value(),
    ];
    let wanted = [
        0.171_428_571_428_571_82,
        0.484_873_221_385_061_34,
        0.738_092_601_893_913_8,
        1.155_900_621_118_012,
        0.384_838_625_552_704_54,
        0.039_800_537_682_762_205,
    ];
    for (found, wanted) in found.into_iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-9, "{found:.12} {wanted}");
    }
}

#[test]
fn attributions_have_stories_too() {
    let lines = causal::opposed_lines();
    // A model that has learned the whole credits the feature with what it does to the whole.
    let fooled = lines.x() * -1.5;
    let wise = lines.x() * 0.9;
    let stories = |attributions: &Array2<f64>| {
        Partition::new()
            .run_attributions(lines.x(), attributions, lines.groups())
            .unwrap()
    };
    assert!(stories(&fooled).get("0", "within").unwrap().effect() < 0.0);
    assert!(!stories(&wise).reversal("0").unwrap().is_opposed());
    let truth = causal::partition(lines.x(), lines.y(), lines.groups()).unwrap();
    let reversal = truth.reversal("0").unwrap();
    assert!(reversal.is_opposed() && reversal.p_value() < 1e-6 && reversal.opposed() == 4);
}

#[test]
fn signs_that_agree_are_no_reversal_and_chance_is_not_either() {
    // Two groups with the same intercept and no effect at all: the test may call 5 %.
    let mut called = 0;
    for run in 0..400_u32 {
        let number =
            |i: usize| ((f64::from(run) * 977.0 + i as f64 * 12.9898).sin() * 43758.5453).fract();
        let x = Array2::from_shape_fn((40, 1), |(i, _)| number(i));
        let y = Array1::from_shape_fn(40, |i| number(i + 40));
        let groups: Vec<String> = (0..40).map(|i| (i % 2).to_string()).collect();
        let reversal = causal::partition(&x, &y, &groups)
            .unwrap()
            .reversal("0")
            .unwrap();
        called += usize::from(reversal.p_value() < 0.05);
    }
    assert!(called <= 20, "{called} of 400");
}

#[test]
fn what_has_no_story_is_named() {
    let x = array![
        [1.0, 0.1],
        [2.0, 0.1],
        [3.0, 0.1],
        [1.0, 0.1],
        [1.0, 0.1],
        [1.0, 0.1],
        [0.0, 0.1]
    ];
    let y = array![1.0, 2.0, 2.5, 3.0, 4.0, 1.0, 2.0];
    let groups = ["a", "a", "a", "b", "b", "b", "c"];
    let stories = Partition::new()
        .features(&["dose", "constant"])
        .run(&x, &y, &groups)
        .unwrap();
    insta::assert_snapshot!(stories.left_out().join("\n"), @r"
    constant: it does not vary within any group, or too few rows
    dose in b: it does not vary, or fewer than 3 rows
    dose in c: it does not vary, or fewer than 3 rows
    ");
    let messages = [
        stories.get("age", "whole").unwrap_err().to_string(),
        stories.get("dose", "b").unwrap_err().to_string(),
        stories.reversal("constant").unwrap_err().to_string(),
        causal::partition(&x, &array![1.0], &groups)
            .unwrap_err()
            .to_string(),
        causal::partition(&x, &y, &["a"]).unwrap_err().to_string(),
        causal::partition(&x, &y, &["a"; 7])
            .unwrap_err()
            .to_string(),
        causal::partition(&x, &(&y * f64::NAN), &groups)
            .unwrap_err()
            .to_string(),
        causal::partition(&(&x / 0.0), &y, &groups)
            .unwrap_err()
            .to_string(),
        Partition::new()
            .features(&["one"])
            .run(&x, &y, &groups)
            .unwrap_err()
            .to_string(),
        Partition::new()
            .run_attributions(&x, &array![[1.0]], &groups)
            .unwrap_err()
            .to_string(),
        causal::partition(&Array2::zeros((0, 1)), &Array1::zeros(0), &[] as &[&str])
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `feature` is `age`, expected one of dose
    `part` is `b`, expected one of whole, within, a
    `feature` is `constant`, expected one of dose
    `y` has shape (1), expected (7,), a number for each row of `x`
    `groups` is 1, expected 7, one for each row of `x`
    `groups` is 1, expected two or more
    `y` is NaN, expected finite numbers
    `x` is inf, expected finite numbers
    `features` is 1, expected 2 names, one for each column of `x`
    `attributions` has shape (1, 1), expected (7, 2) as `x`
    `groups` is 0, expected two or more
    ");
}

proptest! {
    #[test]
    fn order_and_names_of_groups_change_nothing(values in proptest::collection::vec((-5.0..5.0_f64, -5.0..5.0_f64, 0..3_usize), 12..40)) {
        let tell = |values: &[(f64, f64, usize)], names: [&str; 3]| {
            let x = Array2::from_shape_fn((values.len(), 1), |(i, _)| values[i].0);
            let y = values.iter().map(|value| value.1).collect();
            let groups: Vec<&str> = values.iter().map(|value| names[value.2]).collect();
            causal::partition(&x, &y, &groups)
        };
        let mut turned = values.clone();
        turned.reverse();
        match (tell(&values, ["a", "b", "c"]), tell(&turned, ["z", "y", "x"])) {
            (Ok(a), Ok(b)) => {
                let (a, b) = (a.reversal("0"), b.reversal("0"));
                if let (Ok(a), Ok(b)) = (a, b) {
                    prop_assert!((a.within().effect() - b.within().effect()).abs() < 1e-9);
                    prop_assert!((a.p_value() - b.p_value()).abs() < 1e-9);
                    prop_assert_eq!(a.opposed(), b.opposed());
                }
            }
            (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
        }
    }
}
