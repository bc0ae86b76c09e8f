"""The set-up looked over, and told in plain words what is wrong and how to mend it."""
