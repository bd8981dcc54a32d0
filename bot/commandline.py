"""What can be typed after `python -m bot`."""

import argparse
import asyncio
import io
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import archiving, check, content, judging, logs, migrations, modesty, scenario
from bot.clock import SystemClock
from bot.dispatcher import Dispatcher
from bot.garbage import collect_rarely
from bot.gateways import Surroundings, accounts
from bot.gateways.wecom.opening import company_of
from bot.history import history_of
from bot.outbox.bell import Bell
from bot.postgres import data_folder, embedded_url, throwaway
from bot.replay import replay
from bot.service import AddressTaken, serve
from bot.transactions import Transactions
from config.settings import Settings
from handlers.content.sheet import MOST_FAULTS, Reading
from handlers.features import ROUTER
from models.access import OPERATORS, Access
from models.database import open_engine
from models.stores.audit import AuditStore, Change
from models.stores.tokens import TokenStore

BAD_INPUT = 2
COMMAND_LINE = "command line"
MOST_TOLD = 1_000_000
"""Messages of one group in a month; more can't be."""
NOTHING_TO_RUN = """\
No account is configured, so there is nothing to run.

  To try it without one:   python -m bot demo
  To connect an account:   set WECHATY_PUPPET_SERVICE_ENDPOINT (host:port of your Wechaty gateway)
                           and WECHATY_PUPPET_SERVICE_TOKEN, in the environment or in .env;
                           or, for WeCom, BOT_WECOM_CORP_ID, BOT_WECOM_AGENT_ID, BOT_WECOM_SECRET
                           (docs/wecom.md); python -m bot check then says whether it works
"""


