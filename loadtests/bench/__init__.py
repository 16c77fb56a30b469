"""`make bench`: the mock beside the bare stack, in one run, as ratios."""
