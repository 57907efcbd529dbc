"""Which consignment travels in which container, LCL lot or parcel on which departure, at least cost."""