NO_ARCHIVE = """\
Nothing is taken in: this deployment is not set up for WeCom's message archive (会话存档).
Set BOT_WECOM_ARCHIVE=on beside the other settings of WeCom (docs/wecom.md).\
"""
NO_ADDRESS = "BOT_DATABASE_URL is no address; write postgresql://user:password@host/name"


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        print(_explained(error), file=sys.stderr)
        return BAD_INPUT
    logs.set_up("WARNING" if given.do is _replay else settings.log_level, settings.log)
    try:
        return _run(given.do(settings, given))
    except AddressTaken as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except ArgumentError:
        print(NO_ADDRESS, file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever was reading has enough, e.g. `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _explained(error: ValidationError) -> str:
    """Without the values: some are secrets."""
    return "\n".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
        for each in error.errors(include_input=False)
    )


def _run(work: Coroutine[Any, Any, int]) -> int:
    collect_rarely()
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.run(work)
    return uvloop.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Qunzhu 群助")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="the service: accounts, HTTP, timetable")
    run.set_defaults(do=_serve)

    demo = commands.add_parser("demo", help="simulated groups to play with, on a web page")
    demo.add_argument(
        "--small", action="store_true", help="nothing but the three groups to play in"
    )
    demo.set_defaults(do=_demo)

    replays = commands.add_parser("replay", help="run a scenario on a virtual clock")
    replays.add_argument("file", type=argparse.FileType("rb"))
    replays.add_argument("--state", action="store_true", help="tell at the end what is left")
    replays.add_argument("--days", action="store_true", help="tell at the end what each day gave")
    replays.add_argument(
        "--progress", action="store_true", help="tell on stderr how far it is, as JSON lines"
    )
    replays.add_argument(
        "--memory", type=int, metavar="MB", help="take no more than this, and let others go first"
    )
    replays.add_argument("--database", metavar="NAME", help="what the throw-away one is called")
    replays.set_defaults(do=_replay)

    exports = commands.add_parser(
        "export-scenario", help="write what a group lived through as a scenario"
    )
    exports.add_argument("--group", required=True, metavar="ID")
    exports.add_argument("--days", type=int, choices=range(1, 31), default=30, metavar="1..30")
    exports.add_argument("file", type=Path, help="made anew, for you alone to read")
    exports.set_defaults(do=_export_scenario)

    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(do=_migrate)

    token = commands.add_parser("token", help="print a new API token, once")
    roles = [access.name.lower() for access in Access]
    token.add_argument("--role", choices=roles, default="viewer")
    token.add_argument("--name", default="admin", help="who signs changes made with it")
    token.add_argument(
        "--scope",
        action="append",
        default=[],
        help="what an operator may change: channel:妇幼, or group:ID; may be given again",
    )
    token.set_defaults(do=_token)

    _add_content(commands.add_parser("content", help="the library: what may be posted"))

    judges = commands.add_parser("judge", help="measure the judges on labelled messages")
    judges.add_argument("what", choices=["questions", "answers"])
    judges.add_argument("file", type=argparse.FileType("r", encoding="utf-8-sig"))
    judges.set_defaults(do=_judge)

    archives = commands.add_parser(
        "archive", help="take in messages of WeCom's 会话存档: JSON lines on standard input"
    )
    archives.set_defaults(do=_archive)

    checks = commands.add_parser("check", help="say what is misconfigured and how to mend it")
    checks.set_defaults(do=_check)
    return parser


def _add_content(content_parser: argparse.ArgumentParser) -> None:
    what = content_parser.add_subparsers(required=True, metavar="import|export")

    imports = what.add_parser("import", help="take in a table (CSV), all of it or nothing")
    source = imports.add_mutually_exclusive_group(required=True)
    source.add_argument("file", type=argparse.FileType("rb"), nargs="?")
    source.add_argument("--sample", action="store_true", help="the items that come with Qunzhu")
    imports.add_argument("--dry-run", action="store_true", help="only tell what it would change")
    imports.add_argument(
        "--progress", action="store_true", default=sys.stderr.isatty(), help="tell how far it is"
    )
    imports.set_defaults(do=_import_content)

    exports = what.add_parser("export", help="write the library as a table (CSV)")
    exports.add_argument("file", nargs="?", default="-", help="without it: standard output")
    exports.set_defaults(do=_export_content)


async def database_url(settings: Settings) -> str:
    """The database that the settings name, or the embedded one."""
    return settings.database_url or await embedded_url(settings.data or data_folder())


async def _serve(settings: Settings, _: argparse.Namespace) -> int:
    clock = SystemClock()
    try:
        configured = accounts(settings)
        if not configured:
            print(NOTHING_TO_RUN, file=sys.stderr)
            return BAD_INPUT
        url = await database_url(settings)
        around = Surroundings(clock, open_engine(url), lambda _: Bell())
        for open_gateway in configured.values():
            open_gateway(around)  # nothing connects yet; what makes no sense is told at once
    except (ValueError, OSError) as error:
        print(f"{error}; python -m bot check tells more", file=sys.stderr)
        return BAD_INPUT
    await _up_to_date(url)
    await serve(settings, url, clock)
    return 0


async def _demo(settings: Settings, given: argparse.Namespace) -> int:
    from bot.demo.service import serve_demo  # brings a web framework along; a replay needs none

    await serve_demo(settings, small=given.small)
    return 0


async def _replay(settings: Settings, given: argparse.Namespace) -> int:
    if given.memory is not None:
        modesty.take_no_more_than(given.memory)
    lines: BinaryIO = given.file
    try:
        with lines:
            read = scenario.read(lines)
    except scenario.BadScenario as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for left_out in read.left_out:
        print(left_out, file=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    # Not by the process id: two machines may share a server.
    name = given.database or f"replay_{uuid.uuid4().hex}"
    async with throwaway(await database_url(settings), name) as engine:
        await replay(
            read,
            engine,
            print,
            state=given.state,
            days=given.days,
            progress=_to_stderr if given.progress else None,
        )
    return 0


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def _export_scenario(settings: Settings, given: argparse.Namespace) -> int:
    until = SystemClock().now()
    since = until - timedelta(days=given.days)
    async with _service(settings) as transactions:
        found = await transactions.read(
            lambda facts: history_of(
                facts, f"group:{given.group}", since, until, most_groups=1, most_messages=MOST_TOLD
            )
        )
    if not found.groups:
        print(f"there is no group {given.group} of ours", file=sys.stderr)
        return BAD_INPUT
    try:
        # Never there for others to read, not even while it is written.
        with os.fdopen(
            os.open(given.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
            "w",
            encoding="utf-8",
            newline="\n",
        ) as file:
            file.writelines(found.scenario())
    except OSError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for gap in found.gaps:
        if gap.count != 0:
            print(f"left out: {gap}", file=sys.stderr)
    return 0


async def _judge(_: Settings, given: argparse.Namespace) -> int:
    judge = judging.judge_questions if given.what == "questions" else judging.judge_answers
    try:
        with given.file as lines:
            print(json.dumps(judge(lines), ensure_ascii=False))
    except UnicodeDecodeError as error:
        print(f"{given.file.name}: not UTF-8: {error}", file=sys.stderr)
        return BAD_INPUT
    except judging.BadLabels as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    return 0


async def _archive(settings: Settings, _: argparse.Namespace) -> int:
    try:
        company = company_of(settings)
    except ValueError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if company is None or not company.has_archive:
        print(NO_ARCHIVE, file=sys.stderr)
        return BAD_INPUT
    async with _service(settings) as transactions:
        faults = await archiving.take_in(
            sys.stdin.buffer, company.account, transactions, SystemClock(), _to_stderr
        )
    return BAD_INPUT if faults else 0


async def _import_content(settings: Settings, given: argparse.Namespace) -> int:
    reading = Reading(_table_in(given))
    async for checked in content.checked(reading):
        if given.progress:
            print(f"{checked} of {reading.of} rows checked", file=sys.stderr)
    if count := len(reading.faults):
        for fault in sorted(reading.faults)[:MOST_FAULTS]:
            print(fault, file=sys.stderr)
        shown = f", the first {MOST_FAULTS} above" if count > MOST_FAULTS else ""
        print(f"nothing was taken in; faults: {count}{shown}", file=sys.stderr)
        return BAD_INPUT
    async with _service(settings) as transactions:
        changes = await content.take_in(
            reading.items,
            transactions,
            Dispatcher(transactions, ROUTER),
            by=COMMAND_LINE,
            now=SystemClock().now(),
            dry_run=given.dry_run,
        )
        if changes.differing and not given.dry_run:
            change = Change(
                at=SystemClock().now(),
                by=COMMAND_LINE,
                action="table_taken_in",
                target="library:table",
                after=changes.counts,
            )
            await transactions.run(lambda facts: facts.audit.note(change))
    counts = ", ".join(f"{name} {count}" for name, count in changes.counts.items())
    print(f"{counts}{' (dry run: nothing was changed)' if given.dry_run else ''}")
    return 0


async def _export_content(settings: Settings, given: argparse.Namespace) -> int:
    async with _service(settings) as transactions:
        table = await content.table(transactions)
    try:
        _write(given.file, table.encode())
    except OSError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    return 0


def _table_in(given: argparse.Namespace) -> bytes:
    if given.sample:
        return content.SAMPLE.read_bytes()
    file: BinaryIO = given.file
    with file:
        return file.read()


def _write(name: str, table: bytes) -> None:
    if name == "-":
        sys.stdout.buffer.write(table)
        sys.stdout.flush()
    else:
        Path(name).write_bytes(table)


@asynccontextmanager
async def _service(settings: Settings) -> AsyncIterator[Transactions]:
    """The service's database, brought up to date."""
    url = await database_url(settings)
    await _up_to_date(url)
    engine = open_engine(url)
    try:
        yield Transactions(engine)
    finally:
        await engine.dispose()


async def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    await _up_to_date(await database_url(settings))
    return 0


async def _token(settings: Settings, given: argparse.Namespace) -> int:
    if (given.role == "operator") != bool(given.scope):
        print("an operator's token has at least one --scope, and no other has", file=sys.stderr)
        return BAD_INPUT
    if not all(each.startswith(OPERATORS) and not each.endswith(":") for each in given.scope):
        print("an operator's --scope is channel:NAME or group:ID", file=sys.stderr)
        return BAD_INPUT
    url = await database_url(settings)
    await _up_to_date(url)
    engine = open_engine(url)
    async with engine.begin() as connection:
        access = Access[given.role.upper()]
        tokens, now = TokenStore(connection), SystemClock().now()
        number = await tokens.next_number()
        print(
            await tokens.issue(
                given.name,
                access,
                now,
                number=number,
                scopes=given.scope,
            )
        )
        issued = {"name": given.name, "role": given.role, "scopes": given.scope}
        await AuditStore(connection).note(
            Change(
                at=now,
                by=COMMAND_LINE,
                action="token_issued",
                target=f"token:{number}",
                after=issued,
            )
        )
    await engine.dispose()
    return 0


async def _check(settings: Settings, _: argparse.Namespace) -> int:
    engine: AsyncEngine = open_engine(await database_url(settings))
    well = True
    async for finding in check.findings(settings, engine, SystemClock()):
        print(f"{'ok  ' if finding.ok else 'MEND'}  {finding.part}: {finding.says}")
        well &= finding.ok
    await engine.dispose()
    return 0 if well else 1


async def _up_to_date(url: str) -> None:
    engine = open_engine(url)
    await migrations.upgrade(engine)
    await engine.dispose()
