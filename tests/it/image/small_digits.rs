//! The 8 x 8 digits.

use genolens::image;

const GOLDEN: &str = "tests/golden/image/small_digits.csv";

#[test]
fn digits_are_what_scikit_learn_reads() {
    let digits = image::open_small_digits(GOLDEN).unwrap();
    assert_eq!(digits.values().dim(), (100, 1, 8, 8));
    let golden = include_str!("../../golden/image/small_digits.tsv");
    for line in golden.lines() {
        let cells: Vec<usize> = line.split('\t').map(|cell| cell.parse().unwrap()).collect();
        let [index, label, sum, first, last] = cells[..] else {
            panic!("{line}")
        };
        assert_eq!(digits.labels()[index], label as f32);
        let one = digits.get(index).unwrap();
        let pixels = one.values();
        // Sixteenths add up exactly.
        assert_eq!(pixels.sum() * 16.0, sum as f32);
        let rows = |y: &usize| (0..8).any(|x| pixels[[0, 0, *y, x]] > 0.0);
        assert_eq!((0..8).find(rows), Some(first));
        assert_eq!((0..8).rev().find(rows), Some(last));
    }
}

#[test]
fn lines_that_are_no_digits_are_named() {
    let good = std::fs::read_to_string(GOLDEN).unwrap();
    let good = good.lines().next().unwrap();
    let problem = |text: String| {
        let process = std::process::id();
        let path = std::env::temp_dir().join(format!("genolens_{process}_digits.csv"));
        std::fs::write(&path, text).unwrap();
        let error = image::open_small_digits(&path).unwrap_err().to_string();
        error.replace(&path.display().to_string(), "FILE")
    };
    insta::assert_snapshot!(problem(String::new()), @"`FILE` is empty, expected at least 1 digit");
    insta::assert_snapshot!(problem(format!("{good}\n1,2,3\n")), @"FILE, line 2: expected 65 numbers, 64 pixels and the digit, got 3 cells");
    insta::assert_snapshot!(problem(format!("{good}\r\n\n{}\n", good.replace(",13,", ",17,"))), @"FILE, line 3: expected pixels from 0 to 16, got `17`");
    insta::assert_snapshot!(problem(good.replace(",13,", ",x\u{1b},")), @r"FILE, line 1: expected pixels from 0 to 16, got `x\u{1b}`");
    insta::assert_snapshot!(problem(good.replace(",13,", ",0.5,")), @"FILE, line 1: expected pixels from 0 to 16, got `0.5`");
    let (pixels, _) = good.rsplit_once(',').unwrap();
    insta::assert_snapshot!(problem(format!("{pixels},10")), @"FILE, line 1: expected a digit from 0 to 9, got `10`");
    insta::assert_snapshot!(problem(format!("{pixels},NaN")), @"FILE, line 1: expected a digit from 0 to 9, got `NaN`");
}
