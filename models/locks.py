"""The numbers of our advisory locks, in one place so that no two mean the same."""

RULE_CHANGES = 7_261_001
MIGRATIONS = 7_261_002
ONE_DEMO = 7_261_003
LIBRARY_CHANGES = 7_261_004
REFERRALS_JUDGED = 7_261_005
TICKETS = 7_261_006
