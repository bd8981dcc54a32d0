"""Who is who: customers have ids of their own everywhere, and staff only within their corp."""

from models.ids import PersonId

EXTERNAL = ("wm", "wo", "wb")
"""What a customer's or a robot's id begins with, in every sample of the documents (doc 92122)."""
EXTERNAL_LENGTH = 32


class People:
    """`zhangsan` of one corp is not `zhangsan` of another: staff are `zhangsan@ww1`, as the rest
    of the service knows them."""

    def __init__(self, corp_id: str, agent_id: int) -> None:
        self._end = f"@{corp_id}"
        self.app = PersonId(f"{agent_id}{self._end}")
        """Us: an app is in no group."""

    def staff(self, userid: str) -> PersonId:
        return PersonId(f"{userid}{self._end}")

    def userid(self, person: PersonId) -> str | None:
        """None where she is none of the corp's staff."""
        return person.removesuffix(self._end) if person.endswith(self._end) else None

    def guessed(self, id_: str) -> PersonId:
        """Where nothing but the id is known."""
        is_external = id_.startswith(EXTERNAL) and len(id_) == EXTERNAL_LENGTH
        return PersonId(id_) if is_external else self.staff(id_)
