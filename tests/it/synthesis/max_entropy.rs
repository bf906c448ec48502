//! Chains sample the distribution of maximum entropy, however they are computed.

use super::oracle::{self, all_texts};
use crate::alone::{Stop, is_alone};
use crate::attribution::drawn::Draw;
use genolens::candle_core::{DType, Device, Tensor};
use genolens::ndarray::{Array1, Array2, Array3, Axis};
use genolens::network::{self, Activation, Architecture, Model, Network};
use genolens::progress;
use genolens::sequence::Sequences;
use genolens::synthesis::{Energy, MaxEntropy, MaxEntropySamples, max_entropy};

fn dna(text: &str) -> Sequences {
    Sequences::dna([text]).unwrap()
}

/// Two outputs behind three hidden units.
fn small(seed: u64) -> Network {
    Architecture::sequences(4)
        .convolution(3, 2)
        .relu()
        .global_max_pool()
        .dense(3)
        .relu()
        .dense(2)
        .seed(seed)
        .build()
        .unwrap()
}

/// Counts samples by their letters, in the order of all texts of four letters.
fn shares(samples: &MaxEntropySamples) -> Vec<f64> {
    let sequences = samples.sequences();
    let mut counts = vec![0.0; 256];
    for row in 0..sequences.len() {
        counts[oracle::place(sequences.text(row))] += 1.0 / sequences.len() as f64;
    }
    counts
}

fn variation(a: &[f64], b: &[f64]) -> f64 {
    let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    apart.sum::<f64>() / 2.0
}

/// Over all 256 sequences of four letters the samples are spread as the energy, computed with plain loops, says.
#[test]
fn samples_follow_the_exact_distribution() {
    let input = "GATC";
    let chains = MaxEntropy::new().chains(8).steps(25_000).every(1);
    let cases = [
        (0, 4.0, 0.0, chains.clone()),
        (1, 8.0, 0.7, chains.clone().target(1)),
        (2, 3.0, -1.2, chains.clone().against(1)),
        (3, 6.0, 0.3, chains.clone().energy(Energy::Target).target(1)),
        (
            4,
            5.0,
            0.0,
            chains.clone().energy(Energy::Target).against(1),
        ),
        (5, 5.0, 0.0, chains.energy(Energy::Outputs)),
    ];
    for (seed, beta, field, options) in cases {
        // The fifth is the third with another energy.
        let network = small(if seed == 5 { 3 } else { seed });
        let said = |text: &str| {
            let (features, outputs) = oracle::says(&network, text);
            let weights = oracle::weights(&network);
            match seed {
                0 => weights.row(0).to_owned() * features,
                1 => weights.row(1).to_owned() * features,
                2 => (&weights.row(0) - &weights.row(1)) * features,
                3 => Array1::from(vec![outputs[1]]),
                4 => Array1::from(vec![outputs[0] - outputs[1]]),
                _ => outputs,
            }
        };
        let before = said(input);
        let energy = |text: &str| (said(text) - &before).mapv(|x| x * x).sum().sqrt();
        let exact = oracle::boltzmann(energy, (beta, field));
        let samples = options
            .beta(beta)
            .field(field)
            .run(&network, &dna(input))
            .unwrap();
        let apart = variation(&shares(&samples), &exact);
        assert!(apart < 0.03, "case {seed}: total variation {apart}");
        // The test can tell: without the energy, or the field, it is another distribution.
        let free = oracle::boltzmann(|_| 0.0, (beta, field));
        assert!(variation(&free, &exact) > 0.06, "case {seed}");
        if field != 0.0 {
            let other = oracle::boltzmann(energy, (beta, 0.0));
            assert!(variation(&other, &exact) > 0.06, "case {seed}");
        }
        // And the energies that are told are those of the samples.
        let sequences = samples.sequences();
        for (row, &told) in samples.energies().iter().enumerate().step_by(997) {
            let exact = energy(sequences.text(row));
            assert!((told - exact).abs() < 1e-5, "case {seed}: {told}, {exact}");
        }
    }
}

