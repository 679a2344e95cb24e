"""What the daemon lives through."""
import json
import os
import socket
import subprocess

from conftest import HAIRPIN, HAIRPIND, guide


def test_it_outlives_whoever_asks_and_does_not_wait_for_the_answer(lively):
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "show.sessions"}).encode() + b"\n"
    for _ in range(100):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(lively.socket)
            client.sendall(request)
    assert "workstation" in lively.run("show", "ports")
    assert lively.process.poll() is None


def test_it_outlives_the_reader_of_its_log(tmp_path):
    config, control = tmp_path / "config.json", str(tmp_path / "control.sock")
    config.write_text(json.dumps(guide()))
    ready, told = os.pipe()
    read, written = os.pipe()
    daemon = subprocess.Popen([HAIRPIND, "--config", str(config), "--socket", control, "--ready-fd", str(told), "--core", "any"],
                              pass_fds=[told], stdin=subprocess.DEVNULL, stdout=written, stderr=written)
    try:
        for descriptor in (told, written):
            os.close(descriptor)
        with os.fdopen(ready) as answer:
            assert answer.readline()
        os.close(read)
        script = "configure\nset gateway firewall rule 3 name changed\ncommit\n"  # which is logged
        subprocess.run([HAIRPIN, "--socket", control], input=script, text=True, check=True, timeout=30, stdout=subprocess.DEVNULL)
        shown = subprocess.run([HAIRPIN, "--socket", control, "show", "firewall"], text=True, check=True, timeout=30, stdout=subprocess.PIPE)
        assert "changed" in shown.stdout
        assert daemon.poll() is None
    finally:
        daemon.terminate()
        daemon.wait(10)
