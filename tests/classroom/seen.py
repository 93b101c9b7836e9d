"""A page of a browser that writes down what it asks for and what it complains about."""

from playwright.sync_api import Page

__all__ = ["Seen"]


class Seen:
    """A page, and what it asked for and complained about while it was open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
