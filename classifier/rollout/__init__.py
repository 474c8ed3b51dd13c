"""A challenger beside the champion: in shadow, as a canary, compared, promoted or stopped."""
