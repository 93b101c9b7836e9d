"""When a day begins, by which clock, and whether the deadline has passed."""

from datetime import UTC, datetime, time

from autograder.assignment import Settings

__all__ = ["day_began", "is_over"]


def day_began(now: datetime, settings: Settings) -> datetime:
    """Midnight before ``now``, in UTC; by the clock by which the teacher set the due time, else this machine's."""
    zone = settings.due.tzinfo if settings.due is not None else None
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return midnight.astimezone(UTC)  # a time without a zone is the machine's


def is_over(now: datetime, settings: Settings) -> bool:
    """Whether the due time has passed; never where there is none."""
    return settings.due is not None and now >= settings.due.astimezone(UTC)
