//! Whether attribution methods stand in the order that Prakash and others published, and what decides it: prints the tables of `Benchmark`'s docs.
//!
//! `GENOLENS_DATA=… cargo run --example attribution_order` writes a row for each simulation, tab-separated: mean average precision of every method
//! over the 100 held-out positives with the highest scores, then DeepLIFT with shuffles less mutagenesis, paired, with its standard error; then
//! the same difference in 160 positives of any score by quarters, from the fewest sites to the most. Takes some minutes for each row.
#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

use genolens::attribution::{
    Benchmark, DeepLift, GradientXInput, IntegratedGradients, References, SaturationMutagenesis,
};
use genolens::motif::{self, Motifs, Scan};
use genolens::ndarray::s;
use genolens::network::{Architecture, Convolution, Network, Padding};
use genolens::random::Seed;
use genolens::sequence::{self, Sequences, Shuffle};
use genolens::simulate::{Realistic, Simulated};
use genolens::training::Fit;
use rand::RngExt;
use rand::seq::SliceRandom;
use std::error::Error;
use std::path::PathBuf;

type Outcome<T> = Result<T, Box<dyn Error>>;

const LENGTH: usize = 400;
/// Places for sites in a region.
const SLOTS: usize = 8;
/// Positives, and as many negatives, to train with, and to test.
const SIZES: (usize, usize) = (5000, 700);
const SHUFFLES: &str = "DeepLIFT, shuffles";
const MUTAGENESIS: &str = "mutagenesis";

