"""What the figures were measured on."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

CPU, MEMORY = Path("/proc/cpuinfo"), Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """`load` is of the minute before: other work than ours."""

    cpu: str
    cores: int
    memory: float
    kernel: str
    python: str
    postgres: str
    load: float

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory:.0f} GB, {self.kernel},"
            f" Python {self.python}, PostgreSQL {self.postgres},"
            f" at a load of {self.load:.1f} before it began"
        )


async def machine(url: str) -> Machine:
    return Machine(
        cpu=_line(CPU, "model name") or platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        memory=int((_line(MEMORY, "MemTotal") or "0 kB").split()[0]) / 2**20,
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=await _postgres(url),
        load=os.getloadavg()[0],
    )


def _line(file: Path, name: str) -> str | None:
    """What stands behind the name; None where there is no such file, or line."""
    if not file.exists():
        return None
    lines = (each.partition(":") for each in file.read_text().splitlines())
    return next((value.strip() for found, _, value in lines if found.strip() == name), None)


async def _postgres(url: str) -> str:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        version = await connection.scalar(text("SHOW server_version"))
    await engine.dispose()
    return str(version).split()[0]
