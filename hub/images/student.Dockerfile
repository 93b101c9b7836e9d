# What students' servers run. No hidden test, no solution, no gradebook: the wheel holds none of them.
#
#   docker build -f hub/images/student.Dockerfile --build-arg LOCK=hub -t tp555/student:2026.2 .
#   docker build -f hub/images/student.Dockerfile --build-arg LOCK=hub-gpu -t tp555/student-gpu:2026.2 .
#
# CUDA comes with TensorFlow's wheels: a node needs the driver and NVIDIA's container toolkit, nothing else.
FROM python:3.11-slim-bookworm AS wheel
WORKDIR /build
COPY requirements/uv.txt requirements/build.in requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt
COPY pyproject.toml README.md LICENSE ./
COPY autograder autograder
COPY gradebook gradebook
COPY hub hub
RUN uv build --wheel --out-dir /dist

FROM python:3.11-slim-bookworm
ARG LOCK=hub
ENV UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 PATH=/opt/tp555/bin:$PATH
COPY requirements/uv.txt requirements/${LOCK}.txt /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/uv.txt \
    && uv venv /opt/tp555 \
    && uv pip sync --python /opt/tp555/bin/python --require-hashes --compile-bytecode "/tmp/${LOCK}.txt"
COPY --from=wheel /dist/*.whl /tmp/
RUN uv pip install --python /opt/tp555/bin/python --no-deps --offline /tmp/*.whl \
    && useradd --create-home --uid 1000 jovyan
USER 1000
WORKDIR /home/jovyan
CMD ["jupyterhub-singleuser"]
