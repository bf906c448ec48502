//! Colours that colour-blind people can tell apart.

/// A colour, red, green and blue from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color(pub u8, pub u8, pub u8);

/// Text and axes.
pub(crate) const INK: Color = Color(0x26, 0x26, 0x26);
/// Text of lesser rank.
pub(crate) const FAINT: Color = Color(0x70, 0x70, 0x70);
/// Grid lines.
pub(crate) const GRID: Color = Color(0xe6, 0xe6, 0xe6);
/// Values that are not numbers.
pub(crate) const MISSING: Color = Color(0xc4, 0xc4, 0xc4);
/// The page.
pub(crate) const WHITE: Color = Color(0xff, 0xff, 0xff);

/// The categories of Okabe and Ito (2008), ordered so that the first ones differ most, then darker relatives.
const CATEGORIES: [Color; 14] = [
    Color(0x00, 0x72, 0xb2),
    Color(0xe6, 0x9f, 0x00),
    Color(0x00, 0x9e, 0x73),
    Color(0xd5, 0x5e, 0x00),
    Color(0xcc, 0x79, 0xa7),
    Color(0x56, 0xb4, 0xe9),
    Color(0x4d, 0x4d, 0x4d),
    Color(0xb8, 0xa9, 0x00),
    Color(0x00, 0x44, 0x6b),
    Color(0x8a, 0x5f, 0x00),
    Color(0x00, 0x5f, 0x45),
    Color(0x80, 0x38, 0x00),
    Color(0x7a, 0x49, 0x64),
    Color(0x9e, 0x9e, 0x9e),
];

impl Color {
    /// Returns the colour of a category; after fourteen they come again.
    pub const fn category(index: usize) -> Self {
        CATEGORIES[index % CATEGORIES.len()]
    }

    /// Returns the colour of a base or an amino acid: A green, C blue, G orange, T and U red.
    ///
    /// Amino acids take the colour of their chemistry: acidic red, basic blue, polar green, hydrophobic dark, small orange.
    pub const fn letter(letter: u8, protein: bool) -> Self {
        if protein {
            return match letter {
                b'D' | b'E' => Self(0xc4, 0x3a, 0x1d),
                b'K' | b'R' | b'H' => Self(0x00, 0x60, 0xa8),
                b'N' | b'Q' | b'S' | b'T' | b'Y' => Self(0x00, 0x8a, 0x64),
                b'A' | b'G' | b'P' | b'C' => Self(0xe0, 0x95, 0x00),
                _ => Self(0x3d, 0x3d, 0x3d),
            };
        }
        match letter {
            b'A' => Self(0x00, 0x8f, 0x68),
            b'C' => Self(0x00, 0x68, 0xb0),
            b'G' => Self(0xee, 0xa2, 0x0c),
            b'T' | b'U' => Self(0xcb, 0x3c, 0x1a),
            _ => Self(0x8a, 0x8a, 0x8a),
        }
    }

    /// Returns the text that SVG and HTML understand, such as `#0072b2`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Mixes two colours; 0 gives the first, 1 the second.
    pub fn mix(self, other: Self, share: f64) -> Self {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// Returns how bright the colour looks, from 0 to 1.
    pub(crate) fn brightness(self) -> f64 {
        (0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2)) / 255.0
    }
}

/// A map from numbers to colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorMap {
    /// From dark blue over grey to yellow: one direction, as bright as it is large.
    #[default]
    Sequential,
    /// From blue over white to red-orange: two directions from a centre.
    Diverging,
    /// From white to dark blue, for counts and probabilities.
    Light,
    /// From white paper to black ink, for images.
    Ink,
    /// From violet over green to yellow, matplotlib's `viridis`, the habit of single-cell papers.
    Viridis,
    /// From white to dark red, matplotlib's `Reds`, the habit of dot plots.
    Reds,
}

