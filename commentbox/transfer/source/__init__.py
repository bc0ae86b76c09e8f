"""Files from elsewhere: opened and read safely, within fixed memory, whatever is in them."""

from commentbox.transfer.source.file import SourceFile, Unreadable, place_of

__all__ = ["SourceFile", "Unreadable", "place_of"]
