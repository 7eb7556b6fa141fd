"""The deposit against a real server on loopback."""
