//! Tests of pictures of genes in groups of cells, of samples and of graphs.

use crate::display::sound;
use crate::golden;
use genolens::display::{self, Figure};
use genolens::expression::{self, Cells};
use genolens::ndarray::{Array2, Axis, array};
use genolens::polars::prelude::Column;
use proptest::prelude::*;
use resvg::usvg::roxmltree;

/// Values as scanpy and scipy found them; the script beside it says how.
const GOLDEN: &str = include_str!("../golden/display/expression_plots.tsv");

fn table() -> (Array2<f64>, Vec<String>) {
    let groups = golden::rows(GOLDEN, "groups").concat();
    let groups = groups.iter().map(ToString::to_string).collect();
    (golden::table(GOLDEN, "x"), groups)
}

const GENES: [&str; 5] = ["g0", "g1", "g2", "g3", "g4"];

/// The attributes of all marks of a kind.
fn marks(svg: &str, kind: &str, names: &[&str]) -> Vec<Vec<String>> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let nodes = document
        .descendants()
        .filter(|node| node.has_tag_name(kind));
    let read = |node: roxmltree::Node<'_, '_>| {
        let of = |name: &&str| node.attribute(*name).unwrap_or_default().to_owned();
        names.iter().map(of).collect()
    };
    nodes.map(read).collect()
}

/// The points of a path.
fn points(path: &str) -> Vec<(f64, f64)> {
    let path = path.trim_start_matches('M').trim_end_matches('Z');
    let point = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    path.split('L').map(point).collect()
}

#[test]
fn dots_and_cells_are_those_of_scanpy() {
    let (x, groups) = table();
    let dots = display::dot_plot(&x, &GENES, &groups);
    // Scanpy keeps single precision.
    let near = |found: &Array2<f64>, name| {
        golden::assert_near(found, &golden::table(GOLDEN, name), 1e-6);
    };
    near(&dots.shares(), "sizes");
    near(&dots.means(), "colors");
    near(&dots.means(), "matrix");
    near(&dots.cutoff(1.0).shares(), "cutoff");
    near(&dots.standardised().means(), "standard");
    let turned = dots.order(&["T", "nobody"]).means();
    assert_eq!(turned.row(0), dots.means().row(2));
    assert_eq!(turned.row(1), dots.means().row(0));
}

#[test]
fn areas_of_dots_grow_with_the_share_to_the_power_of_one_and_a_half() {
    let values = Array2::from_shape_fn((4, 4), |(cell, gene)| f64::from(u8::from(cell <= gene)));
    let svg = display::dot_plot(&values, &["a", "b", "c", "d"], &["k", "k", "k", "k"]).svg();
    let radii: Vec<f64> = marks(&svg, "circle", &["r", "stroke"])
        .iter()
        .filter(|mark| !mark[1].is_empty())
        .map(|mark| mark[0].parse().unwrap())
        .collect();
    assert_eq!(radii.len(), 4);
    for (i, share) in [0.25_f64, 0.5, 0.75, 1.0].into_iter().enumerate() {
        let area = (radii[i] / radii[3]).powi(2);
        assert!((area - share.powf(1.5)).abs() < 0.01, "{radii:?}");
    }
}

#[test]
fn violins_are_as_wide_as_those_of_seaborn() {
    let (x, groups) = table();
    let svg = display::violin(&x.column(2), &groups).svg();
    let densities = golden::table(GOLDEN, "violin");
    let shapes: Vec<Vec<(f64, f64)>> = marks(&svg, "path", &["d", "fill"])
        .iter()
        .filter(|mark| mark[1] != "none" && mark[0].matches('L').count() == 199)
        .map(|mark| points(&mark[0]))
        .collect();
    assert_eq!(shapes.len(), 3);
    for (shape, golden) in shapes.iter().zip(densities.axis_iter(Axis(0))) {
        let width = |i: usize| shape[i].0 - shape[199 - i].0;
        let widest = (0..100).map(width).fold(0.0, f64::max);
        for (i, expected) in golden.iter().enumerate() {
            // Values are counted in 400 bins first, and paths have two decimals.
            assert!(
                (width(i) / widest - expected).abs() < 0.01,
                "{i}: {expected}"
            );
        }
    }
}

