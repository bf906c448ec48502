//! Tests of the room `display`.

use genolens::display::{self, Figure};
use genolens::ndarray::{Array2, array};
use proptest::prelude::*;
use resvg::usvg::roxmltree;

fn gallery(title: &str, values: &[f64]) -> Vec<Figure> {
    let n = values.len();
    let points = Array2::from_shape_fn((n, 2), |(i, k)| values[(i + k) % n.max(1)]);
    let letters = Array2::from_shape_fn((4, n), |(a, i)| values[(a + i) % n.max(1)]);
    let names: Vec<String> = values.iter().map(|_| title.to_string()).collect();
    vec![
        display::curve(values, values)
            .name(title)
            .title(title)
            .log_x()
            .figure(),
        display::curve(values, values)
            .add(title, values, values)
            .level(0.5)
            .diagonal()
            .figure(),
        display::scatter(&points)
            .color(&names)
            .title(title)
            .figure(),
        display::scatter(&points)
            .color_values(title, values)
            .figure(),
        display::heatmap(&points)
            .rows(&names)
            .columns(&[title, title])
            .clustered()
            .figure(),
        display::heatmap(&letters)
            .value_label(title)
            .numbers()
            .figure(),
        display::logo(&letters)
            .title(title)
            .highlight(0..3, title)
            .annotate(1..2, title)
            .figure(),
        display::bars(&names, values)
            .errors(values)
            .title(title)
            .figure(),
        display::forest(&names, values)
            .intervals(values, values)
            .name(title)
            .add(title, values)
            .level(0.5)
            .title(title)
            .figure(),
        display::histogram(values)
            .name(title)
            .add(title, values)
            .figure(),
    ]
}

pub(crate) fn sound(figure: &Figure) {
    let svg = figure.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    for name in ["title", "desc"] {
        let node = root.children().find(|n| n.has_tag_name(name)).unwrap();
        assert!(
            node.text().is_some_and(|text| !text.is_empty()),
            "{name} is empty"
        );
    }
    assert!(!svg.contains("<script"), "{svg}");
    // The letters of an image in base64 can spell anything.
    let mut parts = svg.split("base64,");
    let mut drawn = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        drawn.push_str(&part[part.find('"').unwrap_or(0)..]);
    }
    assert!(
        !drawn.contains("NaN") && !drawn.contains("inf\""),
        "{drawn}"
    );
    assert!(
        document
            .descendants()
            .all(|n| n.tag_name().name() != "script")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_numbers_and_any_words_make_a_valid_picture(
        values in prop::collection::vec(prop_oneof![
            any::<f64>(), -1.0..1.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0), Just(1e308), Just(-1e308), Just(5e-324), Just(1e-295),
        ], 0..12),
        words in any::<String>(),
    ) {
        for figure in gallery(&words, &values) {
            sound(&figure);
            prop_assert_eq!(figure.svg(), figure.clone().svg());
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "<script>alert('x')</script>\"&]]>\u{1}\u{0}\n";
    for figure in gallery(hostile, &[0.1, 0.5, 0.9]) {
        sound(&figure);
    }
    let table = display::table(&[hostile])
        .row(&[hostile.into(), 1.5.into()])
        .note(hostile);
    assert!(!table.html().contains("<script"));
    assert!(table.html().contains("&lt;script&gt;"));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let curve = display::curve(&[1.0, 2.0, 3.0], &[1.0, f64::NAN, 2.0]);
    assert!(
        curve
            .description()
            .contains("1 cannot be drawn and are gaps"),
        "{curve:?}"
    );
    assert_eq!(curve.svg().matches("r=\"2.5\"").count(), 2);
    let short = display::curve(&[1.0, 2.0, 3.0], &[1.0]);
    assert!(
        short.description().contains("2 values have no partner"),
        "{short:?}"
    );
    let grey = display::heatmap(&array![[1.0, f64::NAN]]);
    assert!(
        grey.description()
            .contains("1 cells are not finite and grey"),
        "{grey:?}"
    );
    assert!(grey.svg().contains("#c4c4c4"));
    for figure in gallery("empty", &[]) {
        assert!(figure.svg().contains("no data"), "{figure:?}");
    }
}

#[test]
fn rows_of_a_forest_stand_in_order_with_their_intervals() {
    let forest = display::forest(&["first", "second"], &[0.9, f64::NAN])
        .intervals(&[0.8, 0.1], &[0.95, f64::NAN])
        .add("again", &[0.7, 0.6])
        .x_range(0.5, 1.0);
    assert!(
        forest
            .description()
            .contains("first 0.9, 0.8 to 0.95; second missing; again; first 0.7; second 0.6"),
        "{forest:?}"
    );
    let svg = forest.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let dots: Vec<(f64, f64)> = document
        .descendants()
        .filter(|node| node.has_tag_name("circle") && node.attribute("r") == Some("3.4"))
        .map(|node| (number(&node, "cx"), number(&node, "cy")))
        .collect();
    let [first, again, second] = dots[..] else {
        panic!("{dots:?}")
    };
    // Of one row the series stand below each other, and rows below rows; the axis is straight.
    assert!(first.1 < again.1 && again.1 < second.1, "{dots:?}");
    let scale = (first.0 - again.0) / 0.2;
    assert!((again.0 - second.0 - 0.1 * scale).abs() < 0.2, "{dots:?}");
    // Outside of the axis there is no dot.
    let outside = forest.add("low", &[0.2]).svg();
    assert_eq!(outside.matches("r=\"3.4\"").count(), 3, "{outside}");
}

#[test]
fn a_png_has_two_pixels_for_every_css_pixel() {
    let figure = display::curve(&[0.0, 1.0], &[0.0, 1.0]).size(300.0, 200.0);
    let png = figure.png().unwrap();
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (600, 400));
    let bundle = figure.figure().bundle();
    let json = bundle.json();
    assert!(
        json.contains("\"width\":300,\"height\":200,\"alt\":\"Line plot"),
        "{json}"
    );
    assert_eq!(
        bundle.get("text/plain"),
        Some(figure.description().as_str())
    );
}

