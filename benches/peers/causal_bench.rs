//! Our side of the bench of causal estimators: reads a piece of work per line, answers with its time in microseconds, or with its numbers.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::causal::{
    DeepMr, DeepMrResult, Egger, Estimate, Instruments, Ivw, Median, MetaAnalysis, Mode,
    MutationEffects,
};
use genolens::ndarray::Array5;
use genolens::sequence::Sequences;
use std::error::Error;
use std::hint::black_box;
use std::io::BufRead;
use std::time::{Duration, Instant};

/// The row of mutations of many sequences: one exposure, twelve outcomes.
const DEEP: &str = "deep mr 2000x12";
const OUTPUTS: usize = 13;
const MEMBERS: usize = 5;
const LENGTH: usize = 30;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let variants = variants(28)?;
    let mut mutations: Option<MutationEffects> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (verb, name) = line.split_once(' ').unwrap_or((&line, ""));
        if name == DEEP && mutations.is_none() {
            mutations = Some(made(2000)?);
        }
        let answer = match (verb, &mutations) {
            ("value", Some(mutations)) if name == DEEP => {
                let few = mutations.select(&(0..20).collect::<Vec<_>>())?;
                let found = DeepMr::published().run(&few, 0, 1)?;
                format!("{},{}", found.value(), found.standard_error())
            }
            ("time", Some(mutations)) if name == DEEP => timed(|| {
                let pairs =
                    (1..OUTPUTS).map(|outcome| DeepMr::published().run(mutations, 0, outcome));
                let found: Vec<DeepMrResult> = pairs.collect::<Result<_, _>>()?;
                black_box(&found);
                Ok(())
            })?
            .to_string(),
            ("value", _) => {
                let found = run(name, &variants)?;
                format!("{},{}", found.0, found.1)
            }
            ("time", _) => timed(|| run(name, &variants).map(drop))?.to_string(),
            _ => return Err(format!("no work {line}").into()),
        };
        println!("{answer}");
    }
    Ok(())
}

/// Estimate and standard error.
fn run(name: &str, x: &Instruments) -> Outcome<(f64, f64)> {
    let x = black_box(x);
    let both = |found: Estimate| (found.value(), found.standard_error());
    Ok(match name {
        "ivw" => both(Ivw::new().run(x)?),
        "egger" => both(Egger::new().run(x)?),
        "median bootstrap" => both(Median::new().run(x)?),
        "mode bootstrap" => both(Mode::new().run(x)?),
        "robust egger" => both(Egger::new().robust(true).run(x)?),
        "reml" => {
            let (effects, errors) = studies(200);
            let found = MetaAnalysis::new().run(&effects, &errors)?;
            (found.value(), found.standard_error())
        }
        _ => return Err(format!("no work {name}").into()),
    })
}

/// Repeats for a third of a second or longer and returns the microseconds of one.
fn timed(mut step: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let begin = Instant::now();
    let mut steps = 0;
    while steps == 0 || begin.elapsed() < Duration::from_millis(330) {
        // The clock costs as much as a short piece of work.
        for _ in 0..if steps > 1000 { 1000 } else { 1 } {
            step()?;
            steps += 1;
        }
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(steps))
}

/// Numbers from -1 to 1 that look random, the same on both sides.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / f64::from(1 << 23) - 1.0
    }
}

/// Variants with an effect of 0.4, of which some act otherwise, too.
fn variants(n: usize) -> Outcome<Instruments> {
    let mut numbers = Numbers(1);
    let (mut bx, mut by) = (Vec::new(), Vec::new());
    for at in 0..n {
        let effect = 0.1 * numbers.next();
        bx.push(effect + 0.01 * numbers.next());
        let direct = if at % 7 == 0 { 0.1 } else { 0.0 };
        by.push(0.4 * effect + 0.05 * numbers.next() + direct);
    }
    Ok(Instruments::new(
        (&bx, &vec![0.01; n]),
        (&by, &vec![0.03; n]),
    )?)
}

fn studies(n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut numbers = Numbers(2);
    (0..n)
        .map(|_| (numbers.next(), 0.2 + 0.1 * numbers.next()))
        .unzip()
}

/// A number from -1 to 1 that looks random for every place, the same on both sides.
fn scattered(place: usize) -> f64 {
    let mut mixed = (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// What an ensemble could say of all mutations of sequences of one letter: nine positions matter, which makes about 18 instruments, as many
/// as in the published simulation.
fn made(n: usize) -> Outcome<MutationEffects> {
    let shape = (n, OUTPUTS, MEMBERS, 4, LENGTH);
    let values = Array5::from_shape_fn(shape, |(row, output, member, letter, position)| {
        if letter == 0 {
            return 0.0;
        }
        let place = (row * 4 + letter) * LENGTH + position;
        let own = (((row * OUTPUTS + output) * MEMBERS + member) * 4 + letter) * LENGTH + position;
        let slope = if output == 0 {
            1.0
        } else {
            0.2 + 0.05 * output as f64
        };
        let size = if (9..18).contains(&position) {
            1.0
        } else {
            0.02
        };
        let error = 0.1 * scattered(1_000_000_007 + own);
        (slope * (size * scattered(place)) + error) as f32
    });
    let texts = vec!["A".repeat(LENGTH); n];
    Ok(MutationEffects::new(&Sequences::dna(texts)?, &values)?)
}
