//! Some cells, with nothing but their values.

use super::{Cells, Frame};
use crate::Result;

/// Takes some cells without what belongs to them, which would only be copied; genes keep their names.
pub(super) fn part(cells: &Cells, places: &[usize]) -> Result<Cells> {
    let names = places.iter().map(|place| cells.cells()[*place].as_str());
    let values = cells.values().select_rows(places)?;
    let genes = Frame::new(cells.genes().iter().map(String::as_str));
    let part = Cells::from_frames(values, Frame::new(names), genes)?;
    Ok(part.changed(|data| data.log_base = cells.log_base()))
}
