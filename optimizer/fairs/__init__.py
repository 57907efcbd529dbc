"""Shared fairs and other joint promotion: what is bought together, who takes part, who pays what, and public money."""
