# Two stages: what builds stays behind.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/uv.txt requirements/run.txt requirements/
RUN python -m venv /app/.venv \
    && /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && /app/.venv/bin/uv pip install --no-cache --python /app/.venv/bin/python \
        --require-hashes -r requirements/run.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 qunzhu
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY alembic.ini pyproject.toml ./
COPY alembic alembic
COPY config config
COPY models models
COPY handlers handlers
COPY bot bot
USER qunzhu
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 BOT_HTTP=0.0.0.0:8000 BOT_LOG=json
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# It migrates first; SIGTERM lets it finish what is in hand.
CMD ["python", "-m", "bot", "run"]
