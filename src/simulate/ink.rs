//! Ink on a page of pixels.

use super::hand::Dot;

/// Darkens the pixels of a square page along a line, up to `darkest`, with edges so many pixels soft.
pub(super) fn trace(page: &mut [f32], size: usize, (line, darkest, soft): (&[Dot], f32, f32)) {
    for pair in line.windows(2) {
        let ([ax, ay, a], [bx, by, b]) = (pair[0], pair[1]);
        let reach = a.max(b) + soft;
        let span = |from: f32, to: f32| {
            let first = (from.min(to) - reach - 0.5).max(0.0) as usize;
            let last = (from.max(to) + reach + 0.5).max(0.0) as usize;
            first..(last + 1).min(size)
        };
        let (dx, dy) = (bx - ax, by - ay);
        let square = (dx * dx + dy * dy).max(1e-12);
        let columns = span(ax, bx);
        for y in span(ay, by) {
            let to_y = y as f32 + 0.5 - ay;
            for x in columns.clone() {
                let to_x = x as f32 + 0.5 - ax;
                let along = ((to_x * dx + to_y * dy) / square).clamp(0.0, 1.0);
                let (off_x, off_y) = (to_x - along * dx, to_y - along * dy);
                let distance = (off_x * off_x + off_y * off_y).sqrt();
                let edge = a + (b - a) * along - distance;
                let share = (edge / soft + 0.5).clamp(0.0, 1.0);
                // Without a kink where the edge begins and ends.
                let ink = darkest * share * share * (3.0 - 2.0 * share);
                let pixel = &mut page[y * size + x];
                *pixel = pixel.max(ink);
            }
        }
    }
}
