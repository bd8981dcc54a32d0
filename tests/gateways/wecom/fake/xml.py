"""How a callback is written (docs 90930, 92130), and in which ways it may differ from that."""

from dataclasses import dataclass

from tests.gateways.wecom.fake.office import Event

VERSIONS = frozenset({"LastMemVer", "CurMemVer"})


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one callback goes astray."""

    dropped: bool = False
    copies: int = 1
    """The same bytes, encrypted anew each time."""
    held: bool = False
    """Comes after others, when it is released."""
    omitted: frozenset[str] = frozenset()
    """Fields, such as QuitScene, JoinScene or VERSIONS."""
    cdata_items: bool = False
    """Items and versions as CDATA, as in a log of 2026 (WxJava #3877)."""
    comma_joined: bool = False
    """MemChangeList as one text."""


PLAIN = Quirks()


def written(event: Event, quirks: Quirks = PLAIN) -> str:
    lines = [
        f"<{name}>{_value(name, value, quirks)}</{name}>"
        for name, value in event.fields
        if name not in quirks.omitted
    ]
    return f"<xml>{''.join(lines)}</xml>"


def envelope(corp_id: str, agent_id: int, encrypted: str) -> str:
    parts = {"ToUserName": corp_id, "AgentID": str(agent_id), "Encrypt": encrypted}
    return f"<xml>{''.join(f'<{k}>{_cdata(v)}</{k}>' for k, v in parts.items())}</xml>"


def _value(name: str, value: str | int | tuple[str, ...], quirks: Quirks) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        if quirks.comma_joined:
            return _cdata(",".join(value))
        return "".join(f"<Item>{_cdata(e) if quirks.cdata_items else e}</Item>" for e in value)
    return value if name in VERSIONS and not quirks.cdata_items else _cdata(value)


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"
