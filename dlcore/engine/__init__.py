"""The engine: tensors that remember how they were calculated."""
