"""Positions that games and web pages push."""
