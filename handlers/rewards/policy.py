"""Points become benefits: a code for the member, handed over by the monitor."""
