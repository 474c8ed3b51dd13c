"""What holds across the whole application: access, layers, API schema."""