/// The place of every text of a picture.
fn texts(svg: &str) -> Vec<(String, f64, f64)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let nodes = document.descendants().filter(|n| n.has_tag_name("text"));
    let read = |node: roxmltree::Node<'_, '_>| {
        let text = node.text().unwrap().to_owned();
        // Turned text is moved to its place first: translate(x y) rotate(-90).
        if let Some(turn) = node.attribute("transform") {
            let numbers = turn.split(['(', ' ', ',', ')']);
            let numbers: Vec<f64> = numbers.filter_map(|part| part.parse().ok()).collect();
            return (text, numbers[0], numbers[1]);
        }
        let at = |name| node.attribute(name).unwrap().parse().unwrap();
        (text, at("x"), at("y"))
    };
    nodes.map(read).collect()
}

#[test]
fn the_label_of_an_axis_stands_below_names_that_are_turned() {
    let names = ["CD14+ monocytes of the first donor", "B"];
    let picture = display::violin(
        &[1.0, 2.0, 3.0, 4.0],
        &[names[0], names[0], names[1], names[1]],
    );
    let picture = picture.x_label("cell type");
    let texts = texts(&picture.svg());
    let place = |text: &str| texts.iter().find(|(t, ..)| t.starts_with(text)).unwrap().2;
    // Turned names hang from the axis; the picture is taller by the longest of them.
    let longest = picture.figure().extent().1 - 290.0;
    assert!(longest > 100.0);
    let (below, label) = (place("CD14") + longest, place("cell type"));
    assert!(label - below > 5.0, "{below} {label}");
}

#[test]
fn boxes_have_quartiles_and_whiskers() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0];
    let svg = display::violin(&values, &["a"; 6]).boxes().svg();
    let ends = |svg: &str| -> Vec<f64> {
        let lines = marks(svg, "path", &["d", "stroke-width"]);
        let long = lines
            .iter()
            .filter(|line| line[1] == "1")
            .map(|line| points(&line[0]));
        let long: Vec<_> = long
            .filter(|line| line.len() == 2 && line[0].0 == line[1].0)
            .collect();
        assert_eq!(long.len(), 1);
        vec![long[0][0].1, long[0][1].1]
    };
    let boxes = marks(&svg, "rect", &["y", "height", "stroke"]);
    let middle = boxes.iter().find(|mark| !mark[2].is_empty()).unwrap();
    let (top, tall): (f64, f64) = (middle[0].parse().unwrap(), middle[1].parse().unwrap());
    // Quartiles 2.25 and 4.75, as numpy; the farthest value within 1.5 times 2.5 of them is 5, the lowest is 1.
    let scale = tall / 2.5;
    let [high, low] = ends(&svg)[..] else {
        panic!()
    };
    assert!(
        (top - high - 0.25 * scale).abs() < 0.05,
        "{top} {high} {scale}"
    );
    assert!((low - top - tall - 1.25 * scale).abs() < 0.05);
    insta::assert_snapshot!(display::violin(&values, &["a"; 6]).boxes().description(), @"Box plot of 6 values in 1 groups; a 6 values, median 3.5.");
}

