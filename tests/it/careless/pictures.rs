//! Axes without ends, and simulations without end.

use genolens::display;
use genolens::simulate::Grammar;

#[test]
fn an_axis_without_ends_is_still_drawn() {
    let all = f64::INFINITY;
    for (low, high) in [
        (f64::NAN, f64::NAN),
        (f64::NAN, 1.0),
        (1.0, 0.0),
        (-all, all),
        (all, all),
    ] {
        let dots = display::forest(&["a", "b"], &[1.0, 2.0]).intervals(&[0.0, 1.0], &[2.0, 3.0]);
        assert!(dots.x_range(low, high).svg().contains("</svg>"));
        let line = display::curve(&[0.0, 1.0], &[1.0, 2.0]);
        let line = line.x_range(low, high).y_range(high, low);
        assert!(line.svg().contains("</svg>"));
        assert!(!line.svg().contains("NaN"));
    }
}

#[test]
fn simulations_have_an_end() {
    let tell = |grammar: Grammar, n| grammar.run(n).unwrap_err().to_string();
    let short = Grammar::new().length(100);
    insta::assert_snapshot!(tell(short.clone(), usize::MAX), @"`n` is 18446744073709551615, expected at most 42949672 of 100 letters each");
    insta::assert_snapshot!(tell(short.clone().length(usize::MAX), 3), @"`length` is 18446744073709551615, expected at most 4294967296");
    let planted = tell(short.clone().planted(1..=usize::MAX), 3);
    assert!(
        planted.contains("expected 18446744073709551615 or more to place"),
        "{planted}"
    );
    let shares = tell(short.composition([f64::MAX; 4]), 3);
    assert!(
        shares.ends_with("expected shares of 0 or more, not all 0"),
        "{shares}"
    );
}
