//! Tests of velocities drawn over a map, on simulated cells whose direction is known.

use crate::display::sound;
use genolens::display::MapPlot;
use genolens::embedding::{Map, NeighborSearch, Pca};
use genolens::expression::{self, Arrows, Cells, SplicedCounts, Values};
use genolens::ndarray::{Array1, Array2};
use genolens::simulate::Differentiation;
use resvg::usvg::roxmltree;

/// 300 cells on one path, which time runs along from left to right, and their velocities on a map.
fn arrows(map: impl Fn(&Cells) -> Array2<f32>) -> Arrows {
    let cells = Differentiation::new().seed(4).run(300).unwrap();
    let ready = SplicedCounts::new().run(&cells).unwrap();
    let logs = ready.layer("spliced").unwrap().dense().mapv(f32::ln_1p);
    let components = Pca::new(20)
        .run(&ready.with_values(Values::from(logs)).unwrap())
        .unwrap();
    let near = NeighborSearch::new().k(30).run(&components).unwrap();
    let velocity = expression::velocity(&ready, &near).unwrap();
    velocity
        .arrows(&Map::new(map(&cells), "path").unwrap())
        .unwrap()
}

fn on_path() -> Arrows {
    arrows(|cells| cells.obsm("X_path").unwrap().clone())
}

/// Turns pixels of a picture back into coordinates of its map, by where the dots of the outermost cells are.
fn scale(svg: &str, map: &Map) -> impl Fn((f64, f64)) -> (f64, f64) + use<> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let dots = document.descendants().filter(|n| n.has_tag_name("circle"));
    let dots: Vec<[f64; 2]> = dots
        .map(|dot| ["cx", "cy"].map(|name| dot.attribute(name).unwrap().parse().unwrap()))
        .collect();
    assert_eq!(dots.len(), map.len());
    let line = |axis: usize| {
        let at = map.coordinates().column(axis).mapv(f64::from);
        let order = |a: &usize, b: &usize| at[*a].total_cmp(&at[*b]);
        let low = (0..at.len()).min_by(order).unwrap();
        let high = (0..at.len()).max_by(order).unwrap();
        let unit = (at[high] - at[low]) / (dots[high][axis] - dots[low][axis]);
        (at[low] - unit * dots[low][axis], unit)
    };
    let (x, y) = (line(0), line(1));
    move |(px, py)| (x.0 + x.1 * px, y.0 + y.1 * py)
}

/// The corners of all paths that are drawn with this width, or filled.
fn paths(svg: &str, fits: impl Fn(&roxmltree::Node<'_, '_>) -> bool) -> Vec<Vec<(f64, f64)>> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let nodes = document.descendants();
    let nodes = nodes.filter(|node| node.has_tag_name("path") && fits(node));
    let point = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    nodes
        .map(|node| {
            let path = node.attribute("d").unwrap().trim_end_matches('Z');
            path[1..].split('L').map(point).collect()
        })
        .collect()
}

fn tips(plot: &MapPlot) -> Vec<(f64, f64)> {
    let heads = paths(&plot.svg(), |node| {
        node.attribute("d").unwrap().ends_with('Z')
    });
    heads.iter().map(|head| head[0]).collect()
}

#[test]
fn arrows_on_a_grid_end_where_their_velocities_lead() {
    let arrows = on_path();
    let plot = arrows.scatter();
    sound(&plot.figure());
    let grid = arrows.grid().unwrap();
    let vectors = grid.drawn();
    let ends = grid.positions() + &vectors;
    let moving: Vec<usize> = (0..ends.nrows())
        .filter(|at| vectors.row(*at).iter().any(|v| *v != 0.0))
        .collect();
    let said = plot.description();
    let expected = format!("{} arrows as long as their vectors", moving.len());
    assert!(said.contains(&expected) && moving.len() > 50, "{said}");
    assert!(said.ends_with(&arrows.map().caption()), "{said}");
    // Every head is the end of an arrow, within a hundredth of a pixel; those beyond the frame are not drawn.
    let back = scale(&plot.svg(), arrows.map());
    let tips = tips(&plot);
    assert!(tips.len() * 10 > moving.len() * 9, "{} heads", tips.len());
    let pixel = (back((1.0, 0.0)).0 - back((0.0, 0.0)).0).abs();
    for tip in &tips {
        let (x, y) = back(*tip);
        let far = moving
            .iter()
            .map(|at| (ends[[*at, 0]] - x).hypot(ends[[*at, 1]] - y));
        let nearest = far.fold(f64::MAX, f64::min);
        assert!(nearest < 0.05 * pixel, "{nearest} {pixel}");
    }
}

#[test]
fn streams_follow_the_field_and_time() {
    let arrows = on_path();
    let plot = arrows.streams();
    sound(&plot.figure());
    assert!(
        plot.description().contains("streamlines, wider where"),
        "{plot:?}"
    );
    let svg = plot.svg();
    let back = scale(&svg, arrows.map());
    let lines = paths(&svg, |node| {
        let halo =
            node.attribute("stroke-opacity").is_some() || node.attribute("opacity").is_some();
        let path = node.attribute("d").unwrap();
        !halo && !path.ends_with('Z') && path.matches('L').count() > 2
    });
    assert!(lines.len() > 5, "{} lines", lines.len());
    let stream = arrows.stream().unwrap();
    let nearest = |axis: &Array1<f64>, value: f64| {
        let far = |at: &usize| (axis[*at] - value).abs();
        (0..axis.len())
            .min_by(|a, b| far(a).total_cmp(&far(b)))
            .unwrap()
    };
    let (mut along, mut forward, mut all) = (0, 0, 0);
    for line in &lines {
        for pair in line.windows(2) {
            let (from, to) = (back(pair[0]), back(pair[1]));
            let at = (nearest(stream.y(), from.1), nearest(stream.x(), from.0));
            let (x, y) = (stream.along_x()[at], stream.along_y()[at]);
            if !(x.is_finite() && y.is_finite()) {
                continue;
            }
            all += 1;
            along += usize::from((to.0 - from.0) * x + (to.1 - from.1) * y > 0.0);
            forward += usize::from(to.0 > from.0);
        }
    }
    // Between the nodes the field may turn; time goes to the right.
    assert!(all > 200 && along * 10 > all * 9, "{along} of {all}");
    assert!(forward * 10 > all * 8, "{forward} of {all}");
}

#[test]
fn a_map_without_a_plane_says_why_nothing_moves() {
    let flat = arrows(|cells| Array2::zeros((cells.len(), 1)));
    let still = arrows(|cells| Array2::zeros((cells.len(), 2)));
    let said = [
        flat.scatter().description(),
        flat.streams().description(),
        still.streams().description(),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    Map of 0 points; no data: 1 columns where two are needed. path of 300 points; no arrows: `map` has shape (300, 1), expected (n, 2)
    Map of 0 points; no data: 1 columns where two are needed. path of 300 points; no streams: `map` has shape (300, 1), expected (n, 2)
    Map of 300 points. path of 300 points; no streams: `map` is one with all in one, expected one with cells in two places or more
    ");
}
