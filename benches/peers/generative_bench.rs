//! Our side of the bench of generative models: reads a piece of work per line, answers with its time in milliseconds or with a number.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::expression::{self, Cells};
use genolens::generative::{Autoencoder, FittedVae, Gan, Vae};
use genolens::ndarray::Array2;
use genolens::training::{Adam, Fit, Likelihood, Loss, Mean, Reconstruction, Sgd};
use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["epoch", path] => epoch(path)?,
            ["gan", path] => gan(path)?,
            ["adage", path] => adage(path)?,
            ["memory", path] => memory(path)?,
            ["loss", genes] => loss(genes.parse()?)?,
            ["elbo", path, epochs] => elbo(path, epochs.parse()?)?,
            _ => return Err(format!("no work {line}").into()),
        };
        println!("{answer}");
    }
    Ok(())
}

fn train(cells: &Cells, epochs: usize) -> Outcome<FittedVae> {
    let adam = Adam::new().epsilon(0.01).weight_decay(1e-6);
    let fit = Fit::new().epochs(epochs).batch(128).optimizer(adam);
    let fit = fit.learning_rate(1e-3).validation(0.0);
    Ok(Vae::scvi().batches("batch").fit(fit).run(cells)?)
}

/// The time that one more turn takes, in milliseconds: what comes before and after does not count.
fn one_more(of: impl Fn(usize) -> Outcome<()>) -> Outcome<f64> {
    let time = |turns| -> Outcome<f64> {
        let begin = Instant::now();
        of(turns)?;
        Ok(begin.elapsed().as_secs_f64() * 1e3)
    };
    let one = time(1)?;
    Ok((time(4)? - one) / 3.0)
}

fn epoch(path: &str) -> Outcome<f64> {
    let cells = expression::open(path)?;
    one_more(|epochs| train(&cells, epochs).map(drop))
}

/// One turn is two steps of the generator and ten of the critic; as long as so many steps of the critic take as there are batches.
fn gan(path: &str) -> Outcome<f64> {
    let cells = expression::log1p(&expression::normalize_total(&expression::open(path)?)?)?;
    let turn = one_more(|turns| Ok(Gan::wasserstein().steps(2 * turns).run(&cells).map(drop)?))?;
    Ok(turn / 10.0 * (cells.len() / 128) as f64)
}

fn adage(path: &str) -> Outcome<f64> {
    let samples = expression::open(path)?;
    one_more(|epochs| {
        let fit = Fit::new().epochs(epochs).batch(10).validation(0.0);
        // The rate of the paper is for the sum over genes, not for their mean.
        let rate = 0.01 * samples.shape().1 as f64;
        let fit = fit.optimizer(Sgd::new()).learning_rate(rate);
        Ok(Autoencoder::adage(50).fit(fit).run(&samples).map(drop)?)
    })
}

/// The most memory that this process has held after an epoch, in MB.
fn memory(path: &str) -> Outcome<f64> {
    train(&expression::open(path)?, 1)?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = most.and_then(|rest| rest.split_whitespace().next());
    Ok(kilobytes.ok_or("no VmHWM")?.parse::<f64>()? * 1024.0 / 1e6)
}

/// Value and gradient of the loss of 128 cells, from scores; the mean of 20.
fn loss(genes: usize) -> Outcome<f64> {
    let loss = Reconstruction::new(Likelihood::Zinb).mean(Mean::Shares);
    let loss = Loss::Reconstruction(loss);
    let number = |at: usize| ((at * 7919) % 1000) as f32 / 1000.0;
    let scores = Array2::from_shape_fn((128, 3 * genes), |(cell, at)| {
        2.0 * number(cell * 3 * genes + at) - 1.0
    });
    let counts = Array2::from_shape_fn((128, genes), |(cell, gene)| {
        (8.0 * (number(cell * genes + gene) - 0.8)).max(0.0).ceil()
    });
    let begin = Instant::now();
    for _ in 0..20 {
        loss.gradient(&scores, &counts)?;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e3 / 20.0)
}

/// The negative ELBO of cells that were held out, nats a cell.
fn elbo(path: &str, epochs: usize) -> Outcome<f64> {
    let cells = expression::open(path)?;
    let known = cells.cells_where("part", "train")?;
    let held_out = cells.cells_where("part", "test")?;
    Ok(-train(&known, epochs)?.evidence(&held_out)?.elbo())
}
