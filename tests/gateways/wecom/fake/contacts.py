"""Who there is: staff (docs 90196, 90200, 92571), customers (92114), and messages to staff
(90236)."""

from collections import defaultdict
from datetime import datetime, timedelta

from tests.gateways.wecom.fake.errors import Refused
from tests.gateways.wecom.fake.fields import Fields
from tests.gateways.wecom.fake.office import App, Following, Notice, Office
from tests.gateways.wecom.fake.routes import Answer, Asked, Routes, get, post
from tests.gateways.wecom.fake.welcome import Welcome

LONGEST_NOTICE = 2048
"""Bytes; what is longer is cut off."""
MINUTE = timedelta(minutes=1)
NOTICES_A_MINUTE = 30
"""To one member of staff (doc 90236)."""
EVERYBODY = "@all"
CALLBACK_IPS = ["101.226.103.0/25", "101.226.62.0/25"]
ACTIVE = 1
BY_QR = 1
"""`add_way`."""


class Contacts:
    def __init__(self, office: Office, welcome: Welcome) -> None:
        self.routes: Routes = {
            "getcallbackip": get(lambda asked: {"ip_list": CALLBACK_IPS}),
            "user/get": get(self._user),
            "user/simplelist": get(self._users),
            "externalcontact/get_follow_user_list": get(self._followers),
            "externalcontact/get": get(self._customer),
            "message/send": post(self._notify),
        }
        self._sent: defaultdict[str, list[datetime]] = defaultdict(list)
        """When each of the staff got a notice."""
        self._office = office
        self._welcome = welcome

    # Who there is

    def _user(self, asked: Asked) -> Answer:
        staff = self._office.colleague(asked.app, asked.fields.text("userid"))
        return {
            "userid": staff.userid,
            "name": staff.name,
            "department": [1],
            "main_department": 1,
            "status": ACTIVE,
        }

    def _users(self, asked: Asked) -> Answer:
        asked.fields.text("department_id")
        return {
            "userlist": [
                {"userid": each.userid, "name": each.name, "department": [1]}
                for each in self._office.staff.values()
                if each.userid in asked.app.visible
            ]
        }

    def _followers(self, asked: Asked) -> Answer:
        return {"follow_user": [each for each in self._office.staff if each in asked.app.visible]}

    def _customer(self, asked: Asked) -> Answer:
        customer = self._office.customers.get(asked.fields.text("external_userid"))
        if customer is None:
            raise Refused(40096)
        following = [e for e in customer.following.values() if e.userid in asked.app.visible]
        if not following:
            raise Refused(84061)
        return {
            "external_contact": {
                "external_userid": customer.external_userid,
                "name": customer.name,
                "type": 1,
                "gender": 2,
            },
            "follow_user": [
                {
                    "userid": each.userid,
                    "remark": customer.name,
                    "description": "",
                    "createtime": int(each.at.timestamp()),
                    "tags": [],
                    "remark_mobiles": [],
                    "add_way": each.add_way,
                    "state": each.state,
                    "oper_userid": each.userid,
                }
                for each in following
            ],
            "next_cursor": "",
        }

    # What happens between them

    def adds_staff(
        self, person: str, name: str, userid: str, state: str, *, unconfirmed: bool
    ) -> str:
        """The welcome code."""
        customer = self._office.customer(person, name)
        customer.following[userid] = Following(userid, self._office.clock(), state, BY_QR)
        code = self._welcome.code_for(customer)
        more: list[tuple[str, str]] = [("UserID", userid), ("ExternalUserID", person)]
        more += [("State", state)] if state else []
        change = "add_half_external_contact" if unconfirmed else "add_external_contact"
        self._office.tell_contact(change, *more, ("WelcomeCode", code))
        return code

    def drops_staff(self, person: str, userid: str) -> None:
        del self._office.customers[person].following[userid]
        told = (("UserID", userid), ("ExternalUserID", person))
        self._office.tell_contact("del_follow_user", *told)

    # Messages to staff

    def _notify(self, asked: Asked) -> Answer:
        if asked.fields.number("agentid") != asked.app.agent_id:
            raise Refused(301002)
        notice = self._written(asked.fields)
        reached, invalid = self._sorted_out(asked.fields.text("touser"), asked.app)
        if not reached:
            raise Refused(81013, invaliduser=invalid)
        for userid in reached:
            self._hand_over(notice, userid)
        answer = {"msgid": self._office.new_id("notice")}
        return answer | ({"invaliduser": invalid} if invalid else {})

    def _hand_over(self, notice: Notice, userid: str) -> None:
        """What is too much for one member within a minute is dropped without a word."""
        sent = self._sent[userid]
        if len([at for at in sent if notice.at < at + MINUTE]) < NOTICES_A_MINUTE:
            sent.append(notice.at)
            self._office.staff[userid].notices.append(notice)

    def _written(self, fields: Fields) -> Notice:
        kind, now = fields.text("msgtype"), self._office.clock()
        content = fields.part(kind)
        if kind == "text" and content:
            said = content.text("content").encode()[:LONGEST_NOTICE]
            return Notice(now, said.decode(errors="ignore"))
        if kind == "textcard" and content:
            return Notice(
                now,
                content.text("description", longest=512),
                content.text("title", longest=128),
                content.text("url", bytes_at_most=2048),
            )
        raise Refused(40008, kind)

    def _sorted_out(self, asked_for: str, app: App) -> tuple[list[str], str]:
        """Who gets it, and who is not in the app's range, in lower case and joined by `|`."""
        if asked_for == EVERYBODY:
            return [each for each in self._office.staff if each in app.visible], ""
        reached, invalid = [], []
        for userid in asked_for.split("|"):
            if userid in self._office.staff and userid in app.visible:
                reached.append(userid)
            else:
                invalid.append(userid.lower())
        return reached, "|".join(invalid)
