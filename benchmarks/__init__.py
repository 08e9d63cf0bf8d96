"""What is claimed about speed, as programs."""
