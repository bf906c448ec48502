//! The simulation of the publication on deep Mendelian randomisation, with our choices and with the published ones.
//!
//! `deep_mr_simulation MOTIFS ROUNDS SEED [SCENARIO]...` reads `GATA_disc1`, `TAL1_known1` and `SOX2_1` from the file of ENCODE motifs. A
//! round draws the strength of the exposure, N(100, 3), and its ratio to that of the outcome, N(10, 0.5) or N(1, 0.5), simulates 10,000
//! sequences with a quarter of variants, trains five networks on nine tenths, learns the noise of counts from the last, mutates held-out
//! sequences that carry both motifs, and pools. The truth
//! is the mean of the true effects near the same sequences. Prints tab-separated rows: one for each round and method as it comes, then one
//! for each scenario and method with the correlation of pooled and true effects, the root of the mean squared error, the mean error, and
//! how often intervals of 95 % held the pooled and the local truth. `unconfounded` is `DeepMr::without_confounding` with that noise over the
//! background of 1 that the assays have, `roots` has the defaults, `published` those of the publication; `naive` is the mean ratio, `meta`
//! the interval of the meta-analysis alone. Scenarios: none, independent, dependent, both.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use genolens::calibration::FitEnsemble;
use genolens::causal::{self, CountNoise, DeepMr, DeepMrResult, MutationEffects};
use genolens::motif::{self, Motif};
use genolens::network::Architecture;
use genolens::random::Seed;
use genolens::simulate::Cooperation;
use genolens::training::{Fit, Loss, Schedule};
use rand::RngExt;
use rand_distr::StandardNormal;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

const SCENARIOS: [&str; 4] = ["none", "independent", "dependent", "both"];
const METHODS: [&str; 4] = ["unconfounded", "roots", "published", "naive"];

/// What one method found in one round.
#[derive(Clone, Copy, Default)]
struct Found {
    truth: f64,
    value: f64,
    /// Whether the interval held the truth, and that of the meta-analysis.
    held: bool,
    meta: bool,
    /// The share of local truths that were held, and how many there were.
    local: f64,
    count: usize,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, rounds, seed, chosen @ ..] = &arguments[..] else {
        return Err("deep_mr_simulation MOTIFS ROUNDS SEED [SCENARIO]...".into());
    };
    let (rounds, seed): (usize, u64) = (rounds.parse()?, seed.parse()?);
    let motifs = motif::open(path)?;
    let find = |name: &str| motifs.find(name);
    let motifs = [find("GATA_disc1")?, find("TAL1_known1")?, find("SOX2_1")?];
    println!("scenario\tround\tmethod\ttruth\tpooled\theld\tmeta\tlocal\tsequences");
    let wanted = |name: &&str| chosen.is_empty() || chosen.iter().any(|chosen| chosen == name);
    let scenarios: Vec<&str> = SCENARIOS.into_iter().filter(wanted).collect();
    let mut all = vec![vec![Vec::new(); METHODS.len()]; scenarios.len()];
    for round in 0..rounds {
        for (scenario, all) in scenarios.iter().zip(&mut all) {
            let seed = Seed::new(seed).named(scenario).indexed(round);
            for ((found, name), all) in one_round(&motifs, scenario, seed)?
                .into_iter()
                .zip(METHODS)
                .zip(all)
            {
                let Found {
                    truth,
                    value,
                    held,
                    meta,
                    local,
                    count,
                } = found;
                println!(
                    "{scenario}\t{round}\t{name}\t{truth:.4}\t{value:.4}\t{held}\t{meta}\t{local:.3}\t{count}"
                );
                all.push(found);
            }
        }
    }
    println!("scenario\tmethod\trounds\tr\trmse\tbias\tcoverage\tmeta_coverage\tlocal_coverage");
    for (scenario, all) in scenarios.iter().zip(&all) {
        for (name, all) in METHODS.iter().zip(all) {
            let share =
                |of: &dyn Fn(&Found) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
            let (truth, value) = (share(&|f| f.truth), share(&|f| f.value));
            let product = share(&|f| (f.truth - truth) * (f.value - value));
            let spreads =
                share(&|f| (f.truth - truth).powi(2)) * share(&|f| (f.value - value).powi(2));
            println!(
                "{scenario}\t{name}\t{}\t{:.4}\t{:.3}\t{:.3}\t{:.2}\t{:.2}\t{:.3}",
                all.len(),
                product / spreads.sqrt(),
                share(&|f| (f.value - f.truth).powi(2)).sqrt(),
                value - truth,
                share(&|f| f64::from(u8::from(f.held))),
                share(&|f| f64::from(u8::from(f.meta))),
                share(&|f| f.local),
            );
        }
    }
    Ok(())
}

