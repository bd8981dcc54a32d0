"""Whether a chat message is a question that wants an answer: information, advice or help.

`judge` reads a message on its own. It cuts it into clauses (text), weighs what asks in the one
that asks most (words, english) against what only looks as if it asked (statements, rhetoric), and
then looks at what surrounds that clause (whole): one asks and goes on asking, or answers oneself,
complains, sells.
"""

from handlers.questions.asking.judge import THRESHOLD, Asking, judge

__all__ = ["THRESHOLD", "Asking", "judge"]
