//! Tests of maps as pictures: scanpy's look, what the page for the browser holds, and how much it weighs.

use crate::display::sound;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use genolens::display::{self, Figure, MapPlot, Palette};
use genolens::embedding::{Map, pca};
use genolens::expression::Cells;
use genolens::ndarray::{Array2, array, s};
use genolens::polars::prelude::{Column, DataFrame};
use genolens::random::Seed;
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree;
use std::io::Read as _;

/// A number from 0 to 1 that looks random.
fn noise(i: usize) -> f64 {
    let mixed = (i as u64 + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// Groups of points, each around a middle of its own; returns them with the name of their group.
fn groups(n: usize, kinds: usize) -> (Array2<f64>, Vec<String>) {
    let kind = |i: usize| i * 7919 % kinds;
    let place = |(i, axis): (usize, usize)| {
        let spread: f64 = (0..4).map(|k| noise(8 * i + 4 * axis + k) - 0.5).sum();
        8.0 * noise(1_000_003 + 2 * kind(i) + axis) + spread
    };
    let names = (0..n).map(|i| format!("type {}", kind(i)));
    (Array2::from_shape_fn((n, 2), place), names.collect())
}

/// Place, radius and colour of every point of a picture, in the order in which they are drawn.
fn dots(svg: &str) -> Vec<(f64, f64, f64, String)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let circles = document
        .descendants()
        .filter(|node| node.has_tag_name("circle"));
    let dot = |node: roxmltree::Node<'_, '_>| {
        let number = |name| node.attribute(name).unwrap().parse().unwrap();
        let color = node.attribute("fill").unwrap().to_owned();
        (number("cx"), number("cy"), number("r"), color)
    };
    circles.map(dot).collect()
}

/// The text between two others.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap().1;
    rest.split_once(to).unwrap().0
}

fn html(plot: &MapPlot) -> String {
    let bundle = plot.figure().bundle();
    bundle.get("text/html").unwrap().to_owned()
}

#[test]
fn categories_have_the_colours_of_scanpy() {
    let ends = |count| {
        let colors = Palette::Scanpy.colors(count);
        assert_eq!(colors.len(), count);
        (colors[0].hex(), colors[count - 1].hex())
    };
    // scanpy 1.11.5, scanpy.plotting.palettes: vega_10_scanpy, vega_20_scanpy, zeileis_28, godsnot_102.
    let expected = [
        (10, "#1f77b4", "#17becf"),
        (11, "#1f77b4", "#ffbb78"),
        (20, "#1f77b4", "#8c6d31"),
        (21, "#023fa5", "#d5eae7"),
        (28, "#023fa5", "#336600"),
        (29, "#ffff00", "#ff90c9"),
        (102, "#ffff00", "#324e72"),
        (103, "#ffff00", "#ffff00"),
    ];
    for (count, first, last) in expected {
        assert_eq!(ends(count), (first.into(), last.into()), "{count}");
    }
    let safe = Palette::ColorBlind.colors(3);
    assert_eq!(safe[0], display::Color::category(0));
}

#[test]
fn points_are_as_large_as_those_of_scanpy() {
    // 120,000/n square points; the root is the diameter, and a point is a 72nd of an inch of 96 pixels.
    let (map, _) = groups(1500, 3);
    let svg = display::map_plot(&map).svg();
    let wanted = (120_000.0_f64 / 1500.0).sqrt() / 2.0 * 96.0 / 72.0;
    assert_eq!(dots(&svg).len(), 1500);
    assert!(
        dots(&svg)
            .iter()
            .all(|(_, _, r, _)| (r - wanted).abs() < 0.006)
    );
    let few = display::map_plot(&array![[0.0, 0.0], [1.0, 1.0]]).svg();
    assert!((dots(&few)[0].2 - 120.0_f64.sqrt() / 1.5).abs() < 0.006);
    let set = display::map_plot(&map).point_size(9.0).svg();
    assert_eq!(dots(&set)[0].2, 2.0);
}

