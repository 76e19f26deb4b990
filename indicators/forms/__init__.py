"""Forms of indicators and reports."""
