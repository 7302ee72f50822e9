"""feedwatch reads the article behind every new feed entry and tells people when their words are in it."""

__version__ = "0.1.0"
