"""Items, human labels and their quality."""
