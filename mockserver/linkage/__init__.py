"""What the qualification terminal's linkage application does, without its folders: request files, answer files, taps."""
