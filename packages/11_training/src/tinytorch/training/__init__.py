"""Training: module 11 of TinyTorch."""
