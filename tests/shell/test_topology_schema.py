"""Our topologies as others read them: by containerlab's schema, and by ours.

containerlab's is not part of this repository. HAIRPIN_CLAB_SCHEMA names a copy of it; without one the rules of ours that make a file a
containerlab file are checked by themselves: no key outside of those that it has, and our own data only where it lets people put theirs.
"""
import json
import os
import re
import subprocess

import pytest
from conftest import HAIRPIN, ROOT

yaml = pytest.importorskip("yaml")

TOPOLOGIES = sorted((ROOT / "topologies").glob("*/*.clab.yml"))
SCHEMA = ROOT / "topologies" / "hairpin.schema.json"

# What containerlab has at these places; ours may use any of them and nothing else.
FILE_KEYS = {"name", "prefix", "mgmt", "settings", "topology", "debug"}
TOPOLOGY_KEYS = {"defaults", "kinds", "groups", "nodes", "links"}
LINK_KEYS = {"endpoints", "ipv4", "ipv6", "mtu", "vars", "labels", "type"}
TUNNEL_KEYS = {"type", "endpoint", "remote", "vni", "dst-port", "src-port", "mtu", "vars", "labels"}


def name_of(file):
    return file.parent.name


def without_unicode_classes(schema):
    """Python's `re` knows no \\p{...}; what they stand for is not what we check."""
    if isinstance(schema, dict):
        return {key: without_unicode_classes(value) for key, value in schema.items() if not (key == "pattern" and "\\p{" in value)}
    return [without_unicode_classes(value) for value in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("file", TOPOLOGIES, ids=name_of)
def test_a_topology_is_a_containerlab_file(file):
    document = yaml.safe_load(file.read_text())
    if os.environ.get("HAIRPIN_CLAB_SCHEMA"):
        jsonschema = pytest.importorskip("jsonschema")
        with open(os.environ["HAIRPIN_CLAB_SCHEMA"]) as schema:
            errors = list(jsonschema.Draft7Validator(without_unicode_classes(json.load(schema))).iter_errors(document))
        assert not errors, "\n".join(f"{'/'.join(map(str, error.path))}: {error.message}" for error in errors)
    assert set(document) <= FILE_KEYS
    assert set(document["topology"]) <= TOPOLOGY_KEYS
    for link in document["topology"].get("links", []):
        assert set(link) <= (TUNNEL_KEYS if link.get("type") == "vxlan" else LINK_KEYS), link
    for name, node in document["topology"]["nodes"].items():
        assert re.fullmatch(r"[A-Za-z0-9_]+", name)
        assert not [key for key in (node or {}) if key.startswith("hairpin")], "our own data stands in labels"


@pytest.mark.parametrize("file", TOPOLOGIES, ids=name_of)
def test_a_topology_holds_by_our_schema(file):
    jsonschema = pytest.importorskip("jsonschema")
    errors = list(jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(yaml.safe_load(file.read_text())))
    assert not errors, "\n".join(f"{'/'.join(map(str, error.path))}: {error.message}" for error in errors)


def test_our_schema_is_what_the_readers_accept():
    """The program makes it of the readers' own tables:  hairpin lab schema > topologies/hairpin.schema.json"""
    assert json.loads(subprocess.run([HAIRPIN, "lab", "schema"], capture_output=True, text=True, check=True).stdout) == json.loads(SCHEMA.read_text())


@pytest.mark.parametrize("change", [
    lambda document: document["topology"]["links"][0].update(endpoint=["a:b", "c:d"]),
    lambda document: document["topology"]["links"][-1]["vars"].update(vlan=5000) if "vars" in document["topology"]["links"][-1]
    else document["topology"]["links"][-1].update(vars={"vlan": 5000}),
    lambda document: document["topology"]["nodes"]["edge"].update(kind="cisco"),
    lambda document: document.update(name="No Name"),
    lambda document: document.pop("topology"),
])
def test_our_schema_refuses_mistakes(change):
    jsonschema = pytest.importorskip("jsonschema")
    document = yaml.safe_load((ROOT / "topologies/hairpin/hairpin.clab.yml").read_text())
    change(document)
    assert not jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).is_valid(document)
