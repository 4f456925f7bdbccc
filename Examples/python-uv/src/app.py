"""A web app with one page, on port 8080 or $PORT."""

import os
import platform

from bottle import Bottle
from waitress import serve

app = Bottle()


@app.get("/")
def index():
    return f"""<!doctype html>
<title>my-py-app</title>
<h1>It works</h1>
<p>Python {platform.python_version()}, built by tote.</p>
"""


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8080"))
    print(f"Listening on port {port}", flush=True)
    serve(app, host="0.0.0.0", port=port)
