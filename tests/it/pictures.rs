//! Tests of what attributions look like.

use crate::display::sound;
use base64::Engine as _;
use genolens::attribution::{Attribution, Effect, SaturationMutagenesis};
use genolens::display::{self, Figure, Place, Places, Sites};
use genolens::ndarray::{Array2, Array3, Axis, s};
use genolens::random::Seed;
use genolens::sequence::Sequences;
use genolens::{motif, network, simulate};
use proptest::prelude::*;
use resvg::usvg::roxmltree;

/// A number that looks random.
fn noise(i: usize) -> f32 {
    let mixed = (i as u32).wrapping_add(7).wrapping_mul(2_654_435_761);
    f32::from((mixed >> 16) as u16) / 65_536.0 - 0.4
}

fn sequences(n: usize, length: usize) -> Sequences {
    let letter = |i: usize| b"ACGT"[((noise(i) + 0.4) * 4.0) as usize];
    let text = |i| {
        (0..length)
            .map(move |p| letter(i * length + p))
            .collect::<Vec<u8>>()
    };
    Sequences::dna((0..n).map(text)).unwrap()
}

fn scores(n: usize, length: usize) -> Attribution {
    let value = |(i, letter, p): (usize, usize, usize)| noise((i * 4 + letter) * length + p);
    Attribution::new(
        sequences(n, length),
        Array3::from_shape_fn((n, 4, length), value),
    )
    .unwrap()
}

fn hits(count: usize, length: usize) -> Places {
    let hit = |i: usize| {
        let start = (i * 37) % length;
        Place {
            sequence: 0,
            start,
            end: start + 1 + i % 12,
            name: format!("motif {}", i % 30),
            reverse: [None, Some(true), Some(false)][i % 3],
        }
    };
    (0..count).map(hit).collect()
}

/// Every mark of a kind with its attributes as numbers.
fn marks(svg: &str, kind: &str, names: [&str; 4]) -> Vec<[f64; 4]> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let nodes = document
        .descendants()
        .filter(|node| node.has_tag_name(kind));
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| {
        node.attribute(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(f64::NAN)
    };
    nodes
        .map(|node| names.map(|name| number(&node, name)))
        .collect()
}

fn boxes(svg: &str) -> Vec<[f64; 4]> {
    marks(svg, "rect", ["x", "y", "width", "height"])
}

/// Left edge and width of every letter of a logo.
fn letters(svg: &str) -> Vec<(f64, f64)> {
    let uses = svg.lines().filter(|line| line.starts_with("<use"));
    let place = |line: &str| {
        let inside = line
            .split("matrix(")
            .nth(1)
            .unwrap()
            .split(')')
            .next()
            .unwrap();
        let numbers: Vec<f64> = inside.split(' ').map(|v| v.parse().unwrap()).collect();
        (numbers[4], numbers[0] * 1000.0)
    };
    uses.map(place).collect()
}

/// Asserts that columns of cells begin where the letters under them do.
fn aligned(svg: &str, length: usize) {
    let mut letters = letters(svg);
    letters.sort_by(|a, b| a.0.total_cmp(&b.0));
    letters.dedup_by(|a, b| (a.0 - b.0).abs() < 0.005);
    assert_eq!(letters.len(), length);
    let slot = (letters[length - 1].0 - letters[0].0) / (length - 1) as f64;
    let gap = (slot * 0.04).min(0.6);
    let is_cell =
        |rect: &&[f64; 4]| rect[2] >= slot - 0.02 && rect[2] <= slot + 0.42 && rect[3] > 5.0;
    let svg_boxes = boxes(svg);
    let cells: Vec<&[f64; 4]> = svg_boxes.iter().filter(is_cell).collect();
    assert!(cells.len() >= length, "{} cells", cells.len());
    for cell in cells {
        let nearest = letters
            .iter()
            .map(|(x, _)| (x - gap - cell[0]).abs())
            .fold(f64::MAX, f64::min);
        assert!(nearest < 0.03, "{cell:?} stands over no letter: {nearest}");
    }
}

