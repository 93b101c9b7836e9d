"""Grade on a Dask cluster: the same work items, on other machines.

Theory of operation
-------------------
The *client* (``client``, ``run``) is the command ``autograder grade``. It packs what the graders need of the
course once (``handover``: sources with hidden tests, release, key of the holdout, settings) and gives it to every
worker in a plugin (``worker``). The plugin unpacks it into a folder that only its user can enter, looks whether
this worker is fit (``fitness``: the same Python, libraries and code; data sets; a sandbox), keeps zygotes warm.

Then each *item* is a task of Dask: a few words of JSON, and the student's folder as bytes (``parcel``). The
worker lays the folder out, calls ``grade_notebook`` as the local engine does, and puts report, executed
notebook and evidence into one object of the shared storage (``storage``, ``result``). What it tells through
Dask is the name and the digest of that object, as JSON. The client fetches it, checks it, settles the evidence
in the course, yields the result, removes the object.

Dask places, counts, and repeats what a lost worker had; nothing here does. What ends what:

- A worker is lost: Dask gives its items to others, at most ``allowed-failures`` times; then the item *needs
  review*.
- The client ends or is lost: the scheduler notices, and ``forget`` takes the plugin off all workers. That ends
  their sandboxes and removes the course's folder. A folder whose worker was killed is removed by the next one
  there.
- The scheduler is lost: its workers end, and with them all sandboxes; the client says so. What was recorded stays.

Nothing is pickled but our own functions and plugins, by name; students' files are bytes from end to end.
"""

from autograder.engine.cluster.client import grade_on_cluster

__all__ = ["grade_on_cluster"]