#[test]
fn high_values_lie_on_top_and_missing_ones_below() {
    let map = Array2::from_shape_fn((5, 2), |(i, _)| i as f64);
    let values = [3.0, f64::NAN, 1.0, 4.0, 2.0];
    let picture = display::map_plot(&map).values("CD3D", &values);
    let places = |svg: &str| -> Vec<usize> {
        let dots = dots(svg);
        let left = dots.iter().map(|dot| dot.0).fold(f64::MAX, f64::min);
        let right = dots.iter().map(|dot| dot.0).fold(0.0, f64::max);
        let number =
            |dot: &(f64, f64, f64, String)| (4.0 * (dot.0 - left) / (right - left)).round();
        dots.iter().map(|dot| number(dot) as usize).collect()
    };
    assert_eq!(places(&picture.svg()), [1, 2, 4, 0, 3]);
    assert_eq!(places(&picture.unsorted().svg()), [1, 0, 2, 3, 4]);
    let colors: Vec<String> = dots(&picture.svg()).into_iter().map(|dot| dot.3).collect();
    // The ends of viridis, and lightgray.
    assert_eq!(
        [&colors[0], &colors[1], &colors[4]],
        ["#d3d3d3", "#440154", "#fde725"]
    );
    insta::assert_snapshot!(picture.description(), @"Map of 5 points; CD3D from 1 to 4; 1 points have no CD3D and are grey.");
}

#[test]
fn a_map_has_axes_without_ticks_and_a_caption() {
    let (points, labels) = groups(60, 3);
    let about = DataFrame::new(60, vec![Column::new("cell_type".into(), &labels)]).unwrap();
    let map = Map::new(points.mapv(|v| v as f32), "UMAP").unwrap();
    let map = map
        .with_seed(Seed::new(7))
        .with_note("trustworthiness 0.98");
    let map = map.with_about(about).unwrap();
    let svg = map.scatter().color("cell_type").svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|node| node.text().unwrap())
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    cell_type
    UMAP1
    UMAP2
    type 0
    type 1
    type 2
    UMAP of 60 points, trustworthiness 0.98, seed 7
    ");
    assert_eq!(
        map.scatter().description(),
        format!("Map of 60 points. {}", map.caption())
    );
}

#[test]
fn genes_and_columns_of_cells_can_be_named() {
    let values = Array2::from_shape_fn((4, 3), |(i, j)| (i * j) as f32);
    let cells = Cells::new(values, ["a", "b", "c", "d"], ["CD3D", "MS4A1", "MS4A1"]).unwrap();
    let cells = cells
        .with_obs(Column::new("leiden".into(), &[1_i64, 0, 1, 10]))
        .unwrap();
    let map = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let picture = display::map_plot(&map).panels(&["leiden", "CD3D", "MS4A1", "CD19"]);
    insta::assert_snapshot!(picture.description(), @"Map of 4 points; no colours: no column `leiden`, there are none; no colours: no column `CD3D`, there are none; no colours: no column `MS4A1`, there are none; no colours: no column `CD19`, there are none.");
    // Names that were not there are looked up again.
    insta::assert_snapshot!(picture.cells(&cells).description(), @"Map of 4 points; leiden of 3 kinds: 0 (1), 1 (2), 10 (1); CD3D from 0 to 0; no colours: several genes are called `MS4A1`; no colours: no column `CD19` among leiden nor a gene among 3.");
    let names: Vec<String> = dots(&picture.cells(&cells).panels(&["leiden"]).svg())
        .into_iter()
        .map(|dot| dot.3)
        .collect();
    assert_eq!(
        names[..4],
        ["#ff7f0e", "#1f77b4", "#ff7f0e", "#279e68"],
        "numbers of clusters are categories in the order of their size"
    );
}

#[test]
fn what_is_not_highlighted_is_grey_and_below() {
    let (map, labels) = groups(300, 5);
    let picture = display::map_plot(&map).labels("cell_type", &labels);
    let lit = picture.highlight(&["type 3", "type 9"]);
    let colors: Vec<String> = dots(&lit.svg()).into_iter().map(|dot| dot.3).collect();
    assert!(colors[..240].iter().all(|color| color == "#d3d3d3"));
    assert!(colors[240..300].iter().all(|color| color == "#d62728"));
    assert!(lit.description().contains("nothing is called type 9"));
    let named = picture.labels_on_data().svg();
    assert_eq!(dots(&named).len(), 300, "no dots of a legend");
    assert_eq!(named.matches(">type ").count(), 5);
}

