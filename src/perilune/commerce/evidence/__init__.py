"""Evidence: digests of kept files with what they show; superseded by newer ones, never changed."""
