"""Proposing to retrain, with the reason; a manager presses, or lets a policy press."""
