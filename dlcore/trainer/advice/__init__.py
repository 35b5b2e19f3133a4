"""What only refuses or warns: whoever wants to know how a model is trained may skip it."""
