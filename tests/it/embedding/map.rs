//! Tests of maps as values.

use genolens::embedding::{Map, faithfulness, neighbors};
use genolens::ndarray::{Array2, array, s};
use genolens::polars::prelude::{Column, DataFrame};
use genolens::random::Seed;

#[test]
fn a_map_says_how_it_was_made() {
    let map = Map::new(array![[0.0, 1.0], [2.0, 0.5]], "UMAP").unwrap();
    let noted = map.with_seed(Seed::new(7)).with_note("15 neighbours");
    assert_eq!(noted.caption(), "UMAP of 2 points, 15 neighbours, seed 7");
    assert_eq!(map.caption(), "UMAP of 2 points");
    assert_eq!(format!("{map:?}"), "Map(UMAP, n = 2, dimensions = 2)");
    let types = Column::new("type".into(), ["B", "T"]);
    let about = DataFrame::new(2, vec![types]).unwrap();
    assert_eq!(map.with_about(about).unwrap().about().unwrap().height(), 2);
}

#[test]
fn a_map_tells_how_faithful_it_is_once_that_is_measured() {
    let x = Array2::from_shape_fn((80, 3), |(i, j)| (i * (3 + j * j) % 61) as f32);
    let map = Map::new(x.slice(s![.., ..2]).to_owned(), "slice").unwrap();
    let map = map.with_note("two columns").with_seed(Seed::new(7));
    assert!(map.faithfulness().is_none());
    let found = faithfulness(&x, &map).unwrap();
    let told = map.measured(&x).unwrap();
    let caption = format!(
        "slice of 80 points, two columns, {}, seed 7",
        found.caption()
    );
    assert_eq!(told.caption(), caption);
    assert!(caption.contains("trustworthiness 0."), "{caption}");
    assert_eq!(
        told.scatter().description(),
        format!("Map of 80 points. {caption}")
    );
    // Measured again, the last one counts.
    assert_eq!(told.with_faithfulness(&found).unwrap().caption(), caption);
    let other = Map::new(Array2::zeros((4, 2)), "UMAP").unwrap();
    insta::assert_snapshot!(other.with_faithfulness(&found).unwrap_err(), @"`found` is of 80 points, expected of the 4 points of the map");
    assert!(other.measured(&x).is_err());
}

#[test]
fn a_map_is_an_input() {
    let map = Map::new(
        Array2::from_shape_fn((30, 2), |(i, j)| (i * (j + 1)) as f32),
        "PCA",
    );
    assert_eq!(neighbors(&map.unwrap()).unwrap().indices()[[0, 0]], 1);
}

#[test]
fn what_makes_no_map_is_named() {
    insta::assert_snapshot!(Map::new(Array2::zeros((0, 2)), "UMAP").unwrap_err(), @"`coordinates` has shape (0, 2), expected (n, dimensions), both at least 1");
    insta::assert_snapshot!(Map::new(array![[0.0, f32::NAN]], "UMAP").unwrap_err(), @"`coordinates` is NaN in row 0, expected finite numbers");
    let map = Map::new(array![[0.0, 1.0]], "UMAP").unwrap();
    let about = DataFrame::new(2, vec![Column::new("type".into(), ["B", "T"])]).unwrap();
    insta::assert_snapshot!(map.with_about(about).unwrap_err(), @"`about` is 2, expected 1 rows, one for each point");
}
