"""What people do, in a real Chromium against real processes."""
