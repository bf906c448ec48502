//! How steeply a function rises between two places.

use crate::network::Activation;

/// Below this share of the places, two of them are as good as one for a smooth function.
const NEAR: f64 = 1e-8;

/// Returns the difference of a function over the difference of two places, the slope where these are one.
pub(super) fn secant(activation: Activation, a: f64, b: f64) -> f64 {
    let apart = a - b;
    let has_kinks = matches!(
        activation,
        Activation::Relu | Activation::LeakyRelu(_) | Activation::Threshold { .. }
    );
    // Where a smooth function hardly changes, the difference is nothing but rounding.
    let is_near = apart.abs() <= NEAR * a.abs().max(b.abs());
    if apart == 0.0 || (is_near && !has_kinks) {
        return activation.slope_at(f64::midpoint(a, b));
    }
    if activation == Activation::Exp {
        return rise_of_exp(a, b);
    }
    (activation.at(a) - activation.at(b)) / apart
}

/// The same for the exponential function, for places however far apart.
pub(super) fn rise_of_exp(a: f64, b: f64) -> f64 {
    let apart = (a - b).abs();
    let share = if apart == 0.0 {
        1.0
    } else {
        -(-apart).exp_m1() / apart
    };
    a.max(b).exp() * share
}
