"""Optimizers: module 10 of TinyTorch."""
