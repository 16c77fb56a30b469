"""The client and the pytest plugin against a real server."""
