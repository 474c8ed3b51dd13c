"""Forms of training: what to train and how, which rows of a snapshot."""
