//! How values show themselves in a notebook.

/// A value that a notebook cell can show.
///
/// The kernel calls this for the last expression of a cell; [`show`](crate::display::show()) calls it in the middle of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no picture",
    note = "figures, tables and most values of genolens have one; anything else can be printed: `println!(\"{{:?}}\", value)`"
)]
pub trait Show {
    #[doc(hidden)]
    fn evcxr_display(&self);
}

/// Lets a type show itself through a bundle that is made from it.
macro_rules! shown {
    ($type:ty, $bundle:expr) => {
        impl $type {
            #[doc(hidden)]
            pub fn evcxr_display(&self) {
                let bundle: fn(&Self) -> crate::display::Bundle = $bundle;
                crate::display::mime::emit(&bundle(self));
            }
        }

        impl crate::display::Show for $type {
            fn evcxr_display(&self) {
                <$type>::evcxr_display(self);
            }
        }
    };
}

pub(super) use shown;

shown!(crate::display::Bundle, Clone::clone);
