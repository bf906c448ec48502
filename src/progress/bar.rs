//! A loop that says how far it is.

use super::Task;
use crate::Result;

/// Runs over items and reports how far it is; a notebook shows a bar with rate and time left.
///
/// Every item comes as a [`Result`], so that `?` ends the loop when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::progress;
/// # fn main() -> genolens::Result<()> {
/// for number in progress::bar("counting", 0..3) {
///     println!("{}", number?);
/// }
/// // In a chain, collect into a result.
/// let squares = progress::bar("squares", [1, 2, 3]).map(|number| Ok(number? * 2));
/// let squares: Vec<i32> = squares.collect::<genolens::Result<_>>()?;
/// assert_eq!(squares, [2, 4, 6]);
/// # Ok(()) }
/// ```
pub fn bar<I: IntoIterator>(name: &str, items: I) -> Bar<I::IntoIter> {
    let items = items.into_iter();
    let total = match items.size_hint() {
        (low, Some(high)) if low == high => Some(high),
        _ => None,
    };
    Bar {
        items,
        task: Task::with_total(name, total),
        begun: false,
        over: false,
    }
}

/// Items with progress, as [`bar`] gives them.
#[derive(Debug)]
pub struct Bar<I> {
    items: I,
    task: Task,
    /// Whether an item is being worked on.
    begun: bool,
    over: bool,
}

impl<I: Iterator> Iterator for Bar<I> {
    type Item = Result<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        if std::mem::replace(&mut self.begun, true)
            && let Err(error) = self.task.step("")
        {
            self.over = true;
            return Some(Err(error));
        }
        let item = self.items.next();
        if item.is_none() {
            self.over = true;
            self.task.finish("");
        }
        item.map(Ok)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An interrupt ends it early, with one error.
        let high = self.items.size_hint().1;
        (0, high.and_then(|high| high.checked_add(1)))
    }
}
