//! Numbers as an HDF5 file stores them.

use hdf5_pure::{Datatype, DatatypeByteOrder, FloatingPointLayout};

const SINGLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY32;
const DOUBLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY64;

/// A kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    kind: Kind,
    pub(super) size: usize,
    big: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

impl Element {
    /// Returns the kind of number of a dataset, `None` where it is none that can be read.
    pub(super) fn new(datatype: &Datatype) -> Option<Self> {
        let (kind, size, order) = match datatype {
            Datatype::FixedPoint {
                size,
                byte_order,
                layout,
            } => {
                let kind = if layout.signed {
                    Kind::Signed
                } else {
                    Kind::Unsigned
                };
                let known = [1, 2, 4, 8].contains(size);
                if !known || u32::from(layout.bit_precision) != *size * 8 {
                    return None;
                }
                (kind, *size, byte_order)
            }
            Datatype::FloatingPoint {
                size,
                byte_order,
                layout,
            } if [(4, SINGLE), (8, DOUBLE)].contains(&(*size, *layout)) => {
                (Kind::Float, *size, byte_order)
            }
            // Truth values of h5py.
            Datatype::Enumeration { base_type, .. } => return Self::new(base_type),
            _ => return None,
        };
        let big = match order {
            DatatypeByteOrder::LittleEndian => false,
            DatatypeByteOrder::BigEndian => true,
            DatatypeByteOrder::Vax => return None,
        };
        Some(Self {
            kind,
            size: size as usize,
            big,
        })
    }

    /// Reads one number.
    pub(super) fn number(self, bytes: &[u8]) -> f32 {
        match self.kind {
            Kind::Unsigned if self.size == 1 => return f32::from(bytes[0]),
            Kind::Signed if self.size == 1 => return f32::from(bytes[0] as i8),
            _ => {}
        }
        let mut whole = [0; 8];
        for (place, &byte) in bytes.iter().take(self.size).enumerate() {
            let place = if self.big {
                self.size - 1 - place
            } else {
                place
            };
            whole[place] = byte;
        }
        let bits = u64::from_le_bytes(whole);
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => bits as f32,
            (Kind::Signed, size) => {
                let unused = 64 - 8 * size as u32;
                (((bits << unused) as i64) >> unused) as f32
            }
            (Kind::Float, 4) => f32::from_bits(bits as u32),
            (Kind::Float, _) => f64::from_bits(bits) as f32,
        }
    }
}
