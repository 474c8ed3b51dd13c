"""Pure mathematics of labels: agreement, consensus and text identity. Imports no Django."""
