"""Load planning: where every package stands in its container."""
