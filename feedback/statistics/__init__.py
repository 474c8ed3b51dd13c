"""What the feedback is computed by: numbers in, numbers out, without Django."""
