import os
import sqlite3
import sys

from flask import Flask, jsonify, render_template, request

app = Flask(__name__)


def db():
    con = sqlite3.connect(os.environ["GUESTBOOK_DB"])
    con.execute("create table if not exists entries (id integer primary key, name text not null)")
    return con


@app.get("/health")
def health():
    with db() as con:
        (n,) = con.execute("select count(*) from entries").fetchone()
    return jsonify(status="ok", entries=n)


@app.get("/")
def index():
    with db() as con:
        rows = con.execute("select name from entries order by id").fetchall()
    return render_template("index.html", names=[r[0] for r in rows])


@app.post("/")
def sign():
    with db() as con:
        con.execute("insert into entries (name) values (?)", [request.form["name"]])
    return "", 204


def selftest():
    c = app.test_client()
    assert c.get("/health").json == {"status": "ok", "entries": 0}
    assert c.post("/", data={"name": "Ada & Co"}).status_code == 204
    assert b"<li>Ada &amp; Co</li>" in c.get("/").data
    print("guestbook works")


if __name__ == "__main__":
    if sys.argv[1:] == ["selftest"]:
        selftest()
    else:
        app.run(host="0.0.0.0", port=5000)
