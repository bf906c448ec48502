//! Numbers of a file as numbers of the library.

/// A number into which those of a file are turned, `None` where it cannot hold what came.
pub(crate) trait Number: Copy + Default + Send {
    fn signed(value: i64) -> Option<Self>;
    fn unsigned(value: u64) -> Option<Self>;
    fn single(value: f32) -> Option<Self>;
    fn double(value: f64) -> Option<Self>;
}

impl Number for f32 {
    fn signed(value: i64) -> Option<Self> {
        exact(value.unsigned_abs(), 24).then_some(value as f32)
    }

    fn unsigned(value: u64) -> Option<Self> {
        exact(value, 24).then_some(value as f32)
    }

    fn single(value: f32) -> Option<Self> {
        Some(value)
    }

    fn double(value: f64) -> Option<Self> {
        let near = value as f32;
        (near.is_finite() || !value.is_finite()).then_some(near)
    }
}

impl Number for f64 {
    fn signed(value: i64) -> Option<Self> {
        exact(value.unsigned_abs(), 53).then_some(value as f64)
    }

    fn unsigned(value: u64) -> Option<Self> {
        exact(value, 53).then_some(value as f64)
    }

    fn single(value: f32) -> Option<Self> {
        Some(f64::from(value))
    }

    fn double(value: f64) -> Option<Self> {
        Some(value)
    }
}

/// Tells whether a floating-point number with so many bits of mantissa can be this whole number.
fn exact(value: u64, bits: u32) -> bool {
    value >> bits == 0 || (value >> value.trailing_zeros()) >> bits == 0
}

macro_rules! whole {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn signed(value: i64) -> Option<Self> {
                value.try_into().ok()
            }

            fn unsigned(value: u64) -> Option<Self> {
                value.try_into().ok()
            }

            fn single(value: f32) -> Option<Self> {
                Self::double(f64::from(value))
            }

            fn double(value: f64) -> Option<Self> {
                let whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
                if whole { Self::signed(value as i64) } else { None }
            }
        }
    )*};
}

whole!(i64, u32, usize);

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_number_that_cannot_be_held_is_none() {
        assert_eq!(f32::signed(-(1 << 24)), Some(-16_777_216.0));
        assert_eq!(f32::signed((1 << 24) + 1), None);
        assert_eq!(f32::unsigned(1 << 63), Some(9_223_372_036_854_775_808.0));
        assert_eq!(f32::double(1e300), None);
        assert_eq!(f32::double(f64::INFINITY), Some(f32::INFINITY));
        assert_eq!(f64::signed((1 << 53) + 1), None);
        assert_eq!(u32::signed(-1), None);
        assert_eq!(i64::unsigned(u64::MAX), None);
        assert_eq!(usize::double(2.5), None);
        assert_eq!(i64::single(-3.0), Some(-3));
    }
}
