//! Numbers in texts.

/// Reads a label; NaN where the text says that it is missing, `None` where it is no finite number.
pub(super) fn label(text: &str) -> Option<f32> {
    if matches!(text, "." | "" | "NA" | "NaN" | "nan") {
        return Some(f32::NAN);
    }
    text.parse().ok().filter(|label: &f32| label.is_finite())
}
