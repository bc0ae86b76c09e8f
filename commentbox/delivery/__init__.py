"""The outbox leaves the house: at least once, with the network outside of every transaction."""