fn one_round(motifs: &[Motif; 3], scenario: &str, seed: Seed) -> Outcome<[Found; 4]> {
    let mut generator = seed.named("strengths").generator();
    let mut normal =
        |mean: f64, spread: f64| mean + spread * generator.sample::<f64, _>(StandardNormal);
    let alpha = normal(100.0, 3.0);
    let (weak, strong, coin) = (normal(1.0, 0.5), normal(10.0, 0.5), normal(0.0, 1.0));
    let ratio = if coin < 0.0 { weak } else { strong };
    let mut assays =
        Cooperation::new(&motifs[0], &motifs[1]).strengths(alpha, alpha * ratio.max(0.0));
    if ["dependent", "both"].contains(&scenario) {
        assays = assays.confounder(&motifs[2]);
    }
    if ["independent", "both"].contains(&scenario) {
        assays = assays.hidden(0.5);
    }
    // A tenth of the measured sequences is kept from the networks, and tells how much counts vary around what they say.
    let measured = assays.clone().variants(0.25);
    let learn = measured.clone().seed(seed.named("learn")).run(9000)?;
    let kept = measured.seed(seed.named("noise")).run(1000)?;
    let held_out = assays.seed(seed.named("held out")).run(1000)?;
    let network = Architecture::sequences(4)
        .length(100)
        .convolution(32, 15)
        .relu()
        .global_max_pool();
    let network = network.dense(64).relu().dense(64).relu().dense(2).build()?;
    let fit = Fit::new()
        .loss(Loss::SquaredError)
        .epochs(30)
        .schedule(Schedule::cosine());
    let fit = FitEnsemble::new()
        .members(5)
        .fit(fit)
        .seed(seed.named("ensemble"));
    let ensemble = fit.run(&network, &learn.sequences(), &learn.labels())?;
    let predicted = ensemble.predict(&kept.sequences())?.forecast()?;
    let noise = CountNoise::fit(&predicted, &kept.labels())?;
    // What carries both motifs, as in the publication.
    let plants = held_out.truth();
    let has = |index: usize| {
        let own = plants.of(index);
        (0..own.len()).any(|at| own.get(at).motif == 1)
    };
    let carriers: Vec<(usize, f64)> = held_out
        .exposed()
        .into_iter()
        .filter(|index| has(*index))
        .filter_map(|index| Some((index, held_out.effect(index)?)))
        .collect();
    let (rows, truths): (Vec<usize>, Vec<f64>) = carriers.into_iter().unzip();
    let effects = causal::ensemble_mutagenesis(&ensemble, &held_out.sequences().select(&rows)?)?;
    let effects = effects.with_names(["GATA1", "TAL1"])?;
    let ours = causal::deep_mr(&effects, 0, 1)?;
    let published = DeepMr::published().run(&effects, 0, 1)?;
    let naive = naive(&effects, &ours, &truths)?;
    let noisy = effects.with_noise(&noise)?;
    let unconfounded = DeepMr::new().without_confounding(1.0).run(&noisy, 0, 1)?;
    let [unconfounded, ours, published] =
        [unconfounded, ours, published].map(|result| found(&result, &truths));
    Ok([unconfounded, ours, published, naive])
}

fn found(result: &DeepMrResult, truths: &[f64]) -> Found {
    let holds = |(low, high): (f64, f64), truth: f64| low <= truth && truth <= high;
    let own: Vec<f64> = result
        .indices()
        .iter()
        .map(|index| truths[*index])
        .collect();
    let truth = own.iter().sum::<f64>() / own.len() as f64;
    let local = own.iter().enumerate().filter(|(at, truth)| {
        let estimate = result.estimates().get(*at);
        estimate.is_ok_and(|estimate| holds(estimate.interval(), **truth))
    });
    Found {
        truth,
        value: result.value(),
        held: holds(result.interval(), truth),
        meta: holds(result.pooled().interval(), truth),
        local: local.count() as f64 / own.len() as f64,
        count: own.len(),
    }
}

/// The mean over sequences of the mean ratio of their instruments.
fn naive(effects: &MutationEffects, result: &DeepMrResult, truths: &[f64]) -> Outcome<Found> {
    let (x, y) = (effects.mean(0)?, effects.mean(1)?);
    let mut sum = 0.0;
    let rows = result.indices();
    for row in &rows {
        let instruments = result.instruments(*row)?;
        let mut ratios = 0.0;
        for id in instruments.ids() {
            let position: usize = id[1..id.len() - 1].parse()?;
            let letter = "ACGT".find(&id[id.len() - 1..]).unwrap_or(0);
            ratios += y[[*row, letter, position - 1]] / x[[*row, letter, position - 1]];
        }
        sum += ratios / instruments.len() as f64;
    }
    let truth = rows.iter().map(|row| truths[*row]).sum::<f64>() / rows.len() as f64;
    let value = sum / rows.len() as f64;
    Ok(Found {
        truth,
        value,
        count: rows.len(),
        ..Found::default()
    })
}
