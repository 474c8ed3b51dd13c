FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
RUN useradd --create-home --uid 1000 tagloop
WORKDIR /app

# `encoder-serving` answers by encoders, `encoder` also trains them: with torch and CUDA, some 3 GB.
ARG EXTRAS=encoder-serving
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --disable-pip-version-check -c constraints.txt ".[${EXTRAS}]"

COPY . .
# The key only lets the settings load while files are copied; it is not kept and signs nothing.
RUN SECRET_KEY=only-to-collect-static-files-at-build-time python manage.py collectstatic --noinput \
    && mkdir -p var/artifacts && chown -R tagloop:tagloop var
USER tagloop

ENV TAGLOOP_MODE=production WEB_HOST=0.0.0.0 SERVING_HOST=0.0.0.0
EXPOSE 8000 8001
CMD ["python", "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