#[test]
fn names_stand_at_the_median_of_their_points() {
    let map = array![[0.0, 0.0], [1.0, 0.0], [10.0, 0.0], [5.0, 5.0]];
    let svg = display::map_plot(&map)
        .labels("k", &["a", "a", "a", "b"])
        .labels_on_data()
        .svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let name = document
        .descendants()
        .find(|node| node.has_tag_name("text") && node.text() == Some("a"))
        .unwrap();
    let x: f64 = name.attribute("x").unwrap().parse().unwrap();
    let second = dots(&svg).into_iter().nth(1).unwrap();
    assert!((x - second.0).abs() < 0.02, "{x} {second:?}");
}

/// The numbers of a page.
fn unpacked(page: &str) -> Vec<u8> {
    let packed = STANDARD.decode(between(page, "\"packed\":\"", "\""));
    let packed = packed.unwrap();
    let mut out = Vec::new();
    let mut reader = ZlibDecoder::new(&*packed).take(1 << 26);
    reader.read_to_end(&mut out).unwrap();
    out
}

#[test]
fn several_panels_are_rounded_until_they_weigh_less_than_a_megabyte() {
    let n = 100_000;
    let even = Array2::from_shape_fn((n, 2), |(i, j)| noise(300_000 + 2 * i + j));
    let gene = |k: usize| -> Vec<f64> {
        // Nine of ten cells express nothing, as in real counts.
        (0..n)
            .map(|i| (noise(i * (k + 3)) - 0.9).max(0.0) * 40.0)
            .collect()
    };
    let random = |k: usize| -> Vec<f64> { (0..n).map(|i| noise(i * (k + 3))).collect() };
    let (map, labels) = groups(n, 14);
    // Panels beside that of the labels, whether genes of groups or noise everywhere, and whether all is sent as it is, rounded or not.
    let wanted = [
        (3, true, Some(true)),
        (8, true, Some(false)),
        (3, false, Some(false)),
        (14, false, None),
    ];
    for (panels, genes, exact) in wanted {
        let plot = display::map_plot(if genes { &map } else { &even }).labels("leiden", &labels);
        let values = |k: usize| if genes { gene(k) } else { random(k) };
        let plot = (0..panels).fold(plot, |plot, k| plot.values("gene", &values(k)));
        let bundle = plot.figure().bundle();
        let page = bundle.get("text/html").unwrap();
        let found = page.contains("\"packed\"").then(|| {
            let steps: usize = between(page, "\"steps\":", ",").parse().unwrap();
            // The first values follow the places, four bytes each, and the labels.
            let codes = &unpacked(page)[5 * n..6 * n];
            let middle = |code: &u8| usize::from(*code) % steps == steps / 2;
            assert!(codes.iter().all(|code| *code == 253 || middle(code)));
            steps == 1
        });
        let parts = ["image/png", "image/svg+xml", "text/html"];
        let parts = parts.map(|mime| bundle.get(mime).unwrap().len());
        assert!(
            bundle.json().len() < 1_000_000,
            "{panels} {genes}: {parts:?}"
        );
        assert_eq!(found, exact, "{panels} {genes}: {parts:?}");
        assert_eq!(found.is_none(), page.contains("too many to explore here"));
    }
}

#[test]
fn a_hundred_thousand_points_weigh_less_than_a_megabyte() {
    let (map, labels) = groups(100_000, 14);
    let random: Vec<f64> = (0..100_000).map(noise).collect();
    let even = Array2::from_shape_fn((100_000, 2), |(i, j)| noise(300_000 + 2 * i + j));
    let pictures = [
        display::map_plot(&map).labels("cell_type", &labels),
        display::map_plot(&map).values("CD3D", &random).contours(),
        // The worst that can be: noise everywhere.
        display::map_plot(&even).values("CD3D", &random),
    ];
    for picture in pictures {
        let bundle = picture.figure().bundle();
        let weight = bundle.json().len();
        let parts = ["image/png", "image/svg+xml", "text/html"];
        let parts = parts.map(|mime| bundle.get(mime).unwrap().len());
        assert!(weight < 1_000_000, "{weight} bytes, {parts:?}: {picture:?}");
        let svg = bundle.get("image/svg+xml").unwrap();
        let layers = svg.lines().filter(|line| line.starts_with("<image"));
        // One raster layer, and the colours of a bar.
        assert!((1..=2).contains(&layers.count()));
        let png = STANDARD.decode(bundle.get("image/png").unwrap()).unwrap();
        let (painted, size) = (Pixmap::decode_png(&png).unwrap(), picture.figure().extent());
        assert_eq!(f64::from(painted.width()), (2.0 * size.0).round());
        assert_eq!(f64::from(painted.height()), (2.0 * size.1).round());
    }
}

