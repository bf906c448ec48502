//! How long work says how far it is, and how it is stopped.
//!
//! A long loop makes a [`Task`] and calls [`Task::step`] in every turn, or runs over a [`bar`]. Numbers that change on the way, such as
//! a loss, are noted with [`Task::record`]. Who watches is set once with [`watch`]: the notebook does it, and shows a bar and, for
//! recorded numbers, a curve that grows. [`interrupt`] makes the next step of the running task return an error.
//!
//! ```text
//! Task (step, record), bar(items) --Report--> Watcher
//! ```
//!
//! # Examples
//!
//! In a notebook cell this shows a bar with the time left, and a curve:
//!
//! ```
//! use genolens::progress::{self, Task};
//! # fn main() -> genolens::Result<()> {
//! let mut task = Task::new("descent", 50);
//! let mut x: f64 = 4.0;
//! for _ in 0..50 {
//!     x -= 0.1 * 2.0 * x;
//!     task.record("height", "", x * x);
//!     task.step("")?;
//! }
//!
//! let mut sum = 0;
//! for number in progress::bar("adding", 0..1000) {
//!     sum += number?;
//! }
//! assert_eq!(sum, 499_500);
//! # Ok(()) }
//! ```

mod bar;
mod interruption;
mod report;
mod series;
mod task;
mod watcher;

pub use bar::{Bar, bar};
pub use interruption::{check, clear_interrupt, interrupt, is_interrupted};
pub use report::{Report, State};
pub use series::Series;
pub use task::Task;
pub use watcher::{Watcher, watch};
