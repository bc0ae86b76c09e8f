"""Verbs: one module per thing a person does, each whole in one transaction."""
