"""What two programs do differently, and which line mends it."""
