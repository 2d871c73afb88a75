# One image for web, worker and beat; compose.yaml says which of them a container is.

FROM python:3.12-slim-bookworm AS environment
COPY requirements/app.txt /requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin verdant
COPY --from=environment /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_CONCURRENCY=2
WORKDIR /app
COPY . .
# The key signs nothing here; without one, a real key would be made and stay in the image.
RUN SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --no-input
USER verdant
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", \
     "--keep-alive", "75", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
