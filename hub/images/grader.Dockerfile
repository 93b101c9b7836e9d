# What grades: formgrader, the review pages and the sandbox. Runs where students have no account, and mounts the
# course's folder and the exchange.
#
#   docker build -f hub/images/grader.Dockerfile --build-arg STUDENT=tp555/student:2026.2 -t tp555/grader:2026.2 .
#
# The sandbox makes namespaces: run it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined on a
# machine of its own, or as a pod with hostUsers: false; `autograder doctor` says what holds.
ARG STUDENT
# hadolint ignore=DL3006
FROM ${STUDENT}
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1100 tp555-grader
USER 1100
WORKDIR /course
CMD ["jupyter", "lab", "--ip=127.0.0.1"]
