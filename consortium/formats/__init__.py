"""Reading and writing of the published file formats."""
