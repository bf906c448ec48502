//! Our side of the network bench: reads a piece of work per line, answers with its time in milliseconds.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::candle_core::{Device, Tensor, Var};
use genolens::ndarray::{Array3, ArrayD, Dimension, IxDyn};
use genolens::network::{
    self, Architecture, Convolution, Layer, LayerNorm, Model, Network, Padding, PublishedDeepBind,
    predict, to_tensor,
};
use genolens::random::Seed;
use genolens::sequence::{self, OneHot, Sequences};
use genolens::training::{self, Fit, Loss};
use std::collections::HashMap;
use std::error::Error;
use std::io::BufRead;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Batches of an epoch.
const BATCHES: usize = 4;

fn main() -> Outcome<()> {
    if let Ok(device) = std::env::var("BENCH_DEVICE") {
        network::use_device(&device)?;
    }
    let mut ready = HashMap::new();
    let mut text = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["peak"] => peak()?,
            ["one-hot"] => one_hot(text.get_or_insert_with(chromosome))?,
            ["deepbind", "scoring"] => scoring()?.0,
            ["deepbind", "score", "sum"] => scoring()?.1,
            ["gapped", "k-mer", "SVM"] => machine()?,
            ["stock", .., model] => stock(&line, model)?,
            [.., model] => {
                if !ready.contains_key(model) {
                    ready.insert(model.to_owned(), Prepared::new(model)?);
                }
                ready[model].measure(&line)?
            }
            [] => break,
        };
        println!("{answer}");
    }
    Ok(())
}

/// Repeats for a third of a second or longer and returns the milliseconds of one step.
fn timed(mut step: impl FnMut() -> Outcome<usize>) -> Outcome<f64> {
    let begin = Instant::now();
    let mut steps = 0;
    while steps == 0 || begin.elapsed() < Duration::from_millis(330) {
        steps += step()?;
    }
    // A GPU is asked, and goes on by itself.
    network::default_device().synchronize()?;
    Ok(begin.elapsed().as_secs_f64() * 1e3 / steps as f64)
}

struct Prepared {
    network: Network,
    x: Array3<f32>,
    labels: ArrayD<f32>,
    loss: Loss,
    n: usize,
}

impl Prepared {
    fn new(model: &str) -> Outcome<Self> {
        let (network, n, length) = match model {
            "deepbind-16" => (network::deepbind(16), 128, 101),
            "deepbind-128" => (network::deepbind(128), 128, 101),
            "wide" => (wide()?, 64, 600),
            "basset" => (network::basset(164)?, 64, 600),
            "bpnet" => (network::bpnet(), 64, 2114),
            "norms" => (four(|| LayerNorm::new().into())?, 64, 1000),
            "grouped" => (four(each_for_itself)?, 64, 1000),
            _ => return Err(format!("no model {model}").into()),
        };
        let letters = letters(n * BATCHES * length);
        let mut x = Array3::zeros((n * BATCHES, 4, length));
        for (at, letter) in letters.into_iter().enumerate() {
            x[[at / length, letter, at % length]] = 1.0;
        }
        let (shape, loss): (&[usize], _) = match model {
            "basset" => (&[164], Loss::BinaryCrossEntropy),
            "bpnet" => (&[2, 1000], profiles_and_counts()),
            _ => (&[1], Loss::BinaryCrossEntropy),
        };
        let shape = [&[n * BATCHES], shape].concat();
        let labels = ArrayD::from_shape_fn(IxDyn(&shape), |at| {
            (at.slice().iter().sum::<usize>() % 2) as f32
        });
        Ok(Self {
            network,
            x,
            labels,
            loss,
            n,
        })
    }

    fn measure(&self, work: &str) -> Outcome<f64> {
        let head = self
            .x
            .slice(genolens::ndarray::s![..self.n, .., ..])
            .to_owned();
        let x = to_tensor(&head, self.network.device())?;
        if work.starts_with("forward") {
            return timed(|| {
                self.network.forward(&x)?;
                Ok(1)
            });
        }
        if work.starts_with("input") {
            return timed(|| {
                let x = Var::from_tensor(&x)?;
                let score = self.network.forward(&x)?.sum_all()?;
                score.backward()?.get(&x).ok_or("no gradient")?;
                Ok(1)
            });
        }
        let fit = Fit::new().validation(0.0).epochs(1).batch(self.n);
        let fit = fit.loss(self.loss);
        timed(|| {
            fit.run(&self.network, &self.x, &self.labels)?;
            Ok(BATCHES)
        })
    }
}

fn wide() -> Outcome<Network> {
    let architecture = Architecture::sequences(4).convolution(300, 19).relu();
    Ok(architecture.global_max_pool().dense(1).build()?)
}

fn profiles_and_counts() -> Loss {
    Loss::Multinomial {
        profile: 1.0,
        counts: 1.0,
    }
}

