"""The learning rate range test: as the originals have it, in both frameworks, and nothing changed by it."""
