//! Tests of the room `image`.

mod idx;
mod images;
mod networks;
mod pictures;
mod small_digits;