#[test]
fn few_colours_are_kept_as_they_are() {
    let (map, labels) = groups(5000, 4);
    let picture = display::map_plot(&map).labels("cell_type", &labels);
    let bundle = picture.figure().bundle();
    let flat = STANDARD.decode(bundle.get("image/png").unwrap()).unwrap();
    let (flat, full) = (
        Pixmap::decode_png(&flat).unwrap(),
        Pixmap::decode_png(&picture.png().unwrap()).unwrap(),
    );
    let far = flat.pixels().iter().zip(full.pixels()).filter(|(a, b)| {
        let off = |a: u8, b: u8| a.abs_diff(b) > 8;
        off(a.red(), b.red()) || off(a.green(), b.green()) || off(a.blue(), b.blue())
    });
    assert_eq!(far.count(), 0);
    for color in Palette::Scanpy.colors(4) {
        let has = |p: &&resvg::tiny_skia::PremultipliedColorU8| {
            (p.red(), p.green(), p.blue()) == (color.0, color.1, color.2)
        };
        assert!(flat.pixels().iter().filter(has).count() > 100, "{color:?}");
    }
}

#[test]
fn the_page_holds_coordinates_and_labels() {
    let (mut map, labels) = groups(500, 3);
    map[[5, 0]] = f64::NAN;
    let values: Vec<f64> = (0..500).map(|i| 2.0 * f64::from(i)).collect();
    let picture = display::map_plot(&map)
        .labels("cell_type", &labels)
        .values("depth", &values);
    let page = html(&picture);
    assert!(page.contains("<img src=\"data:image/png;base64,"));
    let ends = |name: &str| -> Vec<f64> {
        let text = between(&page, &format!(",\"{name}\":["), "]");
        text.split(',').map(|v| v.parse().unwrap()).collect()
    };
    let packed = unpacked(&page);
    // Low bytes of all x, high bytes of all x, the same of y, then the codes of both panels.
    assert_eq!(packed.len(), 500 * (4 + 2));
    let number = |i: usize, axis: usize| {
        let low = 1000 * axis + i;
        f64::from(u16::from_le_bytes([packed[low], packed[low + 500]]))
    };
    for (axis, name) in ["x", "y"].into_iter().enumerate() {
        let ends = ends(name);
        let step = (ends[1] - ends[0]) / 65_534.0;
        for i in (0..500).filter(|i| *i != 5) {
            let found = ends[0] + step * number(i, axis);
            assert!((found - map[[i, axis]]).abs() <= 0.501 * step, "point {i}");
        }
    }
    assert_eq!(
        (number(5, 0), number(5, 1)),
        (65_535.0, 65_535.0),
        "a point that is nowhere"
    );
    let codes: Vec<&[u8]> = packed[2000..].chunks(500).collect();
    for i in 0..500 {
        assert_eq!(labels[i], format!("type {}", codes[0][i]));
        assert_eq!(f64::from(codes[1][i]), (values[i] / 998.0 * 253.0).round());
    }
}

#[test]
fn pictures_of_the_same_points_share_what_is_selected() {
    let (points, labels) = groups(40, 2);
    let map = Map::new(points.mapv(|v| v as f32), "UMAP").unwrap();
    let name = |plot: &MapPlot| between(&html(plot), "\"map\":\"", "\"").to_owned();
    let first = name(&map.scatter());
    assert_eq!(first.len(), 16);
    assert_eq!(first, name(&map.scatter().labels("k", &labels).title("t")));
    assert_ne!(first, name(&display::map_plot(&points.slice(s![..39, ..]))));
    // No kernel is at the other end here.
    insta::assert_snapshot!(map.selection().unwrap_err(), @"cannot read the selection: it finds its way back only in JupyterLab and Notebook with the genolens kernel; elsewhere paste the expression that stands under the picture");
}

#[test]
fn principal_components_have_the_look_of_a_map() {
    let (points, labels) = groups(60, 3);
    let found = pca(&points.mapv(|v| v as f32), 2).unwrap();
    let plot = found.scatter().labels("class", &labels);
    let share = 100.0 * found.explained_variance_ratio()[0];
    let axis = format!("PC1 ({} %)", (share * 10.0).round() / 10.0);
    assert!(plot.svg().contains(&axis), "{axis}");
    insta::assert_snapshot!(plot.description(), @"Map of 60 points; class of 3 kinds: type 0 (20), type 1 (20), type 2 (20). PCA of 60 points");
    assert!(html(&plot).contains("data-genolens-map"));
}

