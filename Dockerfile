# mllint with git, for CI systems that run jobs in images:
#   docker build -t mllint . && docker run --rm -v "$PWD:/repo" mllint check
FROM python:3.12.11-slim-bookworm AS build
WORKDIR /src
COPY requirements-run.txt ./
RUN python -m venv /opt/mllint \
    && /opt/mllint/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-run.txt
COPY pyproject.toml README.md LICENSE ./
COPY rules rules
COPY src src
RUN /opt/mllint/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 mllint
COPY --from=build /opt/mllint /opt/mllint
ENV PATH=/opt/mllint/bin:$PATH
USER mllint
WORKDIR /repo
ENTRYPOINT ["mllint"]
CMD ["check"]
