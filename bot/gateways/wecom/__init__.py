"""WeCom by its official API."""
