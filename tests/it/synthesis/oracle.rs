//! A small network and the distribution of maximum entropy, computed with plain loops.

use genolens::ndarray::{Array1, Array2};
use genolens::network::Network;

/// All sequences of four letters, in the order of their places.
pub(super) fn all_texts() -> impl Iterator<Item = String> {
    (0..256).map(|place| {
        let letter = |shift: usize| char::from(b"ACGT"[place >> shift & 3]);
        [letter(6), letter(4), letter(2), letter(0)]
            .iter()
            .collect()
    })
}

/// Returns the place of a sequence among all of four letters.
pub(super) fn place(text: &str) -> usize {
    text.bytes()
        .fold(0, |place, letter| place * 4 + index(letter))
}

fn index(letter: u8) -> usize {
    b"ACGT".iter().position(|&known| known == letter).unwrap()
}

/// Counts G and C.
pub(super) fn strong(text: &str) -> f64 {
    text.bytes().filter(|letter| b"GC".contains(letter)).count() as f64
}

fn weight(network: &Network, layer: usize, name: &str) -> Vec<f64> {
    let names = network.weight_names();
    let matches =
        |known: &&String| known.starts_with(&format!("{layer}.")) && known.ends_with(name);
    let values = network.weight(names.iter().find(matches).unwrap()).unwrap();
    values.iter().copied().map(f64::from).collect()
}

/// Returns what the last layer makes of the hidden units, `(2, 3)`.
pub(super) fn weights(network: &Network) -> Array2<f64> {
    Array2::from_shape_vec((2, 3), weight(network, 5, "weight")).unwrap()
}

/// Returns the hidden units and the outputs of a network with three filters of width 2, a maximum, and three hidden units.
pub(super) fn says(network: &Network, text: &str) -> (Array1<f64>, Array1<f64>) {
    let letters: Vec<usize> = text.bytes().map(index).collect();
    let (kernel, bias) = (weight(network, 0, "kernel"), weight(network, 0, "bias"));
    let strongest: Vec<f64> = (0..3)
        .map(|filter| {
            let at = |letter: usize, tap: usize| kernel[(filter * 4 + letter) * 2 + tap];
            let windows = letters.windows(2);
            let found = windows.map(|window| bias[filter] + at(window[0], 0) + at(window[1], 1));
            found.fold(0.0, f64::max)
        })
        .collect();
    let mix = |layer: usize, x: &[f64]| -> Vec<f64> {
        let bias = weight(network, layer, "bias");
        let rows = weight(network, layer, "weight");
        let rows = rows.chunks(x.len()).zip(bias);
        rows.map(|(row, bias)| bias + row.iter().zip(x).map(|(a, b)| a * b).sum::<f64>())
            .collect()
    };
    let hidden: Vec<f64> = mix(3, &strongest).iter().map(|x| x.max(0.0)).collect();
    let outputs = mix(5, &hidden);
    (hidden.into(), outputs.into())
}

/// Returns how likely every sequence of four letters is.
pub(super) fn boltzmann(energy: impl Fn(&str) -> f64, (beta, field): (f64, f64)) -> Vec<f64> {
    let likely = all_texts().map(|text| (field * strong(&text) - beta * energy(&text)).exp());
    let likely: Vec<f64> = likely.collect();
    let sum: f64 = likely.iter().sum();
    likely.iter().map(|one| one / sum).collect()
}
