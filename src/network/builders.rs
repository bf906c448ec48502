//! The short ways to add a layer, written once for all types that hold layers in order.

/// Writes the methods that add a layer with its usual options; the type has `then`.
macro_rules! builders {
    ($type:ty) => {
        impl $type {
            /// Adds filters of this width that stay inside the sequence.
            pub fn convolution(self, filters: usize, width: usize) -> Self {
                self.then($crate::network::Convolution::new(filters, width))
            }

            /// Adds square filters of this size that stay inside the image.
            pub fn image_convolution(self, filters: usize, size: usize) -> Self {
                self.then($crate::network::ImageConvolution::new(filters, size))
            }

            /// Adds an activation function.
            pub fn activation(self, activation: $crate::network::Activation) -> Self {
                self.then(activation)
            }

            /// Adds a rectifier.
            pub fn relu(self) -> Self {
                self.then($crate::network::Activation::Relu)
            }

            /// Adds a batch norm.
            pub fn batch_norm(self) -> Self {
                self.then($crate::network::BatchNorm::new())
            }

            /// Adds dropout with this probability of silence.
            pub fn dropout(self, rate: f64) -> Self {
                self.then($crate::network::Dropout::new(rate))
            }

            /// Adds the maximum of windows side by side; of an image, square ones.
            pub fn max_pool(self, width: usize) -> Self {
                let pooling = $crate::network::Pooling::Max;
                self.then($crate::network::Pool::local(pooling, width))
            }

            /// Adds the mean of windows side by side; of an image, square ones.
            pub fn average_pool(self, width: usize) -> Self {
                let pooling = $crate::network::Pooling::Average;
                self.then($crate::network::Pool::local(pooling, width))
            }

            /// Adds the maximum over the whole sequence or image.
            pub fn global_max_pool(self) -> Self {
                let pooling = $crate::network::Pooling::Max;
                self.then($crate::network::Pool::global(pooling))
            }

            /// Adds the mean over the whole sequence or image.
            pub fn global_average_pool(self) -> Self {
                let pooling = $crate::network::Pooling::Average;
                self.then($crate::network::Pool::global(pooling))
            }

            /// Adds the step from positions or pixels to one row of features.
            pub fn flatten(self) -> Self {
                self.then($crate::network::Flatten)
            }

            /// Adds a dense layer.
            pub fn dense(self, outputs: usize) -> Self {
                self.then($crate::network::Dense::new(outputs))
            }

            /// Adds a layer norm.
            pub fn layer_norm(self) -> Self {
                self.then($crate::network::LayerNorm::new())
            }

            /// Adds an RMS norm.
            pub fn rms_norm(self) -> Self {
                self.then($crate::network::RmsNorm::new())
            }

            /// Adds shares of features, or of channels at each position, that add up to 1.
            pub fn softmax(self) -> Self {
                self.then($crate::network::Softmax)
            }

            /// Adds a long short-term memory with so many units, from left to right.
            pub fn lstm(self, hidden: usize) -> Self {
                self.then($crate::network::Lstm::new(hidden))
            }

            /// Adds self-attention with so many heads.
            pub fn attention(self, heads: usize) -> Self {
                self.then($crate::network::Attention::new(heads))
            }

            /// Adds waves that tell positions apart.
            pub fn positional_encoding(self) -> Self {
                self.then($crate::network::PositionalEncoding::new())
            }

            /// Adds a chain of layers to whose output its input is added.
            pub fn residual(self, body: $crate::network::Chain) -> Self {
                self.then($crate::network::Residual::new(body))
            }
        }
    };
}

pub(super) use builders;
