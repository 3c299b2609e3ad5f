"""What of a show must survive its daemon: kept on disk, and gone on from after a crash or a reboot."""
