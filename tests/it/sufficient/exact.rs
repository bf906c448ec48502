//! What is computed only where a mask reaches equals what is computed from whole sequences.

use crate::attribution::drawn::Draw;
use genolens::candle_core::{DType, Device, Tensor};
use genolens::ndarray::{Array3, Axis};
use genolens::network::{
    self, Activation, Architecture, BothStrands, Branches, Chain, Convolution, Crop, Flatten, Join,
    Layer, Model, Network, Padding, Pool, Pooling, Residual, TransposedConvolution,
};
use genolens::sequence::Sequences;
use genolens::sufficient::{Subsets, SufficientSubsets};

/// Draws networks whose numbers are all small multiples of powers of two, so that every order of summation gives the same.
struct Exact(Draw);

impl Exact {
    fn below(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    fn pooling(&mut self) -> Pooling {
        [Pooling::Max, Pooling::Average][self.below(2)]
    }

    fn activation(&mut self) -> Activation {
        [Activation::Relu, Activation::LeakyRelu(0.25)][self.below(2)]
    }

    fn convolution(&mut self, filters: usize) -> Convolution {
        let padding = [
            Padding::Valid,
            Padding::Same,
            Padding::Full,
            Padding::Zeros(2),
        ];
        Convolution::new(filters, 1 + self.below(5))
            .padding(padding[self.below(4)])
            .stride(1 + self.below(2))
            .dilation(1 + self.below(2))
    }

    fn keeping(&mut self, channels: usize) -> Chain {
        let layer = Convolution::new(channels, 1 + 2 * self.below(3)).padding(Padding::Same);
        let chain = Chain::new().then(layer.dilation(1 + self.below(2)));
        if self.below(2) == 0 {
            chain.then(self.activation())
        } else {
            chain
        }
    }

    fn layers(&mut self, chain: Chain, channels: usize) -> (Chain, usize) {
        match self.below(10) {
            0..3 => {
                let filters = [3, 8, 20][self.below(3)];
                let chain = chain.then(self.convolution(filters));
                (chain.then(self.activation()), filters)
            }
            3 => {
                let layer = self.convolution(2 * channels).groups(channels);
                (chain.then(layer), 2 * channels)
            }
            4 => {
                let pool = Pool::local(self.pooling(), [1, 2, 4][self.below(3)]);
                (chain.then(pool.stride(1 + self.below(3))), channels)
            }
            5 => (
                chain.then(Crop::new(self.below(3), self.below(3))),
                channels,
            ),
            6 => {
                let residual = Residual::new(self.keeping(channels));
                (
                    chain.then(residual.shortcut(self.keeping(channels))),
                    channels,
                )
            }
            7 => {
                let join = [Join::Add, Join::Concatenate][self.below(2)];
                let branches = Branches::new(join)
                    .with(self.keeping(channels))
                    .with(self.keeping(channels));
                let factor = if join == Join::Concatenate { 2 } else { 1 };
                (chain.then(branches), factor * channels)
            }
            8 => {
                let inside = self.keeping(channels);
                let both = [BothStrands::max, BothStrands::mean][self.below(2)];
                (chain.then(both(inside)), channels)
            }
            _ => (chain.then(TransposedConvolution::new(4, 3).stride(2)), 4),
        }
    }

    fn network(&mut self, length: usize) -> Option<Network> {
        let (mut chain, mut channels) = (Chain::new(), 4);
        for _ in 0..=self.below(3) {
            (chain, channels) = self.layers(chain, channels);
        }
        chain = match self.below(3) {
            0 => chain.then(Pool::global(Pooling::Max)).dense(4).relu(),
            1 => chain.then(Flatten).dense(5).relu(),
            _ => chain.then(Pool::global(Pooling::Max)),
        };
        chain = chain.dense(2);
        if self.below(4) == 0 {
            chain = Chain::new().then(BothStrands::max(chain));
        }
        let begin = Architecture::sequences(4).length(length);
        let layers: Vec<Layer> = chain.layers().to_vec();
        let network = layers.into_iter().fold(begin, Architecture::then);
        Some(self.rounded(&network.build().ok()?))
    }

    /// Gives all weights values that are multiples of a quarter.
    fn rounded(&mut self, network: &Network) -> Network {
        let mut network = network.clone();
        for name in network.weight_names() {
            let own = network.tensor(&name).unwrap();
            let values = (0..own.elem_count()).map(|_| (self.below(9) as f32 - 4.0) / 4.0);
            let values = Tensor::from_vec(values.collect::<Vec<_>>(), own.dims(), &Device::Cpu);
            network = network.with_tensor(&name, &values.unwrap()).unwrap();
        }
        network
    }
}

/// Both ways of all sequences that reach the lowest of their scores.
fn both(network: &Network, x: &Sequences, options: &SufficientSubsets) -> [Subsets; 2] {
    [true, false].map(|is| options.clone().incremental(is).run(network, x).unwrap())
}

fn lowest(network: &Network, x: &Sequences, target: usize) -> f64 {
    let scores = network::predict(network, x).unwrap();
    let scores = scores.column(target).into_iter().copied();
    f64::from(scores.fold(f32::INFINITY, f32::min))
}

/// S2: where nothing is rounded, orders and values are the same to the last bit.
#[test]
fn exact_networks_give_the_same_bits() {
    let (mut count, mut subsets, mut inexact) = (0, 0, 0);
    for seed in 0..400 {
        let mut draw = Exact(Draw::new(seed));
        let length = 4 + draw.below(24);
        let Some(network) = draw.network(length) else {
            continue;
        };
        let x = Sequences::dna([draw.0.text(length), draw.0.text(length)]).unwrap();
        let precise = network.to_dtype(DType::F64).unwrap();
        if network::predict(&network, &x).unwrap() != network::predict(&precise, &x).unwrap() {
            inexact += 1;
            continue;
        }
        count += 1;
        let target = draw.below(2);
        let mut options = SufficientSubsets::new(lowest(&network, &x, target)).target(target);
        if draw.below(3) == 0 {
            options = options.stretches(1 + draw.below(4));
        }
        if draw.below(4) == 0 {
            options = options.masked(&[0]);
        }
        let Ok(_) = options.run(&network, &x) else {
            // Sequences score less with their first feature masked.
            continue;
        };
        let [found, expected] = both(&network, &x, &options);
        assert_eq!(found.len(), expected.len(), "seed {seed}\n{network}");
        for index in 0..found.len() {
            let (a, b) = (found.get(index).unwrap(), expected.get(index).unwrap());
            assert_eq!(
                a.selection().order(),
                b.selection().order(),
                "seed {seed}\n{network}"
            );
            assert_eq!(
                a.selection().values(),
                b.selection().values(),
                "seed {seed}\n{network}"
            );
            assert_eq!(a.order(), b.order());
            subsets += 1;
        }
    }
    assert!(
        count > 200 && inexact < 40,
        "{count} networks, {inexact} inexact"
    );
    assert!(subsets > count, "{subsets} subsets of {count} networks");
}

/// With other weights, every step is one that whole sequences allow: what is masked is the best choice, and its score the right one, up to rounding.
#[test]
fn drawn_networks_take_steps_that_whole_sequences_allow() {
    let (mut count, mut wrong) = (0, Vec::new());
    for seed in 0..300 {
        let mut draw = Draw::new(seed);
        let length = 3 + draw.below(28);
        let Some(network) = draw.network(length) else {
            continue;
        };
        let x = Sequences::dna([draw.text(length)]).unwrap();
        let scores = network::predict(&network, &x).unwrap();
        let target = draw.below(scores.ncols());
        let options = SufficientSubsets::new(f64::from(scores[[0, target]])).target(target);
        count += 1;
        let found = options.clone().most(1).run(&network, &x).unwrap();
        if let Err(problem) = allowed(&network, &found, 1e-5) {
            wrong.push(format!("seed {seed}: {problem}\n{network}"));
        }
    }
    assert!(count > 150, "only {count} networks");
    let (few, of) = (wrong.len(), wrong.join("\n"));
    assert!(wrong.is_empty(), "{few} of {count} networks\n{of}");
}

/// Takes the steps of the first selection with whole sequences in double precision.
fn allowed(network: &Network, found: &Subsets, tolerance: f64) -> Result<(), String> {
    let precise = network.to_dtype(DType::F64).unwrap();
    let Ok(subset) = found.get(0) else {
        return Ok(());
    };
    let selection = subset.selection();
    let mut x: Array3<f32> = found.x().clone().into_dimensionality().unwrap();
    let mut open: Vec<usize> = (0..x.dim().2).collect();
    for (&feature, &value) in selection.order().iter().zip(selection.values()) {
        let mut all = Array3::zeros((open.len(), x.dim().1, x.dim().2));
        for (mut one, &place) in all.outer_iter_mut().zip(&open) {
            one.assign(&x.index_axis(Axis(0), 0));
            one.column_mut(place).fill(0.25);
        }
        let scores = network::predict(&precise, &all).unwrap();
        let column: Vec<f64> = scores
            .column(found.target())
            .iter()
            .map(|&score| f64::from(score))
            .collect();
        // Some networks are rough in single precision, whichever way they are computed.
        let usual = network::predict(network, &all).unwrap();
        let usual = usual.column(found.target());
        let rough = usual.iter().zip(&column);
        let rough = rough.fold(0.0_f64, |most, (&a, b)| most.max((f64::from(a) - b).abs()));
        let scale = column
            .iter()
            .fold(1e-3_f64, |most, score| most.max(score.abs()));
        let allowance = tolerance * scale + 3.0 * rough;
        let at = open.iter().position(|&one| one == feature);
        let at = at.ok_or(format!("feature {feature} twice"))?;
        let best = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if best - column[at] > allowance {
            return Err(format!(
                "{best} was better than {} of {feature}",
                column[at]
            ));
        }
        if (value - column[at]).abs() > allowance {
            return Err(format!(
                "{value} for feature {feature}, expected {}",
                column[at]
            ));
        }
        x.index_axis_mut(Axis(0), 0).column_mut(feature).fill(0.25);
        open.remove(at);
    }
    Ok(())
}

#[test]
fn known_networks_take_steps_that_whole_sequences_allow() {
    let mut draw = Draw::new(5);
    let basset = network::Basset::new()
        .tasks(2)
        .length(120)
        .filters([30, 20, 20])
        .hidden(20)
        .padded()
        .build()
        .unwrap();
    let profiles = network::BpNet::new()
        .length(80, 40)
        .filters(18)
        .blocks(3)
        .build()
        .unwrap();
    let networks = [
        (network::deepbind(20), 101),
        (basset, 120),
        (profiles, 80),
        (network::logistic_regression(30).unwrap(), 30),
    ];
    for (network, length) in networks {
        let x = Sequences::dna([draw.text(length)]).unwrap();
        let options = SufficientSubsets::new(lowest(&network, &x, 0)).most(1);
        let found = options.run(&network, &x).unwrap();
        allowed(&network, &found, 1e-5).unwrap();
        assert_eq!(found.get(0).unwrap().selection().len(), length);
        assert!(network.device().is_cpu());
    }
}

/// One result for any number of threads, and whoever else is asked about.
#[test]
fn subsets_do_not_depend_on_threads_or_neighbours() {
    let mut draw = Draw::new(11);
    let network = network::deepbind(16);
    let x = Sequences::dna([draw.text(60), draw.text(60), draw.text(60)]).unwrap();
    let options = SufficientSubsets::new(lowest(&network, &x, 0));
    let run = |x: &Sequences| options.run(&network, x).unwrap();
    let table = |found: &Subsets| format!("{:?}", found.table().unwrap());
    let all = run(&x);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let again = pool.unwrap().install(|| run(&x));
        assert_eq!(table(&again), table(&all), "{threads} threads");
    }
    let alone = run(&x.select(&[2]).unwrap());
    let own = all.of(2).unwrap();
    assert_eq!(alone.len(), own.len());
    for index in 0..own.len() {
        let (a, b) = (own.get(index).unwrap(), alone.get(index).unwrap());
        assert_eq!(a.selection().values(), b.selection().values());
        assert_eq!(a.features(), b.features());
    }
    let strings = own.strings().unwrap();
    for (string, index) in strings.iter().zip(0..) {
        let subset = own.get(index).unwrap();
        let letters = string.bytes().filter(|&letter| letter != b'-').count();
        assert_eq!(letters, subset.len());
        assert!(!string.starts_with('-') && !string.ends_with('-'));
        let places = subset.places();
        assert_eq!(x.text(2).as_bytes()[places[0]], string.as_bytes()[0]);
    }
}
