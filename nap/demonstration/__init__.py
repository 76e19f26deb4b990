"""Invented countries, to try the tracker with: what they are (the TOML files) and how the fixture is written from it."""
