//! Numbers as an HDF5 file stores them.

use super::number::Number;
use hdf5_pure::{Datatype, DatatypeByteOrder, FloatingPointLayout};

const SINGLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY32;
const DOUBLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY64;

/// A kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    kind: Kind,
    pub(crate) size: usize,
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
    pub(crate) fn new(datatype: &Datatype) -> Option<Self> {
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
    pub(crate) fn number(self, bytes: &[u8]) -> f32 {
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

    /// Tells whether the numbers are whole.
    pub(crate) fn is_whole(self) -> bool {
        self.kind != Kind::Float
    }

    /// Turns numbers into others; fails with the place of the first one that cannot be held.
    pub(crate) fn numbers<T: Number>(self, bytes: &[u8], out: &mut [T]) -> Result<(), usize> {
        match (self.kind, self.size) {
            (Kind::Signed, 1) => self.turn(bytes, out, |b| T::signed(i8::from_le_bytes(b).into())),
            (Kind::Signed, 2) => self.turn(bytes, out, |b| T::signed(i16::from_le_bytes(b).into())),
            (Kind::Signed, 4) => self.turn(bytes, out, |b| T::signed(i32::from_le_bytes(b).into())),
            (Kind::Signed, _) => self.turn(bytes, out, |b| T::signed(i64::from_le_bytes(b))),
            (Kind::Unsigned, 1) => {
                self.turn(bytes, out, |b| T::unsigned(u8::from_le_bytes(b).into()))
            }
            (Kind::Unsigned, 2) => {
                self.turn(bytes, out, |b| T::unsigned(u16::from_le_bytes(b).into()))
            }
            (Kind::Unsigned, 4) => {
                self.turn(bytes, out, |b| T::unsigned(u32::from_le_bytes(b).into()))
            }
            (Kind::Unsigned, _) => self.turn(bytes, out, |b| T::unsigned(u64::from_le_bytes(b))),
            (Kind::Float, 4) => self.turn(bytes, out, |b| T::single(f32::from_le_bytes(b))),
            (Kind::Float, _) => self.turn(bytes, out, |b| T::double(f64::from_le_bytes(b))),
        }
    }

    fn turn<T: Number, const N: usize>(
        self,
        bytes: &[u8],
        out: &mut [T],
        change: impl Fn([u8; N]) -> Option<T>,
    ) -> Result<(), usize> {
        let (numbers, _) = bytes.as_chunks::<N>();
        let read = |number: &[u8; N]| {
            let mut number = *number;
            if self.big {
                number.reverse();
            }
            change(number)
        };
        // All are turned before it is asked which one could not be: a loop without a way out is one that the compiler makes wide.
        let mut held = true;
        for (number, out) in numbers.iter().zip(out) {
            let number = read(number);
            held &= number.is_some();
            *out = number.unwrap_or_default();
        }
        if held {
            return Ok(());
        }
        let wrong = numbers.iter().position(|number| read(number).is_none());
        Err(wrong.unwrap_or_default())
    }
}
