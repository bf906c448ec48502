//! Our side of the bench of subsets: reads a piece of work per line, answers with its time in milliseconds.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::network::{self, Network};
use genolens::sequence::Sequences;
use genolens::sufficient::{Mask, SufficientSubsets};
use genolens::synthesis::MaxEntropy;
use std::error::Error;
use std::io::BufRead;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["weights", name, path] => weights(name, path)?,
            ["order", name] => order(name)?,
            ["subset", name] => subset(name)?.to_string(),
            ["acceptance", name] => acceptance(name)?.to_string(),
            ["chain", name] => chain(name)?.to_string(),
            _ => return Err(format!("no work {line}").into()),
        };
        println!("{answer}");
    }
    Ok(())
}

/// Returns a network, how many sequences are looked at together, and how long they are.
fn model(name: &str) -> Outcome<(Network, usize, usize)> {
    match name {
        "deepbind-128" => Ok((network::deepbind(128), 16, 101)),
        "basset-600" => Ok((network::basset(164)?, 2, 600)),
        _ => Err(format!("no model {name}").into()),
    }
}

/// Writes all weights one after the other.
fn weights(name: &str, path: &str) -> Outcome<String> {
    let (network, _, _) = model(name)?;
    let mut bytes = Vec::new();
    for name in network.weight_names() {
        let weight = network.weight(&name)?;
        bytes.extend(weight.iter().flat_map(|number| number.to_le_bytes()));
    }
    std::fs::write(path, bytes)?;
    Ok("written".into())
}

/// All subsets of sequences, or one of each, from half way between nothing and everything, or what all reach.
fn options(network: &Network, x: &Sequences, all: bool) -> Outcome<SufficientSubsets> {
    let scores = network::predict(network, x)?;
    let nothing = genolens::ndarray::Array3::from_elem((1, 4, x.length()?), 0.25_f32);
    let nothing = network::predict(network, &nothing)?[[0, 0]];
    let whole = scores[[0, 0]];
    let options = SufficientSubsets::new(f64::from(whole + nothing.min(whole)) / 2.0);
    let options = options.mask(Mask::uniform());
    Ok(if all { options } else { options.most(1) })
}

/// The order of the first backward selection.
fn order(name: &str) -> Outcome<String> {
    let (network, _, length) = model(name)?;
    let x = sequences(1, length)?;
    let found = options(&network, &x, false)?.run(&network, &x)?;
    let order: Vec<String> = found
        .get(0)?
        .selection()
        .order()
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(order.join(","))
}

/// The time of one sequence, of the copies of one that are looked at together.
fn subset(name: &str) -> Outcome<f64> {
    let (network, n, length) = model(name)?;
    let x = sequences(n, length)?;
    let options = options(&network, &x, name != "basset-600")?;
    timed(n, || {
        options.run(&network, &x)?;
        Ok(())
    })
}

/// The loose beta of the paper: with the close one an untrained network lets nothing change.
const BETA: f64 = 50.0;

/// The share of proposals that are accepted in the first steps of the published 50 chains.
fn acceptance(name: &str) -> Outcome<f64> {
    let (network, _, length) = model(name)?;
    let samples = MaxEntropy::new()
        .beta(BETA)
        .steps(500)
        .run(&network, &sequences(1, length)?)?;
    Ok(samples.acceptance().mean().unwrap_or(f64::NAN))
}

/// The time of all published steps of the published 50 chains.
fn chain(name: &str) -> Outcome<f64> {
    let (network, _, length) = model(name)?;
    let x = sequences(1, length)?;
    timed(1, || {
        MaxEntropy::new().beta(BETA).run(&network, &x)?;
        Ok(())
    })
}

/// Repeats for a third of a second or longer and returns the milliseconds of one of `count` things.
fn timed(count: usize, mut step: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let begin = Instant::now();
    let mut steps = 0;
    while steps == 0 || begin.elapsed() < Duration::from_millis(330) {
        step()?;
        steps += 1;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e3 / f64::from(steps) / count as f64)
}

/// Copies of one sequence of letters that look random.
fn sequences(n: usize, length: usize) -> Outcome<Sequences> {
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ACGT"[(state >> 30) as usize]
    };
    let text: Vec<u8> = (0..length).map(|_| letter()).collect();
    Ok(Sequences::dna((0..n).map(|_| text.clone()))?)
}
