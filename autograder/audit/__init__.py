"""Tests for the tests: is the bank graded as it declares, and do the hidden tests notice a broken reference?"""
