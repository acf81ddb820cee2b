"""Many flights of one case: run anywhere with identical rows, kept while they come, and summed up."""
