//! Colours of categories on maps of cells.

use super::palette::Color;

/// A choice of colours for categories.
///
/// Scanpy's are what readers of single-cell papers know; many of them look alike to people who cannot tell red from green. Those of
/// Okabe and Ito differ for everybody, but there are only eight, and six darker relatives.
///
/// # Examples
///
/// ```
/// use genolens::display::Palette;
/// assert_eq!(Palette::Scanpy.colors(3)[0].hex(), "#1f77b4");
/// assert_eq!(Palette::Scanpy.colors(25).len(), 25);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// The colours of scanpy 1.11: `vega_10_scanpy` up to 10 categories, `vega_20_scanpy` up to 20, `zeileis_28` up to 28, then `godsnot_102`.
    #[default]
    Scanpy,
    /// The colours of Okabe and Ito (2008), which colour-blind people can tell apart.
    ColorBlind,
}

impl Palette {
    /// Returns the colours of so many categories; when there are more categories than colours, colours come again.
    pub fn colors(self, count: usize) -> Vec<Color> {
        let known: &[u32] = match (self, count) {
            (Self::ColorBlind, _) => return (0..count).map(Color::category).collect(),
            (Self::Scanpy, 0..=10) => &VEGA_10,
            (Self::Scanpy, 11..=20) => &VEGA_20,
            (Self::Scanpy, 21..=28) => &ZEILEIS_28,
            (Self::Scanpy, _) => &GODSNOT_102,
        };
        (known.iter().cycle().take(count).copied())
            .map(color)
            .collect()
    }

    /// Returns how many different colours there are at most.
    pub(crate) const fn most(self) -> usize {
        match self {
            Self::Scanpy => GODSNOT_102.len(),
            Self::ColorBlind => 14,
        }
    }
}

const fn color(code: u32) -> Color {
    let [_, red, green, blue] = code.to_be_bytes();
    Color(red, green, blue)
}

/// The ten colours of Vega, three of them replaced for the colour-blind (scanpy#387).
const VEGA_10: [u32; 10] = [
    0x001f_77b4,
    0x00ff_7f0e,
    0x0027_9e68,
    0x00d6_2728,
    0x00aa_40fc,
    0x008c_564b,
    0x00e3_77c2,
    0x007f_7f7f,
    0x00b5_bd61,
    0x0017_becf,
];

/// The twenty colours of Vega in scanpy's order: dark ones, light ones, two more.
const VEGA_20: [u32; 20] = [
    0x001f_77b4,
    0x00ff_7f0e,
    0x0027_9e68,
    0x00d6_2728,
    0x00aa_40fc,
    0x008c_564b,
    0x00e3_77c2,
    0x00b5_bd61,
    0x0017_becf,
    0x00ae_c7e8,
    0x00ff_bb78,
    0x0098_df8a,
    0x00ff_9896,
    0x00c5_b0d5,
    0x00c4_9c94,
    0x00f7_b6d2,
    0x00db_db8d,
    0x009e_dae5,
    0x00ad_494a,
    0x008c_6d31,
];

/// Zeileis, Hornik and Murrell (2009, doi:10.1016/j.csda.2008.11.033), four more at the end.
const ZEILEIS_28: [u32; 28] = [
    0x0002_3fa5,
    0x007d_87b9,
    0x00be_c1d4,
    0x00d6_bcc0,
    0x00bb_7784,
    0x008e_063b,
    0x004a_6fe3,
    0x0085_95e1,
    0x00b5_bbe3,
    0x00e6_afb9,
    0x00e0_7b91,
    0x00d3_3f6a,
    0x0011_c638,
    0x008d_d593,
    0x00c6_dec7,
    0x00ea_d3c6,
    0x00f0_b98d,
    0x00ef_9708,
    0x000f_cfc0,
    0x009c_ded6,
    0x00d5_eae7,
    0x00f3_e1eb,
    0x00f6_c4e1,
    0x00f7_9cd4,
    0x007f_7f7f,
    0x00c7_c7c7,
    0x001c_e6ff,
    0x0033_6600,
];

/// Colours far apart, by Tatarize (2012).
const GODSNOT_102: [u32; 102] = [
    0x00ff_ff00,
    0x001c_e6ff,
    0x00ff_34ff,
    0x00ff_4a46,
    0x0000_8941,
    0x0000_6fa6,
    0x00a3_0059,
    0x00ff_dbe5,
    0x007a_4900,
    0x0000_00a6,
    0x0063_ffac,
    0x00b7_9762,
    0x0000_4d43,
    0x008f_b0ff,
    0x0099_7d87,
    0x005a_0007,
    0x0080_9693,
    0x006a_3a4c,
    0x001b_4400,
    0x004f_c601,
    0x003b_5dff,
    0x004a_3b53,
    0x00ff_2f80,
    0x0061_615a,
    0x00ba_0900,
    0x006b_7900,
    0x0000_c2a0,
    0x00ff_aa92,
    0x00ff_90c9,
    0x00b9_03aa,
    0x00d1_6100,
    0x00dd_efff,
    0x0000_0035,
    0x007b_4f4b,
    0x00a1_c299,
    0x0030_0018,
    0x000a_a6d8,
    0x0001_3349,
    0x0000_846f,
    0x0037_2101,
    0x00ff_b500,
    0x00c2_ffed,
    0x00a0_79bf,
    0x00cc_0744,
    0x00c0_b9b2,
    0x00c2_ff99,
    0x0000_1e09,
    0x0000_489c,
    0x006f_0062,
    0x000c_bd66,
    0x00ee_c3ff,
    0x0045_6d75,
    0x00b7_7b68,
    0x007a_87a1,
    0x0078_8d66,
    0x0088_5578,
    0x00fa_d09f,
    0x00ff_8a9a,
    0x00d1_57a0,
    0x00be_c459,
    0x0045_6648,
    0x0000_86ed,
    0x0088_6f4c,
    0x0034_362d,
    0x00b4_a8bd,
    0x0000_a6aa,
    0x0045_2c2c,
    0x0063_6375,
    0x00a3_c8c9,
    0x00ff_913f,
    0x0093_8a81,
    0x0057_5329,
    0x0000_fecf,
    0x00b0_5b6f,
    0x008c_d0ff,
    0x003b_9700,
    0x0004_f757,
    0x00c8_a1a1,
    0x001e_6e00,
    0x0079_00d7,
    0x00a7_7500,
    0x0063_67a9,
    0x00a0_5837,
    0x006b_002c,
    0x0077_2600,
    0x00d7_90ff,
    0x009b_9700,
    0x0054_9e79,
    0x00ff_f69f,
    0x0020_1625,
    0x0072_418f,
    0x00bc_23ff,
    0x0099_adc0,
    0x003a_2465,
    0x0092_2329,
    0x005b_4534,
    0x00fd_e8dc,
    0x0040_4e55,
    0x0000_89a3,
    0x00cb_7e98,
    0x00a4_e804,
    0x0032_4e72,
];
