"""What live predictions teach: routing, reviews, reports."""
