"""Models: training, evaluation, rollout and inference."""
