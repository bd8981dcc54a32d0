"""Questions find their answers, and the monitor hears of those that nobody answered."""
