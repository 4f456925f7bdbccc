"""A small web app: one page on port 8080, or $PORT."""

import os
import platform

from bottle import Bottle

app = Bottle()


@app.get("/")
def index():
    return f"Hello from Python {platform.python_version()}\n"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8080")))