impl ColorMap {
    /// Returns the colour of a number from 0 to 1; numbers outside take the colour of the end.
    pub fn color(self, share: f64) -> Color {
        let anchors = self.anchors();
        if share.is_nan() {
            return MISSING;
        }
        let place = share.clamp(0.0, 1.0) * (anchors.len() - 1) as f64;
        let low = (place as usize).min(anchors.len() - 2);
        anchors[low].mix(anchors[low + 1], place - low as f64)
    }

    /// Anchors of our own, evenly spaced in lightness, and those of matplotlib.
    const fn anchors(self) -> &'static [Color] {
        match self {
            Self::Sequential => &[
                Color(0x0b, 0x1f, 0x4d),
                Color(0x21, 0x3f, 0x72),
                Color(0x45, 0x5f, 0x7c),
                Color(0x6a, 0x7e, 0x80),
                Color(0x93, 0x9e, 0x7c),
                Color(0xbf, 0xbf, 0x6d),
                Color(0xec, 0xe1, 0x55),
            ],
            Self::Diverging => &[
                Color(0x0a, 0x3f, 0x7d),
                Color(0x3b, 0x7d, 0xb8),
                Color(0x93, 0xbe, 0xdd),
                Color(0xf7, 0xf7, 0xf5),
                Color(0xf2, 0xb4, 0x8c),
                Color(0xd4, 0x69, 0x3a),
                Color(0x8c, 0x25, 0x0c),
            ],
            Self::Viridis => &[
                Color(0x44, 0x01, 0x54),
                Color(0x47, 0x0d, 0x60),
                Color(0x48, 0x18, 0x6a),
                Color(0x48, 0x23, 0x74),
                Color(0x47, 0x2d, 0x7b),
                Color(0x45, 0x37, 0x81),
                Color(0x42, 0x40, 0x86),
                Color(0x3e, 0x49, 0x89),
                Color(0x3b, 0x52, 0x8b),
                Color(0x37, 0x5b, 0x8d),
                Color(0x33, 0x63, 0x8d),
                Color(0x2f, 0x6b, 0x8e),
                Color(0x2c, 0x72, 0x8e),
                Color(0x29, 0x7a, 0x8e),
                Color(0x26, 0x82, 0x8e),
                Color(0x23, 0x89, 0x8e),
                Color(0x21, 0x91, 0x8c),
                Color(0x1f, 0x98, 0x8b),
                Color(0x1f, 0xa0, 0x88),
                Color(0x22, 0xa7, 0x85),
                Color(0x28, 0xae, 0x80),
                Color(0x32, 0xb6, 0x7a),
                Color(0x3f, 0xbc, 0x73),
                Color(0x4e, 0xc3, 0x6b),
                Color(0x5e, 0xc9, 0x62),
                Color(0x70, 0xcf, 0x57),
                Color(0x84, 0xd4, 0x4b),
                Color(0x98, 0xd8, 0x3e),
                Color(0xad, 0xdc, 0x30),
                Color(0xc2, 0xdf, 0x23),
                Color(0xd8, 0xe2, 0x19),
                Color(0xec, 0xe5, 0x1b),
                Color(0xfd, 0xe7, 0x25),
            ],
            Self::Reds => &[
                Color(0xff, 0xf5, 0xf0),
                Color(0xfe, 0xe0, 0xd2),
                Color(0xfc, 0xbb, 0xa1),
                Color(0xfc, 0x92, 0x72),
                Color(0xfb, 0x69, 0x4a),
                Color(0xee, 0x3a, 0x2c),
                Color(0xca, 0x18, 0x1d),
                Color(0xa3, 0x0f, 0x15),
                Color(0x67, 0x00, 0x0d),
            ],
            Self::Ink => &[WHITE, Color(0x00, 0x00, 0x00)],
            Self::Light => &[
                Color(0xff, 0xff, 0xff),
                Color(0xc9, 0xdd, 0xee),
                Color(0x7f, 0xb0, 0xd6),
                Color(0x2f, 0x78, 0xb4),
                Color(0x0a, 0x35, 0x6b),
            ],
        }
    }
}
