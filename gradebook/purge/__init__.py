"""Removes the personal data of a list or a term, and keeps figures about nobody."""
