//! Sets of features that are present together.

/// The coalitions that a method asks for; the first has all features, the second none.
pub(super) trait Coalitions: Sync {
    /// Returns how many there are, at least 2.
    fn count(&self) -> usize;

    /// Writes which features are present in one of them.
    fn present(&self, index: usize, features: &mut [bool]);
}

/// Coalitions that are kept, packed into bits, each once.
#[derive(Debug)]
pub(super) struct Kept {
    features: usize,
    words: usize,
    bits: Vec<u64>,
}

impl Kept {
    /// Begins with all features, and with none.
    pub(super) fn new(features: usize) -> Self {
        let mut kept = Self {
            features,
            words: features.div_ceil(64).max(1),
            bits: Vec::new(),
        };
        kept.push(&vec![true; features]);
        kept.push(&vec![false; features]);
        kept
    }

    pub(super) fn features(&self) -> usize {
        self.features
    }

    /// Adds one and returns its place.
    pub(super) fn push(&mut self, present: &[bool]) -> usize {
        self.bits.extend(pack(present, self.words));
        self.count() - 1
    }

    /// Returns what tells a coalition from others.
    pub(super) fn key(&self, present: &[bool]) -> Vec<u64> {
        pack(present, self.words).collect()
    }

    /// Returns the keys of all, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u64]> {
        self.bits.chunks(self.words)
    }

    /// Tells whether a feature is present.
    pub(super) fn has(&self, index: usize, feature: usize) -> bool {
        self.bits[index * self.words + feature / 64] >> (feature % 64) & 1 == 1
    }
}

fn pack(present: &[bool], words: usize) -> impl Iterator<Item = u64> {
    (0..words).map(move |word| {
        let some = present.iter().skip(64 * word).take(64).enumerate();
        some.fold(0, |bits, (at, &is)| bits | u64::from(is) << at)
    })
}

impl Coalitions for Kept {
    fn count(&self) -> usize {
        self.bits.len() / self.words
    }

    fn present(&self, index: usize, features: &mut [bool]) {
        for (feature, present) in features.iter_mut().enumerate() {
            *present = self.has(index, feature);
        }
    }
}

/// All coalitions of few features, numbered by the bits of their members less one; the one of all features comes first.
#[derive(Debug)]
pub(super) struct All {
    pub(super) features: usize,
}

impl All {
    /// Returns the place of the coalition with these members.
    pub(super) fn place(&self, members: usize) -> usize {
        if members + 1 == 1 << self.features {
            0
        } else {
            members + 1
        }
    }
}

impl Coalitions for All {
    fn count(&self) -> usize {
        (1 << self.features).max(2)
    }

    fn present(&self, index: usize, features: &mut [bool]) {
        let members = index.checked_sub(1).unwrap_or(usize::MAX);
        for (feature, present) in features.iter_mut().enumerate() {
            *present = members >> feature & 1 == 1;
        }
    }
}
