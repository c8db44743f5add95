"""Shows what the engine says: as text for people, as documents for programs."""
