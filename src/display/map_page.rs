//! Maps as HTML that needs nothing else: the plain picture, and a script that takes its place.
//!
//! Coordinates travel as two whole numbers of 16 bits, a label as one byte, a value as one of 254 steps, all packed by zlib. Where
//! that is more than a notebook should carry, the numbers are rounded, which packs them tighter: see [`ROUGH`].

use super::canvas::escape;
use super::figure::Draw;
use super::json;
use super::map_coloring::{NONE, Paint, Panel, STEPS, UNLABELLED, step};
use super::map_plot::MapPlot;
use super::mark::mark;
use super::palette::{Color, WHITE};
use super::png;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fmt::Write as _;
use std::io::Write as _;

/// What draws in the browser.
const SCRIPT: &str = include_str!("map.js");
/// The number of the right and upper end of the plane; the next one means that a point is nowhere.
const END: f64 = 65_534.0;
/// More categories than this need two bytes a point.
const NARROW: usize = 255;

/// The plain picture inside of a page is made coarser when it weighs more bytes than this.
const PLAIN: usize = 48_000;

/// How roughly numbers are sent, from not at all on: by how many bits coordinates are rounded, and how many steps of a value become one.
const ROUGH: [(u32, u8); 5] = [(0, 1), (2, 2), (4, 4), (4, 16), (6, 16)];

/// Makes the page of a map around its plain picture, an SVG, with at most so many bytes as JSON.
///
/// What has too many points and panels even in its roughest form stays a plain picture, and says so.
pub(super) fn page(map: &MapPlot, plain: &str, room: usize) -> Option<String> {
    let mut png = png::paint_flat(plain, 1.0)?;
    if png.len() > PLAIN {
        png = png::paint_flat(plain, 0.5)?;
    }
    let png = STANDARD.encode(png);
    let (width, height) = map.extent();
    let mut alt = String::new();
    escape(&mut alt, &map.describe());
    let image = format!(
        "<img src=\"data:image/png;base64,{png}\" width=\"{width:.0}\" height=\"{height:.0}\" alt=\"{alt}\">"
    );
    let style = format!("style=\"max-width:1200px;background:{}\"", WHITE.hex());
    for rough in ROUGH {
        let mut data = data(map, rough)?;
        let hash = mark(data.bytes());
        let _ = write!(data, ",\"id\":\"{hash:016x}\"}}");
        let data = data.replace('<', "\\u003c");
        let script = SCRIPT.trim();
        let page = format!(
            "<div data-genolens-map=\"{hash:016x}\" {style}>{image}<script>{script}({data})</script></div>\n"
        );
        let escaped = page.bytes().filter(|b| matches!(b, b'"' | b'\\' | b'\n'));
        if page.len() + escaped.count() <= room {
            return Some(page);
        }
    }
    let note = format!(
        "{} points in {} panels are too many to explore here: show fewer panels, or save the picture as .html",
        map.points.len(),
        map.shown().len()
    );
    Some(format!("<div {style}>{image}<div>{note}</div></div>\n"))
}

/// Returns all that the script draws, an open JSON object.
fn data(map: &MapPlot, (bits, steps): (u32, u8)) -> Option<String> {
    let points = &map.points;
    let (columns, (width, height)) = map.grid();
    let mut out = format!(
        "{{\"n\":{},\"map\":\"{}\",\"width\":{width},\"height\":{height},\"columns\":{columns},\"radius\":{:.3},\"sorted\":{},\"on_data\":{}",
        points.len(),
        points.name(),
        points.radius(map.look.area),
        map.look.sorted,
        map.look.on_data
    );
    for (name, (low, high)) in [("x", points.x), ("y", points.y)] {
        let _ = write!(out, ",\"{name}\":[{low:?},{high:?}]");
    }
    let empty = String::new();
    let texts = [
        ("title", map.frame.title.as_ref()),
        ("x_label", map.frame.x_label.as_ref()),
        ("y_label", map.frame.y_label.as_ref()),
        ("caption", map.caption.as_ref()),
        ("none", Some(&NONE.hex())),
    ];
    for (name, text) in texts {
        let _ = write!(out, ",\"{name}\":");
        json::string(&mut out, text.unwrap_or(&empty));
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::new(6));
    let places = (0..points.len()).map(|at| points.shares(at).map(whole));
    let places: Vec<Option<[u16; 2]>> = places.collect();
    for axis in 0..2 {
        let rounded = |value: u16| (value >> bits << bits | ((1 << bits) >> 1)).min(END as u16);
        let number =
            |place: &Option<[u16; 2]>| place.map_or(u16::MAX, |place| rounded(place[axis]));
        packed.write_all(&apart(places.iter().map(number))).ok()?;
    }
    let _ = write!(out, ",\"steps\":{steps},\"panels\":[");
    for (at, one) in map.shown().iter().enumerate() {
        out.push_str(if at == 0 { "{" } else { ",{" });
        packed.write_all(&panel(&mut out, (map, steps), one)).ok()?;
        out.push('}');
    }
    let packed = STANDARD.encode(packed.finish().ok()?);
    let _ = write!(out, "],\"packed\":\"{packed}\",\"lines\":[");
    let contours = map.contour_lines();
    let contours = contours.iter().map(|line| (line.clone(), 0, 0.8));
    let lines = map.lines.all().iter().map(|line| {
        let shares = line.places.iter().map(|at| points.share(*at)).collect();
        (shares, line.tip, line.width)
    });
    for (at, (places, tip, width)) in contours.chain(lines).enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        let _ = write!(out, "{{\"tip\":{tip},\"width\":{width:.2},\"at\":[");
        for (at, share) in places.iter().enumerate() {
            // Lines may reach beyond the plane.
            let far = |share: f64| (share * END).round().clamp(-1e6, 1e6);
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(out, "{comma}{},{}", far(share.0), far(share.1));
        }
        out.push_str("]}");
    }
    Some(out + "]")
}

