//! Our side of the bench of causal estimators: reads a piece of work per line, answers with its time in microseconds, or with its numbers.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::causal::{Egger, Estimate, Instruments, Ivw, Median, MetaAnalysis, Mode};
use std::error::Error;
use std::hint::black_box;
use std::io::BufRead;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let variants = variants(28)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (verb, name) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match verb {
            "value" => {
                let found = run(name, &variants)?;
                format!("{},{}", found.0, found.1)
            }
            "time" => timed(|| run(name, &variants).map(drop))?.to_string(),
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
