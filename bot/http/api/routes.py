"""Routes that say who may use them."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends

from bot.http.door import Door
from models.access import Access

Endpoint = Callable[..., Any]
E = TypeVar("E", bound=Endpoint)


class Routes:
    """The routes of one resource, by the least role they need: `@api.viewer.get("/rewards")`;
    `public` are for whoever comes. Where two paths may match, that of the lesser role does, and of
    one role the one that is added first."""

    def __init__(self, door: Door, tag: str) -> None:
        self._door = door
        self._tag = tag
        self.public = Offered()
        self.viewer = Offered()
        self.operator = Offered()
        self.admin = Offered()

    def add_to(self, router: APIRouter, prefix: str) -> None:
        """Straight to where they are served from: a router that is included in another makes its
        routes once more, and they are most of what the service does as it starts."""
        self.public.add_to(router, prefix, tags=[self._tag], role="public", dependencies=[])
        offers = (self.viewer, self.operator, self.admin)
        for access, offered in zip(Access, offers, strict=True):
            offered.add_to(
                router,
                prefix,
                tags=[self._tag],
                role=access.name.lower(),
                dependencies=[Depends(self._door.needs(access))],
            )


class Offered:
    """To everybody of one role. What is said of a route is what FastAPI takes."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, str, Endpoint, dict[str, Any]]] = []

    def get(self, path: str, **said: Any) -> Callable[[E], E]:
        return self._add("GET", path, said)

    def post(self, path: str, **said: Any) -> Callable[[E], E]:
        return self._add("POST", path, said)

    def put(self, path: str, **said: Any) -> Callable[[E], E]:
        return self._add("PUT", path, said)

    def patch(self, path: str, **said: Any) -> Callable[[E], E]:
        return self._add("PATCH", path, said)

    def delete(self, path: str, **said: Any) -> Callable[[E], E]:
        return self._add("DELETE", path, said)

    def add_to(self, router: APIRouter, prefix: str, *, role: str, **shared: Any) -> None:
        for method, path, endpoint, said in self._routes:
            extra = {**said.get("openapi_extra", {}), "x-role": role}
            told = {**shared, **said, "openapi_extra": extra}
            router.add_api_route(prefix + path, endpoint, methods=[method], **told)

    def _add(self, method: str, path: str, said: dict[str, Any]) -> Callable[[E], E]:
        def noted(endpoint: E) -> E:
            self._routes.append((method, path, endpoint, said))
            return endpoint

        return noted