/// Peaks, and motifs of JASPAR that have their sites in them.
type Setting = (&'static [&'static str], [&'static str; 5]);
const FIRST: Setting = (
    &["GABPA", "ZBTB7A", "CTCFL"],
    ["MA0139.2", "MA0062.4", "MA0506.3", "MA0088.2", "MA0095.4"],
);
const SECOND: Setting = (
    &["ARID3A"],
    ["MA0035.5", "MA0002.3", "MA0099.4", "MA0466.4", "MA0080.7"],
);

fn main() -> Outcome<()> {
    let all = [
        (FIRST, 0.1, 1),
        (FIRST, 0.1, 2),
        (FIRST, 0.1, 3),
        (FIRST, 0.0, 2),
        (FIRST, 0.0, 3),
        (SECOND, 0.1, 4),
        (SECOND, 0.1, 5),
    ];
    for (setting, noise, seed) in all {
        let (train, test) = simulated(setting, seed)?;
        let train = train.label_noise(noise, seed)?;
        let model = Fit::new()
            .epochs(9)
            .learning_rate(2e-3)
            .batch(64)
            .patience(4)
            .seed(seed)
            .run(&network(seed)?, &train.sequences(), train.labels())?;
        let validation = model.history().validation_auroc();
        let best = validation.iter().copied().fold(0.0, f64::max);
        let scores = genolens::network::predict(&model, &test.sequences())?;
        let mut positives: Vec<usize> = (0..scores.nrows())
            .filter(|row| test.labels()[*row] == 1.0)
            .collect();
        positives.sort_by(|a, b| scores[[*b, 0]].total_cmp(&scores[[*a, 0]]));
        let n = positives.len();
        let top = test.select(&positives[..100])?;
        let any: Vec<usize> = (0..160).map(|at| positives[at * n / 160]).collect();
        let any = test.select(&any)?;

        let bench = Benchmark::new()
            .model("network", &model)
            .method("gradient x input", GradientXInput::new())
            .method(
                "IG",
                IntegratedGradients::new()
                    .steps(10)
                    .references(References::dinucleotide_shuffles(5)),
            )
            .method(MUTAGENESIS, SaturationMutagenesis::new())
            .method(
                "DeepLIFT, zeros",
                DeepLift::new().references(References::zeros()),
            )
            .method(
                "DeepLIFT, composition",
                DeepLift::new().references(References::composition()),
            )
            .method(
                SHUFFLES,
                DeepLift::new().references(References::dinucleotide_shuffles(20)),
            );
        let found = bench.run(&top.sequences(), &top.mask())?;
        let means = found.methods().iter().enumerate().map(|(method, name)| {
            let values = found.auprc().slice(s![0, method, ..]);
            format!("{name} {:.3}", values.mean().unwrap_or(f64::NAN))
        });
        let means: Vec<String> = means.collect();
        let ahead = found.difference(SHUFFLES, MUTAGENESIS)?;
        println!(
            "{}\tnoise {noise}\tseed {seed}\tvalidation auROC {best:.3}\t{}\tahead {:+.3} ± {:.3}",
            setting.0.join(", "),
            means.join("\t"),
            ahead.auprc()[0],
            ahead.auprc_error()[0]
        );

        let pair = Benchmark::new()
            .model("network", &model)
            .method(MUTAGENESIS, SaturationMutagenesis::new())
            .method(
                SHUFFLES,
                DeepLift::new().references(References::dinucleotide_shuffles(20)),
            );
        let mut rows: Vec<usize> = (0..any.sequences().len()).collect();
        rows.sort_by_key(|row| any.truth().of(*row).len());
        let quarters = rows.chunks(rows.len() / 4).map(|rows| {
            let part = any.select(rows)?;
            let ahead = pair
                .run(&part.sequences(), &part.mask())?
                .difference(SHUFFLES, MUTAGENESIS)?;
            let sites = |row: Option<&usize>| row.map_or(0, |row| any.truth().of(*row).len());
            let (fewest, most) = (sites(rows.first()), sites(rows.last()));
            Ok(format!(
                "{fewest} to {most} sites {:+.3} ± {:.3}",
                ahead.auprc()[0],
                ahead.auprc_error()[0]
            ))
        });
        let quarters: Outcome<Vec<String>> = quarters.collect();
        println!("\tby sites\t{}", quarters?.join("\t"));
    }
    Ok(())
}

/// Regions of shuffled peaks, one to eight of whose slots got real sites, and as many negatives: to train with, and to test, of other peaks.
fn simulated((peaks, names): Setting, seed: u64) -> Outcome<(Simulated, Simulated)> {
    let known = motif::open(file("motifs/JASPAR2024.meme")?)?;
    let motifs: Result<Motifs, _> = names.iter().map(|name| known.find(name)).collect();
    let motifs = motifs?;
    let mut texts = Vec::new();
    for name in peaks {
        let own = sequence::open_peaks(file(&format!("encode/{name}_AC.seq.gz"))?)?.sequences();
        texts.extend((0..own.len()).map(|row| own.text(row).to_owned()));
    }
    let mut generator = Seed::new(seed).named("regions").generator();
    texts.shuffle(&mut generator);
    let (held, rest) = texts.split_at(texts.len() / 6);
    let sites = |texts: &[String]| -> Outcome<Vec<String>> {
        let peaks = Sequences::dna(texts)?;
        let hits = Scan::new().p(1e-5).run(&motifs, &peaks)?;
        let hits = (0..hits.len()).map(|at| hits.get(at));
        Ok(hits
            .map(|hit| texts[hit.sequence][hit.start..hit.end].to_owned())
            .collect())
    };
    let mut regions = |texts: &[String], count: usize, part: u64| -> Outcome<Simulated> {
        let sites = sites(texts)?;
        let mut peaks = texts.to_vec();
        let mut whole = Vec::with_capacity(count);
        while whole.len() < count {
            peaks.shuffle(&mut generator);
            let four = peaks
                .chunks_exact(4)
                .map(|four| four.concat()[..LENGTH].to_owned());
            whole.extend(four.take(count - whole.len()));
        }
        let seed = Seed::new(seed).named("simulated").indexed(part as usize);
        let shuffled = Shuffle::dinucleotide()
            .seed(seed)
            .run(&Sequences::dna(&whole)?)?;
        let mut slots: Vec<usize> = (0..SLOTS).collect();
        let positives = (0..count).map(|row| {
            let mut letters = shuffled.text(row).to_owned();
            slots.shuffle(&mut generator);
            let kept = generator.random_range(1..=SLOTS);
            for slot in &slots[..kept] {
                let site = &sites[generator.random_range(0..sites.len())];
                let width = LENGTH / SLOTS;
                let start = slot * width + generator.random_range(0..=width - site.len());
                letters.replace_range(start..start + site.len(), site);
            }
            letters
        });
        let positives = Sequences::dna(positives.collect::<Vec<String>>())?;
        let negatives = Shuffle::dinucleotide()
            .seed(seed.named("negatives"))
            .run(&positives)?;
        let simulation = Realistic::new()
            .negatives(&negatives)
            .scan(Scan::new().p(2e-5))
            .seed(seed);
        Ok(simulation.run(&positives, &motifs)?)
    };
    Ok((regions(rest, SIZES.0, 0)?, regions(held, SIZES.1, 1)?))
}

fn network(seed: u64) -> Outcome<Network> {
    let same = |filters| Convolution::new(filters, 9).padding(Padding::Same);
    let layers = Architecture::sequences(4).length(LENGTH);
    let layers = layers
        .then(same(16))
        .relu()
        .then(same(16))
        .relu()
        .max_pool(4);
    let layers = layers
        .then(same(32))
        .relu()
        .then(same(32))
        .relu()
        .max_pool(4);
    Ok(layers
        .flatten()
        .dense(64)
        .relu()
        .dense(1)
        .seed(seed)
        .build()?)
}

fn file(name: &str) -> Outcome<PathBuf> {
    let folder = std::env::var_os("GENOLENS_DATA").ok_or("GENOLENS_DATA names no folder")?;
    Ok(PathBuf::from(folder).join(name))
}
