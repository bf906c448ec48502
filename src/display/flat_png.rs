//! PNGs of at most 256 colours, one byte a pixel: a map of many cells weighs a third of what it does in full colour.

use super::palette::Color;
use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::Pixmap;
use std::collections::HashMap;
use std::io::Write as _;

/// Pixels as indices into a palette.
pub(crate) struct Flat {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// One index a pixel, row by row.
    pub(crate) pixels: Vec<u8>,
    pub(crate) colors: Vec<Color>,
    /// Whether index 0 is see-through.
    pub(crate) clear: bool,
}

impl Flat {
    /// Encodes the pixels; nothing when the picture is empty or has more colours than a byte can count.
    pub(crate) fn png(&self) -> Option<Vec<u8>> {
        let wanted = self.width.checked_mul(self.height)?;
        if wanted == 0 || self.pixels.len() != wanted || !(1..=256).contains(&self.colors.len()) {
            return None;
        }
        let mut head = Vec::with_capacity(13);
        for side in [self.width, self.height] {
            head.extend(u32::try_from(side).ok()?.to_be_bytes());
        }
        // Eight bits a pixel, colours from a palette, no interlacing.
        head.extend([8, 3, 0, 0, 0]);
        let palette: Vec<u8> = self
            .colors
            .iter()
            .flat_map(|Color(r, g, b)| [*r, *g, *b])
            .collect();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::new(6));
        let same = vec![0; self.width];
        let mut above: &[u8] = &[];
        for row in self.pixels.chunks(self.width) {
            // Filter 2 writes differences from the row above.
            let (filter, bytes) = if row == above {
                (2, &same[..])
            } else {
                (0, row)
            };
            packed.write_all(&[filter]).ok()?;
            packed.write_all(bytes).ok()?;
            above = row;
        }
        let packed = packed.finish().ok()?;
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut out, *b"IHDR", &head)?;
        chunk(&mut out, *b"PLTE", &palette)?;
        if self.clear {
            chunk(&mut out, *b"tRNS", &[0])?;
        }
        chunk(&mut out, *b"IDAT", &packed)?;
        chunk(&mut out, *b"IEND", &[])?;
        Some(out)
    }

    /// Takes painted pixels: the most frequent 256 colours, and for every other one the nearest of them.
    pub(crate) fn of(painted: &Pixmap) -> Option<Self> {
        let seen: Vec<[u8; 3]> = painted
            .pixels()
            .iter()
            .map(|p| [p.red(), p.green(), p.blue()])
            .collect();
        let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
        for run in seen.chunk_by(|a, b| a == b) {
            *counts.entry(run[0]).or_default() += run.len();
        }
        let mut order: Vec<([u8; 3], usize)> = counts.into_iter().collect();
        order.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let kept: Vec<[u8; 3]> = order.iter().take(256).map(|(color, _)| *color).collect();
        let mut places: HashMap<[u8; 3], u8> = HashMap::with_capacity(order.len());
        for (at, (color, _)) in order.iter().enumerate() {
            let place = if at < kept.len() {
                at
            } else {
                nearest(&kept, *color)
            };
            places.insert(*color, place as u8);
        }
        let mut pixels = Vec::with_capacity(seen.len());
        for run in seen.chunk_by(|a, b| a == b) {
            let place = places.get(&run[0]).copied()?;
            pixels.resize(pixels.len() + run.len(), place);
        }
        Some(Self {
            width: painted.width() as usize,
            height: painted.height() as usize,
            pixels,
            colors: kept.iter().map(|[r, g, b]| Color(*r, *g, *b)).collect(),
            clear: false,
        })
    }
}

fn nearest(colors: &[[u8; 3]], wanted: [u8; 3]) -> usize {
    let distance = |color: &[u8; 3]| -> u32 {
        let parts = color.iter().zip(wanted);
        parts.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let best = colors.iter().enumerate().min_by_key(|(_, c)| distance(c));
    best.map_or(0, |(place, _)| place)
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    out.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    out.extend(kind);
    out.extend(data);
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(data);
    out.extend(sum.sum().to_be_bytes());
    Some(())
}
