//! What a GPU computes, put together from candle's operations, against our own operations; both on the CPU.

use super::convolve::{Geometry, convolve};
use super::operation::{self, Window};
use super::unrolled::unrolled;
use super::{Activation, Pooling, lstm, pointwise};
use candle_core::{DType, Device, Result, Tensor, Var};

/// Numbers that look random, each apart from the others.
fn var(shape: &[usize], phase: f64) -> Result<Var> {
    let count: usize = shape.iter().product();
    let values = (0..count).map(|k| (1.3 * k as f64 + phase).sin());
    Var::from_tensor(&Tensor::from_iter(values, &Device::Cpu)?.reshape(shape)?)
}

type Function<'a> = &'a dyn Fn(&[Var]) -> Result<Tensor>;

/// Compares two functions of the same tensors: what they give, and the gradients of all tensors.
fn assert_same(name: &str, shapes: &[&[usize]], functions: [Function<'_>; 2]) -> Result<()> {
    let vars = shapes.iter().zip(1..);
    let vars = vars.map(|(shape, phase)| var(shape, f64::from(phase)));
    let vars = vars.collect::<Result<Vec<_>>>()?;
    let [ours, theirs] = functions.map(|function| -> Result<Vec<Tensor>> {
        let out = function(&vars)?;
        let factors = var(out.dims(), 0.5)?;
        let gradients = (&out * factors.as_tensor())?.sum_all()?.backward()?;
        let of = |var: &Var| {
            gradients
                .get(var)
                .cloned()
                .ok_or(candle_core::Error::Msg("none".into()))
        };
        let gradients = vars.iter().map(of).collect::<Result<Vec<_>>>()?;
        Ok([vec![out], gradients].concat())
    });
    for (part, (ours, theirs)) in ours?.iter().zip(theirs?).enumerate() {
        assert_eq!(ours.dims(), theirs.dims(), "{name}, {part}");
        let apart = (ours - theirs)?.abs()?.max_all()?.to_dtype(DType::F64)?;
        let apart = apart.to_scalar::<f64>()?;
        assert!(apart < 1e-10, "{name}, {part}: {apart}");
    }
    Ok(())
}

#[test]
fn convolutions() -> Result<()> {
    for (left, right, stride, dilation, width) in [
        (0, 0, 1, 1, 1),
        (0, 0, 1, 1, 4),
        (2, 3, 1, 2, 3),
        (1, 0, 3, 1, 2),
        (4, 4, 2, 3, 3),
    ] {
        let geometry = Geometry {
            left,
            right,
            stride,
            dilation,
        };
        let shapes: [&[usize]; 3] = [&[3, 2, 9], &[4, 2, width], &[4]];
        assert_same(
            &format!("{geometry:?}"),
            &shapes,
            [
                &|vars| convolve(&vars[0], (&vars[1], &vars[2]), geometry),
                &|vars| unrolled(&vars[0], (&vars[1], &vars[2]), geometry),
            ],
        )?;
    }
    Ok(())
}

#[test]
fn pools() -> Result<()> {
    let window = |start, end, divisor| Window {
        start,
        end,
        divisor,
    };
    let windows = vec![
        window(0, 2, 3),
        window(1, 4, 3),
        window(3, 6, 3),
        window(5, 7, 2),
    ];
    for pooling in [Pooling::Max, Pooling::Average] {
        assert_same(
            &format!("{pooling:?}"),
            &[&[3, 2, 7]],
            [
                &|vars| operation::pool(&vars[0], pooling, windows.clone()),
                &|vars| operation::gathered_pool(&vars[0], pooling, &windows),
            ],
        )?;
    }
    Ok(())
}

#[test]
fn norms() -> Result<()> {
    for centered in [false, true] {
        let shapes: [&[usize]; 2] = [&[3, 4, 5], &[4]];
        assert_same(
            &format!("centered: {centered}"),
            &shapes,
            [
                &|vars| operation::position_norm(&vars[0], &vars[1], (centered, 0.01)),
                &|vars| operation::composed_position_norm(&vars[0], &vars[1], (centered, 0.01)),
            ],
        )?;
    }
    Ok(())
}

#[test]
fn softmaxes() -> Result<()> {
    assert_same(
        "softmax",
        &[&[3, 4, 5]],
        [&|vars| operation::softmax(&vars[0], 1), &|vars| {
            candle_nn::ops::softmax(vars[0].as_tensor(), 1)
        }],
    )
}

#[test]
fn memories() -> Result<()> {
    for backwards in [false, true] {
        let shapes: [&[usize]; 3] = [&[3, 5, 8], &[8, 2], &[8]];
        assert_same(
            &format!("backwards: {backwards}"),
            &shapes,
            [
                &|vars| operation::recur(&vars[0], (&vars[1], &vars[2]), backwards),
                &|vars| lstm::compose(&vars[0], (&vars[1], &vars[2]), backwards),
            ],
        )?;
    }
    Ok(())
}

#[test]
fn activations() -> Result<()> {
    for activation in [
        Activation::Relu,
        Activation::LeakyRelu(0.125),
        Activation::Elu(1.5),
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Exp,
        Activation::Threshold {
            threshold: 0.25,
            value: 0.0625,
        },
    ] {
        assert_same(
            &activation.to_string(),
            &[&[3, 7]],
            [&|vars| pointwise::apply(activation, &vars[0]), &|vars| {
                pointwise::compose(activation, &vars[0])
            }],
        )?;
    }
    Ok(())
}
