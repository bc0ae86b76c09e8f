"""The demo: two small blogs with lively threads, shown on an origin of their own."""