#[test]
fn columns_of_cells_stand_exactly_over_their_letters() {
    for length in [12, 40, 101] {
        let scores = scores(1, length);
        let long = Places::new().add(0, 1..4, "a long name that needs room");
        aligned(&scores.landscape().svg(), length);
        aligned(
            &scores
                .landscape()
                .hits(&long)
                .first(100_000)
                .title("t")
                .svg(),
            length,
        );
        aligned(&scores.landscape().size(500.0, 400.0).svg(), length);
        aligned(
            &scores
                .strips()
                .rows(&["a name of some width"])
                .above(&scores.logo())
                .svg(),
            length,
        );
        aligned(
            &scores.heatmap().above(&scores.logo().first(999_990)).svg(),
            length,
        );
    }
}

#[test]
fn the_logo_under_differences_is_that_of_projected_scores() {
    let (model, peaks) = (network::deepbind(4), sequences(1, 30));
    let run = |effect| {
        SaturationMutagenesis::new()
            .effect(effect)
            .run(&model, &peaks)
            .unwrap()
    };
    let landscape = run(Effect::Difference).landscape();
    let projected = run(Effect::Projected).logo().description();
    let tallest = projected.split("; ").nth(1).unwrap().trim_end_matches('.');
    assert!(tallest.starts_with("the tallest letter is"));
    assert!(
        landscape.description().contains(tallest),
        "{landscape:?} {projected}"
    );
    // The dots stand on the letters that are there: one in every column.
    let dots = marks(&landscape.svg(), "circle", ["cx", "cy", "r", "r"]);
    assert_eq!(dots.len(), 30);
    // Where the letters that are there have scores of their own, these are drawn.
    let hypothetical = run(Effect::Hypothetical).landscape();
    assert!(
        hypothetical.description().contains(tallest),
        "{hypothetical:?}"
    );
    assert!(!hypothetical.svg().contains("less mean"));
}

