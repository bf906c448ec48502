//! Showing values while a cell runs, and replacing what was shown.

use super::mime::{self, Target};
use super::show::Show;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Shows a value in the middle of a cell, and gives the handle by which it can be replaced in place.
///
/// # Examples
///
/// A picture that grows while a loop runs:
///
/// ```
/// use genolens::display;
/// let (mut steps, mut losses) = (vec![0.0], vec![1.0]);
/// let picture = display::show(&display::curve(&steps, &losses));
/// for step in 1..4 {
///     steps.push(f64::from(step));
///     losses.push(1.0 / f64::from(step));
///     picture.update(&display::curve(&steps, &losses));
/// }
/// ```
pub fn show(value: &impl Show) -> Handle {
    let handle = Handle { id: fresh_id() };
    mime::direct(Target::Named(handle.id.clone()), || value.evcxr_display());
    handle
}

/// Removes all that the running cell has shown; with `wait`, only when its next output comes, so that nothing flickers.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// for end in 1..4 {
///     display::clear(true);
///     display::show(&display::curve(&[0.0, 1.0], &[0.0, f64::from(end)]));
/// }
/// ```
pub fn clear(wait: bool) {
    mime::send(b'C', if wait { "true" } else { "false" });
}

/// Leads to something that is on the screen.
///
/// It may be kept in a variable: a later cell can replace what an earlier one has shown.
#[derive(Clone, Debug)]
pub struct Handle {
    id: String,
}

impl Handle {
    /// Shows another value in the place of the one before.
    pub fn update(&self, value: &impl Show) {
        mime::direct(Target::Again(self.id.clone()), || value.evcxr_display());
    }

    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

/// Makes a name that no other output of the notebook has, not even one of an earlier session.
fn fresh_id() -> String {
    static SESSION: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}-{count}", *SESSION)
}
