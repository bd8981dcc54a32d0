"""Points are earned, taken back, asked about, and told of now and then."""