#[test]
fn hostile_text_stays_text_in_a_page() {
    let hostile = "</script><script>alert('x')</script>\"&]]>\u{1}\u{2028}\n";
    let picture = display::map_plot(&array![[0.0, 0.0], [1.0, 1.0]])
        .labels(hostile, &[hostile, "b"])
        .color(hostile)
        .labels(hostile, &[hostile, "b"])
        .title(hostile)
        .caption(hostile)
        .x_label(hostile);
    let page = html(&picture);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    sound(&picture.figure());
}

#[test]
fn streamlines_follow_the_vectors() {
    // A rotation about the middle of the grid: every line stays on a circle.
    let side = 25;
    let grid = Array2::from_shape_fn((side * side, 2), |(i, axis)| {
        [i % side, i / side][axis] as f64 - 12.0
    });
    let turn = Array2::from_shape_fn((side * side, 2), |(i, axis)| {
        [-grid[[i, 1]], grid[[i, 0]]][axis]
    });
    let corners = array![[-12.0, -12.0], [12.0, 12.0]];
    let picture = display::map_plot(&corners).streams(&grid, &turn);
    assert!(
        picture.description().contains("streamlines, wider where"),
        "{picture:?}"
    );
    let svg = picture.svg();
    let (low, high) = (dots(&svg)[0].clone(), dots(&svg)[1].clone());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let mut lines = 0;
    for node in document.descendants().filter(|n| n.has_tag_name("path")) {
        let path = node.attribute("d").unwrap();
        if path.ends_with('Z') || path.matches('L').count() < 8 {
            continue;
        }
        lines += 1;
        let radius = |point: &str| {
            let (x, y) = point.split_once(' ').unwrap();
            let share = |v: &str, low: f64, high: f64| {
                24.0 * (v.parse::<f64>().unwrap() - low) / (high - low) - 12.0
            };
            share(x, low.0, high.0).hypot(share(y, low.1, high.1))
        };
        let radii: Vec<f64> = path[1..].split('L').map(radius).collect();
        let mean = radii.iter().sum::<f64>() / radii.len() as f64;
        assert!(radii.iter().all(|r| (r - mean).abs() < 0.1), "{radii:?}");
    }
    assert!(lines > 20, "{lines} lines");
}

#[test]
fn arrows_end_where_their_vectors_do() {
    let map = array![[0.0, 0.0], [4.0, 4.0]];
    let places = array![[1.0, 1.0], [2.0, 2.0], [3.0, 1.0]];
    let vectors = array![[1.0, 0.0], [f64::NAN, 1.0], [0.0, 0.0]];
    let picture = display::map_plot(&map).arrows(&places, &vectors);
    let svg = picture.svg();
    let head: Vec<&str> = svg
        .lines()
        .filter(|l| l.contains("Z\"") && l.contains("<path"))
        .collect();
    assert_eq!(head.len(), 1, "{svg}");
    let dots = dots(&svg);
    let tip = between(head[0], "d=\"M", "L").split_once(' ').unwrap();
    let x = f64::midpoint(dots[0].0, dots[1].0);
    assert!((tip.0.parse::<f64>().unwrap() - x).abs() < 0.02);
}

