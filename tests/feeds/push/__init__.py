"""Pushed positions."""
