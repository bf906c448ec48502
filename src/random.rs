//! The only source of randomness: a [`Seed`], which gives the same bytes everywhere and for any number of threads.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::fmt;

/// A number from which everything random in a computation follows.
///
/// Every random function has a fixed default seed, so that a notebook shows the same picture twice.
///
/// # Examples
///
/// ```
/// use genolens::random::Seed;
/// let seed = Seed::new(7);
/// assert_ne!(seed.named("weights"), seed.named("batches"));
/// assert_eq!(seed.indexed(3), Seed::new(7).indexed(3));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    /// Creates a seed.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Derives the seed of the part of a computation that has this name.
    pub fn named(self, name: &str) -> Self {
        // FNV-1a over the name, then mixed with the parent, so that sibling parts do not share a stream.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mix(self.0 ^ mix(hash)))
    }

    /// Derives the seed of one item of a collection, so that the result does not depend on who computes it.
    pub fn indexed(self, index: usize) -> Self {
        Self(mix(self.0.wrapping_add(mix(index as u64 + 1))))
    }

    /// Creates the generator of this seed.
    pub fn generator(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Seed {
    fn from(value: u64) -> Self {
        Self::new(value)
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
