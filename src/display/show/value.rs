//! How values show themselves in a notebook.

/// A value that a notebook cell can show.
///
/// The kernel calls this for the last expression of a cell; [`show`] calls it in the middle of one.
pub trait Show {
    #[doc(hidden)]
    fn evcxr_display(&self);
}

/// Shows a value in the middle of a cell.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// display::show(&display::curve(&[0.0, 1.0], &[0.0, 1.0]));
/// ```
pub fn show(value: &impl Show) {
    value.evcxr_display();
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
