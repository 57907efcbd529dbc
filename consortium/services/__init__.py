"""The verbs: each authorises, loads, checks, acts, records, in one unit of work."""