/// Steps from one sequence to another are as frequent as Metropolis says, and as frequent as steps back.
#[test]
fn every_step_is_one_of_metropolis() {
    let (network, beta, field) = (small(1), 8.0, 0.7);
    let weights = oracle::weights(&network).row(0).to_owned();
    let said = |text: &str| &weights * oracle::says(&network, text).0;
    let before = said("GATC");
    let energies: Vec<f64> = all_texts()
        .map(|text| (said(&text) - &before).mapv(|x| x * x).sum().sqrt())
        .collect();
    let options = MaxEntropy::new().beta(beta).field(field).every(1);
    let samples = options
        .chains(4)
        .steps(100_000)
        .run(&network, &dna("GATC"))
        .unwrap();
    let sequences = samples.sequences();
    let (_, chains, count) = samples.energies().dim();
    let mut steps = Array2::<f64>::zeros((256, 256));
    for chain in 0..chains {
        for row in chain * count..(chain + 1) * count - 1 {
            let from = oracle::place(sequences.text(row));
            steps[[from, oracle::place(sequences.text(row + 1))]] += 1.0;
        }
    }
    let texts: Vec<String> = all_texts().collect();
    let (mut far, mut pairs, mut forward, mut rows) = (0.0, 0.0, 0.0, 0.0);
    for (from, text) in texts.iter().enumerate() {
        let visits = steps.row(from).sum();
        for (to, other) in texts.iter().enumerate() {
            let differences = text.bytes().zip(other.bytes()).filter(|(a, b)| a != b);
            match differences.count() {
                0 => continue,
                1 => {}
                _ => {
                    assert_eq!(steps[[from, to]], 0.0, "{text} to {other}");
                    continue;
                }
            }
            let strong = oracle::strong(other) - oracle::strong(text);
            let gain = field * strong - beta * (energies[to] - energies[from]);
            let expected = visits * gain.exp().min(1.0) / 12.0;
            if expected > 20.0 {
                let variance = expected * (1.0 - expected / visits);
                forward += (steps[[from, to]] - expected).powi(2) / variance;
                rows += 1.0;
            }
            let both = steps[[from, to]] + steps[[to, from]];
            if from < to && both > 40.0 {
                far += (steps[[from, to]] - steps[[to, from]]).powi(2) / both;
                pairs += 1.0;
            }
        }
    }
    // Means of squares that are 1 each, up to five standard errors.
    let limit = |count: f64| 5.0 * (2.0_f64 / count).sqrt();
    assert!(rows > 1000.0 && pairs > 400.0, "{rows} {pairs}");
    assert!(
        (forward / rows - 1.0).abs() < limit(rows),
        "{}",
        forward / rows
    );
    assert!(far / pairs - 1.0 < limit(pairs), "{}", far / pairs);
}

/// Without beta letters are independent, and the odds of G and C are those of the field.
#[test]
fn without_beta_only_the_field_is_left() {
    let options = MaxEntropy::new()
        .beta(0.0)
        .chains(10)
        .steps(40_000)
        .every(20);
    let options = options.burn_in(200);
    for mu in [0.0, 1.0_f64, -0.8] {
        let samples = options
            .clone()
            .field(mu)
            .run(&small(1), &dna("AAAAAA"))
            .unwrap();
        let odds = mu.exp() / (2.0 + 2.0 * mu.exp());
        let expected = [0.5 - odds, odds, odds, 0.5 - odds];
        for row in samples.frequencies().index_axis(Axis(0), 0).rows() {
            for (share, expected) in row.iter().zip(expected) {
                assert!((share - expected).abs() < 0.02, "{mu}: {row}");
            }
        }
        for (share, expected) in samples.background().iter().zip(expected) {
            assert!((share - expected).abs() < 1e-12);
        }
        assert!(samples.saliency().iter().all(|&bits| bits < 0.003));
        // Pairs of neighbours too.
        let sequences = samples.sequences();
        let mut pairs = Array2::<f64>::zeros((4, 4));
        for row in 0..sequences.len() {
            let letters = sequences.letters(row);
            let place = |at: usize| sequences.alphabet().index(letters[at]).unwrap();
            pairs[[place(2), place(3)]] += 1.0 / sequences.len() as f64;
        }
        for ((a, b), share) in pairs.indexed_iter() {
            assert!((share - expected[a] * expected[b]).abs() < 0.01, "{pairs}");
        }
        // With equal shares everything is accepted.
        let acceptance = samples.acceptance().mean().unwrap();
        assert!((acceptance == 1.0) == (mu == 0.0), "{acceptance}");
    }
    let share = options.gc(0.4).run(&small(1), &dna("ACGTAC")).unwrap();
    assert!((share.background()[1] - 0.2).abs() < 1e-12);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let x = Sequences::dna(["GATTACAGATTACA", "CCCGATCAGTTACG"]).unwrap();
    let network = network::deepbind(8);
    let options = MaxEntropy::new().beta(20.0).chains(5).steps(300).every(10);
    let run = |threads, options: &MaxEntropy| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build()
            .unwrap()
            .install(|| options.run(&network, &x).unwrap())
    };
    let one = run(1, &options);
    for threads in [2, 3] {
        let other = run(threads, &options);
        assert_eq!(other.energies(), one.energies());
        assert!(other.sequences() == one.sequences());
    }
    assert!(run(2, &options.clone().seed(1)).sequences() != one.sequences());
    // A chain does not depend on how many there are.
    let fewer = run(2, &options.chains(2));
    assert_eq!(
        fewer.energies().index_axis(Axis(1), 1),
        one.energies().index_axis(Axis(1), 1)
    );
}

