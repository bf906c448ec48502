//! Points of the normal distribution.

use genolens::random::Seed;
use genolens::simulate;

#[test]
fn points_are_normal_independent_and_their_own() {
    let few = simulate::normal((10, 500), Seed::new(4));
    let many = simulate::normal((400, 500), Seed::new(4));
    assert_eq!(few, many.slice(genolens::ndarray::s![..10, ..]));
    assert_ne!(few, simulate::normal((10, 500), Seed::new(5)));
    let moment = |power| many.mapv(|x| f64::from(x).powi(power)).mean().unwrap();
    for (power, expected) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)] {
        assert!((moment(power) - expected).abs() < 0.05, "moment {power}");
    }
    let product = many.row(0).dot(&many.row(1)) / 500.0;
    assert!(product.abs() < 0.2);
    assert_eq!(simulate::normal((3, 0), Seed::new(1)).dim(), (3, 0));
}
