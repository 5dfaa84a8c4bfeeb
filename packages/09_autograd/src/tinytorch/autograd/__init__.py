"""Automatic differentiation: module 09 of TinyTorch."""
