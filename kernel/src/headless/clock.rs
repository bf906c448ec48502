//! Times of the day, as Jupyter writes them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Gives the present moment as `2026-11-21T09:30:00.123456Z`.
#[expect(
    clippy::disallowed_methods,
    reason = "a record of when a cell ran; no result depends on it"
)]
pub(super) fn now() -> String {
    let passed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    stamp(passed.as_micros())
}

fn stamp(micros: u128) -> String {
    let seconds = (micros / 1_000_000) as i64;
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
        time / 3600,
        time / 60 % 60,
        time % 60,
        micros % 1_000_000
    )
}

/// Turns days since 1 January 1970 into a date.
fn date(mut days: i64) -> (i64, usize, i64) {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + i64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn dates_are_right_at_the_edges() {
        let at = |seconds: u128| stamp(seconds * 1_000_000 + 42);
        assert_eq!(at(0), "1970-01-01T00:00:00.000042Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59.000042Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000042Z");
        assert_eq!(at(1_709_251_199), "2024-02-29T23:59:59.000042Z");
        assert_eq!(at(1_767_225_600), "2026-01-01T00:00:00.000042Z");
    }
}