#[test]
fn genes_that_differ_are_coloured_and_named() {
    let changes = [2.0, -3.0, 0.5, 4.0, f64::NAN, 1.5];
    let p = [1e-5, 0.0, 1e-9, 0.2, 0.01, 1.5];
    let names = ["up", "down", "small", "unsure", "nan", "wrong"];
    let picture = display::volcano(&changes, &p).names(&names);
    insta::assert_snapshot!(picture.description(), @"Volcano plot of 6 genes; 1 higher and 1 lower by at least 1 with p below 0.05; 2 genes have no change or no p-value from 0 to 1 and are left out.");
    let svg = picture.svg();
    assert!(svg.contains(">up<") && svg.contains(">down<") && !svg.contains(">small<"));
    let colors: Vec<String> = marks(&svg, "circle", &["fill"]).concat();
    let count = |color: &str| colors.iter().filter(|c| *c == color).count();
    assert_eq!(
        (count("#d55e00"), count("#0072b2"), count("#b5b5b5")),
        (1, 1, 2)
    );
    let strict = picture.cutoffs(2.5, 1e-3).labels(0);
    assert!(strict.description().contains("0 higher and 1 lower"));
    assert!(!strict.svg().contains(">down<"));
    let many = Array2::from_shape_fn((2, 5000), |(i, j)| ((j * 7 + i * 3) % 100) as f64 / 100.0);
    let svg = display::volcano(&many.row(0), &many.row(1)).svg();
    assert_eq!(
        (
            svg.matches("<image").count(),
            svg.matches("<circle").count()
        ),
        (1, 0)
    );
}

#[test]
fn markers_stand_in_order() {
    let picture = display::rank_plot(&["c", "a", "b", "n"], &[1.0, 3.0, 2.0, f64::NAN]);
    insta::assert_snapshot!(picture.description(), @"The highest of 4 scores: a 3, b 2, c 1.");
    let circles = marks(&picture.most(2).svg(), "circle", &["cx", "cy"]);
    let number = |i: usize, k: usize| circles[i][k].parse::<f64>().unwrap();
    assert_eq!(circles.len(), 2);
    assert!(number(0, 0) < number(1, 0) && number(0, 1) < number(1, 1));
}

#[test]
fn lines_of_a_graph_are_as_wide_as_their_weights() {
    let places = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
    let weights = array![[0.0, 0.8, 0.0], [0.1, 0.0, 0.2], [0.05, f64::NAN, 0.0]];
    let graph = display::graph_plot(&places, &weights).names(&["A", "B", "C"]);
    insta::assert_snapshot!(graph.description(), @"Graph of 3 nodes and 3 edges; A and B 0.8; B and C 0.2; A and C 0.05.");
    let widths: Vec<String> = marks(&graph.svg(), "path", &["stroke-width"]).concat();
    assert_eq!(widths, [".44", "1.75", "7"]);
    assert!(graph.threshold(0.1).description().contains("2 edges"));
}

#[test]
fn strips_follow_the_order_of_the_tree() {
    let rows = Array2::from_shape_fn((6, 3), |(i, j)| {
        (i % 2) as f64 * 10.0 + j as f64 + i as f64 * 0.01
    });
    let kinds = ["a", "b", "a", "b", "a", "b"];
    let map = display::heatmap(&rows)
        .clustered_rows()
        .row_bar("kind", &kinds);
    let strips = |svg: &str| -> Vec<String> {
        let boxes = marks(svg, "rect", &["width", "fill"]);
        let strips = boxes.into_iter().filter(|mark| mark[0] == "11");
        strips.map(|mark| mark[1].clone()).collect()
    };
    // Two runs: equal rows stand together.
    assert_eq!(strips(&map.svg()), ["#1f77b4", "#ff7f0e"]);
    assert_eq!(
        strips(&display::heatmap(&rows).row_bar("kind", &kinds).svg()).len(),
        6
    );
    let short = map.column_bar("pathway", &["x"]);
    insta::assert_snapshot!(short.description(), @"Heatmap of 6 rows and 3 columns, values 0 to 12.05; clustered by average linkage; beside the rows kind of 2 kinds; above the columns pathway of 1 kinds, 1 labels for 3, which cannot be right.");
    sound(&short.figure());
}