#[test]
fn careless_calls_say_what_is_missing() {
    let map = array![[0.0, 1.0], [2.0, 3.0], [4.0, f64::INFINITY]];
    let plot = display::map_plot(&map);
    let none = Array2::<f64>::zeros((0, 2));
    let said = [
        plot.labels("cell_type", &["B"]).description(),
        plot.values("CD3D", &[1.0, f64::NAN, 2.0]).description(),
        plot.color("cell_type").description(),
        plot.arrows(&array![[0.0, 0.0]], &array![[1.0]])
            .description(),
        plot.streams(&array![[0.0, 0.0]], &array![[1.0, 1.0]])
            .description(),
        plot.highlight(&["B"]).description(),
        display::map_plot(&array![[1.0], [2.0]]).description(),
        display::map_plot(&none).description(),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    Map of 3 points; cell_type of 1 kinds: B (1); 1 for 3 points, which cannot be right; 1 points are not finite and left out.
    Map of 3 points; CD3D from 1 to 2; 1 points have no CD3D and are grey; 1 points are not finite and left out.
    Map of 3 points; no colours: no column `cell_type`, there are none; 1 points are not finite and left out.
    Map of 3 points; 1 points are not finite and left out; no arrows: places of shape (1, 2) and vectors of shape (1, 1) where both should be (n, 2).
    Map of 3 points; 1 points are not finite and left out; no streamlines: they need a regular grid of at least two rows and columns.
    Map of 3 points; nothing is called B; 1 points are not finite and left out.
    Map of 0 points; no data: 1 columns where two are needed.
    Map of 0 points; no data.
    ");
    let drawn: Vec<String> = [display::map_plot(&none), display::map_plot(&array![[1.0]])]
        .iter()
        .map(MapPlot::svg)
        .collect();
    assert!(drawn.iter().all(|svg| svg.contains("no data")));
}

#[test]
fn pages_and_pictures_are_saved() {
    let folder = std::env::temp_dir().join(format!("genolens-map-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let picture = display::map_plot(&array![[0.0, 1.0], [2.0, 3.0]]);
    picture.save(folder.join("a.html")).unwrap();
    let page = std::fs::read_to_string(folder.join("a.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with(&picture.html()));
    // Beside another picture there is nothing to explore.
    let error = picture
        .beside(&picture)
        .save(folder.join("b.html"))
        .unwrap_err();
    assert!(
        error.to_string().contains("ends in .svg or .png"),
        "{error}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_numbers_and_any_words_make_a_valid_map(
        values in prop::collection::vec(prop_oneof![
            any::<f64>(), -1.0..1.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0), Just(1e308), Just(-1e308), Just(5e-324),
        ], 0..12),
        words in any::<String>(),
    ) {
        let n = values.len();
        let points = Array2::from_shape_fn((n, 2), |(i, k)| values[(i + k) % n]);
        let names: Vec<String> = values.iter().map(|_| words.clone()).collect();
        let plot = display::map_plot(&points).title(&words).caption(&words);
        let low = values.first().copied().unwrap_or(f64::NAN);
        let figures: [Figure; 5] = [
            plot.labels(&words, &names).labels_on_data().contours().figure(),
            plot.values(&words, &values).range(low, -low).shading().figure(),
            plot.color(&words).highlight(&[&words]).figure(),
            plot.arrows(&points, &points).figure(),
            plot.streams(&points, &points).point_size(low).size(low, 50.0).figure(),
        ];
        for figure in figures {
            sound(&figure);
            let bundle = figure.bundle();
            let page = bundle.get("text/html").unwrap();
            prop_assert_eq!(page.matches("<script").count(), 1);
            prop_assert!(!page.contains(":NaN") && !page.contains(":inf") && !page.contains("[inf"));
        }
    }

    #[test]
    fn a_polygon_encloses_what_lies_on_the_inner_side_of_all_its_edges(
        places in prop::collection::vec((-2.0..2.0_f64, -2.0..2.0_f64), 1..40),
        (corners, turn, size) in (3..9_usize, 0.0..6.0_f64, 0.1..2.0_f64),
    ) {
        // A regular polygon, which is convex: inside is left of every edge.
        let angle = |k: usize| turn + std::f64::consts::TAU * k as f64 / corners as f64;
        let polygon: Vec<(f64, f64)> =
            (0..corners).map(|k| (size * angle(k).cos(), size * angle(k).sin())).collect();
        let sides = |(x, y): (f64, f64)| -> Vec<f64> {
            let side = |k: usize| {
                let (a, b) = (polygon[k], polygon[(k + 1) % corners]);
                (b.0 - a.0) * (y - a.1) - (b.1 - a.1) * (x - a.0)
            };
            (0..corners).map(side).collect()
        };
        let map = Array2::from_shape_fn((places.len(), 2), |(i, k)| [places[i].0, places[i].1][k]);
        let found = display::map_plot(&map).inside(&polygon);
        for (i, place) in places.iter().enumerate() {
            let least = sides(*place).into_iter().fold(f64::MAX, f64::min);
            if least.abs() > 1e-9 {
                prop_assert_eq!(found.contains(&i), least > 0.0, "{:?}", place);
            }
        }
        prop_assert!(display::map_plot(&map).inside(&polygon[..2]).is_empty());
    }
}