/// Whole sequences give the same chains, up to rounding.
#[test]
fn it_does_not_matter_how_it_is_computed() {
    let x = dna("GATTACAGATTACAGGCAT");
    let options = MaxEntropy::new().beta(15.0).chains(3).steps(400).every(4);
    for energy in [Energy::Penultimate, Energy::Target, Energy::Outputs] {
        let options = options.clone().energy(energy).target(1).batch(2);
        let network = Architecture::sequences(4)
            .convolution(9, 5)
            .relu()
            .max_pool(2);
        let network = network
            .convolution(18, 3)
            .relu()
            .global_max_pool()
            .dense(7)
            .relu();
        let network = network
            .dropout(0.5)
            .dense(3)
            .activation(Activation::Sigmoid)
            .build()
            .unwrap();
        let quick = options.run(&network, &x).unwrap();
        let whole = options.incremental(false).run(&network, &x).unwrap();
        assert!(quick.sequences() == whole.sequences(), "{energy:?}");
        assert_eq!(quick.acceptance(), whole.acceptance());
        let apart = quick.energies() - whole.energies();
        assert!(apart.iter().all(|apart| apart.abs() < 1e-5), "{energy:?}");
    }
}

/// Returns how far the told energies are from those of whole sequences in double precision, as a share of the largest output.
fn drift(network: &Network, samples: &MaxEntropySamples) -> f64 {
    let precise = network.to_dtype(DType::F64).unwrap();
    let outputs = network::predict(&precise, &samples.sequences()).unwrap();
    let before = network::predict(&precise, samples.inputs()).unwrap();
    let scale = outputs.iter().fold(1e-3_f32, |a, b| a.max(b.abs()));
    let exact = outputs.outer_iter().map(|row| {
        let apart = row
            .iter()
            .zip(before.row(0))
            .map(|(a, b)| f64::from(a - b).powi(2));
        apart.sum::<f64>().sqrt()
    });
    let apart = exact
        .zip(samples.energies())
        .map(|(exact, told)| (exact - told).abs());
    apart.fold(0.0, f64::max) / f64::from(scale)
}

