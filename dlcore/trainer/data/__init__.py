"""Data adapters: from what people hand to fit, evaluate and predict to batches."""
