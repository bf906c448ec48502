//! Ways through the space of a model: straight through nothing, from neighbour to neighbour, and careless calls.

use super::plain::labelled;
use genolens::expression::Cells;
use genolens::generative::{Latent, LatentModel, LatentPath};
use genolens::ndarray::Array2;

/// A model whose space is that of the genes.
struct Same;

impl LatentModel for Same {
    fn encode(&self, cells: &Cells) -> genolens::Result<Latent> {
        Latent::from_coordinates(cells.values().dense().into_owned())
    }

    fn decode(&self, latent: &Latent) -> genolens::Result<Cells> {
        let values = latent.coordinates().clone();
        let names = (0..values.nrows()).map(|cell| cell.to_string());
        Cells::new(values, names, ["x", "y"])
    }
}

/// Cells on half a circle, the ends of which are kinds of their own.
fn half_circle() -> Cells {
    let values = Array2::from_shape_fn((61, 2), |(cell, gene)| {
        let angle = std::f32::consts::PI * cell as f32 / 60.0;
        if gene == 0 { angle.cos() } else { angle.sin() }
    });
    let cells = Cells::new(values, (0..61).map(|c| c.to_string()), ["x", "y"]).unwrap();
    let kinds = |cell: usize| match cell {
        0 => "young",
        60 => "old",
        _ => "middle",
    };
    labelled(&cells, "age", kinds)
}

/// The straight way to single precision, 1e-6; the other to 1e-4, for two corners of it are cut.
#[test]
fn a_way_along_neighbours_stays_with_the_cells() {
    let cells = half_circle();
    let way = LatentPath::new("age", "young", "old").points(5);
    let straight = way.run(&Same, &cells).unwrap();
    // Through the middle of the circle, one from all cells.
    assert!((straight.gap()[2] - 1.0).abs() < 1e-6 && straight.gap()[0] < 1e-6);
    assert!(
        straight
            .decoded()
            .gene("y")
            .unwrap()
            .iter()
            .all(|y| y.abs() < 1e-6)
    );
    assert!(straight.cells().is_empty());
    let along = way.along_neighbors(3).run(&Same, &cells).unwrap();
    assert!(along.gap().iter().all(|gap| *gap < 1e-4), "{}", along.gap());
    // The two nearest of an end are on one side of it: their ways are cut short.
    let inner = 2..59;
    let expected: Vec<usize> = [0].into_iter().chain(inner).chain([60]).collect();
    assert_eq!(along.cells().to_vec(), expected);
    // A quarter of the way is a quarter of half the circle.
    let y = along.decoded().gene("y").unwrap();
    assert!((y[1] - 0.5_f32.sqrt()).abs() < 1e-4 && (y[2] - 1.0).abs() < 1e-4);
    insta::assert_snapshot!(format!("{along:?}"), @"Trajectory(5 points by 59 cells)");
}

#[test]
fn careless_calls_are_told_what_to_change() {
    let cells = half_circle();
    let run = |way: LatentPath| way.run(&Same, &cells).unwrap_err();
    let ends = cells.select_cells(&[0, 1, 59, 60]).unwrap();
    let way = || LatentPath::new("age", "young", "old");
    let messages = [
        run(way().points(1)),
        run(LatentPath::new("stage", "young", "old")),
        run(LatentPath::new("age", "young", "ancient")),
        run(LatentPath::new("age", "old", "old")),
        run(way().along_neighbors(100)),
        way().along_neighbors(2).run(&Same, &ends).unwrap_err(),
    ];
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `points` is 1, expected at least 2
    `column` is `stage`, expected one of: age
    `to` is `ancient`, expected one of: middle, old, young
    `to` is old, expected another kind than `from`
    `k` is 100, expected 2 to 61, the number of examples
    `neighbors` is 2, expected so many that they join `young` and `old`
    ");
}
