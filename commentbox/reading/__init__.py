"""Questions: what readers and moderators ask of the store."""
