"""A web server on this machine that gives a file well, badly, or not at all."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """Gives `content` at every address.

    Args:
        content: the bytes of the file.
    """

    def __init__(self, content: bytes):
        self.content = content
        self.ranges_work = True
        self.break_after: list[int] = []  # bytes until the connection breaks, one an answer
        self.status = 0  # an error to answer with
        self.version = ""  # an ETag
        self.next_content: bytes | None = None  # the file changes after the next answer
        self.lie = ""  # when it is to go on: "elsewhere", with "less" than it said, or "gone"
        self.endless = False  # no length is said, and there is no end
        self.asked: list[str | None] = []  # the ranges that were asked for
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/file"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        self.asked.append(wanted)
        if self.status:
            return handler.send_error(self.status)
        if self.endless:
            return self.go_on_for_ever(handler)
        start = 0
        if wanted and self.ranges_work and handler.headers.get("If-Range") in (None, self.version):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.content) or self.lie == "gone":
                return handler.send_error(416)
            handler.send_response(206)
            total = len(self.content)
            said = start - 9 if self.lie == "elsewhere" else start
            handler.send_header("Content-Range", f"bytes {said}-{total - 1}/{total}")
        else:
            handler.send_response(200)
        body = self.content[start : -9 if start and self.lie == "less" else None]
        handler.send_header("Content-Length", str(len(body)))
        if self.version:
            handler.send_header("ETag", self.version)
        if self.next_content is not None:
            self.content, self.version, self.next_content = (
                self.next_content,
                f'"{len(self.asked)}"',
                None,
            )
        handler.end_headers()
        if self.break_after:
            body = body[: self.break_after.pop(0)]
        handler.wfile.write(body)
        return None

    def go_on_for_ever(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"y" * 50_000)
        except OSError:
            return

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
