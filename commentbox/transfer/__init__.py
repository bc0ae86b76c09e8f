"""In and out: imports from other engines, the archive, backups."""
