"""Mathematics without a domain word."""
