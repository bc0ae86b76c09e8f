"""The tests: read ``flows/`` first; the other folders mirror the package."""
