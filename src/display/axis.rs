//! Scales of axes with round ticks.

/// One axis: what it spans, and the ticks on it.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Place on the axis (a logarithm when the axis is logarithmic) and text.
    pub(crate) ticks: Vec<(f64, String)>,
    log: bool,
}

/// Larger numbers would overflow when they are subtracted.
const LARGEST: f64 = 1e300;
/// Smaller differences cannot be divided into steps.
const SMALLEST: f64 = 1e-290;

/// Returns the lowest and the highest finite value.
pub(crate) fn span(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values
        .into_iter()
        .filter(|v| v.is_finite())
        .map(|v| v.clamp(-LARGEST, LARGEST));
    finite.fold(None, |span, v| match span {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

impl Scale {
    /// Makes an axis over a span, a little longer at both ends, with about so many ticks.
    pub(crate) fn linear(span: Option<(f64, f64)>, pad: f64, count: usize) -> Self {
        let (low, high) = widened(span.unwrap_or((0.0, 1.0)));
        let pad = (high - low) * pad;
        Self::exact((low - pad, high + pad), count)
    }

    /// Makes an axis with exactly these ends.
    pub(crate) fn exact(span: (f64, f64), count: usize) -> Self {
        let (low, high) = widened(span);
        let step = round_step((high - low) / count.max(1) as f64);
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        let ticks = (0..=(last - first).clamp(0.0, 60.0) as usize)
            .map(|i| (first + i as f64) * step)
            .map(|place| (place, number(place, step)))
            .collect();
        Self {
            low,
            high,
            ticks,
            log: false,
        }
    }

    /// Makes a logarithmic axis over a span of positive numbers.
    pub(crate) fn log(span: Option<(f64, f64)>, pad: f64) -> Self {
        let (low, high) = span.unwrap_or((0.1, 1.0));
        let (low, high) = widened((
            low.max(f64::MIN_POSITIVE).log10(),
            high.max(f64::MIN_POSITIVE).log10(),
        ));
        let pad = (high - low) * pad;
        let (low, high) = (low - pad, high + pad);
        let every = ((high - low) / 6.0).ceil().max(1.0) as i32;
        let factors: &[f64] = match high - low {
            decades if decades < 1.2 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            decades if decades < 2.5 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let ticks = (low.floor() as i32..=high.ceil() as i32)
            .filter(|decade| decade.rem_euclid(every) == 0)
            .flat_map(|decade| factors.iter().map(move |factor| (decade, *factor)))
            .map(|(decade, factor)| (f64::from(decade) + factor.log10(), power(factor, decade)))
            .filter(|(place, _)| (low..=high).contains(place))
            .collect();
        Self {
            low,
            high,
            ticks,
            log: true,
        }
    }

    /// Makes an axis of so many slots of width 1, the first centred at 0, with a text for some.
    pub(crate) fn slots(count: usize, ticks: Vec<(usize, String)>) -> Self {
        let ticks = ticks
            .into_iter()
            .map(|(slot, text)| (slot as f64, text))
            .collect();
        Self {
            low: -0.5,
            high: count.max(1) as f64 - 0.5,
            ticks,
            log: false,
        }
    }

    /// Returns where a value lies on the axis; not finite when it has no place.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let value = value.clamp(-LARGEST, LARGEST);
        if self.log { value.log10() } else { value }
    }

    /// Returns the share of the axis below a value.
    pub(crate) fn share(&self, value: f64) -> f64 {
        (self.place(value) - self.low) / (self.high - self.low)
    }
}

/// Writes a number the way people read it, to about four digits.
pub(crate) fn plain(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() {
            "0".into()
        } else {
            value.to_string()
        };
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    let step = 10_f64.powi(-digits.clamp(-300, 300));
    let text = number((value / step).round() * step, step);
    let trim = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_string();
    if text.contains('.') && !text.contains('×') {
        trim(&text)
    } else {
        text
    }
}

fn number(value: f64, step: f64) -> String {
    let size = value.abs().max(step.abs());
    let value = if value.abs() < step * 1e-6 {
        0.0
    } else {
        value
    };
    let text = if value != 0.0 && !(1e-4..1e6).contains(&size) {
        let decade = size.log10().floor() as i32;
        let mantissa = format!("{:.3}", value / 10_f64.powi(decade));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        format!("{mantissa}×10{}", raised(decade))
    } else {
        let digits = (0..12).find(|d| {
            let scaled = step * 10_f64.powi(*d);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1e-300)
        });
        format!("{value:.*}", digits.unwrap_or(6) as usize)
    };
    text.replace('-', "−")
}

fn power(factor: f64, decade: i32) -> String {
    if (-3..=4).contains(&decade) {
        number(factor * 10_f64.powi(decade), 10_f64.powi(decade))
    } else if factor == 1.0 {
        format!("10{}", raised(decade))
    } else {
        format!("{factor}×10{}", raised(decade))
    }
}

fn raised(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).map_or('⁻', |digit| digits[digit as usize]);
    power.to_string().chars().map(raise).collect()
}

/// Returns the round number, 1, 2, 2.5 or 5 times a power of ten, that is next above a step.
fn round_step(step: f64) -> f64 {
    let decade = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|f| f * decade >= step * 0.999);
    factor.unwrap_or(10.0) * decade
}

/// Gives a span that is a single point some width.
fn widened((low, high): (f64, f64)) -> (f64, f64) {
    // Of a number and no number these are the number.
    let (low, high) = (low.min(high), low.max(high));
    if low.is_nan() {
        return (0.0, 1.0);
    }
    let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
    let least = low.abs().max(high.abs()) * 1e-9 + SMALLEST;
    if high - low > least {
        return (low, high);
    }
    let room = if low.abs() < SMALLEST {
        0.5
    } else {
        low.abs() * 0.1
    };
    (low - room, high + room)
}
