"""What is said to those on their way in, and to staff where somebody has to see to it. Pure."""

from datetime import datetime

from config.daily import ZONE
from handlers.ways.helping import Help

INVITED = "点一下邀请就能进群"
BY_HERSELF = "打开刚才填信息的页面，就能看到进群的办法"
WRONG = "这个号码没找到呢，照着页面上的 6 位数字再发一次就好～"
WRONG_AGAIN = "这个号码还是没找到，今天先到这里。打开刚才填信息的页面也能进群～"
CARD = "我的群：进群二维码"
UNACCEPTED = "有妈妈加小助手没加上，方便的话请看看账号的好友申请"
UNMADE = "进群的活码没能做好，扫码来的妈妈可能进不来，请管理员看看企业微信的权限和配额"
UNINVITED = "有妈妈没能邀请进来，我已经请她扫码进群，方便的话请看看二维码还能不能用"


def answer(help_: Help, name: str, group: str, *, has_link: bool) -> str:
    """`name` is what she wants to be called, "" where that is unknown; `group` its name."""
    match help_:
        case Help.IS_IN:
            return f"{_called(name)}你已经在「{group}」里啦，打开群聊就能看到大家～"
        case Help.WAITS:
            return f"{_hello(name)}你的群还在准备，开好了我第一时间告诉你，不用守着"
        case Help.INVITE:
            return f"{_hello(name)}这就拉你进「{group}」，{INVITED}"
        case Help.QUEUED:
            return f"{_called(name)}正在拉你进「{group}」，轮到你了邀请就来，不用再发一次～"
        case Help.SENT:
            return f"{_called(name)}「{group}」的邀请已经发给你啦，往上翻一翻，{INVITED}"
        case Help.BY_PAGE:
            return f"{_hello(name)}你的群是「{group}」，{_by_page(has_link)}"


def opened(help_: Help, name: str, group: str, *, has_link: bool) -> str:
    """To somebody who waited for it."""
    head = f"{_called(name)}你的群「{group}」开好啦，"
    return head + (_by_page(has_link) if help_ is Help.BY_PAGE else f"这就拉你进去，{INVITED}")


def not_invited(name: str, group: str, *, has_link: bool) -> str:
    return f"{_called(name)}刚才没能把你拉进「{group}」，别着急，{_by_page(has_link)}"


def welcome(*, has_link: bool) -> str:
    """To somebody who has just added a member of our staff, and can't be brought into a group."""
    if has_link:
        return (
            "你好呀，欢迎～ 点下面的卡片填一下宝宝的月份和城市，就能看到你的妈妈群和进群二维码；"
            "填过了，点开就是"
        )
    return f"你好呀，欢迎～ {BY_HERSELF}"


def lacks(*, can_fetch: bool) -> str:
    """Of a group whose turn it is to take people in."""
    if can_fetch:
        return (
            "好几个小时取不到群二维码了，扫活码来的妈妈进不来，请看看账号是否在线，或者先上传一张"
        )
    return "没有能用的群二维码，扫活码来的妈妈进不来，请上传一张"


def lapses(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"群二维码{local.month}月{local.day}日{local:%H:%M}就过期了，请换一张新的"


def _by_page(has_link: bool) -> str:
    return "点下面的卡片就能看到进群二维码" if has_link else BY_HERSELF


def _hello(name: str) -> str:
    return f"{name}你好呀，我是小助手～ "


def _called(name: str) -> str:
    return f"{name}，" if name else ""
