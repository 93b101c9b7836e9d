"""Whose work is alike: code, files handed in, models. Something to look at, never a verdict.

``tokens`` reads code as what stays when names and formatting change; ``answers`` finds the student's own part of a
notebook; ``fingerprints`` compares a class; ``files`` and ``models`` find what is the same file, run or model;
``survey`` puts it together, ``page`` writes it down.
"""
