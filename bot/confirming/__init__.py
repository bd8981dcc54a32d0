"""What an account can't say by itself is put to the people who can."""
