"""Hosts on one segment of a switch that a hairpind of the test's own runs: TAPs in namespaces, 10.0.0.1, 10.0.0.2, ... in their order.

    with Hosts("a", "b", "c") as lab:                  # the gateway has no part in it
        lab.port("a")["isolated"] = True
        lab.commit()
        lab.ping(3, where=lab.at_host("a"))
                                                       # at the end: conservation, the log, everything down
"""
import contextlib
import shutil
import tempfile
from pathlib import Path

from sites import Sites
from support import expect, namespace


class Hosts(Sites):
    def __init__(self, *names):
        self.folder = Path(tempfile.mkdtemp(prefix="hairpin-hosts-"))
        self.stack = contextlib.ExitStack()
        self.announced = []
        self.names = names
        self.config = {"hairpin:switch": {"segment": [{"name": "lan"}], "port": [
            {"name": name, "segment": "lan",
             "tap": {"device": "eth1", "namespace": self.at_host(name), "address": [f"10.0.0.{number}/24"]}}
            for number, name in enumerate(names, 1)]}}

    @staticmethod
    def at_host(name):
        return f"hp-test-{name}"

    def __enter__(self):
        try:
            for name in self.names:
                self.stack.enter_context(namespace(name))
            self.start()
        except BaseException:
            self.stack.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    @property
    def switch(self):
        return self.config["hairpin:switch"]

    def port(self, name):
        """The port's entry in the configuration."""
        return next(port for port in self.switch["port"] if port["name"] == name)

    def row(self, name, *words, key="name"):
        rows = [row for row in self.rows(*words) if row[key] == name]
        expect(len(rows) == 1, f"{' '.join(words)} has {len(rows)} rows of {name}")
        return rows[0]

    def run_at(self, name, *words, **options):
        return self.at(self.at_host(name), *words, **options)

    def python_at(self, name, program, *words, **options):
        return self.run_at(name, "/usr/bin/python3", "-c", program, *words, **options)

    def log(self):
        return (self.folder / "log").read_text()
