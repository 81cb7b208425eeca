"""Tests of reports without a network."""
