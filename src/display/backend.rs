//! What plotters draws on: our canvas.

use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::palette::Color;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use std::convert::Infallible;

/// Steps in a CSS pixel: plotters knows whole numbers only, and whole pixels would look jagged.
pub(crate) const FINE: f64 = 20.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A canvas seen in twentieths of a pixel.
pub(crate) struct Backend<'a> {
    pub(crate) canvas: &'a mut Canvas,
    pub(crate) size: (u32, u32),
}

/// Converts pixels to steps.
pub(crate) fn fine(pixels: f64) -> u32 {
    (pixels * FINE).round().max(0.0) as u32
}

fn coarse((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x) / FINE, f64::from(y) / FINE)
}

fn paint(style: &impl BackendStyle, fill: bool) -> Paint {
    let BackendColor {
        alpha,
        rgb: (r, g, b),
    } = style.color();
    let color = Color(r, g, b);
    let paint = if fill {
        Paint::fill(color)
    } else {
        Paint::stroke(color, f64::from(style.stroke_width()) / FINE)
    };
    paint.opacity(alpha)
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = coarse(point);
        let side = 1.0 / FINE;
        self.canvas
            .rect(Rect::new((x, y), (side, side)), paint(&color, true));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        self.canvas
            .line(coarse(from), coarse(to), paint(style, false));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((left, top), (right, bottom)) = (coarse(upper_left), coarse(bottom_right));
        let origin = (left.min(right), top.min(bottom));
        let rect = Rect::new(origin, ((right - left).abs(), (bottom - top).abs()));
        self.canvas.rect(rect, paint(style, fill));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        let points: Vec<_> = path.into_iter().map(coarse).collect();
        self.canvas.path(&points, paint(style, false));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.canvas
            .circle(coarse(center), f64::from(radius) / FINE, paint(style, fill));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<_> = vert.into_iter().map(coarse).collect();
        self.canvas.path(&points, paint(style, true));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> Drawn {
        let size = style.size() / FINE;
        let (x, y) = coarse(pos);
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let shift = match style.anchor().v_pos {
            VPos::Top => size * 0.365,
            VPos::Center => 0.0,
            VPos::Bottom => -size * 0.365,
        };
        let (point, turn) = match style.transform() {
            FontTransform::None => ((x, y + shift), 0),
            FontTransform::Rotate90 => ((x - shift, y), 90),
            FontTransform::Rotate180 => ((x, y - shift), 180),
            FontTransform::Rotate270 => ((x + shift, y), -90),
        };
        let BackendColor { rgb: (r, g, b), .. } = style.color();
        let text_style = Text::new(size)
            .anchor(anchor)
            .color(Color(r, g, b))
            .turn(turn);
        self.canvas.text(point, text, text_style);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() / FINE;
        Ok((fine(super::font::width(text, size)), fine(size)))
    }
}
