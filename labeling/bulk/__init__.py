"""What a manager does to many items at once: a module per verb."""
