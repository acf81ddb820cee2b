"""Who may ask and order what over the service: keys, kept as digests, with scopes."""
