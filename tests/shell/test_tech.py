"""`show tech`: one archive that holds what can be shown."""
import json
import re
import tarfile

from conftest import guide


def test_it_is_written_where_one_is_and_says_so(lively, desk):
    said = lively.run("show", "tech", cwd=desk)
    (archive,) = desk.glob("hairpin-tech-*.tar.gz")
    assert re.fullmatch(rf"{re.escape(str(archive))}: \d+ files, [\d.]+ kB\n", said), said
    with tarfile.open(archive) as held:
        folder = archive.name.removesuffix(".tar.gz")
        texts = {name.removeprefix(folder + "/"): held.extractfile(name).read().decode() for name in held.getnames()}
    assert json.loads(texts["show-configuration.json"])["config"]["hairpin:gateway"]["nat"] == guide()["hairpin:gateway"]["nat"]
    assert "192.168.255.2:40000" in texts["show-sessions.txt"]
    assert "firewall-denied" in texts["show-drops.txt"]
    assert texts["show-routes.txt"] == lively.run("show", "routes")


def test_a_file_that_is_there_stays(daemon, desk):
    (desk / "mine.tar.gz").write_text("mine")
    assert "mine.tar.gz: File exists" in daemon.run("show", "tech", "mine.tar.gz", status=1, cwd=desk)
    assert (desk / "mine.tar.gz").read_text() == "mine"
