"""Fine-tuning of an encoder with torch, which only this package's modules import."""