/// The rows of arrows under a logo: left and right ends by height.
fn arrows(svg: &str) -> Vec<(i64, f64, f64)> {
    let mut found = Vec::new();
    for [x, y, width, height] in boxes(svg) {
        if height == 10.0 {
            found.push(((y * 100.0) as i64, x, x + width));
        }
    }
    let document = roxmltree::Document::parse(svg).unwrap();
    for node in document
        .descendants()
        .filter(|node| node.has_tag_name("path"))
    {
        let path = node.attribute("d").unwrap_or_default();
        if node.attribute("fill").is_none()
            || !path.ends_with('Z')
            || path.matches('L').count() != 4
        {
            continue;
        }
        let points = path
            .trim_start_matches('M')
            .trim_end_matches('Z')
            .split('L');
        let points: Vec<(f64, f64)> = points
            .map(|point| {
                let (x, y) = point.split_once(' ').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect();
        let ends = |pick: fn(f64, f64) -> f64| points.iter().map(|p| p.0).reduce(pick).unwrap();
        found.push(((points[0].1 * 100.0) as i64, ends(f64::min), ends(f64::max)));
    }
    found
}

#[test]
fn hits_never_cover_each_other_and_none_is_lost_in_silence() {
    for count in [1, 7, 40, 300, 3000] {
        let logo = scores(1, 101).logo().hits(&hits(count, 101));
        let svg = logo.svg();
        let mut arrows = arrows(&svg);
        arrows.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for pair in arrows.windows(2) {
            assert!(
                pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1 + 0.01,
                "{pair:?}"
            );
        }
        let left_out = logo.description();
        let left_out = left_out.split("no room for ").nth(1).map_or(0, |rest| {
            rest.split(' ').next().unwrap().parse::<usize>().unwrap()
        });
        assert_eq!(arrows.len() + left_out, count, "{logo:?}");
        assert_eq!(
            svg.contains(&format!("no room for {left_out} hit")),
            left_out > 0
        );
        let (width, height) = logo.figure().extent();
        assert!(width <= 820.0 && height < 280.0, "{width} x {height}");
        assert!(svg.len() < 60_000, "{}", svg.len());
    }
}

#[test]
fn an_arrow_points_along_its_strand_and_a_long_name_is_cut() {
    let logo = scores(1, 40).logo();
    let forward = logo.hits(&Places::new().forward(0, 10..20, "GATA1")).svg();
    let backward = logo.hits(&Places::new().backward(0, 10..20, "GATA1")).svg();
    let tip = |svg: &str| {
        let mut path = svg
            .lines()
            .filter(|line| line.contains("#0072b2") && line.matches('L').count() == 4);
        let path = path.next_back().unwrap().to_owned();
        let point = path
            .split('L')
            .nth(2)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned();
        point.parse::<f64>().unwrap()
    };
    assert!(
        (tip(&forward) - tip(&backward) - 190.0).abs() < 5.0,
        "{} {}",
        tip(&forward),
        tip(&backward)
    );
    assert!(forward.contains(">GATA1</text>"));
    let long = "a name without an end ".repeat(20);
    let svg = logo.hits(&Places::new().add(0, 1..3, &long)).svg();
    assert!(svg.contains("a name without") && svg.contains('…') && !svg.contains(&long));
    // What reaches over the end is cut off there, what begins behind it is counted.
    let outside = Places::new()
        .add(0, 35..900, "cut")
        .add(0, 40..50, "behind")
        .add(0, 7..7, "empty");
    let outside = logo.hits(&outside);
    assert!(
        outside
            .description()
            .ends_with("cut at 35..40; 2 hits lying elsewhere."),
        "{outside:?}"
    );
}

#[test]
fn hits_follow_the_sequence_that_was_chosen() {
    let all = Places::new().add(0, 1..3, "first").add(2, 4..8, "third");
    let scores = scores(4, 20);
    let drawn = |scores: &Attribution| scores.logo().hits(&all).description();
    assert!(
        drawn(&scores).contains("first at 1..3; 1 hit lying elsewhere"),
        "{}",
        drawn(&scores)
    );
    let third = scores.get(2).unwrap();
    assert!(drawn(&third).contains("third at 4..8"), "{}", drawn(&third));
    let again = scores.select(&[3, 2]).unwrap().get(1).unwrap();
    assert!(drawn(&again).contains("third at 4..8"));
    assert!(drawn(&scores.get(1).unwrap()).contains("no hit here, 2 hits elsewhere"));
    assert!(
        scores
            .logo()
            .hits(&all)
            .sequence(2)
            .description()
            .contains("third")
    );
    let tracks = scores.select(&[2, 3]).unwrap().tracks().hits(&all);
    assert!(
        tracks.description().contains("1 of 2 hits are marked"),
        "{tracks:?}"
    );
    let both = display::compare(&[third.clone(), third.named("again")])
        .unwrap()
        .hits(&all);
    assert!(both.description().contains("third at 4..8"), "{both:?}");
}

#[test]
fn planted_motifs_and_tables_are_hits() {
    let simulated = simulate::motifs(20, Seed::new(3)).unwrap();
    let plants = simulated.truth();
    let table = plants.table().unwrap();
    let read = Places::from_table(&table).unwrap();
    assert!(!read.is_empty());
    assert_eq!(read, plants.places());
    let found = motif::scan(&simulated.motifs(), &simulated.sequences()).unwrap();
    assert!(!found.is_empty());
    assert_eq!(
        Places::from_table(&found.table().unwrap()).unwrap(),
        found.places()
    );
    let tell = |table| Places::from_table(&table).unwrap_err().to_string();
    insta::assert_snapshot!(tell(table.drop("end").unwrap()), @"`table` is one without, expected a column `end`");
    insta::assert_snapshot!(tell(table.drop("motif").unwrap()), @"`table` is one without, expected a column `motif`");
    let words = table
        .column("motif")
        .unwrap()
        .clone()
        .with_name("start".into());
    let mut wrong = table.clone();
    wrong.replace("start", words).unwrap();
    insta::assert_snapshot!(tell(wrong), @"`table` is str, expected whole numbers of 0 or more in column `start`");
    let mut negative = table.clone();
    let less = negative.column("start").unwrap().as_materialized_series() - 1000;
    negative.replace("start", less.into()).unwrap();
    assert!(tell(negative).contains("expected whole numbers of 0 or more in column `start`"));
}

#[test]
fn many_sequences_stay_one_small_picture() {
    for (n, length) in [(21, 101), (300, 200), (6000, 101), (2, 30_000), (20, 3000)] {
        let values = Array2::from_shape_fn((n, length), |(i, j)| noise(i * length + j));
        let tracks = display::tracks(&values).rows(&(0..n).collect::<Vec<_>>());
        let svg = tracks.svg();
        let (width, height) = tracks.figure().extent();
        assert!(
            width <= 820.01 && height < 1000.0,
            "{n}: {width} x {height}"
        );
        assert!(svg.len() < 1_500_000, "{n} x {length}: {}", svg.len());
        let marks = ["<rect", "<path", "<text", "<image"].map(|mark| svg.matches(mark).count());
        assert!(
            marks.iter().sum::<usize>() < 2500,
            "{n} x {length}: {marks:?}"
        );
    }
    let many = display::tracks(&Array2::<f64>::zeros((6000, 10)));
    assert!(
        many.description()
            .contains("a line of colour is the strongest of up to 8 sequences")
    );
}

#[test]
fn pooling_keeps_the_one_peak_among_thousands() {
    let mut values = Array2::<f64>::zeros((5000, 4000));
    values[[3333, 1111]] = -5.0;
    let tracks = display::tracks(&values);
    let png = tracks.svg();
    let png = png
        .split("base64,")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let png = base64::engine::general_purpose::STANDARD
        .decode(png)
        .unwrap();
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
    let dark = pixels
        .pixels()
        .iter()
        .filter(|p| p.blue() > p.red().saturating_add(40))
        .count();
    assert_eq!(dark, 1, "one cell is negative");
    let line = display::logo(&{
        let mut heights = Array2::<f64>::zeros((4, 50_000));
        heights[[2, 40_000]] = 3.0;
        heights
    });
    let svg = line.svg();
    assert!(svg.len() < 12_000, "{}", svg.len());
    let outline = svg
        .lines()
        .find(|line| line.contains("Z\" fill=\"#0072b2\""))
        .unwrap();
    let path = outline
        .split("d=\"M")
        .nth(1)
        .unwrap()
        .split('Z')
        .next()
        .unwrap();
    let points = path.split('L').map(|point| {
        let (x, y) = point.split_once(' ').unwrap();
        (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
    });
    let highest = points.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(
        (highest.0 - (50.0 + 760.0 * 0.8)).abs() < 15.0,
        "{highest:?}"
    );
}

#[test]
fn the_browser_is_a_plain_picture_too_and_holds_the_scores() {
    let scores = scores(1, 5000);
    let hostile = "</script><script>alert(1)</script>";
    let browser = scores
        .browser()
        .title(hostile)
        .hits(&Places::new().add(0, 5..9, hostile));
    let bundle = browser.bundle();
    for mime in ["image/png", "image/svg+xml", "text/plain"] {
        assert!(bundle.get(mime).is_some(), "{mime}");
    }
    assert_eq!(bundle.get("image/svg+xml"), Some(browser.svg().as_str()));
    let html = bundle.get("text/html").unwrap();
    assert_eq!(
        (
            html.matches("<script").count(),
            html.matches("</script").count()
        ),
        (1, 1)
    );
    assert!(!html.contains("http"), "nothing comes from the network");
    assert!(html.contains("alt=\"") && html.contains("src=\"data:image/png;base64,"));
    assert!(bundle.json().len() < 500_000, "{}", bundle.json().len());
    let part = |name: &str| {
        let rest = html.split(&format!("\"{name}\":\"")).nth(1).unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(rest.split('"').next().unwrap())
            .unwrap()
    };
    let (rows, values) = (part("rows"), part("values"));
    let values: Vec<f32> = values
        .chunks(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect();
    let observed = scores.observed().unwrap();
    assert_eq!(values, observed.row(0).to_vec());
    let letters = scores.sequences().letters(0).iter();
    let there: Vec<u8> = letters
        .map(|l| b"ACGT".iter().position(|a| a == l).unwrap() as u8)
        .collect();
    assert_eq!(rows, there);
    // All letters of all positions.
    let all = display::logo(&scores.scores().index_axis(Axis(0), 0)).browser();
    let html = all.html();
    assert!(
        html.contains("\"rows\":null") && html.len() < 300_000,
        "{}",
        html.len()
    );
    let id = |html: &str| html.split("data-genolens-browser=\"").nth(1).unwrap()[..16].to_string();
    assert_ne!(id(&html), id(bundle.get("text/html").unwrap()));
    let error = all.save("logo.pdf").unwrap_err();
    insta::assert_snapshot!(error, @r#"`path` is "logo.pdf", expected a file name that ends in .html, .svg or .png"#);
}

#[test]
fn one_sequence_is_compared_over_methods_of_any_scale() {
    let one = scores(1, 30).named("one");
    let large = Attribution::new(sequences(1, 30), one.scores() * 1e6)
        .unwrap()
        .named("large");
    let both = display::compare(&[one.clone(), large.clone()]).unwrap();
    let svg = both.svg();
    assert!(svg.contains(">one</text>") && svg.contains(">large</text>"));
    assert_eq!(
        svg.matches(">10</text>").count(),
        1,
        "the positions are numbered once"
    );
    let mut places: Vec<(f64, f64)> = letters(&svg);
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    for pair in places.chunks(2) {
        assert!((pair[0].0 - pair[1].0).abs() < 0.011, "{pair:?}");
    }
    let tell = |scores: &[Attribution]| display::compare(scores).unwrap_err().to_string();
    insta::assert_snapshot!(tell(&[]), @"`scores` is none, expected at least one attribution");
    insta::assert_snapshot!(tell(&[one.clone(), scores(1, 31)]), @r#"`scores` is another first sequence, "seq1" in attribution, expected one and the same, "seq1" in one"#);
    insta::assert_snapshot!(tell(&[one.select(&[]).unwrap()]), @"`scores` is one of none, expected at least one sequence in each");
}

#[test]
fn a_dependency_map_names_its_letters() {
    let mut values = Array2::<f64>::zeros((60, 60));
    values.diag_mut().fill(100.0);
    values[[10, 20]] = -2.0;
    let text = sequences(1, 60).text(0).to_string();
    let map = display::dependency_map(&values, &text.to_lowercase()).unwrap();
    let (from, to) = (&text[10..11], &text[20..21]);
    assert_eq!(
        map.description(),
        format!(
            "Dependency map of 60 positions, dependency; {to} at 20 answers most to {from} at 10 with −2."
        )
    );
    let svg = map.svg();
    // The colours do not drown in the diagonal.
    assert!(svg.contains(">−2</text>") && !svg.contains(">100</text>"));
    assert_eq!(letters(&svg).len(), 120, "letters stand along both sides");
    let framed = map.hits(&Places::new().add(0, 5..15, "GATA1").add(3, 5..15, "TAL1"));
    assert!(framed.description().contains("1 of 2 hits are framed"));
    let tell = |rows, columns, letters: &str| {
        display::dependency_map(&Array2::<f64>::zeros((rows, columns)), letters)
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(tell(2, 3, "AC"), @"`values` has shape (2, 3), expected as many rows as columns, one for each position");
    insta::assert_snapshot!(tell(3, 3, "AC"), @"`letters` is 2 letters, expected 3, one for each position of the values");
    let large = Array2::from_shape_fn((2000, 2000), |(i, j)| noise(i * j));
    let large = display::dependency_map(&large, &"ACGT".repeat(500)).unwrap();
    assert!(large.svg().len() < 3_000_000, "{}", large.svg().len());
}

fn gallery(words: &str, values: &[f64], count: usize) -> Vec<Figure> {
    let n = values.len().max(1);
    let value = |i: usize| values.get(i % n).copied().unwrap_or(0.0);
    let attribution = |count: usize| {
        let scores =
            Array3::from_shape_fn((count, 4, n), |(i, letter, p)| value(i + letter + p) as f32);
        Attribution::new(sequences(count, n), scores)
            .unwrap()
            .named(words)
    };
    let matrix = Array2::from_shape_fn((count, values.len()), |(i, j)| value(i + j));
    let square = Array2::from_shape_fn((values.len(), values.len()), |(i, j)| value(i + 2 * j));
    let text = "ACGN".repeat(values.len());
    let backwards = std::ops::Range { start: 3, end: 1 };
    let wild = Places::new()
        .forward(0, 0..usize::MAX, words)
        .backward(0, 1..2, words)
        .add(usize::MAX, 3..3, words)
        .add(0, backwards, words)
        .add(0, usize::MAX - 1..usize::MAX, words);
    let scores = attribution(count.max(1));
    vec![
        scores.logo().hits(&wild).title(words).figure(),
        scores
            .landscape()
            .hits(&wild)
            .title(words)
            .range(f64::NAN, 1.0)
            .figure(),
        scores
            .tracks()
            .hits(&wild)
            .x_label(words)
            .y_label(words)
            .figure(),
        scores.strips().hits(&wild).first(i64::MAX).figure(),
        scores.browser().first(i64::MIN).hits(&wild).figure(),
        scores.select(&[]).unwrap().tracks().figure(),
        scores.select(&[]).unwrap().landscape().figure(),
        display::tracks(&matrix)
            .rows(&[words])
            .range(value(0), value(1))
            .value_label(words)
            .figure(),
        display::strips(&matrix)
            .range(value(1), f64::INFINITY)
            .hits(&wild)
            .figure(),
        display::dependency_map(&square, &text[..values.len()])
            .unwrap()
            .hits(&wild)
            .range(value(0), value(2))
            .title(words)
            .figure(),
        display::compare(&[scores.clone(), scores.clone()])
            .unwrap()
            .hits(&wild)
            .highlight(0..3, words)
            .title(words)
            .figure(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_scores_any_words_and_any_hits_make_a_valid_picture(
        values in prop::collection::vec(prop_oneof![
            any::<f64>(), -1.0..1.0, Just(f64::NAN), Just(f64::INFINITY), Just(0.0), Just(1e308), Just(-1e308), Just(5e-324),
        ], 0..12),
        words in any::<String>(),
        count in 0_usize..24,
    ) {
        for figure in gallery(&words, &values, count) {
            sound(&figure);
            let (width, height) = figure.extent();
            prop_assert!(width <= 821.0 && height <= 2000.0, "{:?}", figure);
        }
    }
}

#[test]
fn a_few_tracks_look_like_this() {
    let values = scores(2, 6).observed().unwrap();
    let tracks = display::tracks(&values.slice(s![.., ..3]))
        .rows(&["one", "two"])
        .size(200.0, 100.0);
    let svg = tracks.hits(&Places::new().add(1, 0..2, "site")).svg();
    let marks: Vec<&str> = svg
        .lines()
        .filter(|l| l.starts_with("<path d") || l.starts_with("<rect x") || l.starts_with("<text"))
        .collect();
    insta::assert_snapshot!(marks.join("\n"), @r##"
    <rect x="33.54" y="44.25" width="69.95" height="33.25" fill="#ffe89e" opacity=".75"/>
    <text x="68.51" y="52.85" font-size="8.5" text-anchor="middle" fill="#707070">site</text>
    <path d="M33.54 33.41L33.54 33.41L103.49 33.41L103.49 21L138.46 21L138.46 33.41Z" fill="#0072b2"/>
    <path d="M33.54 33.41L33.54 41.25L68.51 41.25L68.51 40.51L103.49 40.51L103.49 33.41L138.46 33.41L138.46 33.41Z" fill="#d55e00"/>
    <path d="M33.54 33.41L138.46 33.41" fill="none" stroke="#707070" stroke-width=".6" stroke-linejoin="round"/>
    <path d="M33.54 68.66L33.54 73.83L68.51 73.83L68.51 73.09L103.49 73.09L103.49 75.02L138.46 75.02L138.46 68.66Z" fill="#d55e00"/>
    <path d="M33.54 68.66L138.46 68.66" fill="none" stroke="#707070" stroke-width=".6" stroke-linejoin="round"/>
    <text x="142.46" y="28.47" font-size="9.5" fill="#707070">0.5787</text>
    <text x="142.46" y="41.72" font-size="9.5" fill="#707070">−0.3656</text>
    <text x="28.54" y="29.46" font-size="10.5" text-anchor="end">one</text>
    <text x="28.54" y="64.71" font-size="10.5" text-anchor="end">two</text>
    <path d="M33.54 78.5L138.46 78.5" fill="none" stroke="#262626" stroke-width=".9" stroke-linejoin="round"/>
    <path d="M51.03 78.5L51.03 82" fill="none" stroke="#262626" stroke-width=".9" stroke-linejoin="round"/>
    <text x="51.03" y="92.83" font-size="10.5" text-anchor="middle">0</text>
    <path d="M86 78.5L86 82" fill="none" stroke="#262626" stroke-width=".9" stroke-linejoin="round"/>
    <text x="86" y="92.83" font-size="10.5" text-anchor="middle">1</text>
    <path d="M120.98 78.5L120.98 82" fill="none" stroke="#262626" stroke-width=".9" stroke-linejoin="round"/>
    <text x="120.98" y="92.83" font-size="10.5" text-anchor="middle">2</text>
    "##);
}
