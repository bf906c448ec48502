//! Our side of the attribution bench: reads a piece of work per line, answers with its time in milliseconds.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::attribution;
use genolens::display;
use genolens::ndarray::Array2;
use genolens::network::{self, Network};
use genolens::random::Seed;
use genolens::sequence::{Sequences, Shuffle};
use std::error::Error;
use std::io::BufRead;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        println!("{}", measure(&line?)?);
    }
    Ok(())
}

fn measure(work: &str) -> Outcome<f64> {
    let Some((kind, name)) = work.split_once(' ') else {
        return Err(format!("no work {work}").into());
    };
    if kind == "logo" {
        return logo(name.parse()?);
    }
    if kind == "dinucleotide" {
        let x = sequences(1000, 600)?;
        let shuffle = Shuffle::dinucleotide().copies(20).seed(Seed::new(0));
        return timed(1, || {
            shuffle.run(&x)?;
            Ok(())
        });
    }
    let (network, n, length): (Network, _, _) = match name {
        "deepbind-128" => (network::deepbind(128), 16, 101),
        "basset-600" => (network::basset(164)?, 2, 600),
        _ => return Err(format!("no model {name}").into()),
    };
    let x = sequences(n, length)?;
    timed(n, || {
        match kind {
            "deep_lift" => attribution::deep_lift(&network, &x)?,
            "mutagenesis" => attribution::saturation_mutagenesis(&network, &x)?,
            _ => attribution::integrated_gradients(&network, &x)?,
        };
        Ok(())
    })
}

/// Draws four letters at every position, from numbers to an SVG document.
fn logo(length: usize) -> Outcome<f64> {
    let heights = Array2::from_shape_fn((4, length), |(letter, i)| {
        ((7 * i + 3 * letter) as f64).sin()
    });
    timed(1, || {
        let svg = display::logo(&heights).svg();
        assert!(svg.matches("<use").count() > 3 * length);
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

/// Letters that look random.
fn sequences(n: usize, length: usize) -> Outcome<Sequences> {
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ACGT"[(state >> 30) as usize]
    };
    let texts = (0..n).map(|_| (0..length).map(|_| letter()).collect::<Vec<u8>>());
    Ok(Sequences::dna(texts)?)
}
