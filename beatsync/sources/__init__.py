"""Where a track's structure comes from: AudioScape over HTTP, files, and the cache that carries a show offline."""
