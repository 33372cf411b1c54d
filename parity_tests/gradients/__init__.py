"""Derivatives through steps and schedules, against central differences of torch's own optimizers in float64."""
