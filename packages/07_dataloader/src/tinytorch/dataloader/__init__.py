"""Data loading: module 07 of TinyTorch."""
