"""A small shop: it lists what is on sale, and says that it is alive."""

import os

import psycopg
from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/health")
def health():
    return "ok"


@app.get("/items")
def items():
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        rows = db.execute("SELECT name, price FROM items ORDER BY name").fetchall()
    return jsonify([{"name": name, "price": str(price)} for name, price in rows])