#[test]
fn files_take_the_format_of_their_extension() {
    let folder = std::env::temp_dir().join(format!("genolens-display-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let figure = display::curve(&[0.0, 1.0], &[0.0, 1.0]);
    figure.save(folder.join("a.svg")).unwrap();
    figure.save(folder.join("a.PNG")).unwrap();
    assert!(
        std::fs::read(folder.join("a.PNG"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    assert_eq!(
        std::fs::read_to_string(folder.join("a.svg")).unwrap(),
        figure.svg()
    );
    std::fs::remove_dir_all(&folder).unwrap();
    let error = figure.save("a.pdf").unwrap_err();
    insta::assert_snapshot!(error, @r#"`path` is "a.pdf", expected a file name that ends in .svg or .png"#);
    let error = figure.save("/nowhere/at/all.svg").unwrap_err();
    insta::assert_snapshot!(error, @"cannot write /nowhere/at/all.svg: No such file or directory (os error 2)");
}

#[test]
fn letters_stack_the_tallest_outside_and_hang_on_their_heads() {
    let logo =
        display::logo(&array![[2.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, -3.0]]).size(200.0, 120.0);
    let svg = logo.svg();
    let uses: Vec<&str> = svg
        .lines()
        .filter(|line| line.starts_with("<use"))
        .collect();
    let parts = |line: &str| -> (char, Vec<f64>) {
        let letter = line.split('"').nth(1).unwrap().chars().last().unwrap();
        let inner = line
            .split("matrix(")
            .nth(1)
            .unwrap()
            .split(')')
            .next()
            .unwrap();
        (
            letter,
            inner.split(' ').map(|v| v.parse().unwrap()).collect(),
        )
    };
    let all: Vec<_> = uses.iter().map(|line| parts(line)).collect();
    let find = |letter| all.iter().find(|(l, _)| *l == letter).unwrap().1.clone();
    let (a, c, g, t) = (find('A'), find('C'), find('G'), find('T'));
    assert_eq!(all.len(), 4);
    assert!(a[5] < c[5], "A, the taller, begins higher");
    assert!((a[3] / c[3] - 2.0).abs() < 0.01, "and is twice as tall");
    assert!(g[3] < 0.0 && t[3] < 0.0, "negative letters are flipped");
    assert!(t[5] > g[5], "T, the taller, reaches lower");
    assert!(
        logo.upright()
            .svg()
            .lines()
            .filter(|l| l.starts_with("<use"))
            .all(|l| parts(l).1[3] > 0.0)
    );
}

#[test]
fn clustering_brings_equal_rows_together() {
    let rows = Array2::from_shape_fn((6, 3), |(i, j)| {
        (i % 2) as f64 * 10.0 + j as f64 + i as f64 * 0.01
    });
    let names = ["a0", "b0", "a1", "b1", "a2", "b2"];
    let svg = display::heatmap(&rows).rows(&names).clustered_rows().svg();
    let mut order: Vec<_> = names
        .iter()
        .map(|name| (svg.find(&format!(">{name}<")).unwrap(), &name[..1]))
        .collect();
    order.sort_unstable();
    let kinds: String = order.iter().map(|(_, kind)| *kind).collect();
    assert!(kinds == "aaabbb" || kinds == "bbbaaa", "{kinds}");
}

#[test]
fn many_marks_become_one_raster() {
    let points = Array2::from_shape_fn((5000, 2), |(i, k)| ((i * (k + 3)) % 997) as f64);
    let svg = display::scatter(&points).svg();
    assert_eq!(
        (
            svg.matches("<image").count(),
            svg.matches("<circle").count()
        ),
        (1, 0)
    );
    let cells = Array2::from_shape_fn((60, 60), |(i, j)| (i * j) as f64);
    assert!(display::heatmap(&cells).svg().len() < 60_000);
}

#[test]
fn figures_on_one_page_have_ids_of_their_own() {
    let ids = |svg: &str| -> Vec<String> {
        svg.split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_string())
            .collect()
    };
    let (a, b) = (
        display::logo(&array![[1.0], [0.5], [0.0], [0.0]]),
        display::logo(&array![[1.0], [0.6], [0.0], [0.0]]),
    );
    let (a, b) = (ids(&a.svg()), ids(&b.svg()));
    assert_eq!(a.len(), 4);
    assert!(a.iter().all(|id| !b.contains(id)), "{a:?} {b:?}");
}

#[test]
fn motifs_and_matches_show_themselves() {
    let motif = genolens::motif::Motif::from_counts(
        "m<1>",
        &array![[9.0, 0.0, 0.0, 1.0], [0.0, 9.0, 1.0, 0.0]],
    )
    .unwrap();
    let svg = motif.logo().svg();
    assert!(svg.contains("m&lt;1&gt;") && svg.contains(">bits<"));
}

#[test]
fn a_small_logo_looks_like_this() {
    let logo = display::logo(&array![[1.0], [0.0], [-0.5], [0.0]])
        .size(150.0, 100.0)
        .y_range(-1.0, 1.0);
    let svg = logo.svg();
    let marks: Vec<&str> = svg
        .lines()
        .filter(|line| {
            line.starts_with("<use") || line.starts_with("<text") || line.starts_with("<desc")
        })
        .collect();
    let prefix = svg
        .split("id=\"")
        .nth(1)
        .unwrap()
        .split("title")
        .next()
        .unwrap()
        .to_string();
    insta::assert_snapshot!(marks.join("\n").replace(&prefix, "ID-"), @r##"
    <desc id="ID-desc">Sequence logo of 1 positions, attribution; the tallest letter is A at position 0 with 1.</desc>
    <text x="51.5" y="78.28" font-size="10.5" text-anchor="end">−1.0</text>
    <text x="51.5" y="61.68" font-size="10.5" text-anchor="end">−0.5</text>
    <text x="51.5" y="45.03" font-size="10.5" text-anchor="end">0.0</text>
    <text x="51.5" y="28.43" font-size="10.5" text-anchor="end">0.5</text>
    <text x="51.5" y="11.83" font-size="10.5" text-anchor="end">1.0</text>
    <text x="100.25" y="89.17" font-size="10.5" text-anchor="middle">0</text>
    <text y="4.2" transform="translate(11 41.25) rotate(-90)" font-size="11.5" text-anchor="middle">attribution</text>
    <use href="#ID-G" transform="matrix(.082304 0 0 -.016625 59.1 57.88)" fill="#eea20c"/>
    <use href="#ID-A" transform="matrix(.082304 0 0 .03325 59.1 8)" fill="#008f68"/>
    "##);
}

#[test]
fn an_attribution_draws_the_letters_that_are_there() {
    let sequences = genolens::sequence::Sequences::dna(["ACNT"]).unwrap();
    let scores = genolens::ndarray::Array3::from_elem((1, 4, 4), 0.5);
    let scores = genolens::attribution::Attribution::new(sequences, scores).unwrap();
    let svg = scores.logo().svg();
    let drawn: Vec<_> = svg
        .lines()
        .filter(|line| line.starts_with("<use"))
        .collect();
    assert_eq!(
        drawn.len(),
        3,
        "the unknown letter has no height of its own"
    );
    assert!(
        scores
            .heatmap()
            .description()
            .contains("4 rows and 4 columns")
    );
}

#[test]
fn logos_side_by_side_fit_into_the_column_of_a_notebook() {
    let motifs = genolens::simulate::motifs(20, genolens::random::Seed::new(1))
        .unwrap()
        .motifs();
    let widths = (0..motifs.len()).map(|i| motifs.get(i).logo().figure().extent().0);
    assert!(widths.sum::<f64>() > 820.0, "three in a row would not fit");
    let (width, _) = motifs.logos().extent();
    assert!(width <= 820.0, "{width}");
}

#[test]
fn a_long_sequence_fits_into_the_column_of_a_notebook() {
    for length in [101, 300, 1000] {
        let scores = Array2::from_shape_fn((4, length), |(i, j)| -((i * j % 7) as f64) / 700.0);
        let map = display::heatmap(&scores)
            .rows(&['A', 'C', 'G', 'T'])
            .value_label("score");
        let logo = display::logo(&scores);
        for figure in [logo.figure(), map.figure(), logo.figure().above(&map)] {
            let (width, _) = figure.extent();
            assert!((700.0..=820.01).contains(&width), "{length}: {width}");
        }
    }
}
