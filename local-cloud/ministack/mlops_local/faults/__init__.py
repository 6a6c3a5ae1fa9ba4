"""Faults on demand: what fails on AWS now and then, here when a test asks for it."""