/// After dozens of moves in place the energies are still those of whole sequences, for layers of all kinds in any order.
#[test]
fn moves_end_where_whole_sequences_are() {
    let options = MaxEntropy::new()
        .beta(0.0)
        .energy(Energy::Outputs)
        .chains(1);
    let options = options.steps(40).every(1);
    let (mut count, mut wrong) = (0, Vec::new());
    for seed in 0..600 {
        let mut draw = Draw::new(seed);
        let length = 1 + draw.below(if seed % 3 == 0 { 12 } else { 60 });
        let Some(network) = draw.network(length) else {
            continue;
        };
        count += 1;
        let samples = options
            .clone()
            .seed(seed)
            .run(&network, &dna(&draw.text(length)))
            .unwrap();
        let apart = drift(&network, &samples);
        if apart < 1e-5 {
            continue;
        }
        // Some networks are rough in single precision, whichever way they are computed.
        let whole = options.clone().seed(seed).incremental(false);
        let whole = whole.run(&network, samples.inputs()).unwrap();
        let usual = drift(&network, &whole);
        if apart > 3.0 * usual {
            wrong.push(format!(
                "seed {seed}: {apart:e}, usually {usual:e}\n{network}"
            ));
        }
    }
    assert!(count > 250, "only {count} networks");
    assert!(
        wrong.is_empty(),
        "{} of {count}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Rounding does not add up over thousands of moves.
#[test]
fn rounding_stays_bounded() {
    let mut draw = Draw::new(5);
    let x = dna(&draw.text(101));
    let network = network::deepbind(16);
    let options = MaxEntropy::new()
        .beta(0.0)
        .energy(Energy::Outputs)
        .chains(1);
    let samples = options.steps(3000).every(1).run(&network, &x).unwrap();
    assert_eq!(samples.acceptance()[[0, 0]], 1.0);
    let apart = drift(&network, &samples);
    assert!(apart < 5e-6, "{apart:e}");
}

/// A filter that waits for one site: the samples agree on it, wherever they may move it, and on nothing else.
#[test]
fn samples_agree_on_what_the_network_looks_at() {
    let site = "TGACTCA";
    let network = Architecture::sequences(4).convolution(1, 7).relu();
    let network = network.global_max_pool().dense(1).build().unwrap();
    let mut kernel = vec![0.0_f32; 28];
    for (position, letter) in site.bytes().enumerate() {
        let row = b"ACGT".iter().position(|&known| known == letter).unwrap();
        kernel[row * 7 + position] = 1.0;
    }
    let kernel = Tensor::from_vec(kernel, (1, 4, 7), &Device::Cpu).unwrap();
    let bias = Tensor::new(&[-5.0_f32], &Device::Cpu).unwrap();
    let weight = Tensor::new(&[[1.0_f32]], &Device::Cpu).unwrap();
    let names = network.weight_names();
    let network = network.with_tensor(&names[0], &kernel).unwrap();
    let network = network.with_tensor(&names[1], &bias).unwrap();
    let network = network.with_tensor(&names[2], &weight).unwrap();
    let x = dna("ACCGTTAATGACTCAGGTTACG");
    let samples = MaxEntropy::new()
        .beta(20.0)
        .chains(20)
        .steps(4000)
        .run(&network, &x)
        .unwrap();
    let saliency = samples.saliency();
    for (position, &bits) in saliency.row(0).iter().enumerate() {
        let is_site = (8..15).contains(&position);
        assert!(
            if is_site { bits > 0.6 } else { bits < 0.5 },
            "{position}: {bits}"
        );
    }
    let motif = samples.motif().unwrap();
    assert_eq!(&motif.consensus()[8..15], site);
    let heights = samples.heights();
    assert!(
        (heights.sum_axis(Axis(2)) - &saliency)
            .iter()
            .all(|x: &f64| x.abs() < 1e-12)
    );
    // The input is held nowhere else: its own logo shows the site.
    let told = samples.input_logo().description();
    assert!(
        told.contains("at position 8 with") || told.contains("at position 1"),
        "{told}"
    );
    assert!(samples.logos().svg().contains("samples"));
    assert!(samples.trace().description().contains("chain 7"));
    insta::assert_snapshot!(format!("{samples:?}"), @"MaxEntropySamples(n = 1, chains = 20, samples = 40, length = 22)");
}

/// A model that is no network of the library.
struct Foreign(Network);

impl Model for Foreign {
    fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
        self.0.forward(x)
    }
    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

#[test]
fn any_model_has_outputs() {
    let options = MaxEntropy::new().beta(6.0).chains(3).steps(60).every(5);
    let options = options.energy(Energy::Target).target(1);
    let network = small(2);
    let own = options.run(&network, &dna("GATCGG")).unwrap();
    let other = options.run(&Foreign(network), &dna("GATCGG")).unwrap();
    assert!(own.sequences() == other.sequences());
}

#[test]
fn unknown_letters_and_held_positions_stay() {
    let x = dna("NGATCAN");
    let options = MaxEntropy::new().beta(0.0).chains(4).steps(400).every(10);
    let samples = options.hold([2, 5, 2]).run(&small(0), &x).unwrap();
    let sequences = samples.sequences();
    let mut seen = std::collections::BTreeSet::new();
    for row in 0..sequences.len() {
        let text = sequences.text(row);
        seen.insert(text.to_owned());
        assert_eq!((&text[..1], &text[2..3], &text[5..7]), ("N", "A", "AN"));
    }
    assert!(seen.len() > 50);
    let saliency = samples.saliency();
    for position in [0, 2, 5, 6] {
        assert_eq!(saliency[[0, position]], 0.0);
    }
    assert_eq!(samples.frequencies()[[0, 0, 1]], 0.25);
    assert_eq!(samples.frequencies()[[0, 2, 0]], 1.0);
}

#[test]
fn tables_name_every_sample() {
    let x = Sequences::dna(["GATTACA", "CATTAGA"]).unwrap();
    let options = MaxEntropy::new()
        .beta(5.0)
        .chains(2)
        .steps(20)
        .every(5)
        .burn_in(3);
    let samples = options.run(&small(0), &x).unwrap();
    assert_eq!(samples.steps().to_vec(), [8, 13, 18, 23]);
    assert_eq!((samples.len(), samples.is_empty()), (2, false));
    let table = samples.table().unwrap();
    assert_eq!(table.shape(), (16, 5));
    let names = table.get_column_names().into_iter();
    let names: Vec<String> = names.map(ToString::to_string).collect();
    assert_eq!(names, ["sequence", "chain", "step", "energy", "letters"]);
    insta::assert_snapshot!(samples.sequences().name(6), @"seq1 chain 1 step 18");
    assert_eq!(samples.summary().unwrap().shape(), (2, 6));
    let second = samples.get(1).unwrap();
    assert_eq!(
        second.energies().index_axis(Axis(0), 0),
        samples.energies().index_axis(Axis(0), 1)
    );
    assert_eq!(second.inputs().text(0), "CATTAGA");
    assert_eq!(samples.autocorrelation().dim(), (2, 4));
    assert!(samples.get(2).is_err());
}

#[test]
fn mixing_is_told() {
    // Free chains forget at once, tight ones never move far from where they began.
    let options = MaxEntropy::new()
        .chains(8)
        .steps(4000)
        .every(40)
        .burn_in(100);
    let network = network::deepbind(16);
    let x = dna("GATTACAGATTACAGGCATCCATTACG");
    let free = options.clone().beta(0.5).run(&network, &x).unwrap();
    let all = free.energies().len() as f64;
    let told = (free.effective_samples()[0], free.r_hat()[0]);
    assert!(told.0 > 0.5 * all && told.1 < 1.02, "{told:?}");
    let slow = options
        .beta(0.5)
        .every(1)
        .steps(200)
        .burn_in(0)
        .run(&network, &x)
        .unwrap();
    let told = (slow.effective_samples()[0], slow.r_hat()[0]);
    assert!(
        told.0 < 0.1 * slow.energies().len() as f64 && told.1 > 1.01,
        "{told:?}"
    );
    assert!(slow.autocorrelation()[[0, 1]] > 0.5 && slow.autocorrelation()[[0, 0]] == 1.0);
}

#[test]
fn protein_and_rna_have_their_letters() {
    use genolens::sequence::Alphabet;
    let options = MaxEntropy::new().beta(0.0).chains(2).steps(400).every(10);
    let network = Architecture::sequences(20).convolution(2, 2).relu();
    let network = network.global_max_pool().dense(1).build().unwrap();
    let protein = Sequences::new(Alphabet::Protein, [("p", "MKVLWX")]).unwrap();
    let samples = options.clone().run(&network, &protein).unwrap();
    assert_eq!(samples.frequencies().dim(), (1, 6, 20));
    assert_eq!(samples.motif().unwrap().alphabet(), Alphabet::Protein);
    let refused = options
        .clone()
        .field(1.0)
        .run(&network, &protein)
        .unwrap_err();
    insta::assert_snapshot!(refused, @"`field` is 1, expected 0 for protein, which has no G and C");
    let rna = Sequences::new(Alphabet::Rna, [("r", "GAUUACA")]).unwrap();
    let samples = options.field(1.0).run(&small(0), &rna).unwrap();
    assert!(samples.sequences().text(3).contains('G') || samples.sequences().text(3).contains('C'));
    assert!(samples.background()[1] > samples.background()[3]);
}

#[test]
fn sampling_stops_when_asked() {
    if !is_alone("synthesis::max_entropy::sampling_stops_when_asked") {
        return;
    }
    for incremental in [true, false] {
        progress::watch(Stop {
            task: "maximum-entropy sampling",
            after: 1,
        });
        let options = MaxEntropy::new().incremental(incremental);
        let error = options
            .run(&network::deepbind(2), &dna("ACGTTGCA"))
            .unwrap_err();
        assert!(error.is_interrupted(), "{error}");
        // The wish is spent: the next task runs.
        progress::watch(Stop {
            task: "nothing",
            after: 1,
        });
        let few = options.chains(3).steps(100);
        assert_eq!(
            few.run(&network::deepbind(2), &dna("ACGT")).unwrap().len(),
            1
        );
    }
}

#[test]
fn careless_calls_are_named() {
    let told = |options: MaxEntropy| {
        let found = options.run(&small(0), &dna("GATC"));
        found.map(|_| ()).unwrap_err().to_string()
    };
    let new = || MaxEntropy::new().steps(200);
    insta::assert_snapshot!(told(new().beta(f64::NAN)), @"`beta` is NaN, expected 0 or more");
    insta::assert_snapshot!(told(new().beta(-1.0)), @"`beta` is -1, expected 0 or more");
    insta::assert_snapshot!(told(new().field(f64::INFINITY)), @"`field` is inf, expected from -30 to 30, a share of G and C between 0 and 1");
    insta::assert_snapshot!(told(new().gc(1.5)), @"`field` is NaN, expected from -30 to 30, a share of G and C between 0 and 1");
    insta::assert_snapshot!(told(new().gc(0.0)), @"`field` is -inf, expected from -30 to 30, a share of G and C between 0 and 1");
    insta::assert_snapshot!(told(new().steps(0)), @"`steps` is 0, expected at least 1");
    insta::assert_snapshot!(told(new().every(0)), @"`every` is 0, expected at least 1");
    insta::assert_snapshot!(told(new().every(201)), @"`every` is 201, expected at most 200, the number of steps");
    insta::assert_snapshot!(told(new().chains(0)), @"`chains` is 0, expected at least 1");
    insta::assert_snapshot!(told(new().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(told(new().chains(usize::MAX)), @"`chains` is 18446744073709551615, expected so few that all samples have at most 1073741824 letters");
    insta::assert_snapshot!(told(new().burn_in(usize::MAX)), @"`burn_in` is 18446744073709551615, expected fewer steps");
    insta::assert_snapshot!(told(new().target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(told(new().against(7)), @"`against` is 7, expected below 2, the number of outputs");
    insta::assert_snapshot!(told(new().energy(Energy::Target).target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(told(new().hold([4])), @"`hold` is 4, expected below 4, the length of the sequences");
    insta::assert_snapshot!(told(new().hold(0..)), @"`hold` is 4, expected below 4, the length of the sequences");
    insta::assert_snapshot!(told(new().hold(0..4)), @"`x` is seq1, which has none, expected sequences with a known letter at a position that is not held");
}

#[test]
fn careless_inputs_and_models_are_named() {
    let told = |model: &dyn Model, x: &dyn genolens::sequence::Explainable| {
        let found = MaxEntropy::new().steps(200).run(model, x);
        found.map(|_| ()).unwrap_err().to_string()
    };
    let network = small(0);
    let none: [&str; 0] = [];
    let holds = |told: String, parts: &[&str]| {
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    };
    insta::assert_snapshot!(told(&network, &Sequences::dna(none).unwrap()), @"`sequences` is empty, expected one sequence or more");
    insta::assert_snapshot!(told(&network, &dna("NNNN")), @"`x` is seq1, which has none, expected sequences with a known letter at a position that is not held");
    holds(told(&network, &dna("A")), &["convolution"]);
    let unequal = Sequences::dna(["ACGT", "ACG"]).unwrap();
    holds(told(&network, &unequal), &["seq2", "3 long"]);
    let soft = Array3::from_elem((1, 4, 4), 0.1_f32);
    let soft = genolens::sequence::OneHot::new(genolens::sequence::Alphabet::Dna, soft).unwrap();
    holds(
        told(&network, &soft),
        &["position 1 of seq1", "one 1 among zeros"],
    );
    insta::assert_snapshot!(told(&Foreign(small(0)), &dna("GATC")), @"`model` is another model, expected a network of the library whose last layer is dense, or an energy of outputs");
    let pooled = Architecture::sequences(4)
        .convolution(2, 2)
        .global_max_pool();
    let pooled = told(&pooled.build().unwrap(), &dna("GATC"));
    holds(
        pooled,
        &[
            "one whose last layer is",
            "a network whose last layer is dense",
        ],
    );
    let name = &network.weight_names()[0];
    let nothing = Tensor::full(f32::NAN, (3, 4, 2), &Device::Cpu).unwrap();
    let broken = network.with_tensor(name, &nothing).unwrap();
    insta::assert_snapshot!(told(&broken, &dna("GATC")), @"`energy` is NaN, expected a finite number");
}

/// The short door takes the published settings.
#[test]
fn defaults_are_those_of_the_paper() {
    let network = Architecture::sequences(4)
        .convolution(1, 2)
        .global_max_pool();
    let network = network.dense(1).build().unwrap();
    let samples = max_entropy(&network, &dna("ACGT")).unwrap();
    assert_eq!(samples.energies().dim(), (1, 50, 100));
    assert_eq!(samples.steps()[99], 10_000);
}