fn gallery(words: &str, values: &[f64]) -> Vec<Figure> {
    let n = values.len();
    let names: Vec<String> = (0..n).map(|i| format!("{words}{}", i % 3)).collect();
    let square = Array2::from_shape_fn((n, n), |(i, j)| values[(i + j) % n]);
    let places = Array2::from_shape_fn((n, 2), |(i, k)| values[(i + k) % n]);
    vec![
        display::violin(values, &names).title(words).figure(),
        display::violin(values, &names).boxes().figure(),
        display::dot_plot(&square, &names, &names)
            .title(words)
            .figure(),
        display::dot_plot(&square, &names, &names)
            .standardised()
            .cutoff(f64::NAN)
            .figure(),
        display::matrix_plot(&square, &names, &names).figure(),
        display::stacked_violin(&square, &names, &names)
            .title(words)
            .figure(),
        display::volcano(values, values)
            .names(&names)
            .cutoffs(0.0, 1.0)
            .title(words)
            .figure(),
        display::rank_plot(&names, values).title(words).figure(),
        display::graph_plot(&places, &square)
            .names(&names)
            .sizes(values)
            .title(words)
            .figure(),
        display::before_and_after(&square, &places, &names),
        display::heatmap(&square)
            .row_bar(words, &names)
            .column_bar(words, &names)
            .clustered()
            .figure(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_numbers_and_any_words_make_a_valid_picture(
        values in prop::collection::vec(prop_oneof![
            any::<f64>(), -1.0..1.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0), Just(1e308), Just(-1e308), Just(5e-324),
        ], 0..9),
        words in any::<String>(),
    ) {
        for figure in gallery(&words, &values) {
            sound(&figure);
        }
    }
}

#[test]
fn careless_calls_say_what_is_missing() {
    let none: [f64; 0] = [];
    for figure in gallery("empty", &none) {
        let said = figure.description() + &figure.svg();
        assert!(
            said.contains("no data") || said.contains("; no "),
            "{figure:?}"
        );
    }
    let said = [
        display::violin(&[1.0, 2.0], &["a"]).description(),
        display::dot_plot(&array![[1.0, 2.0]], &["g"], &["a", "b"]).description(),
        display::matrix_plot(&array![[1.0, 2.0]], &["g"], &["a", "b"]).description(),
        display::stacked_violin(&array![[1.0, 2.0]], &["g"], &["a", "b"]).description(),
        display::volcano(&[1.0], &[0.1, 0.2]).description(),
        display::rank_plot(&["a"], &[1.0, 2.0]).description(),
        display::graph_plot(&array![[1.0], [2.0]], &array![[1.0]]).description(),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    Violin plot of 2 values in 1 groups; a 1 values, median 1; 1 labels for 2 rows, which cannot be right.
    Dot plot of 2 genes in 2 groups, means from 1 to 2, sizes are shares of cells; 2 labels for 1 rows, which cannot be right; 1 names for 2 genes, which cannot be right.
    2 labels for 1 rows, which cannot be right; 1 names for 2 genes, which cannot be right: Heatmap of 2 rows and 2 columns, mean in group, values 1 to 2; 2 cells are not finite and grey.
    Violins of 2 genes in 2 groups, values from 1 to 2; 2 labels for 1 rows, which cannot be right; 1 names for 2 genes, which cannot be right.
    Volcano plot of 2 genes; 0 higher and 0 lower by at least 1 with p below 0.05; 1 changes and 2 p-values, which cannot be right; 1 genes have no change or no p-value from 0 to 1 and are left out.
    The highest of 2 scores: ? 2, a 1; 1 names, which cannot be right.
    Graph of 0 nodes and 0 edges; no data: 1 columns where two are needed; weights of shape (1, 1) where (0, 0) is needed.
    ");
}

/// Twelve cells of two types, with coordinates.
fn cells() -> Cells {
    let value = |(cell, gene): (usize, usize)| {
        let noise = ((cell * 7 + gene * 3) % 5) as f32 / 10.0;
        if cell % 2 == gene % 2 {
            2.0 + noise
        } else {
            noise
        }
    };
    let names: Vec<String> = (0..12).map(|i| format!("cell{i}")).collect();
    let cells = Cells::new(
        Array2::from_shape_fn((12, 3), value),
        names,
        ["CD3D", "MS4A1", "LYZ"],
    );
    let kinds: Vec<&str> = (0..12).map(|i| ["T", "B"][i % 2]).collect();
    let order = ["T".to_owned(), "B".to_owned()];
    let cells = cells.unwrap();
    let obs = cells
        .obs()
        .with_categories(Column::new("type".into(), kinds), &order);
    let places = Array2::from_shape_fn((12, 2), |(i, k)| ((i * (k + 3)) % 7) as f32);
    let depths: Vec<f64> = (0..12).map(|i| f64::from(100 * i)).collect();
    let obs = obs.unwrap().with(Column::new("depth".into(), depths));
    let cells = cells.with_obs_frame(obs.unwrap()).unwrap();
    cells.with_obsm("X_umap", places).unwrap()
}

#[test]
fn cells_show_their_genes_in_the_order_of_their_categories() {
    let cells = cells();
    let said = [
        cells
            .scatter("X_umap")
            .unwrap()
            .panels(&["type", "LYZ"])
            .description(),
        cells.violin("CD3D", "type").unwrap().description(),
        cells.violin("depth", "type").unwrap().description(),
        cells
            .dot_plot(&["CD3D", "LYZ"], "type")
            .unwrap()
            .description(),
        cells
            .matrix_plot(&["CD3D", "LYZ"], "type")
            .unwrap()
            .description(),
        cells
            .stacked_violin(&["CD3D", "depth"], "type")
            .unwrap()
            .description(),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    Map of 12 points; type of 2 kinds: T (6), B (6); LYZ from 0 to 2.4. X_umap of 12 cells
    Violin plot of 12 values in 2 groups; T 6 values, median 2.15; B 6 values, median 0.2.
    Violin plot of 12 values in 2 groups; T 6 values, median 500; B 6 values, median 600.
    Dot plot of 2 genes in 2 groups, means from 0.2 to 2.183, sizes are shares of cells; T most LYZ; B most LYZ.
    Heatmap of 2 rows and 2 columns, mean in group, values 0.2 to 2.183.
    Violins of 2 genes in 2 groups, values from 0 to 1100.
    ");
    // Not the alphabet: the order of the categories.
    let means = cells.matrix_plot(&["CD3D", "LYZ"], "type").unwrap();
    let row = |name: &str| {
        let texts = texts(&means.svg());
        texts.iter().find(|(text, ..)| text == name).unwrap().2
    };
    assert!(row("T") < row("B"));
    let wrong = [
        cells.scatter("X_tsne").unwrap_err(),
        cells.violin("CD19", "type").unwrap_err(),
        cells.violin("type", "type").unwrap_err(),
        cells.dot_plot(&["CD3D"], "leiden").unwrap_err(),
    ];
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(wrong.join("\n"), @r"
    `obsm` is `X_tsne`, expected one of: X_umap
    `names` is `CD19`, expected among the 3 names
    `column type` is of str, expected numbers
    `column` is `leiden`, expected one of: type, depth
    ");
}

#[test]
fn markers_show_their_ranks_and_volcanoes() {
    let markers = expression::rank_genes(&cells(), "type").unwrap();
    let ranks = markers.ranks();
    sound(&ranks);
    let said = ranks.description();
    assert!(
        said.contains("T vs. rest: The highest of 3 scores: "),
        "{said}"
    );
    let picture = markers.volcano("T").unwrap();
    assert!(
        picture
            .description()
            .starts_with("T vs. rest: Volcano plot of 3 genes")
    );
    assert!(markers.volcano("NK").is_err());
}