/// A convolution, and four times another layer.
fn four(layer: impl Fn() -> Layer) -> Outcome<Network> {
    let mut architecture = Architecture::sequences(4).convolution(64, 7).relu();
    for _ in 0..4 {
        architecture = architecture.then(layer());
    }
    Ok(architecture.global_average_pool().dense(1).build()?)
}

/// A convolution in which every channel has a filter of its own.
fn each_for_itself() -> Layer {
    let layer = Convolution::new(64, 7).padding(Padding::Same);
    layer.groups(64).into()
}

/// The models of one convolution in candle's own operations.
fn stock(work: &str, model: &str) -> Outcome<f64> {
    let (n, length, filters, width, padding) = match model {
        "deepbind-16" => (128, 101, 16, 24, 23),
        "deepbind-128" => (128, 101, 128, 24, 23),
        _ => (64, 600, 300, 19, 0),
    };
    let device = &Device::Cpu;
    let code = letters(n * length);
    let code: Vec<f32> = (0..n * 4 * length)
        .map(|i| {
            let (example, row, position) = (i / (4 * length), i / length % 4, i % length);
            f32::from(u8::from(code[example * length + position] == row))
        })
        .collect();
    let x = Var::from_vec(code, (n, 4, length), device)?;
    let kernel = Var::randn(0_f32, 0.1, (filters, 4, width), device)?;
    let bias = Var::zeros((1, filters, 1), genolens::candle_core::DType::F32, device)?;
    let weight = Var::randn(0_f32, 0.1, (filters, 1), device)?;
    let forward = |x: &Tensor, kernel: &Tensor, bias: &Tensor, weight: &Tensor| {
        let out = x.conv1d(kernel, padding, 1, 1, 1)?.broadcast_add(bias)?;
        out.relu()?.max(2)?.matmul(weight)?.mean_all()
    };
    let still = (kernel.detach(), bias.detach(), weight.detach());
    if work.contains("forward") {
        let x = x.detach();
        return timed(|| {
            forward(&x, &still.0, &still.1, &still.2)?;
            Ok(1)
        });
    }
    if work.contains("input") {
        return timed(|| {
            forward(&x, &still.0, &still.1, &still.2)?.backward()?;
            Ok(1)
        });
    }
    let x = x.detach();
    timed(|| {
        let gradients = forward(&x, &kernel, &bias, &weight)?.backward()?;
        for variable in [&kernel, &bias, &weight] {
            let gradient = gradients.get(variable).ok_or("no gradient")?;
            variable.set(&(variable.as_tensor() - gradient.affine(1e-3, 0.0)?)?)?;
        }
        Ok(1)
    })
}

fn scoring() -> Outcome<(f64, f64)> {
    let data = std::env::var("GENOLENS_DATA")?;
    let model = PublishedDeepBind::open(format!("{data}/deepbind/D00328.003.CTCF.txt"))?;
    let mut x = Array3::zeros((1000, 4, 101));
    for (at, letter) in letters(1000 * 101).into_iter().enumerate() {
        x[[at / 101, letter, at % 101]] = 1.0;
    }
    let begin = Instant::now();
    let scores = predict(&model, &x)?;
    let time = begin.elapsed().as_secs_f64() * 1e3;
    Ok((time, scores.iter().map(|&score| f64::from(score)).sum()))
}

/// A support vector machine of 20,000 peaks and a shuffle of each.
fn machine() -> Outcome<f64> {
    let data = std::env::var("GENOLENS_DATA")?;
    let mut peaks: Option<Sequences> = None;
    for factor in ["ARID3A", "CTCFL", "ZBTB7A"] {
        let next = sequence::open_peaks(format!("{data}/encode/{factor}_AC.seq.gz"))?.sequences();
        peaks = Some(match peaks {
            Some(peaks) => peaks.concat(&next)?,
            None => next,
        });
    }
    let first: Vec<usize> = (0..20_000).collect();
    let peaks = peaks.ok_or("no peaks")?.select(&first)?;
    let all = peaks.concat(&sequence::dinucleotide_shuffle(&peaks, Seed::new(1)))?;
    let labels: Vec<f32> = (0..40_000).map(|i| f32::from(i < 20_000)).collect();
    let begin = Instant::now();
    training::gapped_kmer_svm(&all, &labels)?;
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}

fn chromosome() -> Sequences {
    let mut state = 1_u32;
    let text: Vec<u8> = (0..249_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"ACGT"[(state >> 30) as usize]
        })
        .collect();
    Sequences::dna([text]).unwrap_or_else(|error| unreachable!("only letters: {error}"))
}

fn one_hot(chromosome: &Sequences) -> Outcome<f64> {
    let begin = Instant::now();
    let code = OneHot::bytes(chromosome)?;
    let time = begin.elapsed().as_secs_f64() * 1e3;
    assert_eq!(code.dim(), (1, 4, 249_000_000));
    Ok(time)
}

/// Letters that look random, the same as on the other sides.
fn letters(count: usize) -> Vec<usize> {
    let mut state = 1_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30) as usize
        })
        .collect()
}

/// Returns the peak memory of this process in megabytes.
fn peak() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kilobytes.ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
}
