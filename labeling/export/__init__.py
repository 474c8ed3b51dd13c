"""Taking a project's items out again, with or without the evidence for their labels."""
