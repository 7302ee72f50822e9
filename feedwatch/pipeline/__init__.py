"""The three loops and what holds them together: rooms that think, edges that act, one store of truth."""
