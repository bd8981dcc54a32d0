"""Whether a chat message is a question that wants an answer: information, advice or help.

A message is judged on its own. `text` cuts it into clauses; `words` and `english` tell what asks,
`statements` and `rhetoric` what only looks as if it did, and `clause` weighs the two; then
`standing`, `surroundings` and `broadcast` look at the message around the clause that asks most.
"""

from handlers.questions.asking.judge import THRESHOLD, Asking, judge

__all__ = ["THRESHOLD", "Asking", "judge"]
