"""What people send from the pages, checked."""
