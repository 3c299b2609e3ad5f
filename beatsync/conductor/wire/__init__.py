"""What daemon and conductor say to each other, as bytes: typed, versioned messages in MessagePack."""
