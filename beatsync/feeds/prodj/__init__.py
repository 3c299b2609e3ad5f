"""Pro DJ Link, passive and experimental: a CDJ's own position. Written from packet layouts, never tried on players."""
