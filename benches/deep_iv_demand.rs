//! Deep IV on the simulated demand of its publication (Hartford, Lewis, Leyton-Brown and Taddy 2017), for the table at `DeepIv`.
//!
//! `deep_iv_demand INDIVIDUALS CORRELATION DRAWS`: the price of a ticket depends on a season and on the price of fuel, the instrument;
//! its error goes together with that of sales, as told. Prints, for several draws of the data, the mean squared difference of response and
//! truth over 20 prices (even from the 2.5 to the 97.5 % quantile), 20 times and 7 types of customer, in squares of 158, the standard
//! deviation of sales. `tests/golden/causal/deep_iv_demand.py` does the same in `PyTorch`.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use genolens::causal::{DeepIv, Individuals};
use genolens::ndarray::Array2;
use genolens::random::Seed;
use rand::RngExt;
use rand_distr::StandardNormal;
use std::error::Error;

/// The standard deviation of sales, in which they are told.
const SALES: f64 = 158.0;
const STEPS: usize = 20;

fn season(time: f64) -> f64 {
    let late = time - 5.0;
    2.0 * (late.powi(4) / 600.0 + (-4.0 * late * late).exp() + time / 10.0 - 2.0)
}

fn sales(price: f64, time: f64, customer: f64) -> f64 {
    (100.0 + (10.0 + price) * customer * season(time) - 2.0 * price) / SALES
}

/// Individuals with time and type of customer as covariates, and the prices they saw.
fn demand(n: usize, correlation: f64, seed: Seed) -> genolens::Result<(Individuals, Vec<f64>)> {
    let mut generator = seed.generator();
    let mut normal = || generator.sample::<f64, _>(StandardNormal);
    let draws: Vec<[f64; 3]> = (0..n).map(|_| [normal(), normal(), normal()]).collect();
    let times: Vec<f64> = (0..n).map(|_| generator.random_range(0.0..10.0)).collect();
    let customers: Vec<f64> = (0..n)
        .map(|_| f64::from(generator.random_range(1..8)))
        .collect();
    let own = (1.0 - correlation * correlation).sqrt();
    let people = draws.iter().zip(times.iter().zip(&customers));
    let (prices, sold): (Vec<f64>, Vec<f64>) = people
        .map(|([fuel, hidden, error], (&time, &customer))| {
            let price = 25.0 + (fuel + 3.0) * season(time) + hidden;
            let error = correlation * hidden + own * error;
            (price, sales(price, time, customer) + error)
        })
        .unzip();
    let covariates =
        Array2::from_shape_fn((n, 2), |(row, column)| [times[row], customers[row]][column]);
    let fuel = Array2::from_shape_fn((n, 1), |(row, _)| draws[row][0]);
    let people = Individuals::new(&prices, &sold, &fuel)?.with_covariates(&covariates)?;
    Ok((people, prices))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [n, correlation, draws] = &arguments[..] else {
        return Err("deep_iv_demand INDIVIDUALS CORRELATION DRAWS".into());
    };
    let (n, correlation, draws): (usize, f64, u64) =
        (n.parse()?, correlation.parse()?, draws.parse()?);
    println!("draw\terror");
    for draw in 0..draws {
        let (people, mut prices) = demand(n, correlation, Seed::new(draw).named("demand"))?;
        prices.sort_by(f64::total_cmp);
        let (low, high) = (prices[n / 40], prices[n - 1 - n / 40]);
        let (mut grid, mut covariates, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for place in 0..STEPS * STEPS * 7 {
            let step = |at: usize| at as f64 / (STEPS - 1) as f64;
            let price = low + (high - low) * step(place % STEPS);
            let time = 10.0 * step(place / STEPS % STEPS);
            let customer = (1 + place / (STEPS * STEPS)) as f64;
            grid.push(price);
            covariates.extend([time, customer]);
            truth.push(sales(price, time, customer));
        }
        let covariates = Array2::from_shape_vec((grid.len(), 2), covariates)?;
        let found = DeepIv::new().seed(draw).run(&people)?;
        let found = found.predict(&grid, &covariates)?;
        let squares = found.iter().zip(&truth).map(|(a, b)| (a - b).powi(2));
        println!("{draw}\t{:.4}", squares.sum::<f64>() / truth.len() as f64);
    }
    Ok(())
}
