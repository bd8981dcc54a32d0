"""The web console: pages in Chinese that do nothing but call the API, as whoever signed in."""
