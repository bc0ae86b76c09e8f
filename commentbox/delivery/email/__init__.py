"""Mails: their words, their headers, their way to the mail server."""
