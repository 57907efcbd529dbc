"""Papers about what is loaded: stuffing sheets, packing lists, declarations of the verified gross mass."""
