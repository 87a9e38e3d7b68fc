# One image for the web server, the worker and every command.
#
#   docker build -t content-studio .
#
# Packages come pinned with hashes from requirements.txt. The process runs as nobody in particular and needs to
# write only to /tmp (memory) and, without a bucket, to /data/media.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY bin/uv.txt requirements.txt ./
RUN python -m venv /opt/installer \
    && /opt/installer/bin/pip install --require-hashes --only-binary :all: -r uv.txt \
    && python -m venv --without-pip /opt/venv \
    && /opt/installer/bin/uv pip install --python /opt/venv/bin/python --require-hashes -r requirements.txt


FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=cms.settings.production \
    HOST=0.0.0.0 \
    PORT=8000 \
    WEB_CONCURRENCY=2 \
    MEDIA_ROOT=/data/media
RUN groupadd --system --gid 10001 studio \
    && useradd --system --uid 10001 --gid studio --no-create-home --shell /usr/sbin/nologin studio \
    && install -d -o studio -g studio /data/media
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Static files become part of the image; no setting of the running system changes them.
RUN python -W ignore manage.py collectstatic --noinput --verbosity 0 && python -m compileall -q .
USER 10001:10001
VOLUME /data/media
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "cms.healthcheck"]
CMD ["python", "-W", "ignore", "-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi"]
