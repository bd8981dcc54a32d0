"""Temporary files (doc 90253) and pictures with an address of their own (doc 90256)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.office import Office
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, Upload, post

LIVES = timedelta(days=3)
SMALLEST = 5
LARGEST = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
LARGEST_PICTURE = 2 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    kind: str
    upload: Upload
    at: datetime


class Media:
    def __init__(self, office: Office) -> None:
        self.stored: dict[str, Stored] = {}
        self.routes: Routes = {
            "media/upload": post(self._upload),
            "media/uploadimg": post(self._upload_picture),
        }
        self._office = office

    def known(self, media_id: str) -> bool:
        found = self.stored.get(media_id)
        return found is not None and self._office.clock() < found.at + LIVES

    def _upload(self, asked: Asked) -> Answer:
        kind = asked.fields.text("type")
        if kind not in LARGEST:
            raise Refused(40005, kind)
        upload = _sized(asked.upload, LARGEST[kind])
        media_id, now = self._office.new_id("media"), self._office.clock()
        self.stored[media_id] = Stored(kind, upload, now)
        return {"type": kind, "media_id": media_id, "created_at": str(int(now.timestamp()))}

    def _upload_picture(self, asked: Asked) -> Answer:
        _sized(asked.upload, LARGEST_PICTURE)
        return {"url": f"http://p.qpic.cn/pic_wework/{self._office.new_id('')}/0"}


def _sized(upload: Upload | None, largest: int) -> Upload:
    if upload is None:
        raise Refused(41005)
    if not SMALLEST < len(upload.content) <= largest:
        raise Refused(40006)
    return upload
