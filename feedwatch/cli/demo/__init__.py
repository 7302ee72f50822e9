"""The invented newsroom that `feedwatch demo` serves on loopback."""
