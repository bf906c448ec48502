//! Kinds of numbers in files.

use crate::Result;
use candle_core::{DType, Device, Tensor};

/// What one number of a tensor is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U32,
    U16,
    U8,
    Bool,
}

/// Reads a whole number without a sign, its smallest byte first.
pub(super) fn whole(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

impl Element {
    pub(super) const ALL: [Self; 12] = [
        Self::F64,
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::I64,
        Self::I32,
        Self::I16,
        Self::I8,
        Self::U32,
        Self::U16,
        Self::U8,
        Self::Bool,
    ];

    /// Returns the name that numpy and `PyTorch` use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::F64 => "float64",
            Self::F32 => "float32",
            Self::F16 => "float16",
            Self::BF16 => "bfloat16",
            Self::I64 => "int64",
            Self::I32 => "int32",
            Self::I16 => "int16",
            Self::I8 => "int8",
            Self::U32 => "uint32",
            Self::U16 => "uint16",
            Self::U8 => "uint8",
            Self::Bool => "bool",
        }
    }

    pub(super) fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::BF16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// Reads numbers in row-major order, the smallest byte of each first; as many bytes as the shape asks for.
    ///
    /// Whole numbers all become 64-bit ones.
    pub(super) fn tensor(self, bytes: &[u8], shape: &[usize]) -> Result<Tensor> {
        let dtype = match self {
            Self::F64 => DType::F64,
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::BF16 => DType::BF16,
            Self::I64 => DType::I64,
            _ => return Ok(Tensor::from_vec(self.integers(bytes), shape, &Device::Cpu)?),
        };
        let tensor = Tensor::from_raw_buffer(bytes, dtype, shape, &Device::Cpu)?;
        Ok(tensor)
    }

    fn integers(self, bytes: &[u8]) -> Vec<i64> {
        let signed = matches!(self, Self::I32 | Self::I16 | Self::I8);
        let unused = 64 - 8 * self.size() as u32;
        let number = |bytes: &[u8]| {
            let bits = whole(bytes) << unused;
            if signed {
                bits as i64 >> unused
            } else {
                (bits >> unused) as i64
            }
        };
        bytes.chunks_exact(self.size()).map(number).collect()
    }
}
