//! Maps as HTML that needs nothing else: the plain picture, and a script that takes its place.
//!
//! Coordinates travel as two whole numbers of 16 bits, a label as one byte, a value as one of 254 steps.

use super::canvas::escape;
use super::figure::Draw;
use super::json;
use super::map_coloring::{NONE, Paint, Panel, STEPS, UNLABELLED, step};
use super::map_plot::MapPlot;
use super::palette::{Color, WHITE};
use super::png;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// What draws in the browser.
const SCRIPT: &str = include_str!("map.js");
/// The number of the right and upper end of the plane; the next one means that a point is nowhere.
const END: f64 = 65_534.0;
/// More categories than this need two bytes a point.
const NARROW: usize = 255;

/// The plain picture inside of a page is made coarser when it weighs more bytes than this.
const PLAIN: usize = 48_000;

/// Makes the page of a map around its plain picture, an SVG.
pub(super) fn page(map: &MapPlot, plain: &str) -> Option<String> {
    let mut png = png::paint_flat(plain, 1.0)?;
    if png.len() > PLAIN {
        png = png::paint_flat(plain, 0.5)?;
    }
    let png = STANDARD.encode(png);
    let mut data = data(map);
    let hash = data.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let _ = write!(data, ",\"id\":\"{hash:016x}\"}}");
    let (width, height) = map.extent();
    let mut alt = String::new();
    escape(&mut alt, &map.describe());
    Some(format!(
        "<div data-genolens-map=\"{hash:016x}\" style=\"max-width:1200px;background:{}\">\
         <img src=\"data:image/png;base64,{png}\" width=\"{width:.0}\" height=\"{height:.0}\" alt=\"{alt}\">\
         <script>{}({})</script></div>\n",
        WHITE.hex(),
        SCRIPT.trim(),
        data.replace('<', "\\u003c")
    ))
}

/// Returns all that the script draws, an open JSON object.
fn data(map: &MapPlot) -> String {
    let points = &map.points;
    let (columns, (width, height)) = map.grid();
    let mut out = format!(
        "{{\"n\":{},\"width\":{width},\"height\":{height},\"columns\":{columns},\"radius\":{:.3},\"sorted\":{},\"on_data\":{}",
        points.len(),
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
    let mut places = Vec::with_capacity(4 * points.len());
    for at in 0..points.len() {
        let [x, y] = points.shares(at).map_or([u16::MAX; 2], whole);
        places.extend(x.to_le_bytes());
        places.extend(y.to_le_bytes());
    }
    let _ = write!(
        out,
        ",\"points\":\"{}\",\"panels\":[",
        STANDARD.encode(places)
    );
    for (at, one) in map.shown().iter().enumerate() {
        out.push_str(if at == 0 { "{" } else { ",{" });
        panel(&mut out, map, one);
        out.push('}');
    }
    out.push_str("],\"lines\":[");
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
    out + "]"
}

fn whole((x, y): (f64, f64)) -> [u16; 2] {
    [x, y].map(|share| (share * END).round().clamp(0.0, END) as u16)
}

fn panel(out: &mut String, map: &MapPlot, panel: &Panel) {
    let n = map.points.len();
    out.push_str("\"name\":");
    json::string(out, &panel.name);
    let colors: Vec<Color> = map.inks(panel).into_iter().skip(1).collect();
    let (kind, codes, wide) = match &panel.paint {
        Paint::Plain => ("plain", Some(vec![0; n]), false),
        Paint::Missing(_) => ("missing", None, false),
        Paint::Categories(labels) if labels.names.len() <= NARROW => {
            let code = |at| {
                labels
                    .codes
                    .get(at)
                    .map_or(u8::MAX, |code: &u32| (*code).min(255) as u8)
            };
            ("categories", Some((0..n).map(code).collect()), false)
        }
        Paint::Categories(labels) => {
            let code = |at| labels.codes.get(at).copied().unwrap_or(UNLABELLED);
            let code = |at| (code(at).min(65_535) as u16).to_le_bytes();
            ("categories", Some((0..n).flat_map(code).collect()), true)
        }
        Paint::Values(values) => {
            let range = panel.paint.range(map.look.range).unwrap_or((0.0, 1.0));
            let code = |at: usize| {
                values
                    .get(at)
                    .and_then(|v| step(*v, range))
                    .unwrap_or(u8::MAX)
            };
            let _ = write!(out, ",\"low\":{:?},\"high\":{:?}", range.0, range.1);
            ("values", Some((0..n).map(code).collect::<Vec<u8>>()), false)
        }
    };
    debug_assert!(kind != "values" || colors.len() == usize::from(STEPS) + 1);
    let _ = write!(out, ",\"kind\":\"{kind}\",\"wide\":{wide},\"codes\":");
    match codes {
        Some(codes) => {
            let _ = write!(out, "\"{}\"", STANDARD.encode(codes));
        }
        None => out.push_str("null"),
    }
    out.push_str(",\"note\":");
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
