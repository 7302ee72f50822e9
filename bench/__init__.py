"""How fast? Every figure is a ratio to what one could do at best, measured in the same run."""
