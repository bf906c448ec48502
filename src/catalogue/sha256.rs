//! SHA-256 sums (NIST FIPS 180-4, <https://doi.org/10.6028/NIST.FIPS.180-4>).

use std::io::{self, Read};

/// Bytes of a block.
const BLOCK: usize = 64;

/// Returns the sum of all that can be read, in hexadecimal digits.
pub(super) fn sha256(mut from: impl Read) -> io::Result<String> {
    // The first 32 bits of the fractional parts of the square and cube roots of the first primes.
    let primes = primes();
    let mut state = [0; 8];
    for (word, prime) in state.iter_mut().zip(primes) {
        *word = fraction(prime, 2);
    }
    let constants = primes.map(|prime| fraction(prime, 3));
    let mut buffer = vec![0; 1 << 16];
    let (mut kept, mut length) = (Vec::with_capacity(2 * BLOCK), 0_u64);
    loop {
        let read = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        length += read as u64;
        kept.extend_from_slice(&buffer[..read]);
        let (blocks, rest) = kept.as_chunks::<BLOCK>();
        for block in blocks {
            mix(&mut state, block, &constants);
        }
        kept = rest.to_vec();
    }
    // A single bit, zeros, and the number of bits fill the last block.
    kept.push(0x80);
    while kept.len() % BLOCK != BLOCK - 8 {
        kept.push(0);
    }
    kept.extend((8 * length).to_be_bytes());
    for block in kept.as_chunks::<BLOCK>().0 {
        mix(&mut state, block, &constants);
    }
    Ok(state.iter().map(|word| format!("{word:08x}")).collect())
}

fn mix(state: &mut [u32; 8], block: &[u8; BLOCK], constants: &[u32; 64]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for at in 16..64 {
        let (near, far) = (words[at - 2], words[at - 15]);
        let far = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        let near = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        words[at] = words[at - 16]
            .wrapping_add(far)
            .wrapping_add(words[at - 7])
            .wrapping_add(near);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (&constant, &word) in constants.iter().zip(&words) {
        let turned = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let chosen = (e & f) ^ (!e & g);
        let first = h
            .wrapping_add(turned)
            .wrapping_add(chosen)
            .wrapping_add(constant)
            .wrapping_add(word);
        let turned = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = turned.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (word, mixed) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(mixed);
    }
}

/// Returns the first 64 primes.
fn primes() -> [u64; 64] {
    let mut primes = [2; 64];
    for at in 1..64 {
        let mut next = primes[at - 1] + 1;
        while primes[..at].iter().any(|prime| next % prime == 0) {
            next += 1;
        }
        primes[at] = next;
    }
    primes
}

/// Returns the first 32 bits of the fractional part of a root of a number below 512, in whole numbers.
fn fraction(number: u64, root: u32) -> u32 {
    // The largest number whose power is at most the given one, shifted by 32 bits for every factor.
    let goal = u128::from(number) << (32 * root);
    let (mut low, mut high) = (0_u128, 1_u128 << 38);
    while high - low > 1 {
        let middle = u128::midpoint(low, high);
        if middle.pow(root) <= goal {
            low = middle;
        } else {
            high = middle;
        }
    }
    low as u32
}
