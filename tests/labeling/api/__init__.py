"""The REST API of labeling, an endpoint a file."""
