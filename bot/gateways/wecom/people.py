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
        """Where nothing but the id is known; a look at the group tells where it `is_doubtful`."""
        return PersonId(id_) if id_.startswith(EXTERNAL) else self.staff(id_)


def is_doubtful(id_: str) -> bool:
    """Whether it begins like a customer's and may be that of a colleague, say 王敏's."""
    return id_.startswith(EXTERNAL) and len(id_) != EXTERNAL_LENGTH
