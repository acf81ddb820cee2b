"""The books as a service over HTTP: the same orders and questions, keys with scopes, audit."""
