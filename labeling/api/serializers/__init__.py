"""What things look like over REST."""
