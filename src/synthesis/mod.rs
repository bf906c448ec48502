//! Inputs that a model makes up: activation maximisation, deep dream, maximum-entropy sampling, sequence design, adversarial inputs.
