//! What every view has: title, size, axis labels and the ways out.

/// Words and size around a picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) title: Option<String>,
    pub(crate) size: Option<(f64, f64)>,
    pub(crate) x_label: Option<String>,
    pub(crate) y_label: Option<String>,
}

impl Frame {
    /// Returns the frame with these labels where the user set none.
    pub(crate) fn labelled(&self, x: &str, y: &str) -> Self {
        let or = |label: &Option<String>, text: &str| {
            label
                .clone()
                .or_else(|| (!text.is_empty()).then(|| text.into()))
        };
        Self {
            x_label: or(&self.x_label, x),
            y_label: or(&self.y_label, y),
            ..self.clone()
        }
    }

    pub(crate) fn size_or(&self, width: f64, height: f64) -> (f64, f64) {
        let (width, height) = self.size.unwrap_or((width, height));
        let bound = |side: f64| {
            if side.is_finite() {
                side.clamp(40.0, 8000.0)
            } else {
                400.0
            }
        };
        (bound(width), bound(height))
    }

    /// Returns the sentence that describes a picture, the title in front.
    pub(crate) fn describe(&self, sentence: &str) -> String {
        match &self.title {
            Some(title) if !title.trim().is_empty() => format!("{title}: {sentence}"),
            _ => sentence.into(),
        }
    }
}

/// Gives a view the methods that all views share; it needs a field `frame` and [`Draw`](super::figure::Draw).
macro_rules! view {
    ($type:ident) => {
        impl $type {
            /// Sets the title.
            pub fn title(&self, title: &str) -> Self {
                let mut new = self.clone();
                new.frame.title = Some(title.into());
                new
            }

            /// Sets width and height in CSS pixels.
            pub fn size(&self, width: f64, height: f64) -> Self {
                let mut new = self.clone();
                new.frame.size = Some((width, height));
                new
            }

            /// Sets the label of the x axis.
            pub fn x_label(&self, label: &str) -> Self {
                let mut new = self.clone();
                new.frame.x_label = Some(label.into());
                new
            }

            /// Sets the label of the y axis.
            pub fn y_label(&self, label: &str) -> Self {
                let mut new = self.clone();
                new.frame.y_label = Some(label.into());
                new
            }

            /// Returns the picture as a [`Figure`](crate::display::Figure).
            pub fn figure(&self) -> crate::display::Figure {
                crate::display::Figure::new(self.clone())
            }

            /// Places this picture above another.
            pub fn above(&self, other: &impl crate::display::View) -> crate::display::Figure {
                self.figure().above(other)
            }

            /// Places this picture at the left of another.
            pub fn beside(&self, other: &impl crate::display::View) -> crate::display::Figure {
                self.figure().beside(other)
            }

            /// Returns the picture as a self-contained SVG document.
            pub fn svg(&self) -> String {
                self.figure().svg()
            }

            /// Returns the picture as a PNG, two pixels for every CSS pixel.
            ///
            /// # Errors
            ///
            /// Fails when the picture is too large to be painted.
            pub fn png(&self) -> crate::Result<Vec<u8>> {
                self.figure().png()
            }

            /// Writes the picture to a file; the extension, `.svg` or `.png`, chooses the format.
            ///
            /// # Errors
            ///
            /// Fails for another extension, or when the file cannot be written.
            pub fn save(&self, path: impl AsRef<std::path::Path>) -> crate::Result<()> {
                self.figure().save(path)
            }

            /// Returns one sentence that says what is to be seen.
            pub fn description(&self) -> String {
                crate::display::figure::Draw::describe(self)
            }

            #[doc(hidden)]
            pub fn evcxr_display(&self) {
                self.figure().evcxr_display();
            }
        }

        impl crate::display::View for $type {
            fn figure(&self) -> crate::display::Figure {
                $type::figure(self)
            }
        }

        impl crate::display::Show for $type {
            fn evcxr_display(&self) {
                $type::evcxr_display(self);
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($type), self.description())
            }
        }
    };
}

pub(crate) use view;
