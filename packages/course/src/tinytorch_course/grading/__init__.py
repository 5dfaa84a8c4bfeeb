"""Grading what students hand in: many, some of them hostile, none of them trusted."""