/// Writes numbers as their low bytes, then their high ones, which packs better than both in turn.
fn apart(numbers: impl Iterator<Item = u16>) -> Vec<u8> {
    let (low, high): (Vec<u8>, Vec<u8>) =
        numbers.map(u16::to_le_bytes).map(|[l, h]| (l, h)).unzip();
    [low, high].concat()
}

fn whole((x, y): (f64, f64)) -> [u16; 2] {
    [x, y].map(|share| (share * END).round().clamp(0.0, END) as u16)
}

/// Writes what is known of a panel, and returns the codes of its points.
fn panel(out: &mut String, (map, steps): (&MapPlot, u8), panel: &Panel) -> Vec<u8> {
    let n = map.points.len();
    out.push_str("\"name\":");
    json::string(out, &panel.name);
    let colors: Vec<Color> = map.inks(panel).into_iter().skip(1).collect();
    let (kind, codes, wide) = match &panel.paint {
        Paint::Plain => ("plain", vec![0; n], false),
        Paint::Missing(_) => ("missing", Vec::new(), false),
        Paint::Categories(labels) if labels.names.len() <= NARROW => {
            let code = |at| {
                labels
                    .codes
                    .get(at)
                    .map_or(u8::MAX, |code: &u32| (*code).min(255) as u8)
            };
            ("categories", (0..n).map(code).collect(), false)
        }
        Paint::Categories(labels) => {
            let code = |at| labels.codes.get(at).copied().unwrap_or(UNLABELLED);
            let code = |at| code(at).min(65_535) as u16;
            ("categories", apart((0..n).map(code)), true)
        }
        Paint::Values(values) => {
            let range = panel.paint.range(map.look.range).unwrap_or((0.0, 1.0));
            let code = |at: usize| {
                let exact = values.get(at).and_then(|v| step(*v, range));
                let rounded = |code: u8| (code / steps * steps + steps / 2).min(STEPS);
                exact.map_or(u8::MAX, rounded)
            };
            let _ = write!(out, ",\"low\":{:?},\"high\":{:?}", range.0, range.1);
            ("values", (0..n).map(code).collect(), false)
        }
    };
    debug_assert!(kind != "values" || colors.len() == usize::from(STEPS) + 1);
    let _ = write!(out, ",\"kind\":\"{kind}\",\"wide\":{wide},\"note\":");
    let note = match &panel.paint {
        Paint::Missing(note) => note.as_str(),
        _ => "",
    };
    json::string(out, note);
    list(out, "colors", colors.iter(), |out, color| {
        let _ = write!(out, "\"{}\"", color.hex());
    });
    let (names, medians) = match &panel.paint {
        Paint::Categories(labels) => {
            let code = |at| labels.code(at, &map.look.highlighted);
            let medians = if map.look.on_data {
                map.medians(labels.names.len(), code)
            } else {
                Vec::new()
            };
            (labels.names.clone(), medians)
        }
        _ => (Vec::new(), Vec::new()),
    };
    let lit = &map.look.highlighted;
    list(out, "grey", names.iter(), |out, name| {
        out.push(if lit.is_empty() || lit.contains(name) {
            '0'
        } else {
            '1'
        });
    });
    list(out, "names", names.iter(), |out, name| {
        json::string(out, name);
    });
    list(out, "medians", medians.iter(), |out, (name, share)| {
        let [x, y] = whole(*share);
        let _ = write!(out, "[{name},{x},{y}]");
    });
    codes
}

fn list<T>(
    out: &mut String,
    name: &str,
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    let _ = write!(out, ",\"{name}\":[");
    for (at, item) in items.enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        write(out, item);
    }
    out.push(']');
}
